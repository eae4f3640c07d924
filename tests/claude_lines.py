"""Lines of Claude Code's transcripts for tests: just what a scan looks at."""

import json
from collections.abc import Mapping
from pathlib import Path

__all__ = ["HOUR", "OPUS", "SONNET", "answer", "progress", "transcript", "user"]

OPUS, SONNET = "claude-opus-4-5-20251101", "claude-sonnet-4-5-20250929"
HOUR = 1_790_000_000 - 1_790_000_000 % 3600
"""Epoch seconds of a full hour in 2026."""


def _time(second: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(HOUR + second, UTC).isoformat().replace("+00:00", "Z")


def _line(value: Mapping[str, object]) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"


def _message(identity: str, model: str, usage: Mapping[str, object]) -> dict[str, object]:
    return {
        "model": model,
        "id": identity,
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": "done"}],
        "stop_reason": "end_turn",
        "usage": {
            "input_tokens": 3,
            "cache_read_input_tokens": 1000,
            "cache_creation_input_tokens": 0,
            "output_tokens": 10,
        }
        | usage,
    }


def answer(
    identity: str,
    second: float,
    model: str = OPUS,
    *,
    session: str = "s1",
    side: bool = False,
    **usage: object,
) -> str:
    """An assistant line; `usage` overrides 3 plain, 1000 read, none written, 10 out."""
    return _line(
        {
            "parentUuid": None,
            "isSidechain": side,
            "sessionId": session,
            "version": "2.1.0",
            "message": _message(identity, model, usage),
            "requestId": f"req_{identity}",
            "type": "assistant",
            "uuid": f"u-{identity}-{second}",
            "timestamp": _time(second),
        }
    )


def user(second: float, text: str = "go on", session: str = "s1") -> str:
    """A prompt."""
    return _line(
        {
            "parentUuid": None,
            "sessionId": session,
            "type": "user",
            "message": {"role": "user", "content": text},
            "timestamp": _time(second),
        }
    )


def progress(identity: str, second: float, model: str, **usage: object) -> str:
    """A sub-agent's answer carried inside its parent's transcript."""
    inner = {
        "type": "assistant",
        "message": _message(identity, model, usage),
        "timestamp": _time(second),
    }
    return _line(
        {
            "type": "progress",
            "sessionId": "s1",
            "data": {"type": "agent_progress", "message": inner},
            "timestamp": _time(second),
        }
    )


def transcript(home: Path, name: str, *lines: str) -> Path:
    """Write a transcript below `.claude/projects` of a home."""
    path = home / ".claude" / "projects" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    return path
