"""Risks in the ledger: how risky a switch was said to be, and what followed it. Counts only."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from switchtax.aftermath import Aftermath

__all__ = ["RISK_SCHEMA", "RiskRows", "RiskShown"]

RISK_SCHEMA = """
CREATE TABLE IF NOT EXISTS risks (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL, agent TEXT NOT NULL, at REAL NOT NULL,
  from_model TEXT NOT NULL, to_model TEXT NOT NULL,
  level TEXT NOT NULL, points INTEGER NOT NULL, signals TEXT NOT NULL,
  closed_at REAL, turns INTEGER, reads INTEGER, re_reads INTEGER, reverts INTEGER,
  switched_back INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_risk ON risks (session, to_model)
  WHERE closed_at IS NULL;
"""


@dataclass(frozen=True, slots=True)
class RiskShown:
    """How risky a switch was said to be: its level, points, and the names of its signals."""

    session: str
    agent: str
    at: float
    from_model: str
    to_model: str
    level: str
    points: int
    signals: str


class RiskRows(ABC):
    """The part of the ledger that holds risks."""

    @abstractmethod
    def _write(self, statement: str, *values: object) -> int: ...

    @abstractmethod
    def _queue(self, statement: str, *values: object) -> None: ...

    @abstractmethod
    def _read(self, statement: str, *values: object) -> list[tuple[object, ...]]: ...

    def show_risk(self, shown: RiskShown) -> None:
        """A risk was shown; one that is still open for the same models is replaced."""
        columns = RiskShown.__slots__
        self._queue(
            f"INSERT OR REPLACE INTO risks ({', '.join(columns)}) "
            f"VALUES ({', '.join('?' * len(columns))})",
            *(getattr(shown, name) for name in columns),
        )

    def open_risks(self, session: str) -> list[tuple[int, RiskShown]]:
        """Risks of a session whose switch has not been made, with their numbers."""
        columns = ", ".join(RiskShown.__slots__)
        rows = self._read(
            f"SELECT id, {columns} FROM risks WHERE session = ? AND closed_at IS NULL", session
        )
        return [(int(str(number)), RiskShown(*rest)) for number, *rest in rows]  # type: ignore[arg-type]

    def sessions_at_risk(self) -> set[str]:
        """Sessions with a risk whose switch has not been made."""
        rows = self._read("SELECT DISTINCT session FROM risks WHERE closed_at IS NULL")
        return {str(session) for (session,) in rows}

    def close_risk(self, number: int, at: float, found: Aftermath | None = None) -> None:
        """What followed the switch; without it, the switch was not made."""
        counts = (
            (None,) * 5
            if found is None
            else (found.turns, found.reads, found.re_reads, found.reverts, found.switched_back)
        )
        self._write(
            "UPDATE risks SET closed_at = ?, turns = ?, reads = ?, re_reads = ?, reverts = ?, "
            "switched_back = ? WHERE id = ?",
            *(at, *counts, number),
        )

    def risk_outcomes(self, most: int = 1000) -> list[Aftermath]:
        """What followed the switches whose risk was shown, newest first."""
        rows = self._read(
            "SELECT level, turns, reads, re_reads, reverts, switched_back FROM risks "
            "WHERE turns IS NOT NULL ORDER BY closed_at DESC LIMIT ?",
            most,
        )
        return [_aftermath(row) for row in rows]


def _aftermath(row: tuple[object, ...]) -> Aftermath:
    turns, reads, re_reads, reverts, back = (int(str(count)) for count in row[1:])
    return Aftermath(str(row[0]), turns, reads, re_reads, reverts, bool(back))
