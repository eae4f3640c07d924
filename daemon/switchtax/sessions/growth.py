"""How many tokens new content adds to the next request: learnt within the session.

A Bayesian linear model over sizes by kind. Its prior is what a tokenizer family needs per
character; every observed request corrects it. Updates are recursive, forgetful and robust:
one odd request (an image counted otherwise, a hidden reminder) moves it little.

Prior coefficients: rounded from the growth of 958 warm requests in recorded sessions of
Claude Code 2.0–2.1 (2026-01 to 2026-07), where the older tokenizer needs about 0.34 and the
newer 0.43 tokens per character of tool results.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from switchtax.sessions.calibration import Z80

__all__ = ["LEARN_TOGETHER", "Grown", "Growth", "Pieces"]

LEARN_TOGETHER = {"openai-gpt-6": "openai-o200k"}
"""Families that share one learnt growth: of GPT-6 no tokenizer is published."""

_DENSITY = {
    "claude-before-4-7": 1.0,
    "claude-from-4-7": 1.27,
    "openai-o200k": 0.8,
    "openai-gpt-6": 0.8,
    "gemini": 0.87,
    "": 0.9,
}
"""Tokens per character against the older Claude tokenizer, by tokenizer family
(docs/adr/0004-tokens-between-makers.md)."""

_PRIOR = (
    # tokens per unit, its standard deviation, whether it scales with the tokenizer's density
    (1.0, 0.15, False),  # output tokens, where recorded
    (0.26, 0.08, True),  # text of the answer, where output is not recorded
    (0.33, 0.08, True),  # tool calls, likewise
    (0.27, 0.12, True),  # readable reasoning, likewise
    (0.05, 0.08, True),  # sealed reasoning, likewise
    (0.34, 0.06, True),  # tool results
    (0.28, 0.10, True),  # prompts
    (0.30, 0.15, True),  # attachments
    (1300.0, 600.0, False),  # images
    (20.0, 25.0, False),  # tool results, each
    (60.0, 60.0, False),  # attachments, each
    (15.0, 40.0, False),  # per request
)
_SIZE = len(_PRIOR)
_FORGET = 0.995
_CLIP = 2.5
"""Residuals beyond this many standard deviations count as this many."""


@dataclass(slots=True)
class Pieces:
    """Sizes of new content by kind: characters, and counts where counts matter.

    Answer fields describe what the model sent back last; the others what came after.
    """

    output_tokens: int = 0
    output_recorded: bool = True
    text_chars: int = 0
    call_chars: int = 0
    reasoning_chars: int = 0
    sealed_chars: int = 0
    result_chars: int = 0
    prompt_chars: int = 0
    attachment_chars: int = 0
    images: int = 0
    results: int = 0
    attachments: int = 0
    summary_chars: int = 0

    def without_answer(self) -> Pieces:
        """The same new content without an answer before it."""
        return replace(self, output_tokens=0, output_recorded=True)

    @property
    def anything_new(self) -> bool:
        """Whether something came after the last answer."""
        return bool(
            self.result_chars
            or self.prompt_chars
            or self.attachment_chars
            or self.images
            or self.results
            or self.summary_chars
        )


@dataclass(slots=True)
class Growth:
    """The learnt model; `density` is the tokenizer family's tokens per character, relative."""

    family: str = ""
    observed: int = 0
    mean: list[float] = field(default_factory=list)
    covariance: list[list[float]] = field(default_factory=list)
    spread: float = 1.0
    """Typical size of residuals against `noise`; robust, learnt."""

    def __post_init__(self) -> None:
        """Start from the prior of the tokenizer family."""
        density = _DENSITY.get(self.family, _DENSITY[""])
        self.mean = [value * density if scales else value for value, _, scales in _PRIOR]
        self.covariance = [
            [(sd * sd) * (density * density if scales else 1.0) if i == j else 0.0
             for j in range(_SIZE)]
            for i, (_, sd, scales) in enumerate(_PRIOR)
        ]  # fmt: skip

    def expected_tokens(self, pieces: Pieces) -> float:
        """Tokens that these pieces add to the next request (never negative)."""
        return max(0.0, _dot(self.mean, _features(pieces)))

    def answer_tokens(self, pieces: Pieces) -> float:
        """Tokens that the model's own last answer adds to the next request."""
        return max(0.0, _dot(self.mean[:5], _features(pieces)[:5]))

    def new_tokens(self, pieces: Pieces) -> float:
        """Tokens of what came after the last answer."""
        return max(0.0, self.expected_tokens(pieces) - self.answer_tokens(pieces))

    @property
    def tokens_per_char(self) -> float:
        """Tokens of one character of instructions and other text that the agent adds."""
        return self.mean[7]

    def prompt_tokens(self, chars: int, messages: int) -> float:
        """Tokens of what a user wrote in so many messages; a request brings two of them."""
        return max(0.0, self.mean[6] * chars + self.mean[11] / 2 * messages)

    def piece_tokens(self, chars: int) -> float:
        """Tokens of one tool result."""
        return max(1.0, self.mean[5] * chars + self.mean[9])

    def noise_tokens(self, expected_tokens: float) -> float:
        """Standard deviation of the difference between expected and real growth."""
        return 30.0 + 0.08 * expected_tokens

    def answer_noise_tokens(self, pieces: Pieces) -> float:
        """Standard deviation of what the last answer will add to the next request."""
        share = 0.03 if pieces.output_recorded else 0.12
        return 15.0 + share * self.answer_tokens(pieces)

    def observe(self, pieces: Pieces, grown_tokens: float, *, unsure_tokens: float = 0.0) -> None:
        """Learn from a request that grew by so many tokens, known up to `unsure_tokens`."""
        x = _features(pieces)
        expected = _dot(self.mean, x)
        px = [_dot(row, x) for row in self.covariance]
        noise = math.hypot(self.noise_tokens(max(0.0, expected)), unsure_tokens)
        variance = _dot(px, x) + noise * noise
        sd = variance**0.5
        residual = grown_tokens - expected
        share = abs(residual) / noise
        self.spread += 0.08 * (min(share, 4.0) / 0.8 - self.spread)
        limit = _CLIP * sd
        residual = max(-limit, min(limit, residual))
        gain = [value / variance for value in px]
        self.mean = [m + g * residual for m, g in zip(self.mean, gain, strict=True)]
        self.covariance = [
            [(self.covariance[i][j] - gain[i] * px[j]) / (_FORGET if i == j else 1.0)
             for j in range(_SIZE)]
            for i in range(_SIZE)
        ]  # fmt: skip
        for i, (_, sd_prior, _) in enumerate(_PRIOR):
            self.covariance[i][i] = min(self.covariance[i][i], sd_prior * sd_prior * 2)
        self.observed += 1


@dataclass(frozen=True, slots=True)
class Grown:
    """What a request will add before its new content is known: the answer, and what follows.

    The answer is known up to `answer_noise_tokens` (one standard deviation); what follows is
    log-normal with mean `mu` and spread `sd` of its logarithm.
    """

    answer_tokens: float
    answer_noise_tokens: float
    mu: float
    sd: float

    @property
    def mid_tokens(self) -> float:
        """The middle."""
        return self.answer_tokens + math.exp(self.mu)

    def deviation_tokens(self, z: float) -> float:
        """Tokens from the middle at a standard normal point; both sources added as squares."""
        new = math.exp(self.mu + z * self.sd) - math.exp(self.mu)
        size = math.hypot(new, z * self.answer_noise_tokens)
        return size if z > 0 else -size

    def z_of(self, grown_tokens: float) -> float:
        """Where an outcome fell, in units in which the 80 % limits are ±1.28."""
        away = grown_tokens - self.mid_tokens
        limit = self.deviation_tokens(Z80 if away > 0 else -Z80)
        return Z80 * away / abs(limit)


def _features(p: Pieces) -> list[float]:
    known = p.output_recorded
    return [
        float(p.output_tokens) if known else 0.0,
        0.0 if known else float(p.text_chars),
        0.0 if known else float(p.call_chars),
        0.0 if known else float(p.reasoning_chars),
        0.0 if known else float(p.sealed_chars),
        float(p.result_chars),
        float(p.prompt_chars),
        float(p.attachment_chars + p.summary_chars),
        float(p.images),
        float(p.results),
        float(p.attachments),
        1.0,
    ]


def _dot(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
