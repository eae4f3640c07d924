"""Copilot CLI's `session-store.db`: one row per model call, for sessions of older builds.

Opened read-only and never as immutable: rows may stand in the write-ahead log only. In
that mode of SQLite a reader takes no lock that a writer would wait for.

Source: table `assistant_usage_events` of schema version 8 (1.0.89 to 1.0.102), 2026-11-21.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.agents.lines import epoch_s
from switchtax.agents.sqlite_file import open_read_only

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["STORE", "Row", "rows_after", "store_of"]

STORE = "session-store.db"

_TABLE = "assistant_usage_events"
_COLUMNS = (
    "id",
    "agent_id",
    "parent_tool_call_id",
    "model",
    "copilot_usage_model",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "duration_ms",
    "time_to_first_token_ms",
    "initiator",
    "reasoning_effort",
    "created_at",
)
_WAIT_S = 0.2


@dataclass(frozen=True, slots=True)
class Row:
    """One call as the database keeps it; cache counts are inside `input_tokens`."""

    id: int
    agent_id: str | None
    parent_tool_call_id: str | None
    model: str | None
    copilot_usage_model: str | None
    input_tokens: float | None
    output_tokens: float | None
    cache_read_tokens: float | None
    cache_write_tokens: float | None
    reasoning_tokens: float | None
    duration_ms: float | None
    time_to_first_token_ms: float | None
    initiator: str | None
    reasoning_effort: str | None
    created_at: str | None

    @property
    def at(self) -> float:
        """When the row was written (epoch seconds UTC)."""
        return epoch_s(self.created_at)

    @property
    def agent(self) -> str:
        """The sub-agent that made the call; "" for the session's own."""
        return self.agent_id or self.parent_tool_call_id or ""

    @property
    def resolved_model(self) -> str:
        """The model that answered: `auto` names only the wish."""
        named = self.model or ""
        return (self.copilot_usage_model or named) if named in ("", "auto") else named


def store_of(events: Path) -> Path | None:
    """The database of the root that a session's events lie in; None for a file taken from it."""
    sessions = events.parent.parent
    return sessions.parent / STORE if sessions.name == "session-state" else None


def rows_after(path: Path | None, session_id: str, last_id: int) -> list[Row]:
    """A session's rows after a row id, oldest first; none where builds kept no such table.

    Raises:
        sqlite3.Error: the database cannot be read now (busy, broken, not a database).
    """
    if path is None or not path.is_file():
        return []
    with closing(open_read_only(path, wait_s=_WAIT_S)) as database:
        known = {str(row[1]) for row in database.execute(f"PRAGMA table_info({_TABLE})")}
        if not {"id", "session_id"} <= known:
            return []
        columns = ", ".join(name if name in known else f"NULL AS {name}" for name in _COLUMNS)
        found = database.execute(
            f"SELECT {columns} FROM {_TABLE} WHERE session_id = ? AND id > ? ORDER BY id",
            (session_id, last_id),
        )
        return [Row(*row) for row in found]
