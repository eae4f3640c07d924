"""An agent of a third party, held so that nothing it does reaches others: it may fail alone.

What it raises is noted, with the place in its own code and without its words, which may be the
user's; what it tells is looked at before anybody relies on it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents.sound import flaw_of
from switchtax.records import Cursor, Reading, Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from switchtax.agents.protocol import AgentModule
    from switchtax.records import Depth, Record

__all__ = ["Failure", "Guarded"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """How often a function of an agent came to grief, and how the last time."""

    doing: str
    reason: str
    count: int = 1


class Guarded:
    """An agent that raises nothing but what the protocol allows, and tells only sound records."""

    def __init__(self, agent: AgentModule) -> None:
        """Nothing has failed yet."""
        self.AGENT_ID = agent.AGENT_ID
        self.bare = agent
        """The agent itself, unguarded."""
        self.failures: dict[str, Failure] = {}
        """By function, what it raised or told that cannot be."""

    def roots(self, env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
        """As the agent says; none where that fails."""
        try:
            return [Path(root) for root in self.bare.roots(env, home, platform)]
        except Exception as error:
            self._failed("roots", _place(error))
            return []

    def find(self, root: Path) -> Iterator[Source]:
        """As the agent says, up to where that fails."""
        try:
            for source in self.bare.find(root):
                if not isinstance(source, Source):
                    self._failed("find", f"a {type(source).__name__} is no source")
                    return
                yield replace(source, agent=self.AGENT_ID)
        except Exception as error:
            self._failed("find", _place(error))

    def claims(self, path: Path, head: bytes) -> bool:
        """As the agent says; no where that fails."""
        try:
            return bool(self.bare.claims(path, head))
        except Exception as error:
            self._failed("claims", _place(error))
            return False

    def read(self, source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
        """As the agent says; what fails, or cannot be, is one `Unreadable` in its place.

        Raises:
            OSError: the source cannot be opened.
        """
        try:
            reading = self.bare.read(source, cursor, depth)
            records = [self._sound(source, record) for record in reading.records]
            return Reading(records, _cursor(reading.cursor), bool(reading.restarted))
        except OSError:
            raise
        except Exception as error:
            reason = self._failed("read", _place(error))
            skipped = Unreadable(source.session_id, source.path, 0, reason)
            return Reading([skipped], cursor or Cursor())

    def _sound(self, source: Source, record: Record) -> Record:
        flaw = flaw_of(record)
        if not flaw:
            return record
        line = getattr(record, "line", 0)
        line = line if type(line) is int and line >= 0 else 0
        return Unreadable(source.session_id, source.path, line, self._failed("read", flaw))

    def _failed(self, doing: str, reason: str) -> str:
        """Note a failure; the log tells the first of each kind."""
        before = self.failures.get(doing)
        if before is None:
            _LOG.warning("agent %s of a third party: %s failed (%s)", self.AGENT_ID, doing, reason)
        self.failures[doing] = Failure(doing, reason, before.count + 1 if before else 1)
        return f"the reader of {self.AGENT_ID} failed: {reason}"


def _cursor(cursor: object) -> Cursor:
    if not isinstance(cursor, Cursor):
        raise TypeError
    return cursor


def _place(error: Exception) -> str:
    """What was raised and where; never its words, which may be those of a session."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"
