"""What each agent writes at once when another model is picked, before anything is sent."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import claude_transcript
import codex_rollout
from agent_logs import CLAUDE_CODE, CONTEXT_TOKENS, LOGS, OPUS, SONNET, Logged, iso

__all__ = ["PICKS", "Picking"]


@dataclass(frozen=True, slots=True)
class Picking:
    """An agent's live sessions, and what a pick in one of them leaves on the disk."""

    make: Callable[[Path, int, float], Logged]
    pick: Callable[[Logged, float], None]
    """Told the session and when, UTC epoch seconds."""


def _append(path: Path, *lines: dict[str, Any]) -> None:
    with path.open("a") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))


def _claude_code(logged: Logged, at: float) -> None:
    session, path = logged
    second = at - claude_transcript.START
    asked = claude_transcript.command(second, "model", "sonnet")
    told = claude_transcript.said(second, "Set model to Sonnet 5.5")
    same = {"sessionId": session, "cwd": str(path.parents[3]), "version": CLAUDE_CODE}
    _append(path, *(line | same for line in (asked, told)))


def _codex(logged: Logged, at: float) -> None:
    codex_rollout.append(logged[1], *codex_rollout.picked(at, "gpt-6.1-terra"))


def copilot_cli(logged: Logged, at: float) -> None:
    """Copilot names both models."""
    session, path = logged
    chosen = {"source": "model_command", "newModel": SONNET, "previousModel": OPUS}
    event = {"type": "session.model_change", "data": chosen, "id": f"{session}-pick"}
    _append(path, event | {"timestamp": iso(at)})


def _cursor(logged: Logged, at: float) -> None:
    _append(logged[1], {"v": 1, "at": at, "event": "chosen", "model": SONNET})


def _gemini_cli(logged: Logged, at: float) -> None:
    session, path = logged
    text = "Model set to gemini-2.5-pro"
    _append(path, {"id": f"{session}-pick", "type": "info", "content": text, "timestamp": iso(at)})


def _pi(logged: Logged, at: float) -> None:
    change = {"type": "model_change", "provider": "anthropic", "modelId": SONNET}
    _append(logged[1], change | {"id": "pick", "parentId": "a1", "timestamp": iso(at)})


def _opencode_prompt(logged: Logged, at: float) -> None:
    """OpenCode 1 has no row of its own for a pick: the prompt's row names the model."""
    session, path = logged
    data = {
        "id": f"msg_{session}_pick", "role": "user", "time": {"created": at * 1000},
        "model": {"providerID": "anthropic", "modelID": SONNET},
    }  # fmt: skip
    with closing(sqlite3.connect(path)) as db, db:
        row = (data["id"], session, at * 1000, at * 1000, json.dumps(data))
        db.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)


def _opencode_2(home: Path, number: int, at: float) -> Logged:
    """A session in the tables of OpenCode 2, beside those of OpenCode 1."""
    path = home / ".local" / "share" / "opencode" / "opencode.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    session = f"ses_2{number:08x}"
    answers = ((at - 20, 0, CONTEXT_TOKENS - 500), (at, CONTEXT_TOKENS - 500, 500))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TABLE IF NOT EXISTS session_v2(id TEXT PRIMARY KEY, parent_id, directory,"
            " title, version, time_created, time_updated)"
        )
        db.execute(
            "CREATE TABLE IF NOT EXISTS session_message(id TEXT PRIMARY KEY, session_id, type,"
            " seq, time_created, time_updated, data, UNIQUE(session_id, seq))"
        )
        about = (session, None, str(home), "t", "2.0.32", (at - 60) * 1000, at * 1000)
        db.execute("INSERT INTO session_v2 VALUES (?, ?, ?, ?, ?, ?, ?)", about)
        for sequence, (when, read, wrote) in enumerate(answers):
            tokens = {"input": 3, "output": 300, "reasoning": 0}
            data = {
                "agent": "build", "model": {"id": OPUS, "providerID": "anthropic"}, "content": [],
                "finish": "stop", "tokens": tokens | {"cache": {"read": read, "write": wrote}},
                "time": {"created": (when - 3) * 1000, "completed": when * 1000},
            }  # fmt: skip
            _insert(db, session, "assistant", sequence, when, data)
    return session, path


def _opencode_2_switched(logged: Logged, at: float) -> None:
    session, path = logged
    models = {"model": SONNET, "previous": OPUS}
    data: dict[str, Any] = {
        name: {"id": model, "providerID": "anthropic"} for name, model in models.items()
    }
    with closing(sqlite3.connect(path)) as db, db:
        _insert(db, session, "model-switched", 9, at, data | {"time": {"created": at * 1000}})


def _insert(
    db: sqlite3.Connection, session: str, kind: str, sequence: int, at: float, data: dict[str, Any]
) -> None:
    row = (f"msg_{session}_{sequence}", session, kind, sequence, at * 1000, at * 1000)
    told = (*row, json.dumps(data))
    db.execute("INSERT INTO session_message VALUES (?, ?, ?, ?, ?, ?, ?)", told)


PICKS = {
    "Claude Code's transcript": Picking(LOGS["claude-code"], _claude_code),
    "Codex's rollout": Picking(LOGS["codex"], _codex),
    "Copilot CLI's events": Picking(LOGS["copilot-cli"], copilot_cli),
    "Cursor's recording": Picking(LOGS["cursor"], _cursor),
    "Gemini CLI's chat": Picking(LOGS["gemini-cli"], _gemini_cli),
    "OpenCode's row of the prompt": Picking(LOGS["opencode"], _opencode_prompt),
    "OpenCode 2's row of the pick": Picking(_opencode_2, _opencode_2_switched),
    "pi's session file": Picking(LOGS["pi"], _pi),
}
"""By where the pick stands."""
