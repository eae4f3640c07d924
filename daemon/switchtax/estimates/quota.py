"""The share of a plan's window that a call uses up: learnt from observed percentages, or unknown.

Two successive observations of one window, and the calls between them, make a pair. Calls are
weighed by their price at API rates: tokens of each kind and model in the ratio of their prices.
That plans count like this is an assumption, so a share is told only for a model that pairs hold.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from switchtax.estimates.interval import Interval
from switchtax.estimates.weighted import quantile
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.catalog.book import PriceBook
    from switchtax.catalog.cards import PriceCard
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.money import Money
    from switchtax.records import Call, RateLimits
    from switchtax.sessions.fold import Session

__all__ = [
    "LEAST_PAIRS",
    "NOT_ENOUGH",
    "WINDOWS",
    "Pair",
    "Rate",
    "Share",
    "Spent",
    "Used",
    "learn",
    "pairs_of",
    "rates_in",
    "share_for",
    "share_of",
    "spent_of",
    "used_of",
    "with_quota",
]

WINDOWS = ("five_hour", "seven_day")
LEAST_PAIRS = 5
"""Fewer pairs of a window say nothing: the median of five has two on each side."""
NOT_ENOUGH = Unknown("not enough data: too few changes of a plan's percentages were observed")
_NEWEST = 60
"""Pairs of a window that count; older ones may be of another plan."""
_SAME_S = 60.0
"""Seconds by which two tellings of when one window ends may differ."""
_ROUNDED = ((0.25, -0.5), (0.5, 0.0), (0.25, 0.5))
"""A rise between two whole percentages: weight and percentage points off, in three steps."""


@dataclass(frozen=True, slots=True)
class Used:
    """One observation: `percent` of a window, which ends at `resets_at` (epoch seconds).

    `session` is whose calls are known beside it; "" where those of all sessions are.
    """

    session: str
    at: float
    window: str
    percent: float
    resets_at: float


@dataclass(frozen=True, slots=True)
class Spent:
    """One call at API prices, micro-dollars; `model` by its catalogue's name."""

    session: str
    at: float
    model: str
    usd_micros: int | Unknown


@dataclass(frozen=True, slots=True)
class Pair:
    """A window's rise in percentage points, and the calls that made it."""

    window: str
    at: float
    rise_percent: float
    usd_micros: int
    models: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rate:
    """What was learnt of one window: percentage points per dollar at API prices."""

    window: str
    percent_per_usd: Interval
    pairs: int
    models: frozenset[str]


@dataclass(frozen=True, slots=True)
class Share:
    """Percentage points of one window that a switch's next call uses up."""

    window: str
    percent: Interval
    pairs: int


def used_of(limits: RateLimits, session: str = "") -> list[Used]:
    """The observations in one record; a window without an end cannot be told from the next."""
    ends = dict(limits.resets_at)
    return [
        Used(session, limits.at, window, percent, ends[window])
        for window, percent in limits.used_percent
        if window in WINDOWS and window in ends
    ]


def spent_of(call: Call, book: PriceBook, seller: str, session: str = "") -> Spent:
    """The price of a call, output included; Unknown where the book has none."""
    card = book.card(call.model, call.started_at or call.at, seller)
    if isinstance(card, Unknown):
        return Spent(session, call.at, call.model, card)
    paid = card.cost_usd_micros(call.usage, fast=call.fast)
    return Spent(session, call.at, card.model, paid)


def pairs_of(observed: Iterable[Used], spent: Iterable[Spent]) -> list[Pair]:
    """Successive observations of one window that differ, and what was spent between them.

    A rise with no call beside it is somebody else's, and one with a call of unknown price
    cannot be weighed: both are left out.
    """
    calls: dict[str, list[Spent]] = {}
    for call in sorted(spent, key=lambda call: call.at):
        calls.setdefault(call.session, []).append(call)
    ordered = sorted(observed, key=lambda one: (one.session, one.window, one.at))
    pairs = [
        pair
        for (session, _), group in groupby(ordered, key=lambda one: (one.session, one.window))
        for pair in _of_window(list(group), calls.get(session, []))
    ]
    return sorted(pairs, key=lambda pair: pair.at)


def _of_window(observed: list[Used], calls: list[Spent]) -> list[Pair]:
    pairs: list[Pair] = []
    first = observed[0]
    for now in observed[1:]:
        if abs(now.resets_at - first.resets_at) > _SAME_S or now.percent < first.percent:
            first = now
        elif now.percent > first.percent:
            pair = _pair(first, now, calls)
            pairs += [pair] if pair is not None else []
            first = now
    return pairs


def _pair(first: Used, now: Used, calls: list[Spent]) -> Pair | None:
    begin, end = (bisect_right(calls, one.at, key=lambda call: call.at) for one in (first, now))
    between = calls[begin:end]
    paid = [call.usd_micros for call in between if not isinstance(call.usd_micros, Unknown)]
    if len(paid) < len(between) or sum(paid) <= 0:
        return None
    models = frozenset(call.model for call in between)
    return Pair(now.window, now.at, now.percent - first.percent, sum(paid), models)


def learn(pairs: Iterable[Pair]) -> tuple[Rate, ...]:
    """The rate of each window that has enough pairs: weighted median, 10th and 90th percentile.

    Each pair weighs what was spent in it and stands for three rises, as percentages are
    rounded to whole ones.
    """
    known = sorted(pairs, key=lambda pair: pair.at)
    rates = []
    for window in WINDOWS:
        mine = [pair for pair in known if pair.window == window][-_NEWEST:]
        if len(mine) >= LEAST_PAIRS:
            models = frozenset[str]().union(*(pair.models for pair in mine))
            rates.append(Rate(window, _spread(mine), len(mine), models))
    return tuple(rates)


def rates_in(session: Session, book: PriceBook) -> tuple[Rate, ...]:
    """What one session's own log teaches, as far as it was read."""
    if not session.limits_seen:
        return ()
    used = [one for limits in session.limits_seen for one in used_of(limits)]
    calls = [*session.calls.values(), *session.side_calls.values()]
    spent = [spent_of(call, book, session.seller_of(call.model)) for call in calls]
    return learn(pairs_of(used, spent))


def _spread(pairs: list[Pair]) -> Interval:
    weighted = [
        (weight * pair.usd_micros, max(0.0, pair.rise_percent + off) * 1e6 / pair.usd_micros)
        for pair in pairs
        for weight, off in _ROUNDED
    ]
    low, mid, high = (quantile(weighted, share) for share in (0.1, 0.5, 0.9))
    return Interval(low, mid, high)


def share_of(rates: Iterable[Rate], found: Answer) -> tuple[Share, ...] | Unknown:
    """What the next call after a switch uses up of each window, with its spread."""
    return share_for(rates, found.estimate.next_call.switch, found.switch_side.card)


def share_for(
    rates: Iterable[Rate], cost: Money | Unknown, card: PriceCard | Unknown
) -> tuple[Share, ...] | Unknown:
    """The same from the call's cost and its model's price card."""
    if isinstance(card, Unknown):
        return card
    if isinstance(cost, Unknown):
        return cost
    known = list(rates)
    if not known:
        return NOT_ENOUGH
    held = [rate for rate in known if card.model in rate.models]
    if not held:
        return Unknown(f"not enough data: no percentages were observed with {card.model}")
    paid = Interval(cost.low / 1e6, cost.mid / 1e6, cost.high / 1e6)
    return tuple(Share(r.window, _times(r.percent_per_usd, paid), r.pairs) for r in held)


def _times(one: Interval, other: Interval) -> Interval:
    """The product of two independent numbers: relative deviations add up as squares."""
    mid = one.mid * other.mid
    if mid <= 0:
        return Interval(0.0, 0.0, one.high * other.high)
    below = math.hypot(1 - one.low / one.mid, 1 - other.low / other.mid)
    above = math.hypot(one.high / one.mid - 1, other.high / other.mid - 1)
    return Interval(mid * max(0.0, 1 - below), mid, mid * (1 + above))


def with_quota(found: Answer, rates: Iterable[Rate]) -> Answer:
    """The same answer with the share of the plan's windows that its switch uses up."""
    return replace(found, quota=share_of(rates, found))
