"""Counts as agents write them, made usable: whole, not negative, not absurd."""

from __future__ import annotations

__all__ = ["MOST_TOKENS", "AbsurdCount", "count", "is_absurd", "told_count"]

MOST_TOKENS = 100_000_000
"""No single request has more tokens than this; a larger count is a broken line."""


class AbsurdCount(ValueError):  # noqa: N818  (reads better where it is raised)
    """A line counts what cannot be; the text says so, and shows nothing of the line."""


def is_absurd(*values: float | None) -> bool:
    """Whether any count is negative, not a number, or beyond `MOST_TOKENS`.

    >>> is_absurd(5, None), is_absurd(-1), is_absurd(float("nan")), is_absurd(1e12)
    (False, True, True, True)
    """
    for value in values:  # noqa: SIM110 - half the time of `any`, by the hundred thousand
        if value is not None and not 0 <= value <= MOST_TOKENS:
            return True
    return False


def told_count(value: object) -> int | None:
    """A count of what is there already; None for what is no count, or 0: nothing was counted yet.

    >>> told_count(8.0), told_count(0), told_count("8"), told_count(True), told_count(1e12)
    (8, None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 < value <= MOST_TOKENS else None


def count(value: float | None) -> int:
    """A count as a whole number; a missing one is 0 (the agent wrote no such bucket).

    >>> count(None), count(12.0)
    (0, 12)
    """
    return int(value) if value else 0
