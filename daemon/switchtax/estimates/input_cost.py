"""The input side of a call that was foretold, in money: each case at its own tier's rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.catalog.cards import MILLION, PriceCard
from switchtax.estimates.weighted import shortest
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.outlook import Outlook

__all__ = ["input_cost"]


def input_cost(
    view: Outlook, card: PriceCard | Unknown, *, fast: bool = False
) -> Interval | Unknown:
    """The input side of the call (read, written and plain tokens), in micro-dollars."""
    if isinstance(card, Unknown):
        return card
    costs: list[tuple[float, float]] = []
    known: dict[tuple[float, float], float] = {}
    for weight, read, sent in view.cases:
        if (read, sent) not in known:  # two in three are like another
            cost = _paid(view, card, read, sent, fast)
            if isinstance(cost, Unknown):
                return cost
            known[read, sent] = cost
        costs.append((weight, known[read, sent]))
    mid = _paid(view, card, view.read_tokens.mid, view.sent_tokens.mid, fast)
    return mid if isinstance(mid, Unknown) else shortest(costs, mid, view.starts)


def _paid(view: Outlook, card: PriceCard, read: float, sent: float, fast: bool) -> float | Unknown:
    """The input side of one case, micro-dollars; `PriceCard.cost_usd_micros` without a `Usage`."""
    read_tokens = round(read)
    fresh = max(0, round(sent) - read_tokens)
    rates = card.rates_for(read_tokens + fresh, fast=fast)
    plain, written, write = fresh, 0, rates.cache_write_5m
    if view.written:
        plain = min(fresh, view.uncached_tail_tokens)
        written = fresh - plain
        if view.written == "1h":
            write = rates.cache_write_1h
    total = 0
    for tokens, rate in ((plain, rates.input), (read_tokens, rates.cache_read), (written, write)):
        if tokens:
            if isinstance(rate, Unknown):
                return rate
            total += tokens * rate
    return float((total + MILLION // 2) // MILLION)
