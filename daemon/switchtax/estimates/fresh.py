"""A fresh context instead of the long one: a sub-agent, or a new session begun with a brief."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from switchtax.estimates.drivers import NEXT_TURN, Flow, evaluate_side
from switchtax.estimates.money import Money, money_of
from switchtax.estimates.schedule import total
from switchtax.estimates.spread import count, swing
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.request import SideAt

__all__ = ["Fresh", "fresh_context"]


@dataclass(frozen=True, slots=True)
class Fresh:
    """One piece of work done from a fresh context; the long conversation's cache is not touched."""

    calls: Interval
    cost: Money | Unknown


def fresh_context(
    side: Side, *, start: Interval | Unknown, brief: Interval, pace: Pace
) -> Fresh | Unknown:
    """What a piece of work costs from a fresh context of `s + b` tokens, grown call by call.

    Args:
        side: the model; its `alive_tokens` is what of the start (tools, system prompt) is warm.
        start: s, what every session begins with, source tokens.
        brief: b, the hand-over, sent as the first prompt, source tokens.
        pace: `calls_per_turn` is how many calls the piece of work takes.
    """

    def at(flow: Flow, found: SideAt) -> tuple[int, int | Unknown]:
        return flow.calls, total(found, flow)

    briefed = replace(pace, first_new_tokens=brief)
    results = evaluate_side(side, at, context=start, pace=briefed, span=NEXT_TURN)
    if isinstance(results, Unknown):
        return results
    return Fresh(
        calls=count(results, lambda result: result[0]),
        cost=money_of(swing(results, lambda result: result[1])),
    )
