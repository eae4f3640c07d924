"""Seconds of waiting, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.records import Unknown
from switchtax.wording.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.estimates.latency import Wait

__all__ = ["SHORTEST_S", "WAITS_FORGOTTEN", "seconds", "wait_words", "waits_words"]

WAITS_FORGOTTEN = "What was learnt of waits is forgotten; calls from now on teach anew."
SHORTEST_S = 1.0
"""A wait that is shorter nine times in ten is not worth a word."""
_ENOUGH = 5


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


def waits_words(found: Mapping[str, Any]) -> str:
    """How foretold waits came true, out of the document of `switchtax accuracy`.

    >>> waits_words({"checked": 12, "inside": 9, "learnt_from": [{"calls": 200}, {"calls": 12}]})
    'Waits: 12 checked, 9 inside their range. Learnt from 212 calls of 2 models.'
    """
    checked, learnt = found["checked"], found["learnt_from"]
    said = "not enough data yet"
    if checked >= _ENOUGH:
        said = f"{checked} checked, {found['inside']} inside their range"
    elif checked:
        said += f" ({checked} checked)"
    calls = sum(each["calls"] for each in learnt)
    if not calls:
        return f"Waits: {said}."
    models = counted(len(learnt), "model")
    return f"Waits: {said}. Learnt from {counted(calls, 'call')} of {models}."


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
