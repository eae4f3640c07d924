"""Numbers as JSON: money, uncertain numbers, and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.money import Money

__all__ = ["interval_json", "money_json", "seconds_json", "unknown_json"]


def unknown_json(value: Unknown) -> dict[str, str]:
    """How JSON says that something is not known."""
    return {"unknown": value.reason}


def money_json(amount: Money | Interval | Unknown) -> dict[str, Any]:
    """An uncertain amount in micro-dollars, whole."""
    if isinstance(amount, Unknown):
        return unknown_json(amount)
    return {"low": round(amount.low), "mid": round(amount.mid), "high": round(amount.high)}


def interval_json(value: Interval | Unknown) -> dict[str, Any]:
    """An uncertain number of tokens, calls or turns; never is null."""
    if isinstance(value, Unknown):
        return unknown_json(value)
    return {
        name: None if number == float("inf") else round(number)
        for name, number in (("low", value.low), ("mid", value.mid), ("high", value.high))
    }


def seconds_json(value: Interval | Unknown) -> dict[str, Any]:
    """An uncertain number of seconds, to a tenth."""
    if isinstance(value, Unknown):
        return unknown_json(value)
    return {name: round(getattr(value, name), 1) for name in ("low", "mid", "high")}
