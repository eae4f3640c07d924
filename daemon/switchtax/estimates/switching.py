"""Stay against switch for the next call and the next turn, and what the switch costs once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.estimates.drivers import NEXT_CALL, Flow, Span, evaluate_side, row_of
from switchtax.estimates.money import Money, difference_of, money_of
from switchtax.estimates.request import SideAt, price, send
from switchtax.estimates.schedule import total, warm
from switchtax.estimates.spread import count, evaluate, swing
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval

__all__ = ["Comparison", "Rebuild", "compare", "minus", "rebuild"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same calls on both models; `extra = switch - stay`, negative where switching saves."""

    stay: Money | Unknown
    switch: Money | Unknown
    extra: Money | Unknown


@dataclass(frozen=True, slots=True)
class Rebuild:
    """The one-off: tokens that must be read again in full, and their price above a cache read.

    `compaction` is what summarising first costs on the other model; zero where there is none.
    """

    tokens: Interval
    cost: Money | Unknown
    compaction: Money | Unknown


def compare(
    stay: Side,
    switch: Side,
    *,
    context: Interval | Unknown,
    pace: Pace,
    span: Span,
) -> Comparison:
    """Both models over a span, at common points of what is uncertain.

    Args:
        stay: the current model.
        switch: the other one.
        context: carried context, source tokens.
        pace: how the session goes on.
        span: the next call, the next turn, or more; or a later one, both caches warm.
    """
    row = row_of((stay, switch), context=context, pace=pace, span=span)
    if isinstance(row, Unknown):
        return Comparison(row, row, row)

    cost = _of_later_calls if span.later else total
    results = evaluate(row.each(cost, cost), row.inputs)
    stays = money_of(swing(results, lambda result: result[1][0]))
    switches = money_of(swing(results, lambda result: result[1][1]))
    extra = swing(results, lambda result: minus(result[1][1], result[1][0]))
    return Comparison(stays, switches, difference_of(switches, stays, extra))


def minus(one: int | Unknown, other: int | Unknown) -> int | Unknown:
    """A difference of which either part may be unknown."""
    if isinstance(one, Unknown):
        return one
    return other if isinstance(other, Unknown) else one - other


def _of_later_calls(side: SideAt | Unknown, flow: Flow) -> int | Unknown:
    return total(warm(side) if isinstance(side, SideAt) else side, flow)


def rebuild(side: Side, *, context: Interval | Unknown, pace: Pace) -> Rebuild | Unknown:
    """What a model pays once because its cache lacks the context: `(write - read)·(c - p)`.

    Write and read prices are those of the next request's tier.

    Args:
        side: the model, `p` tokens of the context alive.
        context: c, carried context in source tokens.
        pace: u and o of the next call, which choose the tier.
    """

    def at(flow: Flow, found: SideAt) -> tuple[int, int | Unknown, int | Unknown]:
        cold = send(found, flow.context, flow.first_new, 0, alive=found.alive)
        held = send(found, flow.context, flow.first_new, 0, alive=float("inf"))
        cost = minus(price(side, cold), price(side, held))
        return held.read - cold.read, cost, found.before

    results = evaluate_side(side, at, context=context, pace=pace, span=NEXT_CALL)
    if isinstance(results, Unknown):
        return results
    return Rebuild(
        tokens=count(results, lambda result: result[0]),
        cost=money_of(swing(results, lambda result: result[1])),
        compaction=money_of(swing(results, lambda result: result[2])),
    )
