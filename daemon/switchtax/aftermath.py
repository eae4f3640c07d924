"""What followed switches of the past: whether the risk that they had showed.

A history is replayed up to each switch, the risk worked out from what stood there, and the
next turns are watched for what a bad handoff leads to: files read again that were known,
edits taken back, a switch back. Counts only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.agents import agent_module
from switchtax.estimates.for_session import answer
from switchtax.records import (
    Act,
    Call,
    Content,
    Depth,
    ModelChosen,
    Prompt,
    Record,
    ToolUse,
    Unknown,
)
from switchtax.sessions import library
from switchtax.sessions.fold import Session, same_model
from switchtax.sessions.rhythm import tool_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.drift import Level
    from switchtax.records import Source

__all__ = ["LEAST", "Aftermath", "Watched", "aftermath_document", "known_files", "replayed"]

_TURNS = 5
"""Turns after a switch that are watched."""
_CALLS = 60
"""No more calls than these, in a turn that does not end."""
LEAST = 5
"""Switches at low, and above it, without which nothing is said."""
_MANY_READ_AGAIN = 3


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What followed one switch: counts over the turns after it."""

    level: str
    turns: int
    reads: int
    re_reads: int
    """Of these, files that were read or edited before the switch."""
    reverts: int
    switched_back: bool

    @property
    def is_trouble(self) -> bool:
        """Edits taken back, a switch back, or several known files read again."""
        return bool(self.reverts) or self.switched_back or self.re_reads >= _MANY_READ_AGAIN


@dataclass(slots=True)
class Watched:
    """The turns after a switch, while they pass."""

    level: str
    from_model: str
    known: frozenset[str]
    turns: int = 1
    calls: int = 0
    reads: int = 0
    re_reads: int = 0
    reverts: int = 0
    switched_back: bool = False
    _seen: set[str] = field(default_factory=set)

    @property
    def is_over(self) -> bool:
        """Whether all that counts has passed."""
        return self.turns > _TURNS or self.calls > _CALLS or self.switched_back

    def add(self, record: Record) -> None:
        """Take note of one more record; what comes after the last turn does not count."""
        if self.is_over:
            return
        if isinstance(record, Prompt):
            self.turns += record.by_person
        elif isinstance(record, Call) and _is_main(record):
            self.calls += record.id not in self._seen
            self._seen.add(record.id)
            self.switched_back = same_model(record.model, self.from_model)
        elif isinstance(record, ToolUse) and record.name and not record.sidechain:
            self._used(record)

    def _used(self, use: ToolUse) -> None:
        if use.id in self._seen:
            return
        self._seen.add(use.id)
        self.reverts += use.act is Act.REVERT
        if use.path is not None and tool_class(use.name) not in ("edit", "write"):
            self.reads += 1
            self.re_reads += use.path in self.known

    @property
    def outcome(self) -> Aftermath:
        """What was seen so far."""
        turns = min(self.turns, _TURNS)
        return Aftermath(
            self.level, turns, self.reads, self.re_reads, self.reverts, self.switched_back
        )


def known_files(session: Session) -> frozenset[str]:
    """Files that a session's tools have named so far."""
    return frozenset(use.path for use in session.tool_uses if use.path and not use.sidechain)


def replayed(source: Source, book: PriceBook) -> Iterator[Aftermath]:
    """What followed each switch in a source; nothing where it holds no two models.

    Raises:
        OSError: it cannot be opened.
    """
    if source.sidechain:
        return
    scanned = agent_module(source.agent).read(source, None, Depth.USAGE).records
    if len({r.model for r in scanned if isinstance(r, Call) and _is_main(r)}) < 2:
        return
    by_session: dict[str, list[Record]] = {}
    for record in library.read_all(source):
        by_session.setdefault(record.session_id, []).append(record)
    for id_, records in by_session.items():
        session = Session(source.agent, id_, source.path, rules_for=book.rules)
        yield from _session(session, records, book)


def _session(session: Session, records: list[Record], book: PriceBook) -> Iterator[Aftermath]:
    read = 0
    for chosen, switched in _switches(records):
        session.add_all(records[read:chosen])
        read = chosen
        call = records[switched]
        if session.current is None or not isinstance(call, Call):
            continue
        risk = answer(session, call.model, session.start_of(call), book).risk
        if isinstance(risk, Unknown):
            continue
        watched = Watched(risk.level.value, session.model, known_files(session))
        for record in records[switched:]:
            watched.add(record)
            if watched.is_over:
                break
        yield watched.outcome


def _switches(records: Sequence[Record]) -> Iterator[tuple[int, int]]:
    """Where a switch was chosen, and its first call, as places in the records.

    Some logs hold what a model answered before the usage of that answer: the choice was made
    before the prompt, or else before the answer's first record.
    """
    last: Call | None = None
    start = 0
    known: set[str] = set()
    for place, record in enumerate(records):
        if not isinstance(record, Call) or not _is_main(record) or record.id in known:
            continue
        known.add(record.id)
        if last is not None and not same_model(record.model, last.model):
            yield _choice(records, start, place, record.id), place
        last, start = record, place + 1


def _choice(records: Sequence[Record], start: int, end: int, call_id: str) -> int:
    """The place between two calls where what belongs to the later one begins."""
    between = range(start, end)
    for place in between:
        record = records[place]
        if isinstance(record, Prompt | ModelChosen):
            return place
    own = (
        place
        for place in between
        if isinstance(one := records[place], Content | ToolUse) and one.call_id == call_id
    )
    return next(own, end)


def _is_main(call: Call) -> bool:
    return not (call.sidechain or call.purpose) and call.sent_recorded


def aftermath_document(found: Iterable[Aftermath], levels: Iterable[Level]) -> dict[str, Any]:
    """Counts by level as JSON; `holds` says whether higher levels were followed by more trouble.

    It is `{"unknown": "not enough data"}` with fewer than five switches on either side.
    """
    listed = list(found)
    rows = {
        level.value: _row([one for one in listed if one.level == level.value]) for level in levels
    }
    low = [one for one in listed if one.level == "low"]
    above = [one for one in listed if one.level != "low"]
    holds: Any = {"unknown": "not enough data"}
    if len(low) >= LEAST and len(above) >= LEAST:
        holds = _share(above) > _share(low)
    return {"switches": len(listed), "levels": rows, "holds": holds}


def _share(found: Sequence[Aftermath]) -> float:
    return sum(one.is_trouble for one in found) / len(found)


def _row(found: Sequence[Aftermath]) -> dict[str, int]:
    return {
        "switches": len(found),
        "turns": sum(one.turns for one in found),
        "reads": sum(one.reads for one in found),
        "re_reads": sum(one.re_reads for one in found),
        "reverts": sum(one.reverts for one in found),
        "switched_back": sum(one.switched_back for one in found),
        "trouble": sum(one.is_trouble for one in found),
    }
