"""The wait in an answer: on both models, and what the switch adds."""

from __future__ import annotations

import pytest

from making import BOOK, START, call, make, prompt, talk
from switchtax.estimates.for_session import answer
from switchtax.estimates.latency import Wait
from switchtax.estimates.latency_book import LatencyBook
from switchtax.records import Unknown
from unit.estimates.waiting import LOCAL, history, taught

OPUS, SONNET = "claude-opus-4-5", "claude-sonnet-4-5"


def wait(target: str, waits: LatencyBook | None = None, **talked: object) -> Wait | Unknown:
    """The wait after four calls on Opus, at 95,000 tokens."""
    records = talk(4, **({"model": OPUS, "first": 95_000} | talked))  # type: ignore[arg-type]
    return answer(make(*records), target, START + 250, BOOK, waits=waits or LatencyBook()).wait


def known(found: Wait | Unknown) -> Wait:
    """It must be."""
    assert isinstance(found, Wait)
    return found


def test_a_switch_waits_longer() -> None:
    """Everything is processed anew."""
    found = known(wait(SONNET))
    assert found.switch_p50_s > found.stay_p50_s
    assert 0.5 < found.extra_p50_s < found.extra_p90_s < 5


def test_staying_adds_nothing() -> None:
    """Both sides are the same."""
    found = known(wait(OPUS))
    assert (0.0, 0.0) == (found.extra_p50_s, found.extra_p90_s)
    assert (found.stay_p50_s, found.stay_p90_s) == (found.switch_p50_s, found.switch_p90_s)


def test_more_context_adds_more() -> None:
    """In the middle and at the end of the range."""
    short, long_ = (known(wait(SONNET, first=first)) for first in (30_000, 150_000))
    assert short.extra_p50_s < long_.extra_p50_s
    assert short.extra_p90_s < long_.extra_p90_s


def test_a_cold_cache_here_makes_the_difference_small() -> None:
    """After its lifetime staying processes everything too."""
    session = make(*talk(4, model=OPUS, first=95_000))
    found = known(answer(session, SONNET, START + 9_000, BOOK).wait)
    assert abs(found.extra_p50_s) < 0.2


def test_what_was_learnt_counts() -> None:
    """A slow way to the provider is slow for both models."""
    found = known(wait(SONNET, taught(history(60, start_s=12.0))))
    assert found.stay_p50_s > 2 * known(wait(SONNET)).stay_p50_s


def test_a_model_hardly_seen_waits_as_the_session_s_own() -> None:
    """And what the switch adds: the way to the provider is known, and the kind of questions."""
    found = known(wait("claude-haiku-5-5", taught(history(9, start_s=20.0))))
    assert pytest.approx(found.stay_p50_s + found.extra_p50_s, abs=0.002) == found.switch_p50_s
    assert pytest.approx(found.stay_p90_s + found.extra_p90_s, abs=0.002) == found.switch_p90_s
    assert found.switch_p10_s < found.switch_p50_s


def test_unknown_in_unknown_out() -> None:
    """A local model on either side, never timed."""
    for own, target in ((OPUS, LOCAL), (LOCAL, OPUS)):
        found = wait(target, model=own)
        assert isinstance(found, Unknown)
        assert "timed here" in found.reason


def test_the_evidence_is_named() -> None:
    """Measured on the family, not measured, few calls, enough calls."""
    said = [
        known(wait(OPUS)).evidence,
        known(wait("claude-opus-5-5")).evidence,
        known(wait(OPUS, taught(history(1)))).evidence,
        known(wait(OPUS, taught(history(7)))).evidence,
        known(wait(OPUS, taught(history(40)))).evidence,
    ]
    assert [
        "no call of Opus 4.5 timed here; its rates are those of 19,205 recorded calls, 2026-11-21",
        "no call of Opus 5.5 timed here; nothing measured of this family is published, so the "
        "range is wide",
        "only one call of Opus 4.5 timed here; its rates are those of 19,205 recorded calls, "
        "2026-11-21",
        "only 7 calls of Opus 4.5 timed here; its rates are those of 19,205 recorded calls, "
        "2026-11-21",
        "learnt from 40 calls of Opus 4.5 here",
    ] == said


def test_a_session_of_one_call_without_times() -> None:
    """Nothing of its own is needed."""
    session = make(*prompt(0), call(1, 5, model=OPUS, write=9_000))
    assert known(answer(session, SONNET, 0.0, BOOK).wait).extra_p50_s < 1
