"""One of several models by itself: its sums, its room, and what makes them unknown."""

from __future__ import annotations

from dataclasses import replace

from switchtax.estimates.interval import exactly
from switchtax.estimates.rival import Cost, Rival, rival_of
from switchtax.estimates.steps import finish
from switchtax.records import Unknown
from unit.estimates.hand_cards import HAIKU, OPUS, STEADY, cold, warm

CONTEXT = exactly(150_000)
WHY = Unknown("for some reason")


def of(rival: Rival, most: int | None = None) -> Cost:
    """What it costs."""
    return finish(rival.costing(most))


def test_one_call_by_hand() -> None:
    """Opus: all of it read, or all of it written; as it is, it is warm."""
    found = of(rival_of(warm(OPUS), CONTEXT, STEADY, 0))
    read = 0.2 * 150_000 + 5 * 3_000 + 20 * 2_000
    written = 5 * 153_000 + 20 * 2_000
    assert (written, read, read) == (found.cold.mid, found.warm.mid, found.expected.mid)  # type: ignore[union-attr]
    assert found.fits is True


def test_the_calls_end_where_another_window_is_full() -> None:
    """After one of ten calls only that one is counted."""
    rival = rival_of(warm(OPUS), CONTEXT, STEADY, 10)
    assert (10, None) == (rival.calls, rival.full_after)
    assert of(rival_of(warm(OPUS), CONTEXT, STEADY, 1)) == of(rival, 1)


def test_a_window_that_fills_up() -> None:
    """Three of ten calls of 5,000 tokens more each fit into 165,000; none into 150,000."""
    for window, room, full in ((165_000, 3, 3), (150_000, 0, None), (1_000_000, 10, None)):
        rival = rival_of(replace(cold(HAIKU), window_tokens=window), CONTEXT, STEADY, 10)
        assert (room, full) == (rival.room, rival.full_after)
    none = of(rival_of(replace(cold(HAIKU), window_tokens=150_000), CONTEXT, STEADY, 10))
    assert none.fits is False
    assert isinstance(none.expected, Unknown)


def test_a_context_that_is_not_known_makes_all_unknown() -> None:
    """With its reason."""
    rival = rival_of(warm(OPUS), WHY, STEADY, 10)
    assert (WHY, None) == (rival.room, rival.full_after)
    assert Cost(WHY, WHY, WHY, WHY) == of(rival)


def test_a_cache_of_which_nothing_is_known() -> None:
    """Neither sums nor room."""
    rival = rival_of(replace(warm(OPUS), alive_tokens=WHY), CONTEXT, STEADY, 10)
    assert WHY == rival.room
    assert Cost(WHY, WHY, WHY, WHY) == of(rival)


def test_a_window_that_is_not_recorded() -> None:
    """The sums stand; whether it fits does not."""
    rival = rival_of(replace(warm(OPUS), window_tokens=WHY), CONTEXT, STEADY, 1)
    found = of(rival)
    assert WHY == found.fits
    assert not isinstance(found.expected, Unknown)
