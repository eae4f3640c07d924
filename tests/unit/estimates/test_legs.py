"""Many calls in a row: the closed form is the walk, call by call."""

from __future__ import annotations

from dataclasses import replace
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchtax.estimates.drivers import Flow
from switchtax.estimates.inputs import Side
from switchtax.estimates.legs import calls_that_fit, leg, sent_by
from switchtax.estimates.request import SideAt
from switchtax.estimates.schedule import summed, walk
from switchtax.records import Unknown
from unit.estimates.hand_cards import HAIKU, NO_CARD, OPUS, SOL, cold

FLOW = Flow(150_000, 3, 3_000, 3_000, 2_000, 2_000, 1)


def at(side: Side, alive: float = 0.0, ratio: float = 1, offset: float = 0) -> SideAt:
    return SideAt(side, alive, ratio, offset, 0)


@given(
    card=st.sampled_from([OPUS, HAIKU, SOL]),
    minimum=st.sampled_from([0, 1_024, 4_096]),
    tail=st.sampled_from([0, 3]),
    alive=st.sampled_from([0.0, 10_000.0, float("inf")]),
    context=st.integers(500, 180_000),
    calls=st.integers(1, 60),
    turns=st.integers(0, 10),
    amounts=st.tuples(*(st.integers(0, 3_000) for _ in range(3))),
)
def test_the_closed_form_is_the_walk(
    card: object, minimum: int, tail: int, alive: float, context: int, calls: int, turns: int,
    amounts: tuple[int, int, int],
) -> None:  # fmt: skip
    """To the pico-dollar, within a tier and across it, above the minimum and below."""
    new, first, output = amounts
    side = replace(cold(card), minimum_cacheable_tokens=minimum, uncached_tail_tokens=tail)  # type: ignore[arg-type]
    flow = Flow(context, calls, new, first, output, output // 2, min(turns, calls))
    assert (
        summed(walk((at(side, alive),), repeat(0, calls), flow)) == leg(at(side, alive), flow).cost
    )


def test_what_a_leg_leaves_behind() -> None:
    """The next context, and the cache that the last request filled."""
    found = leg(at(cold(OPUS)), FLOW)
    assert 150_000 + 3 * 5_000 == found.context
    assert 150_000 + 2 * 5_000 + 3_000 == found.alive


def test_legs_add_up() -> None:
    """Two legs after each other cost what one does."""
    first = leg(at(cold(OPUS)), FLOW._replace(calls=2))
    rest = FLOW._replace(calls=1, context=first.context)
    then = leg(at(cold(OPUS), first.alive), rest)
    assert leg(at(cold(OPUS)), FLOW).cost == first.cost + then.cost  # type: ignore[operator]


def test_tokens_of_another_kind_are_rounded_once() -> None:
    """Within a token a call of the walk, which rounds each request."""
    side = at(cold(OPUS), ratio=1.35)
    walked = summed(walk((side,), repeat(0, 3), FLOW))
    assert abs(walked - leg(side, FLOW).cost) <= 3 * 5_000_000  # type: ignore[operator]


def test_no_call_costs_nothing() -> None:
    """And leaves all as it was."""
    assert (0, 150_000, 7.0) == leg(at(cold(OPUS), 7.0), FLOW._replace(calls=0))


def test_what_is_owed_is_paid_first() -> None:
    """A compaction on the other model; if its price is unknown, so is the leg's."""
    plain, owing = at(cold(OPUS)), at(cold(OPUS))._replace(before=17)
    assert leg(plain, FLOW).cost + 17 == leg(owing, FLOW).cost  # type: ignore[operator]
    no = Unknown("no price")
    assert no == leg(plain._replace(before=no), FLOW).cost


@pytest.mark.parametrize("fast", [True, False])
def test_a_missing_price_is_unknown(fast: bool) -> None:
    """No card; or a card without fast mode."""
    side = (
        replace(cold(OPUS), fast=True)
        if fast
        else Side("mystery-1", NO_CARD, cold(OPUS).alive_tokens)
    )
    assert isinstance(leg(at(side), FLOW).cost, Unknown)


def test_a_full_window() -> None:
    """So many calls fit; a leg that does not fit has no price."""
    small = at(replace(cold(OPUS), window_tokens=161_000))
    assert [153_000, 158_000, 163_000] == [sent_by(FLOW, call) for call in range(3)]
    assert 2 == calls_that_fit(small, FLOW)
    assert 3 == calls_that_fit(at(cold(OPUS)), FLOW)
    assert 0 == calls_that_fit(at(replace(cold(OPUS), window_tokens=1_000)), FLOW)
    found = leg(small, FLOW).cost
    assert Unknown("the context does not fit the window of claude-opus-5-5") == found
    assert leg(small, FLOW._replace(context=170_000, calls=1)).cost > 0  # type: ignore[operator]
