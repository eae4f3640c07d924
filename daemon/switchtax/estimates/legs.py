"""Many calls in a row on one model, summed in closed form: what a plan is made of.

A plan (stay, switch, there and back, a fresh context) is a few legs one after another. A leg
whose requests all fall in one tier is an arithmetic series; any other is walked call by call.
"""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from switchtax.estimates.request import SideAt, fits, send
from switchtax.estimates.schedule import alone, summed
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.drivers import Flow
    from switchtax.estimates.inputs import Paid

__all__ = ["Leg", "calls_that_fit", "leg", "sent_by"]


class Leg(NamedTuple):
    """Some calls in a row: their price in pico-dollars, and what they leave behind."""

    cost: int | Unknown
    context: int
    """Source tokens that the next call carries."""
    alive: float
    """Own tokens that this model's cache holds then."""


def sent_by(flow: Flow, call: int) -> int:
    """Source tokens that a call, counted from 0, sends: `c + i·(u + k) + u + turns begun·Δ`."""
    context, calls, new, first_new, _, kept, turns = flow
    begun = call * (turns or 1) // calls + 1
    return context + call * (new + kept) + new + begun * (first_new - new)


def calls_that_fit(side: SideAt, flow: Flow) -> int:
    """How many calls of a flow, from the first on, fit the model's window."""
    low, high = 0, flow.calls
    while low < high:
        middle = (low + high + 1) // 2
        if fits(side, sent_by(flow, middle - 1), flow.output):
            low = middle
        else:
            high = middle - 1
    return low


def leg(side: SideAt, flow: Flow) -> Leg:
    """The calls of a flow on one model, which holds `side.alive` of the context at the start.

    With n calls in one tier the cached reads telescope: `Σ read = p₀ + Σ_{i<n} held_i - held_n`,
    `Σ written = held_n - p₀`, where `held_i` is what request i leaves in the cache.

    Whether a single call fits the window is for the caller to say.

    Args:
        side: the model; what it owes before its first call is paid in this leg.
        flow: context, number of calls, new tokens and output; no call at all costs nothing.
    """
    if flow.calls < 1:
        return Leg(0, flow.context, side.alive)
    last = sent_by(flow, flow.calls - 1)
    after = last + flow.kept
    if flow.calls > 1 and not fits(side, last, flow.output):
        return Leg(Unknown(f"the context does not fit the window of {side.side.model}"), after, 0)
    ended = send(side, last, 0, flow.output, alive=float("inf"))
    cost = _walked(side, flow) if (tier := _one_tier(side, flow, last)) is None else tier
    if isinstance(cost, Unknown):
        return Leg(cost, after, 0)
    if isinstance(side.before, Unknown):
        return Leg(side.before, after, 0)
    return Leg(cost + side.before, after, ended.read + ended.written)


def _walked(side: SideAt, flow: Flow) -> int | Unknown:
    """What is in several tiers, or below the minimum; `leg` has seen to it that all fit."""
    return summed(alone(side._replace(before=0), flow, flow.calls))


def _one_tier(side: SideAt, flow: Flow, last: int) -> int | None:
    """The sum in closed form; None where the requests are not all alike."""
    paid = _paid(side, flow, last)
    first = send(side, flow.context, flow.first_new, flow.output, alive=side.alive)
    if paid is None or first.read + first.written == 0:
        return None
    held = side.tokens(last) - side.side.uncached_tail_tokens
    calls = flow.calls
    sent = round(_sum_sent(flow) * side.ratio + calls * side.offset)
    read = first.read + sent - calls * first.plain - held
    return (
        read * paid.read
        + (held - first.read) * paid.written
        + calls * first.plain * paid.plain
        + calls * round(flow.output * side.ratio) * paid.output
    )


def _paid(side: SideAt, flow: Flow, last: int) -> Paid | None:
    """The prices of every request of a flow, if they are the same ones."""
    if side.side.paid is None:
        return None
    paid = side.side.paid
    if len(paid) == 1:
        return paid[0]
    small, large = side.tokens(flow.context + flow.first_new), side.tokens(last)
    of_small = [each for each in paid if small > each.above_tokens]
    of_large = [each for each in paid if large > each.above_tokens]
    return of_small[-1] if len(of_small) == len(of_large) else None


def _sum_sent(flow: Flow) -> int:
    """`Σ sent_by(i)` over all calls; `Σ ⌊i·t/n⌋ = ((n - 1)(t - 1) + gcd(n, t) - 1) / 2`."""
    calls, turns = flow.calls, flow.turns or 1
    begun = ((calls - 1) * (turns - 1) + gcd(calls, turns) - 1) // 2 + calls
    grown = (flow.new + flow.kept) * (calls * (calls - 1) // 2) + calls * flow.new
    return calls * flow.context + grown + begun * (flow.first_new - flow.new)
