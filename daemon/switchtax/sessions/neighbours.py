"""Other sessions on this machine that keep a model's shared start warm.

Tools and system prompt open every request of one build of an agent. If another session has
used a model within the cache's lifetime, that start is warm for this session too, though
the model never saw its conversation. Where an agent tells what its requests open with, `starts`
has it by content; of other agents only times are kept here.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.records import Call
from switchtax.sessions.starts import Starts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from switchtax.records import Record

__all__ = ["Neighbours"]

_Key = tuple[str, str, str]
"""Agent, its version, and the model's name."""


@dataclass(slots=True)
class Neighbours:
    """When which session used which model: sorted times with the session's id."""

    uses: dict[_Key, list[tuple[float, str]]] = field(default_factory=dict)
    starts: Starts = field(default_factory=Starts)
    """Also those of sessions elsewhere: a start is known by its content."""
    summaries: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)
    """When an agent's call wrote a summary, and how long it was, by agent and call."""

    def note(self, agent: str, records: Sequence[Record]) -> None:
        """Remember calls among the records of one source, and what they opened with."""
        self.starts.note(records)
        self.note_calls(agent, records)

    def note_calls(self, agent: str, records: Iterable[Record]) -> None:
        """Remember the calls among the records of one source."""
        for record in records:
            if isinstance(record, Call) and record.purpose == "compaction":
                wrote = record.at, record.usage.billed_output_tokens
                self.summaries[agent, record.id] = wrote
            if isinstance(record, Call) and record.at > 0 and not record.purpose:
                key = (agent, record.agent_version, normalise(record.model).name)
                at = record.started_at or record.at
                insort(self.uses.setdefault(key, []), (at, record.session_id))

    def summaries_of(self, agent: str, before: float) -> list[int]:
        """Tokens of the summaries that an agent had written by a time."""
        found = self.summaries.items()
        return [tokens for (by, _), (at, tokens) in found if by == agent and at <= before]

    def last_use(
        self, agent: str, agent_version: str, model: str, *, before: float, not_by: str
    ) -> float | None:
        """When another session of the same build last used a model, before a time."""
        times = self.uses.get((agent, agent_version, normalise(model).name), [])
        for place in range(bisect_right(times, (before, "")) - 1, -1, -1):
            at, session_id = times[place]
            if session_id != not_by:
                return at
        return None
