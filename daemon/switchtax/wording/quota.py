"""Shares of a plan's windows, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.quota import Share

__all__ = ["quota_words", "share_words"]

_NAMES = {"five_hour": "5-hour", "seven_day": "weekly"}
_SMALLEST = 0.05
"""Percent: less is not worth a word."""


def quota_words(found: tuple[Share, ...] | Unknown) -> str:
    """The share of the shortest window that is known; "" where none is, or it is tiny."""
    if isinstance(found, Unknown):
        return ""
    return next((share_words(each) for each in found if each.percent.mid >= _SMALLEST), "")


def share_words(share: Share) -> str:
    """One share with its range.

    >>> from switchtax.estimates.interval import Interval
    >>> from switchtax.estimates.quota import Share
    >>> share_words(Share("five_hour", Interval(0.9, 1.4, 2.1), 8))
    'about 1.4 % of your 5-hour window (0.9–2.1)'
    """
    low, mid, high = (_number(getattr(share.percent, end)) for end in ("low", "mid", "high"))
    return f"about {mid} % of your {_NAMES[share.window]} window ({low}–{high})"


def _number(percent: float) -> str:
    if percent >= 10:
        return f"{percent:.0f}"
    return f"{percent:.1f}" if percent >= _SMALLEST or percent == 0 else f"{percent:.2f}"
