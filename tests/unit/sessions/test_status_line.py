"""What a status line told is taken up only where it speaks of the log's last request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, ID, START, call, make, talk
from switchtax.agents.claude_status_line import CacheTold, StatusLine
from switchtax.estimates.for_session import answer
from switchtax.records import ModelChosen, RateLimits
from switchtax.sessions.fold import Session
from switchtax.sessions.status_line import take_up

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
SENT_AT = 240
"""Seconds after the start at which the last request of `talk(4)` was sent."""


def told(session: Session, end: float, model: str = OPUS, *, ttl_s: int | None = 300) -> StatusLine:
    """The input after the session's last answer, whose cache ends so many seconds after START."""
    assert session.current is not None
    usage = session.current.usage
    cache = CacheTold(
        START + end, ttl_s, usage.uncached_tokens, usage.cache_read_tokens,
        usage.cache_write_tokens,
    )  # fmt: skip
    return StatusLine(ID, START + SENT_AT + 20, model, None, cache)


def ends_at(session: Session) -> float | None:
    """Seconds after the start at which the session's cache runs out."""
    view = answer(session, session.model, START + SENT_AT + 5, BOOK).stay.outlook
    return None if view.warm_until_at is None else view.warm_until_at - START


def test_a_shorter_clock_is_believed() -> None:
    """Of the same model and the same request."""
    session = make(*talk(4))
    assert SENT_AT + 300 == ends_at(session)
    assert take_up(session, told(session, 400))
    assert 400 == ends_at(session)
    assert not take_up(session, told(session, 400))


@pytest.mark.parametrize("end", [SENT_AT + 299, SENT_AT + 300, SENT_AT + 330])
def test_an_equal_or_longer_one_changes_nothing(end: float) -> None:
    """Its clock begins with the answer, the provider's with the request."""
    session = make(*talk(4))
    assert not take_up(session, told(session, end))
    assert SENT_AT + 300 == ends_at(session)


def test_right_after_a_switch_it_is_the_old_models() -> None:
    """The input names the new model and the old one's cache; and the log knows of the choice."""
    session = make(*talk(4))
    assert not take_up(session, told(session, 400, SONNET))
    session.add(ModelChosen(ID, START + SENT_AT + 10, SONNET))
    assert not take_up(session, told(session, 400, OPUS))
    assert SENT_AT + 300 == ends_at(session)


def test_of_an_earlier_request_it_is_not_believed() -> None:
    """After the new model's first answer, what was written before it."""
    session = make(*talk(4))
    before = told(session, 400)
    session.add(call(9, SENT_AT + 30, model=SONNET, write=54_000))
    assert not take_up(session, before)
    assert not take_up(session, replace(before, model=SONNET))


def test_it_stands_in_where_no_lifetime_is_known() -> None:
    """If it names one."""
    session = make(*talk(4))
    (prefix,) = session.caches.prefixes.values()
    session.caches.hold(replace(prefix, ttl_s=None))
    assert not take_up(session, told(session, 600, ttl_s=None))
    assert take_up(session, told(session, 600))
    assert 600 == ends_at(session)


def test_nothing_held_nothing_to_shorten() -> None:
    """Nor in a session that was never answered."""
    session = make(*talk(4))
    told_of_it = told(session, 400)
    session.caches.prefixes.clear()
    assert not take_up(session, told_of_it)
    assert not take_up(Session("claude-code", ID), told_of_it)


def test_limits_are_the_newest_told() -> None:
    """They are not in the log; the session is no more active for them."""
    session = make(*talk(4))
    last_at = session.last_at
    first, later = (RateLimits(ID, START + at, (("five_hour", at),)) for at in (300.0, 400.0))
    for limits in (later, first):
        take_up(session, StatusLine(ID, limits.at, OPUS, limits, None))
    assert (later, last_at) == (session.rate_limits, session.last_at)
