"""What a call costs by its card."""

from switchtax.catalog.cards import PriceCard, Rates, Tier
from switchtax.records import Call, Unknown, Usage

GONE = Unknown("no source says")
LOW = Rates(100_000, 500_000, 10_000, 125_000, 200_000)
HIGH = Rates(500_000, 2_500_000, 50_000, 625_000, 1_000_000)
HAIKU = PriceCard("claude-haiku-5-5", "anthropic", LOW, tiers=(Tier(100_000, HIGH),))


def test_each_bucket_at_its_own_rate() -> None:
    """1,000 plain, 2,000 read, 3,000 written for 5 minutes, 4,000 for an hour, 500 answered."""
    usage = Usage(1_000, 2_000, 3_000, 4_000, 500)
    micros = 1_000 * 0.1 + 2_000 * 0.01 + 3_000 * 0.125 + 4_000 * 0.2 + 500 * 0.5
    assert round(micros) == HAIKU.cost_usd_micros(usage)


def test_a_bucket_without_tokens_needs_no_price() -> None:
    """Only what was used must be priced."""
    card = PriceCard("m", "p", Rates(1_000_000, 2_000_000, GONE, GONE, GONE))
    assert card.cost_usd_micros(Usage(uncached_tokens=10, output_tokens=1)) == 12
    assert card.cost_usd_micros(Usage(cache_read_tokens=10)) == GONE


def test_fast_mode_has_its_own_rates_and_tiers() -> None:
    """OpenAI's priority prices rise above 272k tokens too."""
    card = PriceCard("m", "p", LOW, fast=HIGH, fast_tiers=(Tier(272_000, LOW),))
    assert card.rates_for(1, fast=True) == HIGH
    assert card.rates_for(272_001, fast=True) == LOW
    assert card.rates_for(1) == LOW


def test_fast_mode_without_a_price_is_unknown() -> None:
    """It is never billed at the standard price."""
    cost = HAIKU.cost_usd_micros(Usage(uncached_tokens=1), fast=True)
    assert Unknown("no fast-mode price for claude-haiku-5-5 at anthropic") == cost


def _turn(usage: Usage, context: int | None = None, **more: bool) -> Call:
    return Call("s", "t", 0.0, "m", usage, summed=True, last_pass_tokens=context, **more)


def test_requests_that_are_summed_are_priced_by_the_longest_they_can_be() -> None:
    """A turn of many short requests is not one long request."""
    usage = Usage(cache_read_tokens=900_000, output_tokens=1_000)
    assert 9_000 + 500 == HAIKU.call_usd_micros(_turn(usage, 100_000))
    assert 45_000 + 2_500 == HAIKU.cost_usd_micros(usage)
    short = Usage(cache_read_tokens=100_000)
    assert 1_000 == HAIKU.call_usd_micros(_turn(short))


def test_a_sum_of_requests_that_may_be_long_has_no_price() -> None:
    """Nor has one of which it is not told what was sent."""
    why = "the price depends on the size of each request, and only a sum is known"
    usage = Usage(cache_read_tokens=900_000)
    assert Unknown(why) == HAIKU.call_usd_micros(_turn(usage))
    assert Unknown(why) == HAIKU.call_usd_micros(_turn(usage, 100_001))
    fast = PriceCard("m", "p", LOW, fast=HIGH, fast_tiers=(Tier(272_000, LOW),))
    assert Unknown(why) == fast.call_usd_micros(_turn(usage, fast=True))
    assert isinstance(fast.call_usd_micros(_turn(usage)), int)
    untold = HAIKU.call_usd_micros(_turn(Usage(output_tokens=9), sent_recorded=False))
    assert Unknown("the log does not hold what was sent") == untold


def test_a_call_of_its_own_is_priced_by_its_own_size() -> None:
    """As ever."""
    usage = Usage(cache_read_tokens=900_000)
    assert HAIKU.cost_usd_micros(usage) == HAIKU.call_usd_micros(Call("s", "t", 0.0, "m", usage))
