"""Round trips, pools, fresh contexts, compaction first, and the clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from switchtax.estimates.clock import cache_clock, dies_at, is_alive
from switchtax.estimates.codex_head import Head
from switchtax.estimates.codex_switch import Restart, with_compaction_first
from switchtax.estimates.drivers import Span
from switchtax.estimates.estimate import estimate_switch
from switchtax.estimates.fresh import fresh_context
from switchtax.estimates.inputs import NOTHING, CompactionFirst, Pace, Side
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.pool import alternating, pool
from switchtax.estimates.round_trip import Trip, round_trip
from switchtax.records import Unknown
from unit.estimates.hand_cards import (
    NO_CARD,
    OPUS,
    SOL,
    SONNET,
    STEADY,
    TERRA,
    card,
    cold,
    warm,
)

HERE = exactly(150_000)
NO = Unknown("not known")
MYSTERY = Side("mystery-1", NO_CARD, NOTHING)
HIDDEN = replace(cold(OPUS), alive_tokens=NO)


class TestRoundTrip:
    def test_two_calls_away_and_two_back(self) -> None:
        trip = Trip(Span(calls=2), calls_back=2)
        found = round_trip(warm(SONNET), cold(OPUS), context=HERE, pace=STEADY, trip=trip)
        there = 5 * 153_000 + 20 * 2_000 + (0.2 * 153_000 + 5 * 5_000 + 20 * 2_000)
        back = 0.1 * 150_000 + 2.5 * 13_000 + 10 * 2_000
        again = 0.1 * 163_000 + 2.5 * 5_000 + 10 * 2_000
        assert round(there + back + again) == found.alive.mid
        assert exactly(2) == found.calls_away
        assert 2 == found.calls_back

    def test_the_way_back_has_its_own_delta_and_shared_start(self) -> None:
        plain = Trip(Span(calls=1))
        trip = Trip(Span(calls=1), back_delta_tokens=4_000, kept_when_dead_tokens=20_000)
        one = round_trip(warm(SONNET), cold(OPUS), context=HERE, pace=STEADY, trip=plain)
        other = round_trip(warm(SONNET), cold(OPUS), context=HERE, pace=STEADY, trip=trip)
        assert round(2.5 * 4_000) == other.alive.mid - one.alive.mid
        assert round(2.5 * 4_000 - (2.5 - 0.1) * 20_000) == other.dead.mid - one.dead.mid
        assert one.stay == other.stay

    def test_each_difference_has_its_own_range(self) -> None:
        """What Opus holds on leaving counts for staying and for the way back: it cancels there."""
        side = replace(warm(OPUS), alive_tokens=Interval(50_000, 100_000, 150_000))
        trip = Trip(Span(calls=1))
        found = round_trip(side, cold(SONNET), context=HERE, pace=STEADY, trip=trip)
        assert (found.extra_alive.low, found.extra_alive.high) == (found.extra_alive.mid,) * 2
        step = round((5 - 0.2) * 50_000)
        assert step == found.extra_dead.high - found.extra_dead.mid
        assert step == found.extra_dead.mid - found.extra_dead.low

    def test_turns_come_from_the_pace(self) -> None:
        pace = replace(STEADY, calls_per_turn=exactly(3))
        trip = Trip(Span(turns=2))
        found = round_trip(warm(SONNET), cold(OPUS), context=HERE, pace=pace, trip=trip)
        assert exactly(6) == found.calls_away

    def test_a_window_that_fills_up_before_the_way_back(self) -> None:
        tight = replace(warm(SONNET), window_tokens=156_000)
        trip = Trip(Span(calls=1))
        found = round_trip(tight, cold(OPUS), context=HERE, pace=STEADY, trip=trip)
        full = Unknown("the context window of claude-sonnet-5-5 is full after 1 calls")
        assert full == found.alive == found.dead == found.stay

    def test_unknowns(self) -> None:
        trip = Trip(Span(calls=1))
        assert NO == round_trip(warm(SONNET), cold(OPUS), context=NO, pace=STEADY, trip=trip)
        found = round_trip(warm(SONNET), MYSTERY, context=HERE, pace=STEADY, trip=trip)
        assert NO_CARD == found.alive == found.extra_dead
        assert found.stay.mid > 0
        found = round_trip(warm(SONNET), HIDDEN, context=HERE, pace=STEADY, trip=trip)
        assert NO == found.alive == found.dead
        assert found.stay.mid > 0
        found = round_trip(HIDDEN, cold(SONNET), context=HERE, pace=STEADY, trip=trip)
        assert NO == found.stay == found.alive == found.dead


class TestPool:
    def test_both_stay_warm_though_neither_is_whole(self) -> None:
        sides = (warm(OPUS), replace(cold(SONNET), alive_tokens=exactly(140_000)))
        found = pool(sides, (0, 1, 0), context=HERE, pace=STEADY)
        first = 0.2 * 150_000 + 5 * 3_000 + 20 * 2_000
        second = 0.1 * 140_000 + 2.5 * (158_000 - 140_000) + 10 * 2_000
        third = 0.2 * 153_000 + 5 * (163_000 - 153_000) + 20 * 2_000
        assert round(first + second + third) == found.pooled.mid
        assert 2 == found.changes
        assert 3 == found.calls
        assert found.extra.mid == found.pooled.mid - found.alone.mid

    def test_the_prompt_opens_the_turn_only(self) -> None:
        pace = replace(STEADY, first_new_tokens=exactly(0))
        found = pool((warm(OPUS), cold(SONNET)), (0, 0, 0), context=HERE, pace=pace)
        first = 0.2 * 150_000 + 20 * 2_000
        second = 0.2 * 150_000 + 5 * (2_000 + 3_000) + 20 * 2_000
        third = 0.2 * 155_000 + 5 * (2_000 + 3_000) + 20 * 2_000
        assert round(first + second + third) == found.alone.mid

    def test_the_difference_has_its_own_range(self) -> None:
        """Only what Sonnet holds is uncertain: Opus alone is not, and the two ranges are one."""
        side = replace(cold(SONNET), alive_tokens=Interval(0, 100_000, 140_000))
        found = pool((warm(OPUS), side), (0, 1), context=HERE, pace=STEADY)
        assert found.alone.low == found.alone.high
        assert found.extra.mid - found.extra.low == round((2.5 - 0.1) * 40_000)
        assert found.extra.high - found.extra.mid == round((2.5 - 0.1) * 100_000)

    def test_forgetful_caches(self) -> None:
        found = pool((warm(OPUS), cold(SONNET)), (0, 0, 1, 1), context=HERE, pace=STEADY,
                     forget=True)  # fmt: skip
        kept = pool((warm(OPUS), cold(SONNET)), (0, 0, 1, 1), context=HERE, pace=STEADY)
        assert kept.pooled == found.pooled, "nobody comes back, so nothing is forgotten"

    def test_a_pool_on_one_model_is_that_model(self) -> None:
        found = pool((warm(OPUS), cold(SONNET)), (0, 0, 0), context=HERE, pace=STEADY)
        assert (0, 0) == (found.changes, found.extra.mid)

    def test_a_window_that_fills_up_before_the_end(self) -> None:
        tight = replace(warm(SONNET), window_tokens=161_000)
        found = pool((warm(OPUS), tight), alternating(4), context=HERE, pace=STEADY)
        full = Unknown("the context window of claude-sonnet-5-5 is full after 3 calls")
        assert full == found.pooled
        assert found.alone.mid > 0

    def test_order(self) -> None:
        assert (0, 1, 0, 1) == alternating(4)
        assert (0, 0, 1, 1, 2, 2, 0) == alternating(7, every=2, models=3)

    def test_unknowns(self) -> None:
        order = alternating(4)
        assert NO == pool((warm(OPUS), cold(SONNET)), order, context=NO, pace=STEADY)
        found = pool((warm(OPUS), HIDDEN), order, context=HERE, pace=STEADY)
        assert NO == found.pooled == found.extra
        assert found.alone.mid > 0
        found = pool((HIDDEN, warm(OPUS)), order, context=HERE, pace=STEADY)
        assert NO == found.alone == found.pooled
        found = pool((warm(OPUS), MYSTERY), order, context=HERE, pace=STEADY)
        assert NO_CARD == found.pooled


class TestFresh:
    def test_a_sub_agent_with_a_warm_start(self) -> None:
        side = replace(cold(SONNET), alive_tokens=exactly(12_000))
        pace = Pace(exactly(2), exactly(3_000), exactly(2_000))
        found = fresh_context(side, start=exactly(15_000), brief=exactly(1_000), pace=pace)
        first = 0.1 * 12_000 + 2.5 * 4_000 + 10 * 2_000
        second = 0.1 * 16_000 + 2.5 * 5_000 + 10 * 2_000
        assert round(first + second) == found.cost.mid
        assert exactly(2) == found.calls

    def test_it_costs_less_than_a_long_context(self) -> None:
        found = fresh_context(cold(OPUS), start=exactly(12_000), brief=exactly(2_000), pace=STEADY)
        switched = estimate_switch(warm(SONNET), cold(OPUS), context=HERE, pace=STEADY)
        assert found.cost.mid < switched.next_call.switch.mid / 5

    def test_unknowns(self) -> None:
        brief = exactly(1)
        assert NO == fresh_context(cold(OPUS), start=NO, brief=brief, pace=STEADY)
        assert NO == fresh_context(HIDDEN, start=brief, brief=brief, pace=STEADY)
        assert NO_CARD == fresh_context(MYSTERY, start=brief, brief=brief, pace=STEADY).cost


class TestCompactionFirst:
    """Codex between models of different hashes: one pass on the old model, a small new context."""

    OLD = card("gpt-5.5", 2, 10, 0.1, 2, 2, provider="openai")

    RESTART = Restart(
        start_tokens=exactly(16_500), summary_tokens=exactly(1_500), head=Head(7_000, 0),
        asked_tokens=0, reads=True, surely=True,
    )  # fmt: skip

    def found(self, old: Side, **how: object) -> object:
        switch = with_compaction_first(cold(SOL), old, replace(self.RESTART, **how))
        return estimate_switch(old, switch, context=HERE, pace=STEADY)

    def test_a_summary_that_misses_the_cache(self) -> None:
        """Two and a half thousand tokens of tools are not sent for it."""
        found = self.found(warm(self.OLD), reads=False, asked_tokens=-2_500)
        compaction = 2 * 147_500 + 10 * 1_500
        first = 2.5 * (18_000 + 3_000) + 10 * 2_000
        assert compaction == found.rebuild.compaction.mid
        assert round((2.5 - 0.1) * 18_000) == found.rebuild.cost.mid
        assert round(compaction + first) == found.next_call.switch.mid
        assert round(compaction + first) == found.switch_call.cost.mid
        assert exactly(21_000) == found.switch_call.written_tokens

    def test_a_summary_that_reads_it(self) -> None:
        found = self.found(warm(TERRA), asked_tokens=100)
        assert round(0.05 * 150_100 + 5 * 1_500) == found.rebuild.compaction.mid

    def test_an_effort_that_may_change_with_the_pick(self) -> None:
        """Another effort is another cache: the range holds both, the middle what is proposed."""
        read, unread = 0.05 * 150_000 + 5 * 1_500, 1.25 * 150_000 + 5 * 1_500
        likely = self.found(warm(TERRA), surely=False).rebuild.compaction
        assert (round(read), round(unread)) == (likely.mid, likely.high)
        other = self.found(warm(TERRA), surely=False, reads=False).rebuild.compaction
        assert (round(read), round(unread)) == (other.low, other.mid)

    def test_the_small_context_grows_like_the_long_one(self) -> None:
        found = self.found(warm(TERRA))
        by_hand = 0.05 * 150_000 + 5 * 1_500
        held, context = 0, 18_000
        for _ in range(10):
            sent = context + 3_000
            by_hand += 0.1 * held + 2.5 * (sent - held) + 10 * 2_000
            held, context = sent, sent + 2_000
        assert round(by_hand) == found.horizon.switch.mid

    def test_the_context_after_does_not_depend_on_the_one_before(self) -> None:
        old = warm(TERRA)
        switch = with_compaction_first(cold(SOL), old, self.RESTART)
        found = estimate_switch(
            old, switch, context=Interval(100_000, 150_000, 220_000), pace=STEADY
        )
        assert exactly(21_000) == found.switch_call.written_tokens
        assert found.rebuild.compaction.low == round(0.05 * 100_000 + 5 * 1_500)

    def test_delta_and_tokenizer_of_the_target(self) -> None:
        """After is in the target's tokens: only what comes later is scaled; delta is added."""
        switch = with_compaction_first(
            replace(cold(SOL), token_ratio=exactly(1.5), delta_tokens=exactly(700)),
            warm(TERRA), self.RESTART,
        )  # fmt: skip
        found = estimate_switch(warm(TERRA), switch, context=HERE, pace=STEADY, turns=2)
        assert exactly(18_700 + 4_500) == found.switch_call.written_tokens
        compaction = 0.05 * 150_000 + 5 * 1_500
        first = 2.5 * 23_200 + 10 * 3_000
        second = 0.1 * 23_200 + 2.5 * (3_000 + 4_500) + 10 * 3_000
        assert round(compaction + first + second) == found.horizon.switch.mid

    def test_start_and_summary_are_unsure_together(self) -> None:
        """Deviations that do not depend on each other add as squares."""
        unsure = replace(
            self.RESTART,
            start_tokens=Interval(13_500, 16_500, 20_500),
            summary_tokens=Interval(0, 4_000, 7_000),
        )
        assert Interval(15_500, 20_500, 25_500) == unsure.after_tokens

    def test_a_later_turn_owes_nothing(self) -> None:
        found = self.found(warm(TERRA))
        warm_call = 0.1 * 18_000 + 2.5 * 3_000 + 10 * 2_000
        assert round(warm_call) == found.warm_turn.switch.mid

    def test_unknowns(self) -> None:
        parts = (exactly(1_500), exactly(18_000))
        hidden = replace(warm(TERRA), alive_tokens=NO)
        assert (
            NO == with_compaction_first(cold(SOL), hidden, self.RESTART).compaction.on.alive_tokens
        )
        switch = replace(cold(SOL), compaction=CompactionFirst(MYSTERY, *parts))
        found = estimate_switch(warm(TERRA), switch, context=HERE, pace=STEADY)
        assert NO_CARD == found.rebuild.compaction == found.next_call.switch
        assert found.rebuild.cost.mid > 0
        switch = replace(cold(SOL), compaction=CompactionFirst(HIDDEN, *parts))
        found = estimate_switch(warm(TERRA), switch, context=HERE, pace=STEADY)
        assert NO == found.rebuild == found.next_call.switch


class TestClock:
    def test_it_starts_with_the_request(self) -> None:
        assert 1_300 == dies_at(1_000, 300)
        assert 301 == dies_at(1, 300)
        assert is_alive(1_299, started_at=1_000, ttl_s=300)
        assert is_alive(1_300, started_at=1_000, ttl_s=300) is False

    @pytest.mark.parametrize(
        ("started_at", "ttl_s", "reason"),
        [
            (1_000.0, None, "the provider states no cache lifetime"),
            (0.0, 300, "the start of the last request is not recorded"),
        ],
    )
    def test_no_clock(self, started_at: float, ttl_s: int | None, reason: str) -> None:
        assert Unknown(reason) == dies_at(started_at, ttl_s)
        assert Unknown(reason) == is_alive(5_000, started_at=started_at, ttl_s=ttl_s)

    def test_the_shared_start_may_outlive_it(self) -> None:
        found = cache_clock(
            warm(OPUS), context=HERE, pace=STEADY, started_at=1_000, left=exactly(20_000)
        )
        assert round(0.2 * 20_000 + 5 * 133_000 + 20 * 2_000) == found.after.mid
        assert Unknown("the provider states no cache lifetime") == found.dies_at
