"""What is said where a log tells no time, or times that cannot be."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from switchtax.sessions.fold import Session

__all__ = ["no_times", "times_words"]

_BACK_S = 60.0
"""Agents write calls that end at nearly one time in any order; this much is a clock set back."""


def no_times(session: Session) -> bool:
    """Whether no call of a session tells when it was."""
    return session.current is not None and session.last_call_at <= 0


def times_words(session: Session) -> str:
    """One line of a page at 80 columns; "" where the times are as they should be.

    Args:
        session: a session with any number of calls.
    """
    if no_times(session):
        return "Its log tells no times: how old its cache is is not known, so cold is assumed."
    times = [call.at for call in session.calls.values() if call.at > 0]
    if any(later < earlier - _BACK_S for earlier, later in pairwise(times)):
        return "The times in its log go back: how old its cache is may be wrong."
    return ""
