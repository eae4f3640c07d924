"""Rates of a plan's windows are learnt as observations arrive, from the calls of all sessions."""

from __future__ import annotations

from dataclasses import replace

from making import BOOK, ID, START, call
from switchtax.records import RateLimits, Record
from switchtax.service import quotas
from switchtax.service.quotas import Quotas

CODEX, SOL = "codex", "gpt-6.1-sol"


def observed(at: float, percent: float) -> RateLimits:
    """The 5-hour window at a moment."""
    return RateLimits(ID, START + at, (("five_hour", percent),), (("five_hour", START + 9_000),))


def history(count: int) -> list[Record]:
    """So many rises of a point, each after a call."""
    rises: list[Record] = [observed(0, 10)]
    for n in range(1, count + 1):
        rises += [call(n, 60 * n, model=SOL, plain=50_000), observed(60 * n + 20, 10 + n)]
    return rises


def test_enough_observations_teach() -> None:
    """With the calls of the same batch."""
    known = Quotas(BOOK)
    known.news(CODEX, history(5))
    (rate,) = known.rates[CODEX]
    assert ("five_hour", 5) == (rate.window, rate.pairs)


def test_one_by_one_and_told_twice_is_the_same() -> None:
    """As a log grows, or is read anew."""
    known, at_once = Quotas(BOOK), Quotas(BOOK)
    at_once.news(CODEX, history(6))
    for record in [*history(6), *history(6)]:
        known.news(CODEX, [record])
    assert at_once.rates == known.rates


def test_calls_of_other_sessions_count() -> None:
    """The percentages are the account's."""
    alone, beside = Quotas(BOOK), Quotas(BOOK)
    others = [replace(call(90 + n, 60 * n + 5, model=SOL, plain=50_000), session_id="other")
              for n in range(1, 6)]  # fmt: skip
    beside.news(CODEX, others)
    for each in (alone, beside):
        each.news(CODEX, history(5))
    one, two = alone.rates[CODEX][0], beside.rates[CODEX][0]
    assert two.percent_per_usd.mid < 0.6 * one.percent_per_usd.mid


def test_calls_alone_teach_nothing() -> None:
    """Without an observation there is nothing to learn."""
    known = Quotas(BOOK)
    known.news(CODEX, [call(1, 60)])
    assert {} == known.rates


def test_the_oldest_calls_are_let_go() -> None:
    """What is kept is bounded."""
    known = Quotas(BOOK)
    known.news(CODEX, [call(n, n) for n in range(quotas._MOST_CALLS + 5)])
    assert quotas._MOST_CALLS == len(known._spent[CODEX])
