"""The share of a plan's window: learnt from whole percentages and what was spent between them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, ID, START, call, make, talk
from switchtax.estimates.for_session import Answer, answer
from switchtax.estimates.interval import Interval
from switchtax.estimates.quota import (
    LEAST_PAIRS,
    NOT_ENOUGH,
    Pair,
    Rate,
    Share,
    Spent,
    Used,
    learn,
    pairs_of,
    rates_in,
    share_of,
    spent_of,
    used_of,
    with_quota,
)
from switchtax.records import RateLimits, Unknown

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
WINDOW, END = "five_hour", 9_000.0


def used(at: float, percent: float, end: float = END, session: str = "") -> Used:
    """One observation of the 5-hour window."""
    return Used(session, at, WINDOW, percent, end)


def spent(at: float, usd_micros: int | Unknown = 500_000, session: str = "") -> Spent:
    """One call on Opus."""
    return Spent(session, at, OPUS, usd_micros)


def rising(count: int, *, usd_micros: int = 1_000_000, rise: float = 2.0) -> list[Pair]:
    """Pairs that all say the same."""
    opus = frozenset({OPUS})
    return [Pair(WINDOW, float(n), rise, usd_micros, opus) for n in range(count)]


def switching(model: str = SONNET) -> Answer:
    """From Opus, at 50,000 tokens."""
    return answer(make(*talk(4)), model, START + 250, BOOK)


def rate(*models: str, window: str = WINDOW) -> Rate:
    """Two points per dollar, between one and three."""
    return Rate(window, Interval(1.0, 2.0, 3.0), 7, frozenset(models))


def test_windows_with_an_end_are_observed() -> None:
    """Without one, a window cannot be told from the next; others are not a plan's."""
    told = RateLimits(
        ID, 5.0, (("five_hour", 24.0), ("seven_day", 3.0), ("primary", 1.0)),
        (("five_hour", END), ("primary", END)),
    )  # fmt: skip
    assert [Used("s", 5.0, WINDOW, 24.0, END)] == used_of(told, "s")


def test_a_call_weighs_its_price_with_its_output() -> None:
    """At the rates of its model; the name is the catalogue's."""
    one = call(1, 60, plain=1000, output=2000)
    card = BOOK.card(OPUS, one.at, "")
    assert not isinstance(card, Unknown)
    assert Spent("", one.at, OPUS, card.cost_usd_micros(one.usage)) == spent_of(one, BOOK, "")


def test_a_call_without_a_price_weighs_an_unknown() -> None:
    """Never nothing."""
    assert isinstance(spent_of(call(1, 60, model="mystery-1"), BOOK, "").usd_micros, Unknown)


def test_two_observations_and_the_calls_between_make_a_pair() -> None:
    """A call at the second observation counts, one at the first was told with it."""
    observed = [used(0, 10), used(10, 13)]
    calls = [spent(10), spent(0), spent(5), spent(11)]
    assert [Pair(WINDOW, 10, 3.0, 1_000_000, frozenset({OPUS}))] == pairs_of(observed, calls)


def test_an_unchanged_percentage_lengthens_the_pair() -> None:
    """What was spent before it rose belongs to the rise."""
    observed = [used(0, 10), used(10, 10), used(20, 11)]
    (pair,) = pairs_of(observed, [spent(5), spent(15)])
    assert 1_000_000 == pair.usd_micros


@pytest.mark.parametrize(
    "second", [used(10, 2, END + 18_000), used(10, 4), used(10, 12, END + 18_000)]
)
def test_a_new_window_begins_anew(second: Used) -> None:
    """Another end, or a percentage that fell: no pair reaches across."""
    assert [] == pairs_of([used(0, 10), second], [spent(5)])


def test_ends_a_few_seconds_apart_are_one_window() -> None:
    """Headers count down in seconds."""
    assert 1 == len(pairs_of([used(0, 10), used(10, 11, END + 2)], [spent(5)]))


@pytest.mark.parametrize("calls", [[], [spent(5, Unknown("no price")), spent(6)]])
def test_what_cannot_be_weighed_is_left_out(calls: list[Spent]) -> None:
    """A rise that no call explains, and one with a call of unknown price."""
    assert [] == pairs_of([used(0, 10), used(10, 11)], calls)


def test_sessions_are_paired_with_their_own_calls() -> None:
    """Where those of another are not known."""
    observed = [used(0, 10, session="a"), used(5, 12, session="b"), used(10, 13, session="a")]
    (pair,) = pairs_of(observed, [spent(7, session="a"), spent(8, session="b")])
    assert (3.0, 500_000) == (pair.rise_percent, pair.usd_micros)


def test_too_few_pairs_teach_nothing() -> None:
    """One less than enough."""
    assert () == learn(rising(LEAST_PAIRS - 1))


def test_the_spread_holds_the_rounding() -> None:
    """Five equal rises of 2 points a dollar: each may be half a point off."""
    (found,) = learn(rising(LEAST_PAIRS))
    assert (WINDOW, LEAST_PAIRS, frozenset({OPUS})) == (found.window, found.pairs, found.models)
    assert 2.0 == pytest.approx(found.percent_per_usd.mid)
    assert 1.5 == pytest.approx(found.percent_per_usd.low, abs=0.05)
    assert 2.5 == pytest.approx(found.percent_per_usd.high, abs=0.05)


def test_one_wild_pair_does_not_move_the_middle() -> None:
    """Another machine on the same account."""
    wild = Pair(WINDOW, 99.0, 40.0, 1_000_000, frozenset({OPUS}))
    (found,) = learn([*rising(9), wild])
    assert 2.0 == pytest.approx(found.percent_per_usd.mid, abs=0.1)


def test_only_the_newest_pairs_count() -> None:
    """A plan changes."""
    newer = [Pair(WINDOW, 500.0 + n, 8.0, 1_000_000, frozenset({OPUS})) for n in range(60)]
    (found,) = learn([*newer, *rising(60)])
    assert 8.0 == pytest.approx(found.percent_per_usd.mid)


def test_a_session_teaches_by_itself() -> None:
    """Its own calls and observations, in its log's order; without any, nothing."""
    ends = (("five_hour", START + END),)
    told = [RateLimits(ID, START + 60 * n + 20, (("five_hour", 10.0 + n),), ends) for n in range(6)]
    (found,) = rates_in(make(*talk(6), *told), BOOK)
    assert (WINDOW, 5, frozenset({OPUS})) == (found.window, found.pairs, found.models)
    assert () == rates_in(make(*talk(6)), BOOK)


def test_the_share_is_the_rate_times_the_next_calls_price() -> None:
    """The middle exactly; the ends hold both spreads."""
    found = switching()
    (share,) = _known(share_of([rate(SONNET)], found))
    cost = found.estimate.next_call.switch
    assert not isinstance(cost, Unknown)
    assert 2.0 * cost.mid / 1e6 == pytest.approx(share.percent.mid)
    assert share.percent.low <= cost.mid / 1e6
    assert share.percent.high >= 3.0 * cost.mid / 1e6
    assert (WINDOW, 7) == (share.window, share.pairs)


def test_both_windows_are_told() -> None:
    """Each with its own rate."""
    shares = _known(share_of([rate(SONNET), rate(SONNET, window="seven_day")], switching()))
    assert ["five_hour", "seven_day"] == [share.window for share in shares]


def test_a_model_that_was_never_observed_is_unknown() -> None:
    """No neighbour's rate stands in."""
    found = share_of([rate(OPUS)], switching())
    assert Unknown(f"not enough data: no percentages were observed with {SONNET}") == found


def test_nothing_learnt_is_not_enough_data() -> None:
    """The answer says why."""
    assert NOT_ENOUGH == with_quota(switching(), ()).quota


def test_no_price_no_share() -> None:
    """The reason is the price's."""
    assert isinstance(share_of([rate("mystery-1")], switching("mystery-1")), Unknown)


def test_a_price_with_a_gap_is_no_share() -> None:
    """The card is there; what the call costs is not known."""
    found, gap = switching(), Unknown("no rate for writing")
    both = replace(found.estimate.next_call, switch=gap)
    found = replace(found, estimate=replace(found.estimate, next_call=both))
    assert gap == share_of([rate(SONNET)], found)


def test_a_rate_of_nothing_keeps_its_upper_end() -> None:
    """Where percentages hardly ever rose the middle may be nothing."""
    still = Rate(WINDOW, Interval(0.0, 0.0, 3.0), 5, frozenset({SONNET}))
    (share,) = _known(share_of([still], switching()))
    assert (0.0, 0.0) == (share.percent.low, share.percent.mid)
    assert share.percent.high > 0


def _known(found: tuple[Share, ...] | Unknown) -> tuple[Share, ...]:
    assert not isinstance(found, Unknown)
    return found
