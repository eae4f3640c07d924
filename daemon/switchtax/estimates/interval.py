"""An uncertain number: low, mid and high, where low to high should hold 80 % of outcomes."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Interval", "exactly"]


@dataclass(frozen=True, slots=True)
class Interval:
    """`low <= mid <= high`; the 10th, 50th and 90th percentile of what is expected."""

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        """Refuse a disordered interval: it would be a bug of the caller.

        Raises:
            ValueError: not low <= mid <= high.
        """
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"not an interval: {self.low} <= {self.mid} <= {self.high}")

    @property
    def width(self) -> float:
        """High less low."""
        return self.high - self.low


def exactly(value: float) -> Interval:
    """A number that is known."""
    return Interval(value, value, value)
