"""Laws that hold for all inputs, checked on random ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, repeat

from hypothesis import given, settings
from hypothesis import strategies as st

from switchtax.estimates.cost import cost_of_next_call
from switchtax.estimates.drivers import Flow, Span
from switchtax.estimates.estimate import Estimate, estimate_switch
from switchtax.estimates.horizon import over_horizon
from switchtax.estimates.inputs import Pace, Side
from switchtax.estimates.interval import Interval, average_over, exactly
from switchtax.estimates.money import Money
from switchtax.estimates.request import SideAt, price, send
from switchtax.estimates.round_trip import Trip, round_trip
from switchtax.estimates.schedule import alone, summed, total, walk
from switchtax.estimates.schedule import warm as warmed
from switchtax.estimates.steady import steady
from switchtax.estimates.switching import compare, rebuild
from switchtax.records import Unknown
from unit.estimates.hand_cards import (
    FABLE,
    HAIKU,
    HAIKU_45,
    NO_CARD,
    OPUS,
    SONNET,
    SONNET_45,
    TERRA,
    cold,
    warm,
)

few = settings(max_examples=60, deadline=None)
cards = st.sampled_from([OPUS, SONNET, FABLE, HAIKU_45, SONNET_45, TERRA])
tokens = st.integers(0, 300_000)
small = st.integers(0, 20_000)
ttls = st.sampled_from(["5m", "1h"])


def intervals(low: float, high: float) -> st.SearchStrategy[Interval]:
    numbers = st.lists(st.floats(low, high), min_size=3, max_size=3)
    return numbers.map(lambda three: Interval(*sorted(three)))


paces = st.builds(
    Pace, intervals(1, 12), intervals(0, 9_000), intervals(0, 4_000),
    st.none() | intervals(0, 9_000), st.floats(0, 1),
)  # fmt: skip
sides = st.builds(
    lambda card, alive, ratio, delta, ttl, minimum, tail: Side(
        card.model, card, alive, ratio, delta, ttl, minimum, uncached_tail_tokens=tail
    ),
    st.sampled_from([OPUS, SONNET, HAIKU, TERRA]),
    intervals(0, 300_000),
    intervals(1, 1.35),
    intervals(-5_000, 5_000),
    ttls,
    st.sampled_from([0, 1_024, 4_096]),
    st.sampled_from([0, 4, 300]),
)


@few
@given(cards, tokens, small, small, st.integers(0, 5_000), st.sampled_from(["c", "u", "o"]))
def test_more_tokens_never_cost_less(card, context, new, output, more, what) -> None:
    """Within one tier, beyond the minimum length, with the same prefix alive."""
    side = SideAt(cold(card), 40_000, 1, 0, 0)
    less = price(side.side, send(side, context, new, output, alive=40_000))
    grown = {
        "c": (context + more, new, output),
        "u": (context, new + more, output),
        "o": (context, new, output + more),
    }[what]
    assert price(side.side, send(side, *grown, alive=40_000)) >= less


@few
@given(cards, tokens, small, small, tokens, tokens)
def test_the_longer_the_living_prefix_the_cheaper(card, context, new, output, one, other) -> None:
    side = SideAt(cold(card), 0, 1, 0, 0)
    costs = [
        price(side.side, send(side, context, new, output, alive=alive))
        for alive in sorted((one, other))
    ]
    assert costs[0] >= costs[1]


@few
@given(tokens, small, small, tokens, st.integers(0, 2_000), st.integers(0, 5_000))
def test_no_token_is_paid_twice(context, new, output, alive, tail, minimum) -> None:
    side = replace(cold(OPUS), uncached_tail_tokens=tail, minimum_cacheable_tokens=minimum)
    found = send(SideAt(side, alive, 1, 0, 0), context, new, output, alive=alive)
    assert context + new == found.read + found.written + found.plain
    assert min(found) >= 0
    assert found.read == 0 or found.read >= minimum


@few
@given(st.sampled_from([OPUS, HAIKU]), intervals(0, 300_000), paces, ttls)
def test_equal_models_both_warm_cost_the_same(card, context, pace, ttl) -> None:
    """Equal cards, tokenizers and tools: the difference is nothing at all, with no range."""
    found = estimate_switch(warm(card, ttl), warm(card, ttl), context=context, pace=pace, turns=3)
    for both in (found.next_call, found.next_turn, found.warm_turn, found.horizon):
        assert Money(0, 0, 0) == both.extra
        assert both.stay == both.switch
    assert 1 == found.break_even.calls.high


@few
@given(cards, cards, tokens, small, small, st.integers(1, 6), st.integers(1, 4))
def test_a_round_trip_costs_no_more_than_its_rebuilds(
    card, other, context, new, output, away, back
) -> None:
    """No more than each leg's rebuild at its own context plus the calls between, all warm."""
    pace = Pace(exactly(1), exactly(new), exactly(output))
    trip = Trip(Span(calls=away), calls_back=back)
    found = round_trip(warm(card), cold(other), context=exactly(context), pace=pace, trip=trip)
    returned = context + away * (new + output)
    flow = Flow(context, away, new, new, output, output, 0)
    later = Flow(returned, back, new, new, output, output, 0)
    warm_there = total(warmed(SideAt(cold(other), 0, 1, 0, 0)), flow)
    warm_back = total(warmed(SideAt(cold(card), 0, 1, 0, 0)), later)
    legs = (
        rebuild(cold(other), context=exactly(context), pace=pace).cost.mid
        + rebuild(cold(card), context=exactly(returned), pace=pace).cost.mid
    )
    bound = (warm_there + warm_back) / 1e6 + legs
    assert found.alive.mid <= found.dead.mid <= bound + 2


@few
@given(sides, sides, intervals(0, 250_000), paces, st.integers(1, 4))
def test_every_number_is_an_ordered_range(stay, switch, context, pace, turns) -> None:
    """Building an Interval or an amount checks the order: nothing may raise."""
    found = estimate_switch(stay, switch, context=context, pace=pace, turns=turns)
    assert isinstance(found, Estimate)
    for both in (found.next_call, found.next_turn, found.warm_turn, found.horizon):
        assert both.extra.mid == both.switch.mid - both.stay.mid
        assert both.stay.mid >= 0 <= both.switch.mid
    assert found.break_even.calls.low >= 1
    assert found.switch_call.cost == found.next_call.switch


@few
@given(sides, intervals(0, 250_000), paces, st.sampled_from(["card", "alive", "context", "pace"]))
def test_unknown_in_unknown_out(side, context, pace, what) -> None:
    no = Unknown("for a reason")
    other = cold(SONNET)
    if what == "card":
        other = Side("mystery-1", no, exactly(0))
    elif what == "alive":
        other = replace(other, alive_tokens=no)
    elif what == "context":
        context = no
    else:
        pace = replace(pace, output_per_call=no)
    found = estimate_switch(side, other, context=context, pace=pace, turns=2)
    assert no == found.next_call.extra == found.next_turn.extra == found.break_even
    assert no == (found.horizon if isinstance(found.horizon, Unknown) else found.horizon.extra)
    assert no.reason == found.verdict.reason
    assert NO_CARD != no


@few
@given(sides, tokens, small, small, st.integers(1, 12))
def test_a_horizon_is_the_sum_of_its_calls(side, context, new, output, calls) -> None:
    """The sum in one go is the sum of single calls, each from the state the last one left."""
    side = replace(side, alive_tokens=exactly(0), token_ratio=exactly(1), delta_tokens=exactly(0))
    pace = Pace(exactly(1), exactly(new), exactly(output))
    found = over_horizon(side, side, context=exactly(context), pace=pace, turns=calls)
    flow = Flow(context, calls, new, new, output, output, calls)
    single = list(islice(walk((SideAt(side, 0, 1, 0, 0),), repeat(0), flow), calls))
    assert abs(found.stay.mid - summed(single) / 1e6) <= 0.5
    spent, alive, at = 0, exactly(0), context
    for _ in range(calls):
        call = cost_of_next_call(replace(side, alive_tokens=alive), context=exactly(at), pace=pace)
        spent += call.cost.mid
        alive = exactly(call.read_tokens.mid + call.written_tokens.mid)
        at += new + output
    assert abs(found.stay.mid - spent) <= calls


@few
@given(sides, sides, intervals(0, 250_000), paces)
def test_expiry_never_makes_switching_cheaper(stay, switch, context, pace) -> None:
    """Nothing may suggest waiting: a dead cache leaves the price of switching as it was."""
    live = compare(stay, switch, context=context, pace=pace, span=Span(calls=1))
    dead = replace(stay, alive_tokens=exactly(0))
    late = compare(dead, switch, context=context, pace=pace, span=Span(calls=1))
    assert live.switch == late.switch
    assert late.stay.mid >= live.stay.mid


@few
@given(intervals(0, 1_000_000), st.integers(1, 500))
def test_an_average_narrows_and_never_falls_below_its_parts(each, n) -> None:
    found = average_over(each, n)
    assert found.low >= each.low * 0.999
    assert found.width <= each.width * 1.001 + 1


flows = st.builds(
    lambda context, calls, turns, counts: Flow(context, calls, *counts, min(turns, calls)),
    tokens, st.integers(1, 120), st.integers(0, 12),
    st.tuples(small, small, small, small),
)  # fmt: skip


@few
@given(sides, flows, st.integers(3, 130), st.floats(0, 2e5), st.sampled_from([200_000, 10_000_000]))
def test_many_calls_at_once_cost_what_they_cost_one_by_one(
    side, flow, calls, alive, window
) -> None:
    """To the last micro-dollar, with tiers, a minimum length, a tail, a full window."""
    side = replace(side, card=replace(side.card, context_window_tokens=window))
    at = SideAt(side, alive, side.token_ratio.mid, side.delta_tokens.mid, 7)
    one_by_one = list(islice(walk((at,), repeat(0), flow), calls))
    assert one_by_one == alone(at, flow, calls)
    found = steady(at, flow, calls)
    assert found is None or one_by_one == found


@few
@given(flows, st.integers(0, 100))
def test_the_context_before_a_call_is_what_the_calls_before_it_left(flow, call) -> None:
    left = flow.context + sum(flow.new_at(each) + flow.kept for each in range(call))
    assert left == flow.context_at(call)
