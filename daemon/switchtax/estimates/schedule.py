"""Calls in order, each to one of some models, every model with a cache of its own.

A call sends c + u and gets o back; the cache of the model that was asked then holds c + u (less
the tail after the last breakpoint); the next context is c + u + what is kept of o.
"""

from __future__ import annotations

from itertools import islice, repeat
from typing import TYPE_CHECKING

from switchtax.estimates.request import SideAt, price, send
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from switchtax.estimates.drivers import Flow

__all__ = ["fits", "summed", "summed_calls", "total", "walk", "warm"]


def walk(
    sides: Sequence[SideAt], order: Iterable[int], flow: Flow, *, forget: bool = False
) -> Iterator[int | Unknown]:
    """The cost of each call in turn, in pico-dollars; ends where a context no longer fits.

    The first call is always given: whether it fits is for the caller to say.

    Args:
        sides: the models, each with what its cache holds at the start.
        order: for each call, which of them is asked (index).
        flow: context, new tokens and output.
        forget: caches die while the other model is used.
    """
    # A cache holds no more than there is now: what is "all" today is a part tomorrow.
    alive = [min(side.alive, side.tokens(flow.context)) for side in sides]
    owed = [side.before for side in sides]
    context, last = flow.context, -1
    for call, which in enumerate(order):
        side, new = sides[which], flow.new_at(call)
        if call and not fits(side, context + new, flow.output):
            return
        if forget and call and which != last:
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


def fits(side: SideAt, sent: int, output: int) -> bool:
    """Whether a request of that many source tokens and its answer fit; True if nobody knows."""
    window = side.side.context_window_tokens
    return isinstance(window, Unknown) or side.tokens(sent) + output * side.ratio <= window


def total(side: SideAt | Unknown, flow: Flow) -> int | Unknown:
    """The calls of a flow on one model, its cache warm in between, in pico-dollars."""
    if isinstance(side, Unknown):
        return side
    return summed(islice(walk((side,), repeat(0), flow), flow.calls))


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
    result = 0
    for each in costs:
        if isinstance(each, Unknown):
            return each
        result += each
    return result


def warm(side: SideAt) -> SideAt:
    """The same model as it will be later: all of the context in its cache, nothing owed."""
    return side._replace(alive=float("inf"), before=0)
