"""Scores of a replay: errors, coverage, confusion of states, and the plain rule beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from making import BOOK, ID, START, call, talk
from switchtax.backtest import Replay, replay
from switchtax.records import Compaction, Source
from switchtax.score import MomentScore, Score, quantile, score

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.records import Record

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"


def scored(records: Iterable[Record], agent: str = "claude-code") -> Score:
    """The score of one session."""
    result = Replay()
    replay(Source(agent, "log", ID), records, BOOK, result)
    return score(result)


def test_nothing_to_score() -> None:
    """No call, no number: not zero."""
    assert Score() == score(Replay())
    assert MomentScore().error_median is None


def test_a_regular_session_is_foretold_well() -> None:
    """Every request reads what the one before sent, and brings as much."""
    found = scored(talk(30))
    assert 29 == found.at_send.calls == found.at_choice.calls
    assert {"warm": {"warm": 29}} == found.states
    assert {"none: read as foretold": 29} == found.misses
    assert found.at_send.error_median is not None
    assert found.at_send.error_median < 0.02
    assert found.at_send.coverage is not None
    assert found.at_send.coverage > 0.9


def test_switches_and_compactions_are_not_averaged() -> None:
    """They are listed one by one: too few for a quantile."""
    more = [
        call(20, 300, model=SONNET, write=55_000),
        Compaction(ID, START + 310),
        call(21, 320, model=SONNET, write=20_000),
    ]
    assert scored(talk(4)).at_choice == scored([*talk(4), *more]).at_choice


def test_cold_calls_are_rebuilds() -> None:
    """After a break all is written again: how many tokens was foretold, and how well."""
    found = scored([*talk(4), call(9, 5_000, write=53_500)])
    assert 1 == found.rebuilds
    assert found.rebuild_median == found.rebuild_p90
    assert found.rebuild_median is not None
    assert found.rebuild_median < 0.05
    assert {"none": 1} == found.states["none"]


@pytest.mark.parametrize(
    ("last", "sign"),
    [
        (call(9, 300, write=53_500), "unexplained"),
        (call(9, 300, write=30_000), "history rewritten by the agent"),
    ],
)
def test_misses_inside_the_lifetime_by_sign(last: Record, sign: str) -> None:
    """Foretold warm, and not read: with or without a sign of why."""
    assert 1 == scored([*talk(4), last]).misses[sign]


def test_small_contexts_say_nothing_of_a_cache() -> None:
    """Below 5,000 tokens states are not counted."""
    found = scored(talk(5, first=1_500, grows=50))
    assert {} == found.states == found.misses
    assert 4 == found.at_choice.calls


def test_unpriced_calls_have_no_error() -> None:
    """Nothing is compared with an amount that is not known."""
    found = scored(talk(5, model="mystery-1", writes=False))
    assert MomentScore() == found.at_choice == found.at_send


def test_without_rates_the_plain_rule_says_what_we_say() -> None:
    """A call that has a price, but no write rate for the plain rule."""
    found = scored(talk(6, model=SONNET, fast=True))
    assert 0 == found.at_choice.calls


def test_the_plain_rule_stands_beside() -> None:
    """Its interval is its own residual quantiles, known afterwards."""
    found = scored([*talk(20), call(30, 9_000, write=70_000)]).at_choice
    assert found.plain_median is not None
    assert found.plain_p90 is not None
    assert found.plain_width is not None
    assert found.plain_median <= found.plain_p90


def test_agents_are_scored_apart() -> None:
    """Each with both moments."""
    assert {"codex"} == set(scored(talk(4, model="gpt-5", writes=False), "codex").by_agent)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([4.0], 0.9, 4.0), ([1.0, 2.0], 0.5, 1.5), ([1.0, 2.0, 9.0], 1.0, 9.0)],
)
def test_quantiles(values: list[float], share: float, expected: float | None) -> None:
    """Interpolated; none of nothing."""
    assert expected == quantile(values, share)
