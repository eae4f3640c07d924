"""Traps of prices and model names that other meters fell into."""

import pytest

from switchtax.catalog.book import PriceBook
from switchtax.catalog.cards import PriceCard
from switchtax.catalog.names import normalise
from switchtax.records import Unknown, Usage

BOOK = PriceBook()


def _card(model: str, at: float | None = None) -> PriceCard:
    card = BOOK.card(model, at)
    assert isinstance(card, PriceCard), card
    return card


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("claude-opus-9", ""),
        ("gpt-7", ""),
        ("claude-opus-5-5", "some-gateway"),
        ("claude-sonnet-4-5", "github-copilot"),
        ("", ""),
    ],
)
def test_a_missing_price_is_unknown(model: str, provider: str) -> None:
    """Not $0, and not the price of a neighbour or of another seller (agento#180)."""
    card = BOOK.card(model, provider=provider)
    assert isinstance(card, Unknown)
    assert "no price card for" in card.reason


@pytest.mark.parametrize(
    "model",
    [
        "claude-opus-5-55",
        "claude-opus-5-5-turbo",
        "claude-opus",
        "claude-opus-5-",
        "my-claude-opus-5-5",
        "gpt-6.1",
        "gpt-6.1-solar",
        "gemini-3.8",
        "gemini-3.8-flashy",
        "kimi",
    ],
)
def test_names_are_never_matched_by_likeness(model: str) -> None:
    """Exact, alias or dated form, else unknown (tokscale#336: $2,720 became $1,028)."""
    assert isinstance(BOOK.card(model), Unknown)


@pytest.mark.parametrize(
    "spelled",
    [
        "claude-opus-5-5",
        "claude-opus-5-5-20260922",
        "claude-opus-5.5",
        "claude-opus-5-5[1m]",
        "anthropic/claude-opus-5-5",
        "Opus 5.5",
    ],
)
def test_all_spellings_of_a_model_cost_the_same(spelled: str) -> None:
    """One normaliser; the table version is printed with the numbers."""
    assert _card("claude-opus-5-5").rates == _card(spelled).rates
    assert normalise(spelled).name == "claude-opus-5-5"
    assert BOOK.version.startswith("genai-prices ")


@pytest.mark.parametrize(
    ("model", "share"),
    [
        ("claude-fable-5-1", 0.025),
        ("claude-opus-5-5", 0.05),
        ("claude-haiku-4-5", 0.1),
        ("grok-4.7", 0.25),
        ("gpt-4o", 0.5),
    ],
)
def test_a_cache_read_is_not_always_a_tenth(model: str, share: float) -> None:
    """0.025x to 0.5x of the input price: always from the card."""
    rates = _card(model).rates
    assert isinstance(rates.input, int)
    assert rates.cache_read == pytest.approx(share * rates.input)


@pytest.mark.parametrize(
    ("model", "threshold"),
    [("claude-haiku-5-5", 100_000), ("grok-4.7", 199_999), ("gpt-6.1-sol", 272_000)],
)
def test_the_tier_is_chosen_per_request(model: str, threshold: int) -> None:
    """Two requests below a threshold never cost as one above it (codeburn#1076)."""
    card = _card(model)
    below, above = Usage(uncached_tokens=threshold), Usage(uncached_tokens=threshold + 1)
    low, high = card.cost_usd_micros(below), card.cost_usd_micros(above)
    assert isinstance(low, int)
    assert isinstance(high, int)
    assert high > 1.9 * low
    assert card.rates_for(threshold) == card.rates


def test_all_buckets_count_towards_the_threshold() -> None:
    """Read and written tokens were sent too."""
    card = _card("claude-haiku-5-5")
    usage = Usage(cache_read_tokens=99_000, uncached_tokens=1_001)
    assert card.rates_for(usage.sent_tokens) == card.tiers[0].rates


def test_one_hour_writes_cost_twice_the_input() -> None:
    """5-minute writes cost 1.25 times (ccusage#899)."""
    card = _card("claude-opus-5-5")
    million = 1_000_000
    assert card.cost_usd_micros(Usage(cache_write_5m_tokens=million)) == 5 * million
    assert card.cost_usd_micros(Usage(cache_write_1h_tokens=million)) == 8 * million
    assert card.cost_usd_micros(Usage(uncached_tokens=million)) == 4 * million


def test_writes_are_free_before_gpt_5_6_and_billed_from_it_on() -> None:
    """1.25 times the input from GPT-5.6 (ccusage#1422)."""
    old, new = _card("gpt-5.4").rates, _card("gpt-5.6-sol").rates
    assert old.cache_write_5m == old.input
    assert isinstance(new.input, int)
    assert new.cache_write_5m == 1.25 * new.input
