"""One request: every token in one bucket, the right rate for each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from switchtax.catalog.cards import PriceCard
from switchtax.estimates.cost import cost_of_next_call
from switchtax.estimates.drivers import Flow
from switchtax.estimates.inputs import NOTHING, WHOLE, Pace, Side
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.request import Buckets, SideAt, price, send
from switchtax.estimates.schedule import summed_calls, total, walk
from switchtax.estimates.schedule import warm as warmed
from switchtax.records import Unknown
from unit.estimates.hand_cards import NO_CARD, OPUS, SONNET, STEADY, cold, rates, warm


def at(side: Side, *, alive: float = 0, ratio: float = 1, offset: float = 0) -> SideAt:
    return SideAt(side, alive, ratio, offset, 0)


def test_calls_in_a_row_to_the_pico_dollar() -> None:
    """No rounding and nothing owed on the way: two calls on a warm Opus, then the sum."""
    flow = Flow(context=1_001, calls=2, new=3, first_new=3, output=7, kept=7, turns=0)
    first = 200_000 * 1_001 + 5_000_000 * 3 + 20_000_000 * 7
    second = 200_000 * 1_004 + 5_000_000 * 10 + 20_000_000 * 7
    side = at(warm(OPUS), alive=1_001)
    assert [first, second] == list(walk((side,), (0, 0), flow))
    assert first + second == total(side, flow) == summed_calls((side,), (0, 0), flow)
    owing = side._replace(alive=0, before=500)
    assert first + second == total(warmed(owing), flow)
    assert 500 == total(side._replace(before=500), flow) - total(side, flow)
    other = at(cold(OPUS))._replace(before=700)
    there_and_back = list(walk((side, other), (0, 1, 1), flow))
    assert 5_000_000 * 1_014 + 20_000_000 * 7 + 700 == there_and_back[1]


def test_a_cache_dies_while_the_other_model_is_asked() -> None:
    flow = Flow(context=1_000, calls=3, new=0, first_new=0, output=0, kept=0, turns=0)
    sides = (at(warm(OPUS), alive=1_000), at(warm(SONNET), alive=1_000))
    read, read_too = 200_000 * 1_000, 100_000 * 1_000
    assert [read, read_too, read] == list(walk(sides, (0, 1, 0), flow))
    written, written_too = 5_000_000 * 1_000, 2_500_000 * 1_000
    assert [read, written_too, written] == list(walk(sides, (0, 1, 0), flow, forget=True))
    assert [read_too, read_too] == list(walk(sides, (1, 1), flow, forget=True))


def test_what_is_alive_is_read_and_the_rest_written() -> None:
    assert Buckets(60, 43, 0, 7) == send(at(cold(OPUS)), 100, 3, 7, alive=60)


def test_new_tokens_are_never_read() -> None:
    """A cache cannot hold what was not sent yet, however much of it is said to be alive."""
    assert Buckets(100, 3, 0, 7) == send(at(warm(OPUS)), 100, 3, 7, alive=1e9)


def test_the_tail_is_plain_input() -> None:
    side = replace(warm(OPUS), uncached_tail_tokens=2)
    assert Buckets(100, 1, 2, 7) == send(at(side), 100, 3, 7, alive=100)


def test_a_tail_longer_than_the_request_leaves_nothing_to_cache() -> None:
    side = replace(warm(OPUS), uncached_tail_tokens=500)
    found = send(at(side), 100, 3, 7, alive=100)
    assert (0, 0, 103) == (found.read, found.written, found.plain)


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [
        (103, Buckets(0, 103, 0, 7)),
        (104, Buckets(0, 0, 103, 7)),
        (60, Buckets(60, 43, 0, 7)),
        (61, Buckets(0, 103, 0, 7)),
    ],
)
def test_the_minimum_length_is_all_or_nothing(minimum: int, expected: Buckets) -> None:
    side = replace(cold(OPUS), minimum_cacheable_tokens=minimum)
    assert expected == send(at(side), 100, 3, 7, alive=60)


def test_the_other_tokenizer_scales_context_new_tokens_and_answer() -> None:
    assert Buckets(0, 156, 0, 30) == send(at(cold(OPUS), ratio=1.5), 100, 4, 20, alive=0)


def test_a_delta_changes_the_context_once() -> None:
    assert 113 == send(at(cold(OPUS), offset=10), 100, 3, 7, alive=0).sent
    assert 0 == send(at(cold(OPUS), offset=-500), 100, 3, 7, alive=0).sent


def test_each_bucket_has_its_own_rate() -> None:
    buckets = Buckets(read=1_000, written=100, plain=10, output=1)
    micros = 0.2 * 1_000 + 5 * 100 + 4 * 10 + 20 * 1
    assert round(micros * 1_000_000) == price(cold(OPUS), buckets)
    hour = 0.2 * 1_000 + 8 * 100 + 4 * 10 + 20 * 1
    assert round(hour * 1_000_000) == price(cold(OPUS, "1h"), buckets)
    unbilled = 0.2 * 1_000 + 4 * 100 + 4 * 10 + 20 * 1
    assert round(unbilled * 1_000_000) == price(replace(cold(OPUS), writes_billed=False), buckets)


def test_fast_mode_has_its_own_rates_or_none() -> None:
    fast_card = replace(OPUS, fast=rates(40, 200, 4, 50, 80))
    found = price(replace(cold(fast_card), fast=True), Buckets(0, 0, 10, 1))
    assert (40 * 10 + 200 * 1) * 1_000_000 == found
    assert Unknown("no price for fast mode of claude-opus-5-5") == price(
        replace(cold(OPUS), fast=True), Buckets(0, 0, 10, 1)
    )


def test_a_missing_rate_matters_only_where_tokens_need_it() -> None:
    no_write = Unknown("no 1h write price")
    card = PriceCard("m", "p", replace(OPUS.rates, cache_write_1h=no_write))
    assert no_write == price(cold(card, "1h"), Buckets(5, 1, 0, 0))
    assert 0.2 * 5 * 1_000_000 == price(cold(card, "1h"), Buckets(5, 0, 0, 0))
    assert NO_CARD == price(Side("m", NO_CARD, NOTHING), Buckets(1, 0, 0, 0))


def test_tokens_are_known_where_the_price_is_not() -> None:
    found = cost_of_next_call(
        Side("mystery-1", NO_CARD, NOTHING), context=exactly(100), pace=STEADY
    )
    assert exactly(3_100) == found.written_tokens
    assert NO_CARD == found.cost


def test_uncertain_tokens_give_an_uncertain_cost() -> None:
    """100 to 300 alive of 400: low and high are those of the two ends, each spelt out."""
    side = replace(cold(SONNET), alive_tokens=Interval(100_000, 200_000, 300_000))
    quiet = Pace(exactly(1), exactly(0), exactly(0))
    found = cost_of_next_call(side, context=exactly(400_000), pace=quiet)
    assert 0.1 * 200_000 + 2.5 * 200_000 == found.cost.mid
    assert 0.1 * 300_000 + 2.5 * 100_000 == found.cost.low
    assert 0.1 * 100_000 + 2.5 * 300_000 == found.cost.high
    assert Interval(100_000, 200_000, 300_000) == found.read_tokens
    assert Interval(100_000, 200_000, 300_000) == found.written_tokens
    assert exactly(0) == found.plain_tokens


def test_all_of_an_uncertain_context_can_be_alive() -> None:
    """`WHOLE` moves with the context: nothing of a longer one is taken to be written."""
    found = cost_of_next_call(
        Side("m", OPUS, WHOLE), context=Interval(90_000, 100_000, 120_000), pace=STEADY
    )
    assert exactly(3_000) == found.written_tokens
    assert Interval(90_000, 100_000, 120_000) == found.read_tokens


def test_the_first_call_of_a_turn_carries_the_prompt() -> None:
    pace = Pace(exactly(3), exactly(1_000), exactly(500), first_new_tokens=exactly(4_000))
    found = cost_of_next_call(warm(OPUS), context=exactly(10_000), pace=pace)
    assert exactly(4_000) == found.written_tokens


def test_an_unknown_side_or_session_is_unknown() -> None:
    unknown = Unknown("no usage recorded")
    assert unknown == cost_of_next_call(warm(OPUS), context=unknown, pace=STEADY)
    hidden = replace(warm(OPUS), alive_tokens=unknown)
    assert unknown == cost_of_next_call(hidden, context=exactly(1), pace=STEADY)


def test_a_window_of_the_session_comes_before_the_card() -> None:
    assert 10_000_000 == warm(OPUS).context_window_tokens
    assert 200_000 == replace(warm(OPUS), window_tokens=200_000).context_window_tokens
    assert NO_CARD == Side("m", NO_CARD, NOTHING).context_window_tokens
