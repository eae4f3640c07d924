"""Keeping an interval honest: quantiles that move until they hold what they promise.

Each time an outcome falls outside, the limit on that side moves out by nine steps; each
time it does not, in by one. In the long run a tenth lies below and a tenth above, whatever
the true distribution (stochastic approximation of a quantile; Gibbs and Candès, 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Z80", "Calibration"]

Z80 = 1.2816
"""Standard normal quantile of the 90th percentile."""
_STEP = 0.06
_NARROWEST = 0.25
_WIDEST = 4.0


@dataclass(slots=True)
class Calibration:
    """Lower and upper limits in standard deviations, meant to hold 80 % between them."""

    low: float = -Z80
    high: float = Z80
    observed: int = 0
    inside: int = 0

    def observe(self, z: float) -> None:
        """Learn where an outcome fell, in standard deviations from the middle."""
        self.observed += 1
        self.inside += self.low <= z <= self.high
        step = _STEP if self.observed > 15 else 2 * _STEP
        self.low += step * (0.1 - (z < self.low))
        self.high -= step * (0.1 - (z > self.high))
        self.low = max(-_WIDEST, min(-_NARROWEST, self.low))
        self.high = min(_WIDEST, max(_NARROWEST, self.high))
