"""What an estimate is made from: a model as it would be for the next call, a session's pace."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from switchtax.catalog.cards import PriceCard
from switchtax.estimates.interval import Interval, exactly
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.catalog.cards import Rates

__all__ = ["NOTHING", "SAME_TOKENS", "WHOLE", "CompactionFirst", "Pace", "Paid", "Side"]

NOTHING = exactly(0)
"""No token of the context is in this model's cache; nothing is added."""

SAME_TOKENS = exactly(1)
"""The current model's own tokenizer."""

WHOLE = exactly(math.inf)
"""All of the context is in the cache, whatever its size turns out to be."""


@dataclass(frozen=True, slots=True)
class CompactionFirst:
    """The agent summarises the history before the model changes.

    `on` is the model that writes the summary, with what its request reads from its cache;
    `summary_tokens` is what it answers, in its tokens; `context_after_tokens` is what the new
    model then starts from (instructions, kept messages and summary), in the new model's tokens.
    """

    on: Side
    summary_tokens: Interval
    context_after_tokens: Interval


class Paid(NamedTuple):
    """Micro-dollars per million tokens of a request that sends more than `above_tokens`."""

    above_tokens: int
    read: int
    written: int
    plain: int
    output: int


@dataclass(frozen=True, slots=True)
class Side:
    """One model as it would be for the next call; tokens are its own.

    `alive_tokens` is how much of the context's prefix will be read from its cache (`NOTHING`,
    `WHOLE`, or an earlier prefix). `token_ratio` is its tokens per token of the current model.
    `delta_tokens` is what choosing it adds to the context (negative: removes). The last
    `uncached_tail_tokens` of each request are plain input and are not kept. `window_tokens` None
    means the card's. Intervals may be `Unknown`.
    """

    model: str
    card: PriceCard | Unknown
    alive_tokens: Interval | Unknown
    token_ratio: Interval | Unknown = SAME_TOKENS
    delta_tokens: Interval | Unknown = NOTHING
    write_ttl: Literal["5m", "1h"] = "5m"
    minimum_cacheable_tokens: int = 0
    writes_billed: bool = True
    uncached_tail_tokens: int = 0
    ttl_s: int | None = None
    fast: bool = False
    window_tokens: int | Unknown | None = None
    compaction: CompactionFirst | None = None
    paid: tuple[Paid, ...] | None = field(init=False, compare=False, repr=False, default=None)
    """Prices by size of request, the larger last; None if one is missing."""

    def __post_init__(self) -> None:
        """Look the prices up once: an estimate asks for them some thousand times."""
        object.__setattr__(self, "paid", _paid_at_every_size(self))

    @property
    def context_window_tokens(self) -> int | Unknown:
        """The longest request and answer that fit: the session's own figure, else the card's."""
        if self.window_tokens is not None:
            return self.window_tokens
        return self.card.context_window_tokens if isinstance(self.card, PriceCard) else self.card


def _paid_at_every_size(side: Side) -> tuple[Paid, ...] | None:
    card = side.card
    if not isinstance(card, PriceCard) or (side.fast and card.fast is None):
        return None
    tiers = card.fast_tiers if side.fast else card.tiers
    base = (card.fast if side.fast else card.rates) or card.rates
    found = [_paid(side, -1, base), *(_paid(side, t.above_tokens, t.rates) for t in tiers)]
    known = tuple(each for each in found if each is not None)
    return known if len(known) == len(found) else None


def _paid(side: Side, above_tokens: int, rates: Rates) -> Paid | None:
    written = rates.cache_write_1h if side.write_ttl == "1h" else rates.cache_write_5m
    if not side.writes_billed:
        written = rates.input
    four = (rates.cache_read, written, rates.input, rates.output)
    known = [rate for rate in four if not isinstance(rate, Unknown)]
    return Paid(above_tokens, *known) if len(known) == len(four) else None


@dataclass(frozen=True, slots=True)
class Pace:
    """How a session goes on, in the current model's tokens; percentiles over single calls or turns.

    `new_tokens_per_call` is what a call sends besides the context; `first_new_tokens` is that of
    the first call of a turn (the prompt) where it differs. `output_per_call` is billed output,
    of which `output_kept_ratio` stays in the context.
    """

    calls_per_turn: Interval | Unknown
    new_tokens_per_call: Interval | Unknown
    output_per_call: Interval | Unknown
    first_new_tokens: Interval | None = None
    output_kept_ratio: float = 1.0
