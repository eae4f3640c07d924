"""Where other tools' numbers are wrong against the bill, ours are the bill.

Each case is a measured one: a context of about 99k tokens on real clients, a local provider that
bills caches truly.
"""

from __future__ import annotations

from dataclasses import replace

from switchtax.estimates.clock import cache_clock
from switchtax.estimates.estimate import estimate_switch
from switchtax.estimates.inputs import NOTHING
from switchtax.estimates.interval import exactly
from switchtax.estimates.verdict import VerdictWord
from unit.estimates.hand_cards import HAIKU, OPUS, SONNET, STEADY, cold, warm

CONTEXT = 99_000


def test_switching_back_to_a_warm_model_is_a_read() -> None:
    """The hook says a full rewrite (+1,015 %) and cachekeeper follows it: ours prices the read."""
    earlier_prefix = 94_000
    back = replace(warm(SONNET), alive_tokens=exactly(earlier_prefix))
    found = estimate_switch(warm(OPUS), back, context=exactly(CONTEXT), pace=STEADY)
    for_context = 0.1 * earlier_prefix + 2.5 * (CONTEXT - earlier_prefix)
    rewrite = 2.5 * CONTEXT
    assert found.next_call.switch.mid == round(for_context + 2.5 * 3_000 + 10 * 2_000)
    assert rewrite / for_context > 11
    assert found.rebuild.tokens.mid == CONTEXT - earlier_prefix
    assert found.rebuild.cost.mid == round((2.5 - 0.1) * (CONTEXT - earlier_prefix))


def test_a_warm_shared_start_is_not_written_again() -> None:
    """Tools and system prompt are warm from another session: the hook says +105 %."""
    start = 52_800
    target = replace(cold(SONNET), alive_tokens=exactly(start))
    found = estimate_switch(warm(OPUS), target, context=exactly(CONTEXT), pace=STEADY)
    for_context = 0.1 * start + 2.5 * (CONTEXT - start)
    assert found.next_call.switch.mid == round(for_context + 2.5 * 3_000 + 10 * 2_000)
    assert round(2.5 * CONTEXT / for_context, 2) == 2.05


def test_the_tier_step_is_taken_by_the_request_that_crosses_it() -> None:
    """At 100,000 tokens sent the low rates hold, at 100,001 five times those, for all tokens."""
    low = estimate_switch(warm(OPUS), cold(HAIKU), context=exactly(97_000), pace=STEADY)
    high = estimate_switch(warm(OPUS), cold(HAIKU), context=exactly(97_001), pace=STEADY)
    assert low.next_call.switch.mid == round(0.125 * 100_000 + 0.5 * 2_000)
    assert high.next_call.switch.mid == round(5 * 0.125 * 100_001 + 5 * 0.5 * 2_000)
    assert low.rebuild.cost.mid == round((0.125 - 0.01) * 97_000)
    assert high.rebuild.cost.mid == round(5 * (0.125 - 0.01) * 97_001)


def test_the_tier_is_chosen_anew_for_every_call_of_a_horizon() -> None:
    """A conversation that grows past 100,000 pays low rates before and high ones after."""
    found = estimate_switch(warm(HAIKU), cold(HAIKU), context=exactly(92_000), pace=STEADY, turns=3)
    stay = (
        (0.01 * 92_000 + 0.125 * 3_000 + 0.5 * 2_000)
        + (0.01 * 95_000 + 0.125 * 5_000 + 0.5 * 2_000)
        + 5 * (0.01 * 100_000 + 0.125 * 5_000 + 0.5 * 2_000)
    )
    assert found.horizon.stay.mid == round(stay)


def test_staying_is_never_free() -> None:
    """The extra is netted against the same call staying, which no rival does."""
    found = estimate_switch(warm(OPUS), cold(SONNET), context=exactly(CONTEXT), pace=STEADY)
    stay = 0.2 * CONTEXT + 5 * 3_000 + 20 * 2_000
    assert found.next_call.stay.mid == round(stay)
    assert found.next_call.extra.mid == found.next_call.switch.mid - round(stay)


class TestColdAlready:
    """After a break: the current model must re-read too."""

    def test_switching_to_a_cheaper_model_costs_no_more_than_staying(self) -> None:
        found = estimate_switch(cold(OPUS), cold(SONNET), context=exactly(CONTEXT), pace=STEADY)
        assert found.next_call.extra.mid == round((2.5 - 5) * 102_000 + (10 - 20) * 2_000)
        assert found.break_even.calls.mid == 1
        assert found.verdict.word is VerdictWord.SWITCH
        assert found.stay_rebuild.cost.mid == round((5 - 0.2) * CONTEXT)

    def test_to_a_dearer_one_only_the_price_differs(self) -> None:
        found = estimate_switch(cold(SONNET), cold(OPUS), context=exactly(CONTEXT), pace=STEADY)
        assert found.next_call.extra.mid == round((5 - 2.5) * 102_000 + (20 - 10) * 2_000)

    def test_expiry_makes_staying_dearer_and_switching_no_cheaper(self) -> None:
        before = estimate_switch(warm(OPUS), cold(SONNET), context=exactly(CONTEXT), pace=STEADY)
        after = estimate_switch(cold(OPUS), cold(SONNET), context=exactly(CONTEXT), pace=STEADY)
        assert after.next_call.switch == before.next_call.switch
        assert after.horizon.switch == before.horizon.switch
        assert after.next_call.stay.mid > before.next_call.stay.mid

    def test_the_clock_says_what_staying_will_cost(self) -> None:
        stay = replace(warm(OPUS), ttl_s=300)
        clock = cache_clock(stay, context=exactly(CONTEXT), pace=STEADY, started_at=1_000.0)
        assert clock.dies_at == 1_300
        assert clock.before.mid == round(0.2 * CONTEXT + 5 * 3_000 + 20 * 2_000)
        assert clock.after.mid == (5 * 102_000 + 20 * 2_000)
        assert clock.more.mid == round((5 - 0.2) * CONTEXT)


def test_a_cleared_context_raises_no_alarm() -> None:
    """A dialog on an empty context was reported elsewhere: nothing is re-read here."""
    found = estimate_switch(warm(OPUS), cold(SONNET), context=exactly(0), pace=STEADY)
    assert found.rebuild.tokens.high == 0
    assert found.rebuild.cost.high == 0
    assert found.next_call.extra.mid < 0


def test_a_cold_target_is_priced_in_full() -> None:
    """The one case the hook has right: within a percent of its figure for the context alone."""
    found = estimate_switch(
        warm(OPUS), replace(cold(SONNET), alive_tokens=NOTHING),
        context=exactly(CONTEXT), pace=STEADY,
    )  # fmt: skip
    assert found.switch_call.written_tokens.mid == CONTEXT + 3_000
    assert found.switch_call.read_tokens.mid == 0
