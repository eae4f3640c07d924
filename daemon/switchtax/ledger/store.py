"""The ledger: estimates shown, their outcomes, and events, in SQLite with a write-ahead log.

Each entry is one transaction, so that a killed daemon leaves whole entries only. It holds
names, times, tokens and micro-dollars, never a word of a conversation. What is wrong with the
disk or the file is kept in `trouble`; the daemon goes on without.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.ledger.risk_rows import RISK_SCHEMA, RiskRows
from switchtax.ledger.wait_rows import WAIT_SCHEMA, WaitRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Closed", "Event", "Ledger", "Quota", "Shown"]

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS estimates (
  id INTEGER PRIMARY KEY,
  session TEXT NOT NULL, agent TEXT NOT NULL, surface TEXT NOT NULL, at REAL NOT NULL,
  model TEXT NOT NULL, switch INTEGER NOT NULL, state TEXT NOT NULL,
  low INTEGER NOT NULL, mid INTEGER NOT NULL, high INTEGER NOT NULL,
  call TEXT, closed_at REAL, read_tokens INTEGER, sent_tokens INTEGER, usd_micros INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS one_open ON estimates (session, model) WHERE call IS NULL;
CREATE INDEX IF NOT EXISTS closed ON estimates (closed_at) WHERE usd_micros IS NOT NULL;
CREATE TABLE IF NOT EXISTS events (
  key TEXT PRIMARY KEY,
  session TEXT NOT NULL, agent TEXT NOT NULL, kind TEXT NOT NULL, cause TEXT NOT NULL,
  at REAL NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, usd_micros INTEGER
);
CREATE INDEX IF NOT EXISTS event_times ON events (at);
CREATE TABLE IF NOT EXISTS quotas (
  agent TEXT NOT NULL, at REAL NOT NULL, session TEXT NOT NULL,
  five_hour_used_ratio REAL, five_hour_resets_at REAL,
  seven_day_used_ratio REAL, seven_day_resets_at REAL
);
CREATE INDEX IF NOT EXISTS quota_times ON quotas (agent, at);
CREATE TABLE IF NOT EXISTS snoozes (session TEXT PRIMARY KEY, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS hooks (
  agent TEXT NOT NULL, event TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (agent, event)
);
"""
_MOST_EVENTS = 100_000
_AT_ONCE = 20
"""Statements in one transaction of those that are queued: a third of a millisecond."""
_TIDY_AFTER, _PAGES = 500, 8_000
"""Statements after which the log is to be put into the file, and pages after which SQLite does it
by itself, in the middle of a transaction: 5 ms for a thousand."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the next call on a model was said to cost (its input side, micro-dollars)."""

    session: str
    agent: str
    surface: str
    at: float
    model: str
    switch: bool
    state: str
    low: int
    mid: int
    high: int


@dataclass(frozen=True, slots=True)
class Closed:
    """An estimate beside what the call really cost, micro-dollars."""

    shown: Shown
    closed_at: float
    read_tokens: int
    sent_tokens: int
    usd_micros: int

    @property
    def is_inside(self) -> bool:
        """Whether the outcome lies in the range that was said."""
        return self.shown.low <= self.usd_micros <= self.shown.high

    @property
    def error(self) -> float:
        """How far off the middle was, as a share of the outcome; never negative."""
        return abs(self.shown.mid - self.usd_micros) / max(1, self.usd_micros)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a session; `key` is the same whenever it is found again."""

    key: str
    session: str
    agent: str
    kind: str
    cause: str
    at: float
    before: str = ""
    after: str = ""
    usd_micros: int | None = None


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of a plan's windows was used at one moment; None where that was not told.

    The shares are the account's, whichever session told them.
    """

    agent: str
    at: float
    session: str
    five_hour_used_ratio: float | None = None
    five_hour_resets_at: float | None = None
    seven_day_used_ratio: float | None = None
    seven_day_resets_at: float | None = None

    @property
    def says(self) -> tuple[float | None, ...]:
        """What it tells, whenever and by whom."""
        return (
            self.five_hour_used_ratio, self.five_hour_resets_at,
            self.seven_day_used_ratio, self.seven_day_resets_at,
        )  # fmt: skip


class Ledger(WaitRows, RiskRows):
    """The database; every trouble with it is kept, none is raised."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it; one that is broken is put aside under another name."""
        self.path = path
        self.trouble = ""
        self.on_queued: Callable[[], object] | None = None
        """Told when the first row is queued: whoever hears it has `flush` called soon."""
        self._queued: list[tuple[str, tuple[object, ...]]] = []
        self._untidy = 0
        self._lock = threading.RLock()
        """Held by the thread that uses the database."""
        self._db: sqlite3.Connection | None = None
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            self._note(error)
            if isinstance(error, sqlite3.OperationalError):
                return
            try:
                path.replace(path.with_name(path.name + ".broken"))
                self._db = self._open()
            except (OSError, sqlite3.Error) as again:
                self._note(again)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, timeout=2.0, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(f"PRAGMA wal_autocheckpoint={_PAGES}")
            db.executescript(_SCHEMA + WAIT_SCHEMA + RISK_SCHEMA)
            db.execute(f"PRAGMA user_version={_VERSION}")
        except BaseException:
            db.close()
            raise
        return db

    def _note(self, error: Exception) -> None:
        self.trouble = f"{type(error).__name__}: {error}"

    def _queue(self, statement: str, *values: object) -> None:
        """Carry out a statement soon, together with others, and before anything else is done.

        One statement takes up to a millisecond, and somebody waits for the estimate it keeps.
        """
        self._queued.append((statement, values))
        if self.on_queued is None:
            self.flush()
        elif len(self._queued) == 1:
            self.on_queued()

    def flush(self) -> None:
        """Carry out all that is queued."""
        while self._queued:
            self.flush_some()

    def flush_some(self) -> bool:
        """Carry out the first statements of the queue, in one transaction; whether more wait.

        From any thread: the disk may take its time, and somebody asks meanwhile.
        """
        with self._lock:
            queued, self._queued[:_AT_ONCE] = self._queued[:_AT_ONCE], []
            if self._db is None or not queued:
                return bool(self._queued)
            self._untidy += len(queued)
            try:
                self._db.execute("BEGIN")
                for statement, values in queued:
                    self._db.execute(statement, values)
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                self._note(error)
                if self._db.in_transaction:
                    self._db.rollback()
            else:
                self.trouble = ""
            return bool(self._queued)

    def tidy(self) -> None:
        """Put a long log into the file; from any thread, while others write. Best effort."""
        if self._untidy < _TIDY_AFTER:
            return
        self._untidy = 0
        with contextlib.suppress(sqlite3.Error):
            db = sqlite3.connect(f"{self.path.as_uri()}?mode=rw", uri=True)
            with contextlib.closing(db):
                db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _write(self, statement: str, *values: object) -> int:
        """Carry out one statement; returns how many rows changed, 0 if that failed."""
        with self._lock:
            self.flush()
            if self._db is None:
                return 0
            try:
                changed = self._db.execute(statement, values).rowcount
            except sqlite3.Error as error:
                self._note(error)
                return 0
            self.trouble = ""
            return changed

    def _read(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock:
            self.flush()
            if self._db is None:
                return []
            try:
                return self._db.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                self._note(error)
                return []

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            self.flush()
            if self._db is not None:
                self._db.close()
                self._db = None

    # -- estimates -------------------------------------------------------------------

    def show(self, shown: Shown) -> None:
        """An estimate was shown; one that is still open for the same model is replaced."""
        columns = Shown.__slots__
        self._queue(
            f"INSERT OR REPLACE INTO estimates ({', '.join(columns)}) "
            f"VALUES ({', '.join('?' * len(columns))})",
            *(getattr(shown, name) for name in columns),
        )

    def open_of(self, session: str) -> list[tuple[int, Shown]]:
        """Estimates of a session that no call has answered yet, with their numbers."""
        columns = ", ".join(Shown.__slots__)
        rows = self._read(
            f"SELECT id, {columns} FROM estimates WHERE session = ? AND call IS NULL", session
        )
        return [(int(str(row[0])), _shown(row[1:])) for row in rows]

    def sessions_open(self) -> set[str]:
        """Sessions with an estimate that no call has answered yet."""
        rows = self._read("SELECT DISTINCT session FROM estimates WHERE call IS NULL")
        return {str(session) for (session,) in rows}

    def close_estimate(
        self,
        number: int,
        *,
        call: str,
        at: float,
        read_tokens: int = 0,
        sent_tokens: int = 0,
        usd_micros: int | None = None,
    ) -> None:
        """The next call came; without `usd_micros` it says nothing of this estimate."""
        self._write(
            "UPDATE estimates SET call = ?, closed_at = ?, read_tokens = ?, sent_tokens = ?, "
            "usd_micros = ? WHERE id = ?",
            *(call, at, read_tokens, sent_tokens, usd_micros, number),
        )

    def outcomes(self, most: int = 40) -> list[Closed]:
        """The estimates closed last, newest first."""
        columns = ", ".join(Shown.__slots__)
        rows = self._read(
            f"SELECT {columns}, closed_at, read_tokens, sent_tokens, usd_micros FROM estimates "
            "WHERE usd_micros IS NOT NULL ORDER BY closed_at DESC, id DESC LIMIT ?",
            most,
        )
        wide = len(Shown.__slots__)
        return [
            Closed(_shown(row[:wide]), float(str(row[wide])), *map(int, map(str, row[wide + 1 :])))
            for row in rows
        ]

    # -- events ----------------------------------------------------------------------

    def happened(self, event: Event) -> bool:
        """Keep an event; False if it was known (or cannot be kept)."""
        columns = Event.__slots__
        changed = self._write(
            f"INSERT OR IGNORE INTO events ({', '.join(columns)}) "
            f"VALUES ({', '.join('?' * len(columns))})",
            *(getattr(event, name) for name in columns),
        )
        return changed > 0

    def events(self, session: str = "", most: int = 100) -> Iterator[Event]:
        """The last events, newest first; of one session, or of all."""
        for row in self._read(
            f"SELECT {', '.join(Event.__slots__)} FROM events WHERE ? IN ('', session) "
            "ORDER BY at DESC LIMIT ?",
            *(session, most),
        ):
            yield Event(*row)  # type: ignore[arg-type]

    # -- snoozes ---------------------------------------------------------------------

    def snooze(self, session: str, until: float) -> None:
        """Leave a session alone until then; "" stands for all of them."""
        self._write("INSERT OR REPLACE INTO snoozes VALUES (?, ?)", session, until)

    def snoozes(self) -> dict[str, float]:
        """Until when each is left alone, also where that is over."""
        rows = self._read("SELECT session, until FROM snoozes")
        return {str(session): float(str(until)) for session, until in rows}

    # -- hooks -----------------------------------------------------------------------

    def hook_fired(self, agent: str, event: str, at: float) -> None:
        """A hook of an agent arrived; of each event the last time is kept."""
        self._write("INSERT OR REPLACE INTO hooks VALUES (?, ?, ?)", agent, event, at)

    def hooks_fired(self) -> dict[tuple[str, str], float]:
        """When each agent's hook last arrived, by event; UTC epoch seconds."""
        rows = self._read("SELECT agent, event, at FROM hooks")
        return {(str(agent), str(event)): float(str(at)) for agent, event, at in rows}

    # -- plans -----------------------------------------------------------------------

    def used(self, quota: Quota) -> None:
        """Keep one observation of a plan's windows."""
        columns = Quota.__slots__
        self._write(
            f"INSERT INTO quotas ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            *(getattr(quota, name) for name in columns),
        )

    def quotas(self, agent: str, most: int = 1000) -> Iterator[Quota]:
        """The last observations of an agent's plan, newest first."""
        for row in self._read(
            f"SELECT {', '.join(Quota.__slots__)} FROM quotas WHERE agent = ? "
            "ORDER BY at DESC LIMIT ?",
            *(agent, most),
        ):
            yield Quota(*row)  # type: ignore[arg-type]

    def prune(self) -> None:
        """Keep the newest events, waits and observations of plans, and the snoozes not over."""
        self._write("DELETE FROM snoozes WHERE until < CAST(strftime('%s', 'now') AS REAL)")
        self._write(
            "DELETE FROM events WHERE key IN "
            "(SELECT key FROM events ORDER BY at DESC LIMIT -1 OFFSET ?)",
            _MOST_EVENTS,
        )
        self._write(
            "DELETE FROM quotas WHERE rowid IN "
            "(SELECT rowid FROM quotas ORDER BY at DESC LIMIT -1 OFFSET ?)",
            _MOST_EVENTS,
        )
        self.prune_waits()


def _shown(row: tuple[object, ...]) -> Shown:
    session, agent, surface, at, model, switch, state, *amounts = row
    low, mid, high = (int(str(amount)) for amount in amounts)
    return Shown(
        str(session), str(agent), str(surface), float(str(at)), str(model), bool(switch),
        str(state), low, mid, high,
    )  # fmt: skip
