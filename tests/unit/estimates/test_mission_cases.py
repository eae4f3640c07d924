"""Every case worked by hand, with the multiplication in sight.

A token at $1 per million is one micro-dollar, so `0.2 * 150_000` is what 150,000 tokens cost
in micro-dollars at $0.20 per million.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from switchtax.estimates.drivers import Span
from switchtax.estimates.estimate import estimate_switch
from switchtax.estimates.inputs import Pace, Side
from switchtax.estimates.interval import exactly
from switchtax.estimates.pool import alternating, pool
from switchtax.estimates.round_trip import Trip, round_trip
from switchtax.estimates.switching import rebuild
from unit.estimates.hand_cards import (
    FABLE,
    HAIKU,
    HAIKU_45,
    OPUS,
    SOL,
    SONNET,
    SONNET_45,
    STEADY,
    TERRA,
    cold,
    warm,
)

if TYPE_CHECKING:
    from switchtax.catalog.cards import PriceCard

SILENT = Pace(exactly(1), exactly(0), exactly(0))
"""Before any new tokens and without an answer: only the context is paid for."""


@dataclass(frozen=True)
class Case:
    old: PriceCard
    new: PriceCard
    context: int
    ttl: str
    rebuild: float
    stay: float
    switch: float
    break_even_call: float
    shown: tuple[float, float, float, float]
    """Dollars as printed in the table: rebuild, stay, switch, extra."""


CASES = [
    Case(
        OPUS, SONNET, 150_000, "5m",
        rebuild=(2.5 - 0.1) * 150_000,
        stay=0.2 * 150_000 + 5 * 3_000 + 20 * 2_000,
        switch=2.5 * 153_000 + 10 * 2_000,
        break_even_call=8,
        shown=(0.3600, 0.0850, 0.4025, 0.3175),
    ),
    Case(
        OPUS, SONNET, 150_000, "1h",
        rebuild=(4 - 0.1) * 150_000,
        stay=0.2 * 150_000 + 8 * 3_000 + 20 * 2_000,
        switch=4 * 153_000 + 10 * 2_000,
        break_even_call=11,
        shown=(0.5850, 0.0940, 0.6320, 0.5380),
    ),
    Case(
        OPUS, HAIKU, 150_000, "5m",
        rebuild=5 * (0.125 - 0.01) * 150_000,
        stay=0.2 * 150_000 + 5 * 3_000 + 20 * 2_000,
        switch=5 * 0.125 * 153_000 + 5 * 0.5 * 2_000,
        break_even_call=2,
        shown=(0.0863, 0.0850, 0.1006, 0.0156),
    ),
    Case(
        FABLE, OPUS, 200_000, "5m",
        rebuild=(5 - 0.2) * 200_000,
        stay=0.2 * 200_000 + 10 * 3_000 + 40 * 2_000,
        switch=5 * 203_000 + 20 * 2_000,
        break_even_call=15,
        shown=(0.9600, 0.1500, 1.0550, 0.9050),
    ),
    Case(
        SOL, TERRA, 150_000, "5m",
        rebuild=(1.25 - 0.05) * 150_000,
        stay=0.1 * 150_000 + 2.5 * 3_000 + 10 * 2_000,
        switch=1.25 * 153_000 + 5 * 2_000,
        break_even_call=8,
        shown=(0.1800, 0.0425, 0.2013, 0.1588),
    ),
    Case(
        SONNET, OPUS, 150_000, "5m",
        rebuild=(5 - 0.2) * 150_000,
        stay=0.1 * 150_000 + 2.5 * 3_000 + 10 * 2_000,
        switch=5 * 153_000 + 20 * 2_000,
        break_even_call=math.inf,
        shown=(0.7200, 0.0425, 0.8050, 0.7625),
    ),
    Case(
        HAIKU_45, SONNET_45, 100_000, "5m",
        rebuild=(3.75 - 0.3) * 100_000,
        stay=0.1 * 100_000 + 1.25 * 3_000 + 5 * 2_000,
        switch=3.75 * 103_000 + 15 * 2_000,
        break_even_call=math.inf,
        shown=(0.3450, 0.0238, 0.4163, 0.3925),
    ),
    Case(
        SONNET_45, HAIKU_45, 80_000, "5m",
        rebuild=(1.25 - 0.1) * 80_000,
        stay=0.3 * 80_000 + 3.75 * 3_000 + 15 * 2_000,
        switch=1.25 * 83_000 + 5 * 2_000,
        break_even_call=2,
        shown=(0.0920, 0.0653, 0.1138, 0.0485),
    ),
    Case(
        SONNET_45, HAIKU_45, 80_000, "1h",
        rebuild=(2 - 0.1) * 80_000,
        stay=0.3 * 80_000 + 6 * 3_000 + 15 * 2_000,
        switch=2 * 83_000 + 5 * 2_000,
        break_even_call=3,
        shown=(0.1520, 0.0720, 0.1760, 0.1040),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.old.model}-{c.new.model}-{c.ttl}")
def test_the_table(case: Case) -> None:
    """Rebuild, both first calls, extra and break-even are those worked out by hand."""
    found = estimate_switch(
        warm(case.old, case.ttl), cold(case.new, case.ttl),
        context=exactly(case.context), pace=STEADY,
    )  # fmt: skip
    assert round(case.rebuild) == found.rebuild.cost.mid
    assert round(case.stay) == found.next_call.stay.mid
    assert round(case.switch) == found.next_call.switch.mid
    assert round(case.switch - case.stay) == found.next_call.extra.mid
    assert case.break_even_call == found.break_even.calls.mid
    in_dollars = (case.rebuild, case.stay, case.switch, case.switch - case.stay)
    for shown, micros in zip(case.shown, in_dollars, strict=True):
        assert abs(shown - micros / 1e6) <= 0.000051


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.old.model}-{c.new.model}-{c.ttl}")
def test_exact_inputs_give_exact_amounts(case: Case) -> None:
    """Nothing uncertain goes in, so low, mid and high are one number."""
    found = estimate_switch(
        warm(case.old, case.ttl), cold(case.new, case.ttl),
        context=exactly(case.context), pace=STEADY,
    )  # fmt: skip
    extra = found.next_call.extra
    assert extra.low == extra.mid == extra.high


def test_break_even_of_the_first_case_call_by_call() -> None:
    """Call 8 is the first at which the sums cross: spelt out, not computed by our code."""
    stay = switch = 0.0
    context = held_by_opus = 150_000
    held_by_sonnet = 0
    for call in range(1, 9):
        assert (call == 1) or (switch > stay)
        sent = context + 3_000
        stay += 0.2 * held_by_opus + 5 * (sent - held_by_opus) + 20 * 2_000
        switch += 0.1 * held_by_sonnet + 2.5 * (sent - held_by_sonnet) + 10 * 2_000
        held_by_opus = held_by_sonnet = sent
        context = sent + 2_000
    assert switch <= stay


def test_round_trip_with_the_old_cache_alive_and_dead() -> None:
    """Opus to Fable for one call and back: $1.7200 alive, $2.4400 dead, $0.1806 for staying."""
    stay = (0.2 * 150_000 + 5 * 3_000 + 20 * 2_000) + (0.2 * 153_000 + 5 * 5_000 + 20 * 2_000)
    there = 10 * 153_000 + 40 * 2_000
    back_alive = 0.2 * 150_000 + 5 * (155_000 + 3_000 - 150_000) + 20 * 2_000
    back_dead = 5 * (155_000 + 3_000) + 20 * 2_000
    found = round_trip(
        warm(OPUS), cold(FABLE), context=exactly(150_000), pace=STEADY,
        trip=Trip(Span(calls=1), calls_back=1),
    )  # fmt: skip
    assert round(stay) == 180_600 == found.stay.mid
    assert round(there + back_alive) == 1_720_000 == found.alive.mid
    assert round(there + back_dead) == 2_440_000 == found.dead.mid
    assert found.extra_alive.mid == 1_539_400
    assert found.extra_dead.mid == 2_259_400


@pytest.mark.parametrize(
    ("side", "written_usd_micros", "extra_usd_micros"),
    [
        (cold(SONNET_45, "5m"), 3.75 * 100_000, 3.75 * 100_000 - 0.1 * 100_000),
        (cold(SONNET_45, "1h"), 6 * 100_000, 6 * 100_000 - 0.1 * 100_000),
        (replace(cold(SONNET_45), writes_billed=False), 3 * 100_000, 3 * 100_000 - 0.1 * 100_000),
    ],
    ids=["5m", "1h", "uncached"],
)
def test_the_double_count_corrected(
    side: Side, written_usd_micros: float, extra_usd_micros: float
) -> None:
    """A token is written or plain, never both: $0.375, $0.60 or $0.30; not $0.30 + $0.375."""
    found = estimate_switch(warm(HAIKU_45), side, context=exactly(100_000), pace=SILENT)
    assert round(written_usd_micros) == found.next_call.switch.mid
    assert round(extra_usd_micros) == found.next_call.extra.mid
    assert found.next_call.extra.mid < 665_000, "the account's net, counted twice"


def test_the_cheap_edit_on_a_borrowed_context() -> None:
    """80k on Sonnet, one edit on Haiku: $0.10 for the context, not $0.08 + $0.10."""
    found = estimate_switch(warm(SONNET_45), cold(HAIKU_45), context=exactly(80_000), pace=SILENT)
    assert found.next_call.switch.mid == round(1.25 * 80_000) == 100_000
    edit = Pace(exactly(1), exactly(0), exactly(2_000))
    found = estimate_switch(warm(SONNET_45), cold(HAIKU_45), context=exactly(80_000), pace=edit)
    assert found.next_call.stay.mid == round(0.3 * 80_000 + 15 * 2_000)
    assert found.next_call.switch.mid == round(1.25 * 80_000 + 5 * 2_000)
    assert found.next_call.extra.mid > 0, "the switch eats the first call's saving"
    assert found.break_even.calls.mid == 3, "and the cheap model wins from the third on"


class TestFourPatterns:
    """The account's four patterns, priced."""

    def test_switching_at_sentence_one_carries_no_tax(self) -> None:
        found = estimate_switch(cold(HAIKU_45), cold(SONNET_45), context=exactly(0), pace=STEADY)
        assert found.rebuild.cost.mid == 0
        assert found.next_call.extra.mid == round(
            (3.75 * 3_000 + 15 * 2_000) - (1.25 * 3_000 + 5 * 2_000)
        )

    def test_after_a_warm_up_the_tax_is_modest(self) -> None:
        found = rebuild(cold(SONNET_45), context=exactly(30_000), pace=STEADY)
        assert found.cost.mid == round((3.75 - 0.3) * 30_000) == 103_500

    def test_two_models_on_every_prompt_pay_at_each_change(self) -> None:
        sides = (warm(SONNET_45), cold(HAIKU_45))
        order = alternating(6)
        dead = pool(sides, order, context=exactly(100_000), pace=STEADY, forget=True)
        alive = pool(sides, order, context=exactly(100_000), pace=STEADY)
        assert dead.changes == 5
        # Sonnet reads its 100,000 once; after that each call writes all it sends.
        by_hand = 0.3 * 100_000 + 3.75 * 3_000 + 15 * 2_000
        for call in range(1, 6):
            sent = 100_000 + 5_000 * call + 3_000
            by_hand += (1.25 * sent + 5 * 2_000) if call % 2 else (3.75 * sent + 15 * 2_000)
        assert round(by_hand) == dead.pooled.mid
        assert dead.pooled.mid > dead.alone.mid, "worse than the dear model alone"
        assert alive.pooled.mid < dead.pooled.mid

    def test_a_planning_turn_pays_twice_unless_the_way_back_is_warm(self) -> None:
        trip = Trip(Span(turns=1), calls_back=1)
        found = round_trip(
            warm(SONNET), cold(OPUS), context=exactly(100_000), pace=STEADY, trip=trip
        )
        there = (5 - 0.2) * 100_000
        back = (2.5 - 0.1) * 100_000
        assert found.dead.mid - found.alive.mid == round(back)
        assert found.extra_alive.mid > there
        assert found.extra_dead.mid > there + back


def test_one_switch_in_cached_turns() -> None:
    """15 to 25 cached turns' input, they said: 12 (5 min) to 20 (1 h) without double count."""
    turn = 0.3 * 100_000
    five, hour = (
        estimate_switch(
            warm(HAIKU_45), cold(SONNET_45, ttl), context=exactly(100_000), pace=SILENT
        ).next_call.extra.mid
        / turn
        for ttl in ("5m", "1h")
    )
    assert round(five, 1) == 12.2
    assert round(hour, 1) == 19.7
    assert 15 < 665_000 / turn < 25, "their net extra gives their range"


def test_the_workflow_that_pays() -> None:
    """Cheap, middle, big for planning, back to the middle: three changes, the last one warm."""
    sides = (warm(HAIKU_45), cold(SONNET), cold(OPUS))
    planned = (0,) * 5 + (1,) * 5 + (2,) + (1,) * 5
    flapping = (0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 2, 1, 1, 1, 1)  # as many calls of each
    context = exactly(10_000)
    good = pool(sides, planned, context=context, pace=STEADY)
    forgotten = pool(sides, planned, context=context, pace=STEADY, forget=True)
    bad = pool(sides, flapping, context=context, pace=STEADY, forget=True)
    assert good.changes == 3
    # Coming back, Sonnet still holds what it last sent: 10,000 + 9 calls of 5,000 + 3,000.
    assert forgotten.pooled.mid - good.pooled.mid == round((2.5 - 0.1) * 58_000)
    assert bad.changes == 5
    assert good.pooled.mid < forgotten.pooled.mid < bad.pooled.mid


def test_a_whole_cheap_conversation_can_cost_less_than_one_dear_message() -> None:
    """Ten turns on Haiku 5.5 against one message that carries the context to Fable 5.2."""
    found = estimate_switch(warm(HAIKU), cold(FABLE), context=exactly(90_000), pace=STEADY)
    assert found.horizon.stay.mid < found.next_call.switch.mid


def test_the_popup_example_has_the_shape_of_a_real_session() -> None:
    """A call is not a turn: at five calls a turn the eighth call lies in turn 2."""
    pace = Pace(exactly(5), exactly(3_000), exactly(2_000))
    found = estimate_switch(warm(OPUS), cold(SONNET), context=exactly(150_000), pace=pace)
    assert found.break_even.calls.mid == 8
    assert found.break_even.turns.mid == 2
    assert found.next_turn.extra.mid < found.rebuild.cost.mid
