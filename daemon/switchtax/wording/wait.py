"""Seconds of waiting, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.latency import Wait

__all__ = ["SHORTEST_S", "seconds", "wait_words"]

SHORTEST_S = 1.0
"""A wait that is shorter nine times in ten is not worth a word."""


def wait_words(found: Wait | Unknown) -> str:
    """How much later the first word comes after a switch; "" where it does not matter.

    >>> from switchtax.estimates.latency import Wait
    >>> wait_words(Wait(5.0, 9.0, 3.5, 7.0, 1.5, 3.4, ""))
    'first word about 1.5 s later (up to 3.4 s)'
    """
    if isinstance(found, Unknown) or found.extra_p90_s < SHORTEST_S:
        return ""
    if found.extra_p50_s < 0.1:
        return f"first word up to {seconds(found.extra_p90_s)} later"
    later, most = seconds(found.extra_p50_s), seconds(found.extra_p90_s)
    return f"first word about {later} later" + (f" (up to {most})" if most != later else "")


def seconds(amount_s: float) -> str:
    """Seconds as a person would say them: tenths below ten, then whole, then minutes.

    >>> seconds(1.52), seconds(12.4), seconds(408), seconds(-0.04)
    ('1.5 s', '12 s', '6.8 min', '0 s')
    """
    if abs(amount_s) >= 119.5:
        return f"{amount_s / 60:.1f} min"
    if abs(amount_s) < 0.05:
        return "0 s"
    return f"{amount_s:.1f} s" if abs(amount_s) < 9.95 else f"{amount_s:.0f} s"
