"""The middle of a wait as a sum of its parts, learnt call by call.

`wait = start + prefill x processed + read x read + generate x block` (docs/math.md,
"Waiting"), by recursive least squares with forgetting. Three things keep it honest: residuals
are clipped (an overloaded provider or a sleeping laptop says nothing of the rate), the
coefficients stay within bounds (more tokens never wait less), and what was learnt is never
held for less certain than the prior, however long ago.

**Source:** Ljung, System Identification (1999), ch. 11; the clipping is Huber's (1964).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from switchtax.catalog.latency import LatencyPrior

__all__ = ["Fit", "Work", "prior_of"]

_FORGET = 0.99
"""What a call weighs after one more: half after 70 calls."""
_NOISE, _CLIP = 0.5, 1.0
"""A residual's usual size as a share of the wait, and how many of these count at most."""
_UNSURE = (0.6, 0.6, 0.6, 0.5)
_UNSURE_AT_LEAST = (1.0, 0.3, 0.05, 3.0)
"""Standard deviation of each prior coefficient: as a share of it, and at least."""
_LOW = (0.2, 0.1, 0.0, 0.5)
_HIGH = (30.0, 60.0, 5.0, 200.0)
_HIGH_LOCAL = (600.0, 2000.0, 200.0, 2000.0)
"""Bounds: seconds, seconds per 100k processed, per 100k read, per thousand written tokens."""
_SHORTEST_S = 0.2
_FIRST_BLOCK_KTOK, _FIRST_BLOCKS = 0.12, 5.0
"""Tokens of a first block before any was seen, and how many blocks that counts for."""
_MOST_BLOCKS = 50.0
_LONG_BLOCK = 4.0
"""Only so many times the usual block counts: one long piece of reasoning is no habit."""
_MATRIX = range(4)


@dataclass(frozen=True, slots=True)
class Work:
    """What a request has processed and read before its answer, in tokens."""

    processed_tokens: float
    read_tokens: float

    @property
    def cold(self) -> bool:
        """Whether most of it is processed anew."""
        return self.processed_tokens > self.read_tokens


def prior_of(row: LatencyPrior | None) -> list[float]:
    """The coefficients that a model starts from, in this module's units."""
    if row is None:
        return [2.0, 30.0, 1.0, 40.0]
    return [
        row.start_s,
        row.prefill_s_per_mtok / 10,
        row.read_s_per_mtok / 10,
        row.generate_s_per_ktok,
    ]


@dataclass(slots=True)
class Fit:
    """What was learnt of one model.

    `theta` are seconds to start, per 100k processed, per 100k read and per thousand written
    tokens; `cov` their covariance; `blocks` the usual first block after a tool's result and
    after a prompt: thousand tokens, and calls counted. `local` has wider bounds: no maker says
    anything of it.
    """

    theta: list[float]
    cov: list[list[float]] = field(default_factory=list)
    blocks: list[list[float]] = field(
        default_factory=lambda: [[_FIRST_BLOCK_KTOK, _FIRST_BLOCKS] for _ in range(2)]
    )
    local: bool = False
    start: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The covariance starts at the prior's."""
        self.start = self.start or list(self.theta)
        if not self.cov:
            self.cov = [[(self._sd(i) ** 2 if i == j else 0.0) for j in _MATRIX] for i in _MATRIX]

    def _sd(self, i: int) -> float:
        share = 5.0 if self.local else _UNSURE[i]
        return max(share * self.start[i], _UNSURE_AT_LEAST[i])

    def middle_s(self, work: Work, block_ktok: float) -> float:
        """Seconds to the first sign if the first block has so many thousand tokens."""
        return max(_SHORTEST_S, sum(map(_times, self.theta, _inputs(work, block_ktok))))

    def expected_s(self, work: Work, *, prompted: bool, exact: bool) -> float:
        """Seconds to the first sign before the answer is known."""
        return self.middle_s(work, 0.0 if exact else self.blocks[prompted][0])

    def token_s(self, work: Work) -> float:
        """Of these, what the request's own tokens take: without start and first block."""
        return sum(map(_times, self.theta[1:3], _inputs(work, 0.0)[1:3]))

    def learn(self, work: Work, block_ktok: float, wait_s: float) -> None:
        """One wait, with the first block it ended with."""
        inputs = _inputs(work, block_ktok)
        middle = self.middle_s(work, block_ktok)
        noise = _NOISE * middle
        error = max(-_CLIP * noise, min(_CLIP * noise, wait_s - middle))
        spread = [sum(map(_times, row, inputs)) for row in self.cov]
        scale = _FORGET * noise * noise + sum(map(_times, inputs, spread))
        gain = [each / scale for each in spread]
        high = _HIGH_LOCAL if self.local else _HIGH
        self.theta = [
            max(low, min(most, value + step * error))
            for value, step, low, most in zip(self.theta, gain, _LOW, high, strict=True)
        ]
        self.theta[2] = min(self.theta[2], self.theta[1])
        self.cov = [
            [(self.cov[i][j] - gain[i] * spread[j]) / _FORGET for j in _MATRIX] for i in _MATRIX
        ]
        self._bound()

    def _bound(self) -> None:
        """Forgetting makes nothing less certain than the prior was."""
        for i in _MATRIX:
            if self.cov[i][i] > self._sd(i) ** 2:
                factor = self._sd(i) / math.sqrt(self.cov[i][i])
                for j in _MATRIX:
                    self.cov[i][j] *= factor
                    self.cov[j][i] *= factor

    def saw_block(self, block_ktok: float, *, prompted: bool) -> None:
        """How long the first block of an answer was."""
        known = self.blocks[prompted]
        known[1] = min(known[1] + 1.0, _MOST_BLOCKS)
        known[0] += (min(block_ktok, known[0] * _LONG_BLOCK + 0.05) - known[0]) / known[1]


def _inputs(work: Work, block_ktok: float) -> tuple[float, float, float, float]:
    return 1.0, work.processed_tokens / 1e5, work.read_tokens / 1e5, block_ktok


def _times(one: float, other: float) -> float:
    return one * other
