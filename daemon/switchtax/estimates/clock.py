"""When a cache dies, and what staying costs after that.

Expiry makes staying dearer; it never makes switching cheaper. Nothing here says "wait".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from switchtax.estimates.drivers import NEXT_CALL
from switchtax.estimates.inputs import NOTHING
from switchtax.estimates.switching import compare
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.money import Money

__all__ = ["CacheClock", "cache_clock", "dies_at", "is_alive"]


@dataclass(frozen=True, slots=True)
class CacheClock:
    """Until when the next call is cheap; `more = after - before`."""

    dies_at: float | Unknown
    before: Money | Unknown
    after: Money | Unknown
    more: Money | Unknown


def dies_at(started_at: float, ttl_s: int | None) -> float | Unknown:
    """The moment a cache entry dies: `start of the request + TTL`; each use starts it anew.

    Args:
        started_at: when the last request on this prefix began, UTC epoch seconds; 0 if unrecorded.
        ttl_s: lifetime in seconds, None where the provider states none.
    """
    if ttl_s is None:
        return Unknown("the provider states no cache lifetime")
    if started_at <= 0:
        return Unknown("the start of the last request is not recorded")
    return started_at + ttl_s


def is_alive(at: float, *, started_at: float, ttl_s: int | None) -> bool | Unknown:
    """Whether an entry is still there when a request begins at `at`."""
    end = dies_at(started_at, ttl_s)
    return end if isinstance(end, Unknown) else at < end


def cache_clock(
    stay: Side,
    *,
    context: Interval | Unknown,
    pace: Pace,
    started_at: float,
    left: Interval = NOTHING,
) -> CacheClock:
    """The next call on the current model before and after its cache has died.

    Args:
        stay: the current model with what is alive now.
        context: carried context, source tokens.
        pace: u and o of the next call.
        started_at: when the last request began, UTC epoch seconds.
        left: what stays warm even then (the shared start), its own tokens.
    """
    dead = replace(stay, alive_tokens=left)
    both = compare(stay, dead, context=context, pace=pace, span=NEXT_CALL)
    return CacheClock(dies_at(started_at, stay.ttl_s), both.stay, both.switch, both.extra)
