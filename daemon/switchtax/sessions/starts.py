"""Starts of requests by their content: which model was sent one last, and how long it is.

Where an agent tells what opens its requests (tools, and parts of the system prompt, each up to a
cache mark), two sessions share a start exactly if its digest is the same, whatever their versions
or folders. Its length in tokens is exact once a request that could read nothing else has read it;
until then it is inferred from its share of a request's characters.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from switchtax.catalog import tokenizers
from switchtax.catalog.names import normalise
from switchtax.records import Call, RequestStarted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.records import Record

__all__ = ["Length", "Setting", "Starts"]

_AT_ONCE_S = 10.0
"""Requests that follow within this are one use: the first counts."""
_DENSITY_SD = 0.15
"""Tokens per character of a start against the rest of a request, one standard deviation of the
ratio. Kinds of content differ by 0.12 in recorded sessions (see `growth`)."""
_SURE = 3.0
"""Standard deviations within which what was read is taken for a start."""
_LEAST = 0.02


class Setting(NamedTuple):
    """What else a provider may keep caches apart by."""

    effort: str | None
    fast: bool


class Length(NamedTuple):
    """Tokens, and one standard deviation as a share of them: 0 where a bill told them."""

    tokens: float
    unsure_ratio: float


class _Use(NamedTuple):
    setting: Setting
    ttl_s: int | None


@dataclass(slots=True)
class Starts:
    """Uses by provider, model and digest; lengths by tokenizer and digest. Both in time."""

    uses: dict[tuple[str, str, str], dict[_Use, list[tuple[float, str]]]] = field(
        default_factory=dict
    )
    """Sorted times with the session's id."""
    lengths: dict[tuple[str, str], list[tuple[float, Length]]] = field(default_factory=dict)
    _asked: dict[str, RequestStarted] = field(default_factory=dict)
    _sent: dict[str, int] = field(default_factory=dict)
    """Tokens of each session's last request."""

    def note(self, records: Iterable[Record]) -> None:
        """Remember what requests among these records opened with, once they were answered."""
        for record in records:
            if isinstance(record, RequestStarted):
                if record.main:
                    self._asked[record.session_id] = record
            elif isinstance(record, Call) and not (record.sidechain or record.purpose):
                request = self._asked.pop(record.session_id, None)
                if request is not None:
                    self.used(request, record)

    def used(self, request: RequestStarted, call: Call) -> None:
        """A request with told starts was answered."""
        at, sent = request.at or call.started_at or call.at, call.usage.sent_tokens
        before = self._sent.get(call.session_id, 0)
        self._sent[call.session_id] = sent
        name = normalise(call.model).name
        use = _Use(Setting(call.effort, call.fast), request.ttl_s)
        for start in request.starts:
            by_use = self.uses.setdefault((call.provider, name, start.digest), {})
            _insert(by_use.setdefault(use, []), at, call.session_id)
        if not request.sent_chars or not sent:
            return
        family = tokenizers.family(name) or name
        inferred = []
        for start in request.starts:
            share = min(1.0, start.chars / request.sent_chars)
            inferred.append(Length(sent * share, _DENSITY_SD * (1.0 - share)))
        read = call.usage.cache_read_tokens
        told = _read_of(inferred, read, sent) if read < 0.5 * before or not before else None
        for place, start in enumerate(request.starts):
            length = Length(float(read), 0.0) if place == told else inferred[place]
            self._measured((family, start.digest), at, length)

    def _measured(self, key: tuple[str, str], at: float, length: Length) -> None:
        known = self.lengths.setdefault(key, [])
        if not any(when <= at and old.unsure_ratio <= length.unsure_ratio for when, old in known):
            known.append((at, length))

    def used_at(
        self, provider: str, model: str, digest: str, *, before: float, not_by: str = ""
    ) -> dict[_Use, float]:
        """When a model was last sent a start before a time, by setting and lifetime."""
        found = self.uses.get((provider, normalise(model).name, digest), {})
        last = {}
        for use, times in found.items():
            for place in range(bisect_left(times, (before, "")) - 1, -1, -1):
                at, session_id = times[place]
                if session_id != not_by:
                    last[use] = at
                    break
        return last

    def length(self, model: str, digest: str, before: float) -> Length | None:
        """The best that was known of a start's length at a time, in a model's tokens."""
        name = normalise(model).name
        known = self.lengths.get((tokenizers.family(name) or name, digest), ())
        then = [length for at, length in known if at <= before]
        return min(then, key=lambda each: each.unsure_ratio, default=None)

    def forget(self, before: float) -> None:
        """Drop uses before a time: no cache lives that long. Lengths stay."""
        for by_use in self.uses.values():
            for use, times in by_use.items():
                by_use[use] = times[bisect_left(times, (before, "")) :]


def _insert(times: list[tuple[float, str]], at: float, session_id: str) -> None:
    place = bisect_left(times, (at, session_id))
    if place:
        last, by = times[place - 1]
        if by == session_id and at - last <= _AT_ONCE_S:
            return
    times.insert(place, (at, session_id))


def _read_of(inferred: list[Length], read: int, sent: int) -> int | None:
    """Which start was read, if what was read can be none but one of them."""
    if not read or not inferred:
        return None
    place = min(range(len(inferred)), key=lambda each: abs(inferred[each].tokens - read))
    nearest = inferred[place]
    away = abs(nearest.tokens - read)
    unsure = _LEAST + _SURE * nearest.unsure_ratio
    return place if away <= unsure * nearest.tokens and away < abs(sent - read) else None
