"""Waits in the ledger: what was learnt of them, what was shown, and how it came out."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WAIT_SCHEMA", "ClosedWait", "ShownWait", "WaitRows"]

WAIT_SCHEMA = """
CREATE TABLE IF NOT EXISTS learnt_waits (part TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS waits (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL, agent TEXT NOT NULL, at REAL NOT NULL,
  model TEXT NOT NULL, switch INTEGER NOT NULL,
  low_s REAL NOT NULL, mid_s REAL NOT NULL, high_s REAL NOT NULL,
  call TEXT, closed_at REAL, wait_s REAL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_wait ON waits (session, model) WHERE call IS NULL;
CREATE INDEX IF NOT EXISTS closed_waits ON waits (closed_at) WHERE wait_s IS NOT NULL;
"""
_MOST_WAITS = 20_000


@dataclass(frozen=True, slots=True)
class ShownWait:
    """How long the next answer of a model was said to be waited for, 80 % between the ends."""

    session: str
    agent: str
    at: float
    model: str
    switch: bool
    low_s: float
    mid_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class ClosedWait:
    """A wait that was said beside the one that was recorded."""

    shown: ShownWait
    wait_s: float

    @property
    def is_inside(self) -> bool:
        """Whether the wait lies in the range that was said."""
        return self.shown.low_s <= self.wait_s <= self.shown.high_s


class WaitRows(ABC):
    """The part of the ledger that holds waits."""

    @abstractmethod
    def _write(self, statement: str, *values: object) -> int: ...

    @abstractmethod
    def _queue(self, statement: str, *values: object) -> None: ...

    @abstractmethod
    def _read(self, statement: str, *values: object) -> list[tuple[object, ...]]: ...

    # -- what was learnt -------------------------------------------------------------

    def learnt_waits(self) -> dict[str, Any]:
        """What was learnt, by part; a part that cannot be read is left out."""
        found = {}
        for part, state in self._read("SELECT part, state FROM learnt_waits"):
            try:
                found[str(part)] = json.loads(str(state))
            except ValueError:
                continue
        return found

    def learn_waits(self, parts: Mapping[str, Any]) -> None:
        """Keep parts that have changed; None takes one out."""
        for part, state in parts.items():
            if state is None:
                self._write("DELETE FROM learnt_waits WHERE part = ?", part)
            else:
                self._write(
                    "INSERT OR REPLACE INTO learnt_waits (part, state) VALUES (?, ?)",
                    *(part, json.dumps(state, separators=(",", ":"))),
                )

    def learnt_mark(self) -> str:
        """What changes whenever anything was learnt or forgotten."""
        rows = self._read("SELECT state FROM learnt_waits WHERE part = 'seen'")
        return str(rows[0][0]) if rows else ""

    def forget_waits(self, at: float) -> None:
        """Forget what was learnt; calls before `at` (UTC epoch seconds) do not teach again."""
        self._write("DELETE FROM learnt_waits")
        self.learn_waits({"seen": {"at": {}, "floor": at}})

    # -- what was shown --------------------------------------------------------------

    def show_wait(self, shown: ShownWait) -> None:
        """A wait was shown; one that is still open for the same model is replaced."""
        columns = ShownWait.__slots__
        self._queue(
            f"INSERT OR REPLACE INTO waits ({', '.join(columns)}) "
            f"VALUES ({', '.join('?' * len(columns))})",
            *(getattr(shown, name) for name in columns),
        )

    def open_waits(self, session: str) -> list[tuple[int, ShownWait]]:
        """Waits of a session that no call has answered yet, with their numbers."""
        rows = self._read(
            f"SELECT id, {', '.join(ShownWait.__slots__)} FROM waits "
            "WHERE session = ? AND call IS NULL",
            session,
        )
        return [(int(str(row[0])), _shown(row[1:])) for row in rows]

    def sessions_waiting(self) -> set[str]:
        """Sessions with a wait that no call has answered yet."""
        rows = self._read("SELECT DISTINCT session FROM waits WHERE call IS NULL")
        return {str(session) for (session,) in rows}

    def close_wait(self, number: int, *, call: str, at: float, wait_s: float | None) -> None:
        """The next call came; without `wait_s` it says nothing of this wait."""
        self._write(
            "UPDATE waits SET call = ?, closed_at = ?, wait_s = ? WHERE id = ?",
            *(call, at, wait_s, number),
        )

    def closed_waits(self, most: int = 40) -> list[ClosedWait]:
        """The waits closed last, newest first."""
        rows = self._read(
            f"SELECT {', '.join(ShownWait.__slots__)}, wait_s FROM waits "
            "WHERE wait_s IS NOT NULL ORDER BY closed_at DESC, id DESC LIMIT ?",
            most,
        )
        return [ClosedWait(_shown(row[:-1]), float(str(row[-1]))) for row in rows]

    def prune_waits(self) -> None:
        """Keep the newest twenty thousand."""
        self._write(
            "DELETE FROM waits WHERE id IN "
            "(SELECT id FROM waits ORDER BY id DESC LIMIT -1 OFFSET ?)",
            _MOST_WAITS,
        )


def _shown(row: tuple[object, ...]) -> ShownWait:
    session, agent, at, model, switch, *ends = row
    low, mid, high = (float(str(end)) for end in ends)
    return ShownWait(
        str(session), str(agent), float(str(at)), str(model), bool(switch), low, mid, high
    )
