"""Many calls on one model at once: what `schedule.walk` gives call by call, in a tenth of the time.

From the second call on the cache holds all that was sent before (less the tail), so that call k
costs `read·(s - tail) + write·(s' - s) + input·tail + out·o`, s and s' being what the call before
it and it itself send. Where that does not hold (below the minimum length, a missing price) the
calls are walked one by one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from switchtax.estimates.request import fits, price, send
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.estimates.drivers import Flow
    from switchtax.estimates.request import SideAt

__all__ = ["how_many_fit", "steady"]


def steady(at: SideAt, flow: Flow, calls: int) -> list[int] | None:
    """The cost of each of the next calls on one model, in pico-dollars.

    Args:
        at: the model, with what its cache holds at the start.
        flow: context, new tokens and output.
        calls: how many at most; fewer where the context no longer fits its window.

    Returns:
        The costs; None where one of the calls may not be like the others.
    """
    paid = at.side.paid
    if paid is None or isinstance(at.before, Unknown):
        return None
    alive = min(at.alive, at.tokens(flow.context))
    first = send(at, flow.context, flow.first_new, flow.output, alive=alive)
    cost = price(at.side, first)
    if not first.read + first.written or isinstance(cost, Unknown):
        return None
    sent = _own_tokens(at, _that_fit(at, _sent(flow, calls), flow.output))
    costs = [cost + at.before]
    tail, answer = at.side.uncached_tail_tokens, round(flow.output * at.ratio)
    ends = [bisect_right(sent, each.above_tokens, lo=1) for each in paid[1:]]
    for rates, begin, end in zip(paid, [1, *ends], [*ends, len(sent)], strict=True):
        lost = rates.read - rates.written
        rest = (rates.plain - rates.read) * tail + rates.output * answer
        costs += [
            now * rates.written + before * lost + rest
            for before, now in zip(sent[begin - 1 : end - 1], sent[begin:end], strict=True)
        ]
    return costs


def how_many_fit(at: SideAt, flow: Flow, calls: int) -> int:
    """How many of the next calls are made before the window is full; at least one."""
    return len(_that_fit(at, _sent(flow, calls), flow.output))


def _that_fit(at: SideAt, sent: Sequence[int], output: int) -> Sequence[int]:
    """The requests before the window is full; the first is always made."""
    if fits(at, sent[-1], output):
        return sent
    return sent[: bisect_left(sent, True, lo=1, key=lambda each: not fits(at, each, output))]


@lru_cache(64)
def _sent(flow: Flow, calls: int) -> tuple[int, ...]:
    """What each call sends, in source tokens: they do not depend on the model."""
    steps = [flow.new + flow.kept] * calls
    turns = flow.turns or 1
    turn = 1
    while (opening := -(-turn * flow.calls // turns)) < calls:
        steps[opening] = flow.first_new + flow.kept
        turn += 1
    steps[0] = flow.context + flow.first_new
    return tuple(accumulate(steps))


def _own_tokens(at: SideAt, source: Sequence[int]) -> Sequence[int]:
    ratio, offset = at.ratio, at.offset
    if ratio == 1 and offset == 0:
        return source
    return [round(tokens * ratio + offset) for tokens in source]
