"""A live session of Copilot CLI, by the events that it writes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["SESSION", "picked", "session_of"]

SESSION = "8b0b8820-c167-497a-a96e-01c1e95554d8"
MODEL = "claude-opus-5.5"


def _event(kind: str, at: float, **data: Any) -> str:
    stamp = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    whole = {"type": kind, "data": data, "id": f"{kind}-{at}", "timestamp": stamp[:-6] + "Z"}
    return json.dumps(whole, separators=(",", ":")) + "\n"


def session_of(home: Path, *, host: str, cwd: str, at: float) -> Path:
    """One call on Opus 5.5 with 120,000 tokens, made by a program of that name."""
    folder = home / ".copilot" / "session-state" / SESSION
    folder.mkdir(parents=True)
    (folder / "workspace.yaml").write_text(f"id: {SESSION}\ncwd: {cwd}\nclient_name: {host}\n")
    usage = {
        "model": MODEL,
        "inputTokens": 120_000,
        "outputTokens": 500,
        "cacheReadTokens": 118_000,
        "cacheWriteTokens": 2_000,
        "apiCallId": "call-1",
    }
    lines = (
        _event(
            "session.start", at - 5, sessionId=SESSION, version=1, producer="copilot-agent",
            copilotVersion="1.0.102", selectedModel=MODEL, context={"cwd": cwd},
        ),
        _event("user.message", at - 4, content="Go on", turnId="0"),
        _event("session.usage_record", at, usage=usage),
        _event("assistant.message", at, messageId="m1", model=MODEL, content="Done.",
               outputTokens=500, apiCallId="call-1"),
    )  # fmt: skip
    path = folder / "events.jsonl"
    path.write_text("".join(lines))
    return path


def picked(path: Path, at: float, model: str) -> None:
    """What the list of models leaves when another one is chosen."""
    with path.open("a") as file:
        file.write(
            _event(
                "session.model_change", at, source="model_picker", newModel=model,
                previousModel=MODEL,
            )
        )  # fmt: skip
