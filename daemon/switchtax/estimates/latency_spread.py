"""How far waits lie from their middle: rolling residuals, and levels that hold what they promise.

A residual is the logarithm of a wait over its foretold middle. A forecast takes quantiles of a
sample that is drawn from the model's own last residuals, from its agent's, and from the prior,
each with its weight. The levels of these quantiles are moved a little after every outcome, so
that eight of ten waits come to lie inside whatever happens to the distribution.

**Source:** Gibbs and Candès, Adaptive Conformal Inference Under Distribution Shift (2021),
arXiv:2106.00170; here each end of the range has its own level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["PROMISED", "Levels", "Window", "curve", "ends_of"]

PROMISED = (0.1, 0.5, 0.9)
_KEPT = 128
_FADE = 0.99
"""What a residual weighs after one more."""
_STEP = 0.02
_LOWEST, _HIGHEST = 0.01, 0.99
_SMALLEST, _LARGEST = -2.5, 3.5
"""Residuals are cut here: a tenth of the middle, and thirty times as long."""
_NORMAL = (-1.64, -1.04, -0.67, -0.39, -0.13, 0.13, 0.39, 0.67, 1.04, 1.64)
"""The middles of ten equally likely parts of a normal distribution."""
_PRIOR_WEIGHT = 8.0
_POINTS = 100


@dataclass(slots=True)
class Window:
    """The last residuals of one kind of call, oldest first."""

    residuals: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, residuals: Iterable[Any]) -> Window:
        """A window that holds these; raises ValueError or TypeError where one is no number."""
        window = cls()
        for residual in residuals:
            window.add(float(residual))
        return window

    def add(self, residual: float) -> None:
        """One more; beyond 128 the oldest goes."""
        self.residuals.append(round(max(_SMALLEST, min(_LARGEST, residual)), 4))
        del self.residuals[:-_KEPT]

    def weighted(self, most: float = math.inf) -> list[tuple[float, float]]:
        """Residuals with their weights, newer ones more; together at most `most`."""
        count = len(self.residuals)
        weights = [_FADE ** (count - 1 - n) for n in range(count)]
        scale = min(1.0, most / sum(weights)) if weights else 1.0
        return [(r, w * scale) for r, w in zip(self.residuals, weights, strict=True)]


@dataclass(slots=True)
class Levels:
    """At which quantiles the low end, the middle and the high end are taken now."""

    values: list[float] = field(default_factory=lambda: list(PROMISED))

    def learn(self, wait_s: float, said_s: tuple[float, float, float]) -> None:
        """Move each level by how the wait lay to what was said."""
        self.values = [
            max(_LOWEST, min(_HIGHEST, level + _STEP * (promised - (wait_s < said))))
            for level, said, promised in zip(self.values, said_s, PROMISED, strict=True)
        ]


def curve(parts: list[tuple[Window, float]], spread: float) -> tuple[float, ...]:
    """A hundred equally likely factors on the middle, in order, out of windows and the prior.

    Args:
        parts: windows, each with the most that it may weigh.
        spread: standard deviation of the prior's residuals.
    """
    each = _PRIOR_WEIGHT / len(_NORMAL)
    sample = [(spread * z, each) for z in _NORMAL]
    for window, most in parts:
        sample += window.weighted(most)
    sample.sort()
    total, passed, at = sum(weight for _, weight in sample), sample[0][1], 0
    points = []
    for n in range(_POINTS):
        while passed < total * (n + 0.5) / _POINTS and at < len(sample) - 1:
            at += 1
            passed += sample[at][1]
        points.append(math.exp(sample[at][0]))
    return tuple(points)


def ends_of(
    parts: list[tuple[float, float, tuple[float, ...]]], levels: Sequence[float]
) -> list[float]:
    """Quantiles of a mixture, in the order of the levels.

    Args:
        parts: weight, middle and the curve around it of each.
        levels: in ascending order.
    """
    points = sorted(
        (middle * factor, weight) for weight, middle, factors in parts for factor in factors
    )
    total, passed, at = sum(weight for _, weight in points), points[0][1], 0
    ends = []
    for level in levels:
        while passed < level * total - 1e-9 and at < len(points) - 1:
            at += 1
            passed += points[at][1]
        ends.append(points[at][0])
    return ends
