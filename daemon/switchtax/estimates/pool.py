"""Several models taking turns on one conversation: a pool, flapping, or a planned workflow.

Every model's cache stays warm, though none is whole: coming back writes only what was added
since that model was last asked. Where the caches die in between, every change pays in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, NamedTuple

from switchtax.estimates.drivers import Flow, Span, row_of
from switchtax.estimates.money import Money, difference_of, money_of
from switchtax.estimates.schedule import summed_calls
from switchtax.estimates.spread import Point, evaluate, swing
from switchtax.estimates.switching import minus
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.request import SideAt

__all__ = ["Pool", "alternating", "pool"]


@dataclass(frozen=True, slots=True)
class Pool:
    """An order of calls over several models, against the first model alone."""

    calls: int
    changes: int
    alone: Money | Unknown
    pooled: Money | Unknown
    extra: Money | Unknown


class _Costs(NamedTuple):
    alone: int | Unknown
    pooled: int | Unknown


def alternating(calls: int, *, every: int = 1, models: int = 2) -> tuple[int, ...]:
    """Which model is asked at each call, changing after `every` calls.

    >>> alternating(6, every=2)
    (0, 0, 1, 1, 0, 0)
    """
    return tuple(call // every % models for call in range(calls))


def pool(
    sides: Sequence[Side],
    order: Sequence[int],
    *,
    context: Interval | Unknown,
    pace: Pace,
    forget: bool = False,
) -> Pool | Unknown:
    """What an order of calls over several models costs against the first of them alone.

    Args:
        sides: the models; the first is the one to compare with.
        order: for each call, which model is asked (index into `sides`); at least one call.
        context: carried context, source tokens.
        pace: how the session goes on.
        forget: caches die while another model is used.
    """
    row = row_of(sides, context=context, pace=pace, span=Span(calls=len(order)))
    if isinstance(row, Unknown):
        return row

    def at(point: Point) -> _Costs:
        flow, found = row.at(point)
        return _costs(found, order, flow, forget=forget)

    results = evaluate(at, row.inputs)
    alone = money_of(swing(results, lambda costs: costs.alone))
    pooled = money_of(swing(results, lambda costs: costs.pooled))
    extra = swing(results, lambda costs: minus(costs.pooled, costs.alone))
    return Pool(
        calls=len(order),
        changes=sum(one != other for one, other in pairwise(order)),
        alone=alone,
        pooled=pooled,
        extra=difference_of(pooled, alone, extra),
    )


def _costs(
    sides: Sequence[SideAt | Unknown], order: Sequence[int], flow: Flow, *, forget: bool
) -> _Costs:
    first, known = sides[0], []
    if isinstance(first, Unknown):
        return _Costs(first, first)
    alone = summed_calls((first,), repeat(0, len(order)), flow)
    for side in sides:
        if isinstance(side, Unknown):
            return _Costs(alone, side)
        known.append(side)
    return _Costs(alone, summed_calls(known, order, flow, forget=forget))
