"""What a model's tokens cost, and how its cache behaves: the shapes of catalogue rows.

Rates are integer micro-dollars per million tokens ($3 per million is 3_000_000), so that a
token at $1 per million is exactly one micro-dollar and no float holds money.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from switchtax.records import Call, Unknown, Usage

__all__ = ["CacheKind", "CacheRules", "PriceCard", "Rates", "Tier"]

MILLION = 1_000_000
_NO_WINDOW = Unknown("no context window on the card")


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-dollars per million tokens of each bucket; `Unknown` where no source says.

    A provider that bills no cache writes has its input rate in both write fields
    (tokens written are then plain input).
    """

    input: int | Unknown
    output: int | Unknown
    cache_read: int | Unknown
    cache_write_5m: int | Unknown
    cache_write_1h: int | Unknown


@dataclass(frozen=True, slots=True)
class Tier:
    """Rates for a request whose sent tokens exceed `above_tokens` (all of its tokens)."""

    above_tokens: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class PriceCard:
    """The prices of one model at one provider, with where they came from.

    `tiers` are ascending; the last whose `above_tokens` is exceeded by the *request*
    replaces `rates` for the whole request. `fast` are the rates of fast or priority mode,
    `fast_tiers` those of large requests in it (OpenAI's priority prices have tiers).
    """

    model: str
    provider: str
    rates: Rates
    tiers: tuple[Tier, ...] = ()
    fast: Rates | None = None
    context_window_tokens: int | Unknown = _NO_WINDOW
    valid_from: str = ""
    valid_until: str = ""
    origin: str = "shipped"
    """user, agent, refreshed or shipped."""
    source: str = ""
    source_date: str = ""
    fast_tiers: tuple[Tier, ...] = ()

    def rates_for(self, sent_tokens: int, *, fast: bool = False) -> Rates:
        """The rates of a request of that size; fast mode without a price is unknown."""
        chosen, tiers = self.rates, self.tiers
        if fast:
            unknown = Unknown(f"no fast-mode price for {self.model} at {self.provider}")
            chosen = self.fast or Rates(unknown, unknown, unknown, unknown, unknown)
            tiers = self.fast_tiers
        for tier in tiers:
            if sent_tokens > tier.above_tokens:
                chosen = tier.rates
        return chosen

    def call_usd_micros(self, call: Call) -> int | Unknown:
        """What a call cost, or the requests of a turn of which only the sum is known.

        None of these sent more than the context had at the end: where that is below every tier,
        so are they. Where it is not, or not known, a sum above a tier has no price.
        """
        if not call.summed:
            return self.cost_usd_micros(call.usage, fast=call.fast)
        if not call.sent_recorded:
            return Unknown("the log does not hold what was sent")
        return self.sum_usd_micros(call.usage, call.last_pass_tokens, fast=call.fast)

    def sum_usd_micros(
        self, usage: Usage, longest_tokens: int | None, *, fast: bool = False
    ) -> int | Unknown:
        """The same of a usage; `longest_tokens` bounds each request, None if nothing does."""
        tiers = self.fast_tiers if fast else self.tiers
        longest = min(usage.sent_tokens, longest_tokens or usage.sent_tokens)
        if tiers and longest > tiers[0].above_tokens:
            return Unknown("the price depends on the size of each request, and only a sum is known")
        return self._cost(usage, self.rates_for(0, fast=fast))

    def cost_usd_micros(self, usage: Usage, *, fast: bool = False) -> int | Unknown:
        """What a request cost, in micro-dollars: `Σ tokens · rate`, rounded once.

        Only buckets that hold tokens need a rate; a missing one makes the sum unknown.
        """
        return self._cost(usage, self.rates_for(usage.sent_tokens, fast=fast))

    def _cost(self, usage: Usage, rates: Rates) -> int | Unknown:
        total = 0
        for tokens, rate in (
            (usage.uncached_tokens, rates.input),
            (usage.cache_read_tokens, rates.cache_read),
            (usage.cache_write_5m_tokens, rates.cache_write_5m),
            (usage.cache_write_1h_tokens, rates.cache_write_1h),
            (usage.billed_output_tokens, rates.output),
        ):
            if not tokens:
                continue
            if isinstance(rate, Unknown):
                return rate
            total += tokens * rate
        return (total + MILLION // 2) // MILLION


class CacheKind(StrEnum):
    """How a provider caches prompts."""

    EXPLICIT = "explicit"
    """Marked by the client, kept for a stated time: the TTL is a clock."""
    BEST_EFFORT = "best_effort"
    """Done by the provider when it can: warm is a probability."""
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CacheRules:
    """How the prompt cache of a provider's models behaves. Every row names its source."""

    provider: str
    model_prefix: str
    """Rows match the longest prefix of the normalised model name; "" is the provider's default."""
    kind: CacheKind
    ttl_s: int | None
    """Lifetime where the client asks for nothing else; refreshed by each use."""
    refreshed_by_use: bool
    minimum_tokens: int
    """A shorter prefix is not cached at all."""
    block_tokens: int
    """Granularity of what is read (1 where the prefix ends anywhere)."""
    lookback_blocks: int
    """How many content blocks back a breakpoint finds an earlier one; 0 = no limit."""
    writes_billed: bool
    breaks_on: tuple[str, ...]
    """What changes the identity: any of model, effort, fast, tools, system, account, images."""
    source: str
    source_date: str
