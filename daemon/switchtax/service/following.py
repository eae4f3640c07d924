"""Following one source: what is new in it since last time, folded into its sessions."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.agents import agent_module
from switchtax.records import Call, Depth, Unreadable
from switchtax.sessions.fold import Session
from switchtax.sessions.library import settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.catalog.cards import CacheRules
    from switchtax.records import Cursor, Record, Source
    from switchtax.sessions.neighbours import Neighbours

__all__ = ["Followed", "News", "stamp_of"]

_STILL_WRITTEN = "last line is incomplete"
_Stamp = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class News:
    """What one look at a source brought; `anew` means that it was read from the start."""

    records: list[Record]
    anew: bool = False


@dataclass(slots=True)
class Followed:
    """A source with the place reading stopped at, and the sessions folded from it."""

    source: Source
    rules_for: Callable[[str, str], CacheRules]
    neighbours: Neighbours | None = None
    sessions: dict[str, Session] = field(default_factory=dict)
    changes: Counter[str] = field(default_factory=Counter)
    """How often something new was read of a session: what was worked out before is stale then."""
    _cursor: Cursor | None = None
    _stamp: _Stamp = ()

    def catch_up(self) -> News:
        """Read what is new; a file that was replaced is read and folded again.

        Raises:
            OSError: it cannot be opened.
        """
        stamp = stamp_of(self.source)
        if stamp == self._stamp:
            return News([])
        depth = Depth.USAGE if self.source.sidechain else Depth.FULL
        read = agent_module(self.source.agent).read
        before = self._cursor
        reading = read(self.source, before, depth)
        anew = before is None or reading.restarted
        if not anew and self._takes_back(reading.records):
            reading, anew = read(self.source, None, depth), True
        self._cursor, self._stamp = reading.cursor, stamp
        records = settled([r for r in reading.records if not _still_written(r)])
        if anew:
            self.sessions.clear()
        if not self.source.sidechain:
            self._fold(records)
        told = {record.session_id for record in records}
        self.changes.update(told.union(self.sessions) if anew else told)
        return News(records, anew)

    def _fold(self, records: list[Record]) -> None:
        for record in records:
            session = self.sessions.get(record.session_id)
            if session is None:
                session = self.sessions[record.session_id] = Session(
                    self.source.agent,
                    record.session_id,
                    self.source.path,
                    rules_for=self.rules_for,
                    neighbours=self.neighbours,
                )
            session.add(record)

    def _takes_back(self, records: list[Record]) -> bool:
        """Whether a call that was folded into the conversation is now told to be none of it."""
        return any(
            isinstance(r, Call)
            and (r.purpose or r.sidechain)
            and (session := self.sessions.get(r.session_id)) is not None
            and r.id in session.calls
            for r in records
        )


def _still_written(record: Record) -> bool:
    """A last line that is being written is no trouble: it is read again when it is whole."""
    return isinstance(record, Unreadable) and record.reason.startswith(_STILL_WRITTEN)


def stamp_of(source: Source) -> _Stamp:
    """What changes when a source is written: inode, size and time of each file of it.

    Raises:
        OSError: there is no such file.
    """
    path = source.path
    found = [_stat(path)]
    for other in (f"{path}-wal",) if path.endswith(".db") else source.beside:
        try:
            found.append(_stat(other))
        except OSError:
            found.append((0, 0, 0))
    return tuple(found)


def _stat(path: str) -> tuple[int, int, int]:
    stat = os.stat(path)  # noqa: PTH116 - at every question of a hook
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
