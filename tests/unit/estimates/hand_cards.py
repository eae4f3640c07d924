"""Price cards by hand: the rates of genai-prices 0.2.3, USD per million tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.catalog.cards import PriceCard, Rates, Tier
from switchtax.estimates.inputs import NOTHING, WHOLE, Pace, Side
from switchtax.estimates.interval import exactly
from switchtax.records import Unknown

if TYPE_CHECKING:
    from typing import Literal

DOLLAR = 1_000_000


def rates(
    input_usd: float, output_usd: float, read_usd: float, w5m_usd: float, w1h_usd: float
) -> Rates:
    """Dollars per million tokens to micro-dollars per million tokens."""
    five = (input_usd, output_usd, read_usd, w5m_usd, w1h_usd)
    return Rates(*(round(each * DOLLAR) for each in five))


def card(
    model: str, *usd: float, provider: str = "anthropic", window: int = 10_000_000
) -> PriceCard:
    return PriceCard(model, provider, rates(*usd), context_window_tokens=window)


OPUS = card("claude-opus-5-5", 4, 20, 0.2, 5, 8)
SONNET = card("claude-sonnet-5-5", 2, 10, 0.1, 2.5, 4)
FABLE = card("claude-fable-5-2", 8, 40, 0.2, 10, 16)
HAIKU_45 = card("claude-haiku-4-5", 1, 5, 0.1, 1.25, 2)
SONNET_45 = card("claude-sonnet-4-5", 3, 15, 0.3, 3.75, 6)
SOL = card("gpt-6.1-sol", 2, 10, 0.1, 2.5, 2.5, provider="openai")
TERRA = card("gpt-6.1-terra", 1, 5, 0.05, 1.25, 1.25, provider="openai")
HAIKU = PriceCard(
    "claude-haiku-5-5",
    "anthropic",
    rates(0.1, 0.5, 0.01, 0.125, 0.2),
    tiers=(Tier(100_000, rates(0.5, 2.5, 0.05, 0.625, 1)),),
    context_window_tokens=10_000_000,
)
NO_CARD = Unknown("no price card for mystery-1")

STEADY = Pace(exactly(1), exactly(3_000), exactly(2_000))
"""The set-up of the worked cases: one call a turn, 3,000 tokens new, 2,000 back."""


def warm(price: PriceCard, ttl: Literal["5m", "1h"] = "5m") -> Side:
    return Side(price.model, price, WHOLE, write_ttl=ttl)


def cold(price: PriceCard, ttl: Literal["5m", "1h"] = "5m") -> Side:
    return Side(price.model, price, NOTHING, write_ttl=ttl)
