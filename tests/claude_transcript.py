"""Whole transcripts of Claude Code, line by line, for tests of what a reading tells."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = [
    "START",
    "Line",
    "answer",
    "command",
    "iso",
    "line",
    "progress",
    "prompt",
    "request",
    "result",
    "said",
    "system",
    "transcript",
    "usage",
]

Line = dict[str, Any]

START = 1_795_000_000.0
"""Second 0 of a session; 18 November 2026."""
SESSION = "0d5e4c3b-0000-4000-8000-000000000001"


def iso(second: float) -> str:
    """The time some seconds after the start, as the client writes it."""
    stamp = datetime.fromtimestamp(START + second, UTC).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")


def line(kind: str, second: float, **more: object) -> Line:
    """Any line, with what all of them carry."""
    return {
        "parentUuid": None,
        "isSidechain": False,
        "cwd": "/home/dev/shop",
        "sessionId": SESSION,
        "version": "2.1.299",
        "entrypoint": "cli",
        "type": kind,
        "uuid": f"{kind}-{second}",
        "timestamp": iso(second),
        **more,
    }


def usage(
    sent: int = 0, read: int = 0, five: int = 0, hour: int = 0, out: int = 0, **more: object
) -> Line:
    """`message.usage`."""
    return {
        "input_tokens": sent,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": five + hour,
        "cache_creation": {
            "ephemeral_5m_input_tokens": five,
            "ephemeral_1h_input_tokens": hour,
        },
        "output_tokens": out,
        **more,
    }


def answer(
    second: float,
    id_: str | None,
    counts: object,
    *,
    model: str | None = "claude-opus-5-5",
    content: object = "",
    stop: str | None = "end_turn",
    **more: object,
) -> Line:
    """One block of a response."""
    message = {
        "id": id_,
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop,
        "usage": counts,
    }
    return line("assistant", second, message=message, **more)


def prompt(second: float, content: object = "Go on", **more: object) -> Line:
    """What a person typed, or any other user line."""
    return line("user", second, message={"role": "user", "content": content}, **more)


def result(second: float, tool_id: str, content: object = "ok", **more: object) -> Line:
    """A tool's result."""
    block = {"type": "tool_result", "tool_use_id": tool_id, "content": content, **more}
    return prompt(second, [block])


def command(second: float, name: str, arguments: str = "") -> Line:
    """A slash command of the client itself."""
    return prompt(
        second,
        f"<command-name>/{name}</command-name>\n            <command-message>{name}"
        f"</command-message>\n            <command-args>{arguments}</command-args>",
    )


def said(second: float, text: str) -> Line:
    """What the client answered to a slash command."""
    return prompt(second, f"<local-command-stdout>{text}</local-command-stdout>")


def system(second: float, subtype: str, **more: object) -> Line:
    """A line of the client itself."""
    return line("system", second, subtype=subtype, **more)


def progress(second: float, message: object, *, kind: str = "agent_progress") -> Line:
    """What a running sub-agent tells its parent."""
    return line("progress", second, data={"type": kind, "agentId": "a1", "message": message})


def request(
    second: float, id_: str, *, model: str = "claude-opus-5-5", ttl: str = "", **more: object
) -> Line:
    """A request as it is sent."""
    value = {"type": "ephemeral"} | ({"ttl": ttl} if ttl else {})
    return {
        "type": "api-request",
        "id": id_,
        "timestamp": iso(second),
        "querySource": "repl_main_thread",
        "shapeHash": "s1",
        "params": {"model": model, "output_config": {"effort": "high"}},
        "keep": 0,
        "tail": ["m1"],
        "cacheControl": [{"path": ["system", 0], "value": value}],
        **more,
    }


def transcript(folder: Path, *lines: Line | str, name: str = f"{SESSION}.jsonl") -> Path:
    """A file of these lines; text stands as it is."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(_text(one) + "\n" for one in lines), encoding="utf-8")
    return path


def _text(one: Line | str) -> str:
    if isinstance(one, str):
        return one
    return json.dumps(one, ensure_ascii=False, separators=(",", ":"))
