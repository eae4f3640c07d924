"""Staying and switching over the next turns, and from which call on the switch has paid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING, NamedTuple

from switchtax.estimates.drivers import Flow, Span, row_of
from switchtax.estimates.money import Money, difference_of, money_of
from switchtax.estimates.request import SideAt
from switchtax.estimates.schedule import alone, fits, summed
from switchtax.estimates.spread import (
    Point,
    Results,
    count,
    evaluating,
    extremes,
    middle_of,
    swing,
)
from switchtax.estimates.steps import Steps, finish
from switchtax.estimates.switching import minus
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval

__all__ = ["DEFAULT_TURNS", "LOOK_AHEAD_CALLS", "BreakEven", "Horizon", "over_horizon", "summing"]

DEFAULT_TURNS = 10
LOOK_AHEAD_CALLS = 200
"""Break-even later than this (about 18 turns of the mean length) is called never."""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The first call, and the turn it lies in, from which switching has cost no more than staying.

    Both count from 1; `math.inf` means never within `looked_calls` or before a context window
    is full. It is the first crossing: the horizon's `extra` says who is ahead at the end.
    """

    calls: Interval
    turns: Interval
    looked_calls: int

    @property
    def never(self) -> bool:
        """Whether the sums do not cross at the middle of the inputs."""
        return math.isinf(self.calls.mid)


@dataclass(frozen=True, slots=True)
class Horizon:
    """Both models summed over the same calls; `full` names the model whose window ends it early."""

    turns: int
    calls: Interval
    stay: Money | Unknown
    switch: Money | Unknown
    extra: Money | Unknown
    break_even: BreakEven | Unknown
    full: str = ""


class _Sums(NamedTuple):
    calls: int
    looked: int
    stay: int | Unknown
    switch: int | Unknown
    crossing: float
    crossing_turn: float


def over_horizon(
    stay: Side,
    switch: Side,
    *,
    context: Interval | Unknown,
    pace: Pace,
    turns: int = DEFAULT_TURNS,
) -> Horizon | Unknown:
    """Sum both models call by call: `Σ read·p + write·(c - p + u) + out·o`, p being what was sent.

    Args:
        stay: the current model.
        switch: the other one.
        context: carried context, source tokens.
        pace: how the session goes on.
        turns: how many turns to look ahead, at least 1.
    """
    return finish(summing(stay, switch, context, pace, turns))


def summing(
    stay: Side, switch: Side, context: Interval | Unknown, pace: Pace, turns: int
) -> Steps[Horizon | Unknown]:
    """The same as `over_horizon`, in short steps."""
    row = row_of((stay, switch), context=context, pace=pace, span=Span(turns=max(1, turns)))
    if isinstance(row, Unknown):
        return row
    yield

    both = row.each(_calls, _calls)

    def at(point: Point) -> _Sums:
        flow, (one, other) = both(point)
        return _sums(one, other, flow)

    results = yield from evaluating(at, row.inputs)
    stays = money_of(swing(results, lambda sums: sums.stay))
    switches = money_of(swing(results, lambda sums: sums.switch))
    extra = swing(results, lambda sums: minus(sums.switch, sums.stay))
    difference = difference_of(switches, stays, extra)
    flow, sides = row.at(middle_of(row.inputs))
    return Horizon(
        turns=max(1, turns),
        calls=count(results, lambda sums: sums.calls),
        stay=stays,
        switch=switches,
        extra=difference,
        break_even=difference if isinstance(difference, Unknown) else _break_even(results),
        full=_full(sides, flow, results[0][0].calls),
    )


def _break_even(results: Results[_Sums]) -> BreakEven:
    return BreakEven(
        calls=extremes(results, lambda sums: sums.crossing),
        turns=extremes(results, lambda sums: sums.crossing_turn),
        looked_calls=results[0][0].looked,
    )


def _calls(side: SideAt | Unknown, flow: Flow) -> list[int | Unknown]:
    most = max(flow.calls, LOOK_AHEAD_CALLS)
    return [side] * most if isinstance(side, Unknown) else alone(side, flow, most)


def _sums(one: list[int | Unknown], other: list[int | Unknown], flow: Flow) -> _Sums:
    """One point: sums over the flow's calls, and the first call at which they cross."""
    calls = min(flow.calls, len(one), len(other))
    stays, switches = summed(one[:calls]), summed(other[:calls])
    crossing, looked = math.inf, 0
    if not isinstance(minus(switches, stays), Unknown):
        crossing, looked = _crossing(one[:LOOK_AHEAD_CALLS], other[:LOOK_AHEAD_CALLS])
    turn = crossing if math.isinf(crossing) else -(-crossing * flow.turns // flow.calls)
    return _Sums(calls, looked, stays, switches, crossing, turn)


def _crossing(stay: list[int | Unknown], switch: list[int | Unknown]) -> tuple[float, int]:
    """The first call at which `Σ switch <= Σ stay`, and how many were looked at."""
    looked = 0
    try:
        for looked, ahead in enumerate(accumulate(map(sub, switch, stay)), start=1):
            if ahead <= 0:
                return looked, looked
    except TypeError:  # a price that is missing from the next call on ends the look
        looked += 1
    return math.inf, looked


def _full(sides: list[SideAt | Unknown], flow: Flow, calls: int) -> str:
    """The model whose window ended the look ahead before all calls were made."""
    if calls == flow.calls:
        return ""
    sent = flow.context + sum(flow.new_at(call) + flow.kept for call in range(calls))
    sent += flow.new_at(calls)
    found = (side for side in sides if isinstance(side, SideAt))
    return next(side.side.model for side in found if not fits(side, sent, flow.output))
