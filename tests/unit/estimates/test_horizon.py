"""Sums over turns, the first crossing, and where a window is full."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from switchtax.catalog.cards import PriceCard, Tier
from switchtax.estimates.drivers import Span
from switchtax.estimates.estimate import estimate_switch
from switchtax.estimates.horizon import LOOK_AHEAD_CALLS, over_horizon
from switchtax.estimates.inputs import NOTHING, Pace, Side
from switchtax.estimates.interval import Interval, average_over, exactly
from switchtax.estimates.switching import compare
from switchtax.estimates.verdict import Direction, VerdictWord
from switchtax.records import Unknown
from unit.estimates.hand_cards import (
    FABLE,
    NO_CARD,
    OPUS,
    SONNET,
    STEADY,
    cold,
    rates,
    warm,
)

HERE = exactly(150_000)
REAL = Pace(
    Interval(1, 5, 29), Interval(300, 1_500, 9_000), Interval(200, 700, 3_000),
    first_new_tokens=Interval(500, 3_000, 9_000),
)  # fmt: skip


def stay_by_hand(calls: int, *, first: int = 3_000, per_turn: int = 1) -> float:
    """Opus, warm, call by call; `first` new tokens at each turn's first call, else 3,000."""
    held = context = 150_000
    total = 0.0
    for call in range(calls):
        sent = context + (3_000 if call % per_turn else first)
        total += 0.2 * held + 5 * (sent - held) + 20 * 2_000
        held, context = sent, sent + 2_000
    return total


def test_ten_turns_of_one_call() -> None:
    found = over_horizon(warm(OPUS), cold(SONNET), context=HERE, pace=STEADY)
    assert 10 == found.turns
    assert exactly(10) == found.calls
    assert round(stay_by_hand(10)) == found.stay.mid
    assert found.extra.mid == found.switch.mid - found.stay.mid
    assert "" == found.full


def test_turns_of_several_calls_open_with_the_prompt() -> None:
    pace = Pace(exactly(4), exactly(3_000), exactly(2_000), first_new_tokens=exactly(8_000))
    found = over_horizon(warm(OPUS), cold(SONNET), context=HERE, pace=pace, turns=3)
    assert exactly(12) == found.calls
    assert round(stay_by_hand(12, first=8_000, per_turn=4)) == found.stay.mid


def test_only_what_is_kept_of_the_answer_is_carried() -> None:
    pace = replace(STEADY, output_kept_ratio=0.25)
    found = over_horizon(warm(OPUS), cold(SONNET), context=HERE, pace=pace, turns=2)
    first = 0.2 * 150_000 + 5 * 3_000 + 20 * 2_000
    second = 0.2 * 153_000 + 5 * (500 + 3_000) + 20 * 2_000
    assert round(first + second) == found.stay.mid


def test_at_least_one_turn() -> None:
    found = over_horizon(warm(OPUS), cold(SONNET), context=HERE, pace=STEADY, turns=0)
    assert 1 == found.turns
    assert exactly(1) == found.calls


def test_skewed_turns_count_by_their_mean() -> None:
    """Ten turns of 1, 5 or 29 calls are about 104 calls: the median alone would say 50."""
    found = over_horizon(warm(OPUS), cold(SONNET), context=HERE, pace=REAL)
    assert 104 == found.calls.mid
    assert 60 < found.calls.low < 80
    assert 140 < found.calls.high < 170


def test_new_tokens_count_by_their_mean_over_all_calls() -> None:
    """0, 1,000 or 9,000 new tokens a call: over 20 calls 3,100 on average, over one 1,000."""
    each = Interval(0, 1_000, 9_000)
    pace = Pace(exactly(2), each, exactly(0))
    found = over_horizon(warm(OPUS), cold(SONNET), context=exactly(0), pace=pace, turns=10)
    new = round(average_over(each, 20).mid)
    assert 2_995 == new
    by_hand = sum(0.2 * new * call + 5 * new for call in range(20))
    assert round(by_hand) == found.stay.mid
    single = over_horizon(warm(OPUS), cold(SONNET), context=exactly(0),
                          pace=replace(pace, calls_per_turn=exactly(1)), turns=1)  # fmt: skip
    assert 5 * 1_000 == single.stay.mid


def test_prompts_count_by_their_mean_over_the_turns() -> None:
    each = Interval(0, 1_000, 9_000)
    pace = Pace(exactly(1), exactly(3_000), exactly(0), first_new_tokens=each)
    one = over_horizon(warm(OPUS), cold(SONNET), context=exactly(0), pace=pace, turns=1)
    assert 5 * 1_000 == one.stay.mid
    two = over_horizon(warm(OPUS), cold(SONNET), context=exactly(0), pace=pace, turns=2)
    new = round(average_over(each, 2).mid)
    assert round((5 + 0.2 + 5) * new) == two.stay.mid


def test_the_extra_of_the_next_call_has_its_own_range() -> None:
    side = replace(cold(SONNET), alive_tokens=Interval(0, 100_000, 140_000))
    found = estimate_switch(warm(OPUS), side, context=HERE, pace=STEADY)
    extra = found.next_call.extra
    assert round((2.5 - 0.1) * 40_000) == extra.mid - extra.low
    assert round((2.5 - 0.1) * 100_000) == extra.high - extra.mid


def test_shared_uncertainty_does_not_widen_the_difference() -> None:
    """A long session is long on both sides: the spread is far below that of naive subtraction."""
    found = over_horizon(warm(OPUS), cold(SONNET), context=HERE, pace=REAL)
    naive = (found.switch.high - found.stay.low) - (found.switch.low - found.stay.high)
    assert found.extra.high - found.extra.low < naive / 2
    assert found.extra.high < 0, "surely cheaper"


class TestBreakEven:
    def test_after_the_horizon_is_still_found(self) -> None:
        found = over_horizon(
            warm(FABLE), cold(OPUS), context=exactly(200_000), pace=STEADY, turns=2
        )
        assert 15 == found.break_even.calls.mid
        assert 15 == found.break_even.turns.mid
        assert not found.break_even.never

    def test_never_on_the_way_to_a_dearer_model(self) -> None:
        found = over_horizon(warm(SONNET), cold(OPUS), context=HERE, pace=STEADY)
        assert found.break_even.never
        assert math.inf == found.break_even.turns.mid
        assert LOOK_AHEAD_CALLS == found.break_even.looked_calls

    def test_turns_round_up(self) -> None:
        pace = replace(STEADY, calls_per_turn=exactly(4))
        found = over_horizon(warm(OPUS), cold(SONNET), context=HERE, pace=pace)
        assert 8 == found.break_even.calls.mid
        assert 2 == found.break_even.turns.mid
        pace = replace(STEADY, calls_per_turn=exactly(7))
        found = over_horizon(warm(OPUS), cold(SONNET), context=HERE, pace=pace)
        assert 2 == found.break_even.turns.mid

    def test_an_uncertain_pace_gives_a_range(self) -> None:
        """The other tokenizer may need a third more: the calls range, and so do the turns."""
        side = replace(cold(SONNET), token_ratio=Interval(1, 1.1, 1.35))
        found = over_horizon(warm(OPUS), side, context=HERE, pace=REAL).break_even
        assert found.calls.low < found.calls.mid < found.calls.high
        assert found.turns.low <= found.turns.mid <= found.turns.high

    def test_equal_sums_count_as_crossed(self) -> None:
        found = over_horizon(warm(OPUS), warm(OPUS), context=HERE, pace=STEADY)
        assert 1 == found.break_even.calls.mid
        assert 0 == found.extra.mid

    def test_a_price_missing_further_on_ends_the_search(self) -> None:
        """A tier without a rate beyond the horizon leaves the horizon known."""
        gap = Unknown("no long-context price")
        broken = replace(rates(8, 40, 0.2, 10, 16), cache_read=gap)
        card = PriceCard("m", "p", FABLE.rates, tiers=(Tier(170_000, broken),))
        found = over_horizon(warm(OPUS), warm(card), context=HERE, pace=STEADY, turns=2)
        assert found.extra.mid > 0
        assert found.break_even.never
        assert 5 == found.break_even.looked_calls


class TestWindow:
    def test_the_horizon_ends_where_a_context_no_longer_fits(self) -> None:
        """Calls send 153k, 158k, 163k; with 2k of answer the third needs 165k."""
        tight = replace(cold(SONNET), window_tokens=164_999)
        found = over_horizon(warm(OPUS), tight, context=HERE, pace=STEADY)
        assert exactly(2) == found.calls
        assert "claude-sonnet-5-5" == found.full
        assert round(stay_by_hand(2)) == found.stay.mid
        enough = replace(cold(SONNET), window_tokens=165_000)
        assert 3 == over_horizon(warm(OPUS), enough, context=HERE, pace=STEADY).calls.mid

    def test_the_current_model_may_be_the_full_one(self) -> None:
        tight = replace(warm(OPUS), window_tokens=160_000)
        found = over_horizon(tight, cold(SONNET), context=HERE, pace=STEADY)
        assert "claude-opus-5-5" == found.full
        assert 2 == found.calls.mid

    def test_the_other_tokenizer_fills_it_sooner(self) -> None:
        side = replace(cold(SONNET), token_ratio=exactly(1.35), window_tokens=230_000)
        found = over_horizon(warm(OPUS), side, context=HERE, pace=STEADY)
        assert 4 == found.calls.mid

    def test_the_answer_is_in_the_other_tokenizer_too(self) -> None:
        """1.5 · 153,000 sent and 1.5 · 2,000 answered: 232,500 for the first call."""
        side = replace(cold(SONNET), token_ratio=exactly(1.5), window_tokens=240_000)
        assert over_horizon(warm(OPUS), side, context=HERE, pace=STEADY).calls.mid == 2
        side = replace(side, window_tokens=239_999)
        assert over_horizon(warm(OPUS), side, context=HERE, pace=STEADY).calls.mid == 1

    def test_break_even_is_not_looked_for_beyond_it(self) -> None:
        tight = replace(cold(SONNET), window_tokens=165_000)
        found = over_horizon(warm(OPUS), tight, context=HERE, pace=STEADY)
        assert found.break_even.never
        assert 3 == found.break_even.looked_calls

    def test_an_unknown_window_ends_nothing(self) -> None:
        side = replace(cold(SONNET), window_tokens=Unknown("no window"))
        found = over_horizon(warm(OPUS), side, context=HERE, pace=STEADY)
        assert 10 == found.calls.mid

    @pytest.mark.parametrize(("window", "fits"), [(155_000, True), (154_999, False)])
    def test_whether_the_next_call_fits(self, window: int, fits: bool) -> None:
        side = replace(cold(SONNET), window_tokens=window)
        found = estimate_switch(warm(OPUS), side, context=HERE, pace=STEADY)
        assert found.fits is fits
        reason = "" if fits else "the context does not fit the window of claude-sonnet-5-5"
        assert reason == found.verdict.reason
        assert (found.verdict.word is VerdictWord.UNKNOWN) is not fits

    def test_fitting_may_be_unknown(self) -> None:
        no = Unknown("no window")
        side = replace(cold(SONNET), window_tokens=no)
        assert no == estimate_switch(warm(OPUS), side, context=HERE, pace=STEADY).fits
        assert no == estimate_switch(warm(OPUS), side, context=no, pace=STEADY).fits


class TestUnknown:
    """What is missing is missing to the end; what does not need it stays."""

    def test_no_card_for_the_other_model(self) -> None:
        side = Side("mystery-1", NO_CARD, NOTHING)
        found = estimate_switch(warm(OPUS), side, context=HERE, pace=STEADY)
        assert NO_CARD == found.next_call.extra == found.next_turn.switch
        assert NO_CARD == found.rebuild.cost == found.horizon.switch == found.break_even
        assert NO_CARD.reason == found.verdict.reason
        assert round(stay_by_hand(10)) == found.horizon.stay.mid
        assert exactly(153_000) == found.switch_call.written_tokens

    def test_no_card_for_the_current_model(self) -> None:
        side = Side("mystery-1", NO_CARD, NOTHING)
        found = estimate_switch(side, cold(OPUS), context=HERE, pace=STEADY)
        assert NO_CARD == found.next_call.extra == found.next_call.stay
        assert (5 * 153_000 + 20 * 2_000) == found.next_call.switch.mid
        assert NO_CARD.reason == found.verdict.reason

    @pytest.mark.parametrize("field", ["alive_tokens", "token_ratio", "delta_tokens"])
    def test_an_unknown_of_one_side(self, field: str) -> None:
        no = Unknown(f"no {field}")
        side = replace(cold(SONNET), **{field: no})
        found = estimate_switch(warm(OPUS), side, context=HERE, pace=STEADY)
        assert no == found.switch_call == found.rebuild == found.next_call.extra == found.fits
        assert no == found.horizon.extra == found.break_even
        assert round(stay_by_hand(1)) == found.next_call.stay.mid

    def test_no_context(self) -> None:
        no = Unknown("no usage")
        found = estimate_switch(warm(OPUS), cold(SONNET), context=no, pace=STEADY)
        assert no == found.horizon == found.break_even == found.next_call.stay
        assert no == found.next_call.switch == found.next_call.extra
        assert no.reason == found.verdict.reason

    def test_an_unknown_pace_leaves_the_next_call(self) -> None:
        no = Unknown("one turn only")
        pace = replace(STEADY, calls_per_turn=no)
        found = estimate_switch(warm(OPUS), cold(SONNET), context=HERE, pace=pace)
        assert round(stay_by_hand(1)) == found.next_call.stay.mid
        assert no == found.next_turn.extra == found.horizon

    @pytest.mark.parametrize("field", ["new_tokens_per_call", "output_per_call"])
    def test_an_unknown_flow(self, field: str) -> None:
        no = Unknown(f"no {field}")
        pace = replace(STEADY, **{field: no})
        found = estimate_switch(warm(OPUS), cold(SONNET), context=HERE, pace=pace)
        assert no == found.next_call.extra == found.horizon

    def test_a_known_prompt_is_enough_for_the_next_call(self) -> None:
        no = Unknown("no calls yet")
        pace = Pace(no, no, exactly(2_000), first_new_tokens=exactly(3_000))
        found = estimate_switch(warm(OPUS), cold(SONNET), context=HERE, pace=pace)
        assert round(stay_by_hand(1)) == found.next_call.stay.mid
        two = compare(warm(OPUS), cold(SONNET), context=HERE, pace=pace, span=Span(calls=2))
        assert no == two.extra


def test_the_direction_is_that_of_warm_calls() -> None:
    """The other model's prefix warm and ours dead: cheaper now, dearer by the call."""
    found = estimate_switch(cold(SONNET), warm(OPUS), context=HERE, pace=STEADY, turns=1)
    assert found.next_call.extra.mid < 0
    assert Direction.DEARER is found.verdict.direction
    assert not found.verdict.mentions_break_even


def test_a_later_turn_has_both_caches_warm() -> None:
    found = estimate_switch(warm(OPUS), cold(SONNET), context=HERE, pace=STEADY)
    opus = 0.2 * 150_000 + 5 * 3_000 + 20 * 2_000
    sonnet = 0.1 * 150_000 + 2.5 * 3_000 + 10 * 2_000
    assert round(sonnet - opus) == found.warm_turn.extra.mid
    assert HERE == found.context_tokens
    assert found.stay_call.cost == found.next_call.stay
    assert Direction.CHEAPER is found.verdict.direction, "by warm calls, whatever the first costs"
    assert ("claude-opus-5-5", "claude-sonnet-5-5") == (found.from_model, found.to_model)
