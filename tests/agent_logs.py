"""Live sessions of every agent for measurements: two calls, a warm cache, in its own format."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from codex_rollout import THREAD, rollout
from switchtax.agents.cursor_recording import recordings

__all__ = ["CLAUDE_CODE", "CONTEXT_TOKENS", "FLASH", "LOGS", "OPUS", "SONNET", "Logged", "iso"]

OPUS, SONNET, FLASH = "claude-opus-5-5", "claude-sonnet-5-5", "gemini-2.5-flash"
CLAUDE_CODE = "2.1.329"
CONTEXT_TOKENS = 120_000
ID = "8b0b88%02x-c167-497a-a96e-%012x"
"""Ids of sessions, by agent and number."""

Logged = tuple[str, Path]
"""A session's id, and the file or database that holds it."""


def iso(at: float) -> str:
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")


def _written(path: Path, *lines: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def _two(at: float) -> tuple[tuple[float, int, int], ...]:
    """When each call was answered, and what it read and wrote."""
    return (at - 20, 0, CONTEXT_TOKENS - 500), (at, CONTEXT_TOKENS - 500, 500)


def claude_code(home: Path, number: int, at: float) -> Logged:
    """A transcript."""
    session, lines = ID % (0, number), []
    for call, (when, read, wrote) in enumerate(_two(at)):
        common = {
            "sessionId": session,
            "cwd": str(home),
            "version": CLAUDE_CODE,
            "isSidechain": False,
        }
        prompt = {"role": "user", "content": "go on"}
        lines.append({"type": "user", "message": prompt, "timestamp": iso(when - 5), **common})
        usage = {
            "input_tokens": 3, "output_tokens": 300,
            "cache_read_input_tokens": read, "cache_creation_input_tokens": wrote,
            "cache_creation": {"ephemeral_5m_input_tokens": wrote, "ephemeral_1h_input_tokens": 0},
        }  # fmt: skip
        message = {
            "id": f"msg_{number}_{call}", "model": OPUS, "role": "assistant", "type": "message",
            "content": [{"type": "text", "text": "done"}], "usage": usage,
            "stop_reason": "end_turn",
        }  # fmt: skip
        ids = {"uuid": f"u{number}-{call}", "requestId": f"req_{number}_{call}"}
        lines.append(
            {"type": "assistant", "message": message, "timestamp": iso(when), **ids, **common}
        )
    path = home / ".claude" / "projects" / "-w" / f"{session}.jsonl"
    return session, _written(path, *lines)


def codex(home: Path, number: int, at: float) -> Logged:
    """A rollout; its own helper says when its last call was."""
    del at
    return THREAD % number, rollout(home, number, cwd=str(home))


def copilot_cli(home: Path, number: int, at: float) -> Logged:
    """A log of events."""
    session = ID % (1, number)
    start = {"sessionId": session, "version": 1, "selectedModel": OPUS, "copilotVersion": "1.0.102"}

    def event(kind: str, when: float, **data: Any) -> dict[str, Any]:
        ids = {"id": f"{number}-{kind}-{when}", "timestamp": iso(when)}
        return {"type": kind, "data": data, **ids}

    lines = [event("session.start", at - 60, **start, context={"cwd": str(home)})]
    for call, (when, read, wrote) in enumerate(_two(at)):
        usage = {
            "model": OPUS, "inputTokens": read + wrote, "outputTokens": 300,
            "cacheReadTokens": read, "cacheWriteTokens": wrote, "apiCallId": f"c{number}-{call}",
        }  # fmt: skip
        lines.append(event("user.message", when - 5, content="go on", turnId=str(call)))
        lines.append(event("session.usage_record", when, usage=usage))
        told = {"messageId": f"m{number}-{call}", "model": OPUS, "apiCallId": f"c{number}-{call}"}
        lines.append(event("assistant.message", when, content="done", outputTokens=300, **told))
    path = home / ".copilot" / "session-state" / session / "events.jsonl"
    return session, _written(path, *lines)


def cursor(home: Path, number: int, at: float) -> Logged:
    """A recording of ours, as Cursor's hooks tell it: two turns of one request each."""
    session, lines = ID % (4, number), []
    for turn, (when, read, wrote) in enumerate(_two(at)):
        common = {"v": 1, "generation": f"g{turn}", "model": OPUS, "version": "2026.09.10"}
        used = {
            "status": "completed", "input_tokens": read + wrote + 3, "output_tokens": 300,
            "cache_read_tokens": read, "cache_write_tokens": wrote,
        }  # fmt: skip
        size = {"context_tokens": read + wrote + 303, "source": "status line"}
        lines += [
            {**common, "at": when - 5, "event": "prompt", "cwd": str(home)},
            {**common, "at": when, "event": "turn", **used},
            {"v": 1, "at": when, "event": "context", **size},
        ]
    return session, _written(recordings(os.environ, home) / f"{session}.jsonl", *lines)


def gemini_cli(home: Path, number: int, at: float) -> Logged:
    """A chat."""
    session, lines = ID % (2, number), []
    lines.append({"sessionId": session, "startTime": iso(at - 60), "kind": "main"})
    for call, (when, read, wrote) in enumerate(_two(at)):
        prompt = {"type": "user", "content": [{"text": "go on"}], "timestamp": iso(when - 5)}
        lines.append({"id": f"p{number}-{call}", **prompt})
        tokens = {"input": read + wrote, "output": 300, "cached": read, "thoughts": 0, "tool": 0,
                  "total": read + wrote + 300}  # fmt: skip
        answer = {"type": "gemini", "content": "done", "tokens": tokens, "timestamp": iso(when)}
        lines.append({"id": f"a{number}-{call}", "model": FLASH, **answer})
    project = home / ".gemini" / "tmp" / "w"
    chat = project / "chats" / f"session-2026-11-21T10-00-{number:08x}.jsonl"
    _written(chat, *lines)
    (project / ".project_root").write_text(str(home))
    return session, chat


def opencode(home: Path, number: int, at: float) -> Logged:
    """Rows of its database."""
    path = home / ".local" / "share" / "opencode" / "opencode.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    session = f"ses_{number:08x}"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TABLE IF NOT EXISTS session(id TEXT PRIMARY KEY, parent_id, directory, title,"
            " version, time_created, time_updated)"
        )
        db.execute(
            "CREATE TABLE IF NOT EXISTS message(id TEXT PRIMARY KEY, session_id, time_created,"
            " time_updated, data)"
        )
        told = (session, None, str(home), "t", "1.18.33", (at - 60) * 1000, at * 1000)
        db.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)", told)
        for call, (when, read, wrote) in enumerate(_two(at)):
            cache = {"read": read, "write": wrote}
            data = {
                "id": f"msg_{number}_{call}", "role": "assistant", "modelID": OPUS,
                "providerID": "anthropic", "finish": "stop",
                "time": {"created": (when - 3) * 1000, "completed": when * 1000},
                "tokens": {"input": 3, "output": 300, "reasoning": 0, "cache": cache},
            }  # fmt: skip
            row = (data["id"], session, (when - 3) * 1000, when * 1000, json.dumps(data))
            db.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)
    return session, path


def pi(home: Path, number: int, at: float) -> Logged:
    """A session's file."""
    session = ID % (3, number)
    head = {"type": "session", "version": 3, "id": session, "timestamp": iso(at - 60)}
    lines: list[dict[str, Any]] = [{**head, "cwd": str(home)}]
    parent = None
    for call, (when, read, wrote) in enumerate(_two(at)):
        usage = {"input": 3, "output": 300, "cacheRead": read, "cacheWrite": wrote}
        answer = {
            "role": "assistant", "content": [{"type": "text", "text": "done"}],
            "api": "anthropic-messages", "provider": "anthropic", "model": OPUS,
            "usage": {**usage, "totalTokens": read + wrote + 303}, "stopReason": "stop",
            "timestamp": round((when - 3) * 1000),
        }  # fmt: skip
        for kind, message, stamp in (
            ("p", {"role": "user", "content": "go on", "timestamp": round((when - 5) * 1000)}, -5),
            ("a", answer, 0),
        ):
            own = f"{kind}{call}"
            ids = {"id": own, "parentId": parent, "timestamp": iso(when + stamp)}
            lines.append({"type": "message", "message": message, **ids})
            parent = own
    path = home / ".pi" / "agent" / "sessions" / "--w--" / f"x_{session}.jsonl"
    return session, _written(path, *lines)


LOGS: dict[str, Callable[[Path, int, float], Logged]] = {
    "claude-code": claude_code,
    "codex": codex,
    "copilot-cli": copilot_cli,
    "cursor": cursor,
    "gemini-cli": gemini_cli,
    "opencode": opencode,
    "pi": pi,
}
"""By agent: writes session `number` below a home, its last call `at` UTC epoch seconds."""
