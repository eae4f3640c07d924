"""Measuring foretold waits on recorded sessions in the order of time, for bench and tests."""

from __future__ import annotations

import heapq
from bisect import insort
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from accuracy_measures import replayed
from switchtax.catalog.names import normalise
from switchtax.estimates.latency import work_of
from switchtax.estimates.latency_book import Expected, LatencyBook
from switchtax.estimates.latency_spread import PROMISED
from switchtax.estimates.outlook import Moment
from switchtax.sessions import library
from switchtax.sessions.waits import Waited, waits_in

if TYPE_CHECKING:
    from pathlib import Path

Range = tuple[float, float, float]
"""Low end, middle and high end of a wait, seconds."""
_ENOUGH = 5


@dataclass(frozen=True)
class Told:
    """One wait, and what was said of it beforehand: by us, and by three simple rules."""

    waited: Waited
    said: Range
    constant: Range
    of_model: Range
    prior: Range


@dataclass(frozen=True)
class Waits:
    """How a set of foretold waits came out; losses are mean pinball losses in seconds."""

    calls: int
    held: float
    loss: float
    constant: float
    of_model: float
    prior: float


@dataclass
class _Earlier:
    """All earlier waits in order of length, of all models and of each: the constants' memory."""

    all: list[float] = field(default_factory=list)
    by_model: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, waited: Waited) -> None:
        insort(self.all, waited.wait_s)
        insort(self.by_model[normalise(waited.model).name], waited.wait_s)


def pinball(wait_s: float, said: Range) -> float:
    """The mean pinball loss of three quantiles, seconds."""
    losses = (
        max(level * (wait_s - end), (level - 1) * (wait_s - end))
        for level, end in zip(PROMISED, said, strict=True)
    )
    return sum(losses) / 3


@cache
def told(corpus: Path, agents: tuple[str, ...], moment: Moment = Moment.AT_SEND) -> list[Told]:
    """Every timed call of some agents, foretold when it was sent from calls answered by then.

    What the call reads and writes is foretold too. Calls that nothing could be said of (the
    first of a session, a local model's first ones) teach, and are not scored.
    """
    views = {p.call: p.seen(moment).outlook for p in replayed(corpus).predictions}
    book, published, earlier = LatencyBook(), LatencyBook(), _Earlier()
    found, known = [], set()
    answers: list[tuple[float, int, Waited]] = []
    for number, waited in enumerate(_in_order(corpus, agents)):
        while answers and answers[0][0] <= waited.at - waited.wait_s:
            done = heapq.heappop(answers)[2]
            if book.learn(done) and not done.again:
                earlier.add(done)
        heapq.heappush(answers, (waited.at, number, waited))
        if waited.again or waited.call_id in known or waited.call_id not in views:
            continue
        known.add(waited.call_id)
        works = work_of(views[waited.call_id])
        said, prior = (
            each.expected(waited.agent, waited.model, works, prompted=waited.prompted)
            for each in (book, published)
        )
        if isinstance(said, Expected) and isinstance(prior, Expected):
            found.append(_beside(waited, _ends(said), _ends(prior), earlier))
    return found


def _in_order(corpus: Path, agents: tuple[str, ...]) -> list[Waited]:
    """Waits of all sessions, in the order in which requests were sent."""
    waits = [
        waited
        for source in library.sources_at(corpus)
        if source.agent in agents and not source.sidechain
        for waited in waits_in(source.agent, library.read_all(source))
    ]
    return sorted(waits, key=lambda waited: waited.at - waited.wait_s)


def _beside(waited: Waited, said: Range, prior: Range, earlier: _Earlier) -> Told:
    constant = _quantiles(earlier.all) or prior
    same = earlier.by_model[normalise(waited.model).name]
    of_model = _quantiles(same) if len(same) >= _ENOUGH else None
    return Told(waited, said, constant, of_model or constant, prior)


def _ends(said: Expected) -> Range:
    return said.low_s, said.mid_s, said.high_s


def _quantiles(ordered: list[float]) -> Range | None:
    if not ordered:
        return None
    low, mid, high = (ordered[min(len(ordered) - 1, int(p * len(ordered)))] for p in PROMISED)
    return low, mid, high


def scored(found: list[Told]) -> Waits:
    """How these came out."""
    losses = [
        [pinball(t.waited.wait_s, said) for said in (t.said, t.constant, t.of_model, t.prior)]
        for t in found
    ]
    held = sum(t.said[0] <= t.waited.wait_s <= t.said[2] for t in found)
    loss, constant, of_model, prior = (sum(each) / len(found) for each in zip(*losses, strict=True))
    return Waits(len(found), held / len(found), loss, constant, of_model, prior)
