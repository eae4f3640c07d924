"""Rollouts of Codex for tests: a session on one model, and a model that is picked in it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["THREAD", "append", "call", "picked", "rollout"]

THREAD = "01a1fd12-0000-7000-8000-0000000000%02x"
"""Ids of threads, by number."""


def line(at: float, kind: str, **payload: Any) -> dict[str, Any]:
    """One line at a time, UTC epoch seconds."""
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return {"timestamp": stamp.replace("+00:00", "Z"), "type": kind, "payload": payload}


def picked(at: float, model: str, effort: str = "medium") -> list[dict[str, Any]]:
    """What `/model` writes at once: the same line twice."""
    settings = {"model": model, "model_provider_id": "openai", "reasoning_effort": effort}
    one = line(at, "event_msg", type="thread_settings_applied", thread_settings=settings)
    return [one, one]


def call(
    at: float, thread: str, number: int, *, model: str, sent: int, read: int, comp_hash: str = ""
) -> list[dict[str, Any]]:
    """One answered turn."""
    turn, usage = f"t{number}", {
        "input_tokens": sent, "cached_input_tokens": read,
        "cache_write_input_tokens": 0, "output_tokens": 300,
        "reasoning_output_tokens": 0, "total_tokens": sent + 300,
    }  # fmt: skip
    hashed = {"comp_hash": comp_hash} if comp_hash else {}
    context = {"turn_id": turn, "cwd": "/w", "model": model, "effort": "medium", **hashed}
    ids = {"thread_id": thread, "session_id": thread, "turn_id": turn}
    return [
        line(at - 6, "event_msg", type="task_started", turn_id=turn, model_context_window=258_400),
        line(at - 6, "turn_context", **context),
        line(at - 5, "event_msg", type="user_message", message="go on"),
        line(at, "token_usage_record", **ids, response_id=f"r{number}-{thread}", usage=usage),
        line(at, "event_msg", type="task_complete", turn_id=turn),
    ]


def rollout(
    home: Path, number: int = 1, *, model: str = "gpt-6.1-sol", cwd: str = "/w",
    comp_hash: str = "3000", sent: int = 120_000, ago_s: float = 20.0,
) -> Path:  # fmt: skip
    """A session of three turns below `home/.codex`, the last one some seconds ago."""
    thread, now = THREAD % number, time.time() - ago_s
    day = home / ".codex" / "sessions" / "2026" / "11" / "21"
    day.mkdir(parents=True, exist_ok=True)
    meta = {
        "id": thread, "session_id": thread, "cwd": cwd, "cli_version": "0.169.0",
        "originator": "codex-tui", "source": "cli", "thread_source": "user",
        "model_provider": "openai",
    }  # fmt: skip
    lines = [line(now - 100, "session_meta", **meta)]
    for turn in range(3):
        read = 0 if turn == 0 else sent - 2_560 * (3 - turn)
        size = sent - 2_000 * (2 - turn)
        lines += call(now - 20 * (2 - turn), thread, turn, model=model, sent=size,
                      read=read, comp_hash=comp_hash)  # fmt: skip
    path = day / f"rollout-2026-11-21T10-00-00-{thread}.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path


def append(path: Path, *lines: dict[str, Any]) -> None:
    """More lines, in one write."""
    with path.open("a") as file:
        file.write("".join(json.dumps(each) + "\n" for each in lines))
