"""The next call on one model: which tokens are read and written, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.estimates.drivers import NEXT_CALL, Flow, evaluate_side
from switchtax.estimates.money import Money, money_of
from switchtax.estimates.request import Buckets, SideAt, send
from switchtax.estimates.schedule import total
from switchtax.estimates.spread import count, swing
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval

__all__ = ["CallCost", "cost_of_next_call"]


@dataclass(frozen=True, slots=True)
class CallCost:
    """One call: tokens in disjoint buckets, in the model's own tokens, and their price.

    `cost` holds a compaction that must come first; the buckets do not.
    """

    read_tokens: Interval
    written_tokens: Interval
    plain_tokens: Interval
    output_tokens: Interval
    cost: Money | Unknown


def cost_of_next_call(side: Side, *, context: Interval | Unknown, pace: Pace) -> CallCost | Unknown:
    """What the next call reads, writes and costs: `read·p + write·(c - p + u) + out·o`.

    A missing price leaves the tokens known.

    Args:
        side: the model.
        context: c, carried context in source tokens.
        pace: u and o of a first call, in source tokens.
    """

    def at(flow: Flow, found: SideAt) -> tuple[Buckets, int | Unknown]:
        sent = send(found, flow.context, flow.first_new, flow.output, alive=found.alive)
        return sent, total(found, flow)

    results = evaluate_side(side, at, context=context, pace=pace, span=NEXT_CALL)
    if isinstance(results, Unknown):
        return results
    return CallCost(
        read_tokens=count(results, lambda result: result[0].read),
        written_tokens=count(results, lambda result: result[0].written),
        plain_tokens=count(results, lambda result: result[0].plain),
        output_tokens=count(results, lambda result: result[0].output),
        cost=money_of(swing(results, lambda result: result[1])),
    )
