"""The share of a plan's window, read aloud: in a popup where there is a plan, else nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, ID, START, make, talk
from switchtax import wording
from switchtax.cli import explain
from switchtax.documents import quota_json
from switchtax.estimates.for_session import Answer, answer
from switchtax.estimates.interval import Interval
from switchtax.estimates.quota import NOT_ENOUGH, Share
from switchtax.records import RateLimits

SHARE = Share("five_hour", Interval(0.9, 1.4, 2.1), 8)
SAID = "about 1.4 % of your 5-hour window (0.9–2.1)"
PLAN = RateLimits(ID, START + 241, (("five_hour", 24.0),))


def found(*shares: Share, plan: bool = True) -> Answer:
    """A switch on a plan, with these shares."""
    session = make(*talk(4, opening=20_000, first=150_000), *([PLAN] if plan else []))
    told = answer(session, "claude-sonnet-5-5", START + 250, BOOK)
    return replace(told, quota=shares or NOT_ENOUGH)


def test_a_popup_on_a_plan_tells_the_share() -> None:
    """In its last line, with what still fits."""
    lines = wording.popup(found(SHARE))
    assert lines[-1].startswith(f"The next call takes {SAID}.")
    assert len(lines) <= 3
    assert [] == [line for line in lines if len(line) > 74]


@pytest.mark.parametrize("without", [found(), found(SHARE, plan=False)])
def test_no_plan_or_nothing_learnt_says_nothing(without: Answer) -> None:
    """Never a guess."""
    assert "window" not in " ".join(wording.popup(without))


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (
            Share("seven_day", Interval(0.02, 0.3, 12.4), 5),
            "about 0.3 % of your weekly window (0.02–12)",
        ),
        (Share("five_hour", Interval(0.0, 0.04, 1.0), 5), ""),
    ],
)
def test_numbers_are_as_short_as_they_can_be(share: Share, said: str) -> None:
    """Tenths below ten; what is tiny is not worth a word."""
    assert said == wording.quota_words((share,))


def test_the_weekly_window_is_told_where_the_shorter_one_is_not_touched() -> None:
    """The first that is worth a word."""
    tiny = Share("five_hour", Interval(0.0, 0.01, 0.02), 5)
    weekly = Share("seven_day", Interval(0.2, 0.3, 0.4), 5)
    assert "about 0.3 % of your weekly window (0.2–0.4)" == wording.quota_words((tiny, weekly))


def test_the_explanation_names_what_it_was_learnt_from() -> None:
    """Or why it is not known, where there is a plan."""
    said = " ".join(" ".join(explain.lines(found(SHARE))).split())
    assert f"plan the next call takes {SAID}, learnt from 8 changes of the percentage" in said
    assert "not enough data" in " ".join(explain.lines(found()))
    assert "not enough data" not in " ".join(explain.lines(found(plan=False)))


def test_the_document_holds_every_window() -> None:
    """Or the reason."""
    assert {"five_hour": {"percent": {"low": 0.9, "mid": 1.4, "high": 2.1}, "pairs": 8}} == (
        quota_json((SHARE,))
    )
    assert {"unknown": NOT_ENOUGH.reason} == quota_json(NOT_ENOUGH)
