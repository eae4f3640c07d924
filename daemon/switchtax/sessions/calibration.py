"""Keeping an interval honest: limits that move until they hold what they promise.

Each time an outcome falls outside, the limit on that side moves out by a step; each time it
does not, it moves in by the share of a step that balances at the promised rate. In the long
run the promise holds whatever the true distribution (stochastic approximation of a quantile;
Gibbs and Candès, 2021, arXiv 2106.00170). A young session starts with wide limits.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Z80", "Calibration"]

Z80 = 1.2816
"""Standard normal quantile of the 90th percentile."""

OUTSIDE = 0.13
"""Share of outcomes to leave outside on each side. The chance of a missed cache, which is
added afterwards, and the rounding to a few cases widen what is shown to the promised 80 %."""
_YOUNG = 20
_STEP_YOUNG = 0.2
_STEP = 0.1
_NARROWEST = 0.25
_WIDEST = 4.0


@dataclass(slots=True)
class Calibration:
    """Lower and upper limits in standard deviations."""

    low: float = -1.5
    high: float = 1.9
    observed: int = 0

    def observe(self, z: float) -> None:
        """Learn where an outcome fell, in standard deviations from the middle."""
        self.observed += 1
        step = _STEP if self.observed > _YOUNG else _STEP_YOUNG
        self.low += step * (OUTSIDE - (z < self.low))
        self.high -= step * (OUTSIDE - (z > self.high))
        self.low = max(-_WIDEST, min(-_NARROWEST, self.low))
        self.high = min(_WIDEST, max(_NARROWEST, self.high))
