"""How long answers were waited for: read off a session's records, one call at a time.

A wait runs from the start of the request to the first sign of the answer. Where the log has
the time of the first token, that is the sign. Where it only has the times of whole blocks it is
the first block, and part of the wait is the writing of that block.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from switchtax.records import Call, Content, ContentKind, Prompt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from switchtax.records import Record

__all__ = ["WaitReader", "Waited", "waits_in"]

_SHORTEST_S, _LONGEST_S = 0.05, 600.0
"""Outside these no request was answered: clocks differ, or the machine slept."""
_REMEMBERED = 64
"""Calls whose time to the first token may still be told (Codex tells it at a turn's end)."""
_CHARS_PER_TOKEN = 4.0
_MOST_SESSIONS = 512


@dataclass(frozen=True, slots=True)
class Waited:
    """One call's wait, in seconds, and what it may have come from.

    `at` is when the first sign came, UTC epoch seconds. `processed_tokens` were plain or
    written, `read_tokens` came from the cache; `block_tokens` were written before the first
    sign could be seen (0 where the time of the first token was recorded: `exact`). `prompted`
    says that a person's prompt stood before the call, not a tool's result. `again` marks the
    time to the first token of a call whose first block was told already.
    """

    session_id: str
    call_id: str
    agent: str
    model: str
    at: float
    wait_s: float
    processed_tokens: int
    read_tokens: int
    block_tokens: float = 0.0
    exact: bool = False
    prompted: bool = False
    again: bool = False


@dataclass(slots=True)
class _Open:
    """A call whose answer may still go on."""

    call: Call
    prompted: bool
    first_at: float = 0.0
    first_chars: int = 0
    first_sealed: bool = False
    chars: int = 0

    def add(self, piece: Content) -> None:
        """A block of the answer."""
        at = piece.at or self.call.at
        if not self.first_at or at < self.first_at:
            self.first_at, self.first_chars = at, 0
            self.first_sealed = piece.kind is ContentKind.SEALED_REASONING
        if at == self.first_at:
            self.first_chars += piece.chars
        self.chars += piece.chars

    def block_tokens(self) -> float:
        """Tokens of the first block: its share of what was answered."""
        usage = self.call.usage
        if self.first_sealed and usage.reasoning_tokens:
            return float(usage.reasoning_tokens)
        if not self.call.output_recorded:
            return self.first_chars / _CHARS_PER_TOKEN
        return usage.billed_output_tokens * self.first_chars / max(1, self.chars)


class WaitReader:
    """Reads the waits of one source's sessions, record by record.

    A wait is told when the next call, prompt or result shows that the answer was complete
    (`finish` tells what is left).
    """

    def __init__(self, agent: str) -> None:
        """Nothing was read yet."""
        self.agent = agent
        self._open: dict[str, _Open] = {}
        self._prompted: dict[str, bool] = {}
        self._told: OrderedDict[str, Waited] = OrderedDict()

    def add(self, record: Record) -> Waited | None:
        """Read one record; returns the wait that it completes."""
        if isinstance(record, Call):
            return self._call(record)
        session = record.session_id
        open_call = self._open.get(session)
        if isinstance(record, Content) and record.call_id:
            if open_call is not None and open_call.call.id == record.call_id:
                open_call.add(record)
            return None
        if isinstance(record, Prompt):
            self._prompted[session] = True
        elif not isinstance(record, Content) or record.sidechain:
            return None
        return self._close(session)

    def finish(self) -> Iterator[Waited]:
        """The waits of the last answers, at the end of a log."""
        for session in list(self._open):
            done = self._close(session)
            if done is not None:
                yield done

    def first_sign(self, call_id: str) -> Waited | None:
        """What is known so far of the wait for one of the last calls."""
        for each in self._open.values():
            if each.call.id == call_id:
                return _waited(each, self.agent)
        return self._told.get(call_id)

    def _call(self, call: Call) -> Waited | None:
        if call.sidechain or call.purpose or call.summed or not call.sent_recorded:
            return None
        session = call.session_id
        known = self._open.get(session)
        if known is not None and known.call.id == call.id:
            later = call.usage.output_tokens >= known.call.usage.output_tokens
            newer = call if later else known.call
            known.call = replace(
                newer,
                at=known.call.at,
                started_at=known.call.started_at,
                ttft_ms=call.ttft_ms or known.call.ttft_ms,
            )
            return None
        told = self._told.get(call.id)
        if told is not None:
            return self._again(told, call)
        done = self._close(session)
        self._open[session] = _Open(call, self._prompted.pop(session, False))
        if len(self._open) > _MOST_SESSIONS:
            self._open.pop(next(iter(self._open)))
        return done

    def _again(self, told: Waited, call: Call) -> Waited | None:
        if told.exact or not call.ttft_ms or not _plausible(call.ttft_ms / 1000):
            return None
        exact = replace(told, wait_s=call.ttft_ms / 1000, block_tokens=0.0, exact=True, again=True)
        self._told[call.id] = exact
        return exact

    def _close(self, session: str) -> Waited | None:
        done = self._open.pop(session, None)
        found = _waited(done, self.agent) if done else None
        if found is not None:
            self._told[found.call_id] = found
            if len(self._told) > _REMEMBERED:
                self._told.popitem(last=False)
        return found


def waits_in(agent: str, records: Iterable[Record]) -> Iterator[Waited]:
    """The waits of a whole log, in its order."""
    reader = WaitReader(agent)
    for record in records:
        found = reader.add(record)
        if found is not None:
            yield found
    yield from reader.finish()


def _waited(done: _Open, agent: str) -> Waited | None:
    call = done.call
    exact = call.ttft_ms is not None
    wait_s = call.ttft_ms / 1000 if call.ttft_ms is not None else done.first_at - call.started_at
    if not _plausible(wait_s) or not call.started_at or not (exact or done.first_at):
        return None
    usage = call.usage
    return Waited(
        session_id=call.session_id,
        call_id=call.id,
        agent=agent,
        model=call.model,
        at=call.started_at + wait_s,
        wait_s=wait_s,
        processed_tokens=usage.sent_tokens - usage.cache_read_tokens,
        read_tokens=usage.cache_read_tokens,
        block_tokens=0.0 if exact else done.block_tokens(),
        exact=exact,
        prompted=done.prompted,
    )


def _plausible(wait_s: float) -> bool:
    return _SHORTEST_S <= wait_s <= _LONGEST_S
