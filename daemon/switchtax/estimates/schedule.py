"""Calls in order, each to one of some models, every model with a cache of its own.

A call sends c + u and gets o back; the cache of the model that was asked then holds c + u (less
the tail after the last breakpoint); the next context is c + u + what is kept of o.
"""

from __future__ import annotations

from itertools import islice, repeat
from typing import TYPE_CHECKING

from switchtax.estimates.request import SideAt, fits, price, send
from switchtax.estimates.steady import how_many_fit, steady
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from switchtax.estimates.drivers import Flow

__all__ = ["alone", "fits", "summed", "summed_calls", "total", "walk", "warm"]

_FEW = 2
"""Calls that are walked one by one as quickly."""


def walk(
    sides: Sequence[SideAt],
    order: Iterable[int],
    flow: Flow,
    *,
    forget: bool = False,
    begin: int = 0,
) -> Iterator[int | Unknown]:
    """The cost of each call in turn, in pico-dollars; ends where a context no longer fits.

    The first call is always given: whether it fits is for the caller to say.

    Args:
        sides: the models, each with what its cache holds at the start.
        order: for each call, which of them is asked (index).
        flow: context, new tokens and output.
        forget: caches die while the other model is used.
        begin: how many calls of the flow others have answered before the first one here.
    """
    # A cache holds no more than there is now: what is "all" today is a part tomorrow.
    alive = [min(side.alive, side.tokens(flow.context)) for side in sides]
    owed = [side.before for side in sides]
    context, last = flow.context_at(begin), -1
    for call, which in enumerate(order, begin):
        side, new = sides[which], flow.new_at(call)
        if call and not fits(side, context + new, flow.output):
            return
        if forget and last >= 0 and which != last:
            alive[which] = 0
        buckets = send(side, context, new, flow.output, alive=alive[which])
        paid, before = price(side.side, buckets), owed[which]
        if isinstance(paid, Unknown):
            yield paid
        elif isinstance(before, Unknown):
            yield before
        else:
            yield paid + before
        owed[which], last = 0, which
        alive[which] = buckets.read + buckets.written
        context += new + flow.kept


def alone(side: SideAt, flow: Flow, calls: int) -> list[int | Unknown]:
    """The cost of each of the next calls on one model, in pico-dollars.

    Args:
        side: the model.
        flow: context, new tokens and output.
        calls: how many at most; fewer where the context no longer fits its window.

    Returns:
        The costs; from the first that is unknown on, all are.
    """
    found = steady(side, flow, calls) if calls > _FEW else None
    if found is not None:
        return [*found]
    costs: list[int | Unknown] = []
    for cost in islice(walk((side,), repeat(0), flow), calls):
        costs.append(cost)
        if isinstance(cost, Unknown):
            return costs + [cost] * (how_many_fit(side, flow, calls) - len(costs))
    return costs


def total(side: SideAt | Unknown, flow: Flow) -> int | Unknown:
    """The calls of a flow on one model, its cache warm in between, in pico-dollars."""
    if isinstance(side, Unknown):
        return side
    if flow.calls == 1:
        return _next(side, flow)
    return summed(alone(side, flow, flow.calls))


def _next(side: SideAt, flow: Flow) -> int | Unknown:
    alive = min(side.alive, side.tokens(flow.context))
    paid = price(side.side, send(side, flow.context, flow.first_new, flow.output, alive=alive))
    if isinstance(paid, Unknown) or isinstance(side.before, Unknown):
        return paid if isinstance(paid, Unknown) else side.before
    return paid + side.before


def summed_calls(
    sides: Sequence[SideAt], order: Iterable[int], flow: Flow, *, forget: bool = False
) -> int | Unknown:
    """The cost of all calls of an order, in pico-dollars; Unknown where a window is full before."""
    wanted = list(order)
    costs = list(walk(sides, wanted, flow, forget=forget))
    if len(costs) < len(wanted):
        model = sides[wanted[len(costs)]].side.model
        return Unknown(f"the context window of {model} is full after {len(costs)} calls")
    return summed(costs)


def summed(costs: Iterable[int | Unknown]) -> int | Unknown:
    """The sum, or the first unknown."""
    listed = list(costs)
    try:
        return sum(listed)  # type: ignore[arg-type]
    except TypeError:
        return next(each for each in listed if isinstance(each, Unknown))


def warm(side: SideAt) -> SideAt:
    """The same model as it will be later: all of the context in its cache, nothing owed."""
    return side._replace(alive=float("inf"), before=0)
