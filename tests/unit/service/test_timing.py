"""The daemon learns from the waits it sees, and checks what it had said of them."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from making import BOOK, ID, START, answered, asked, call, make, prompt, result, talk
from switchtax.estimates.for_session import answer
from switchtax.ledger.store import Ledger
from switchtax.records import Record, Source
from switchtax.service.live import Live
from switchtax.service.timing import Timing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from switchtax.sessions.fold import Session

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
SOURCE = Source("claude-code", "/log.jsonl", ID)


@pytest.fixture
def timing(tmp_path: Path) -> Iterator[Timing]:
    """With an empty ledger."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield Timing(ledger)
    ledger.close()


def one(number: int, at: float, wait_s: float = 4.0, model: str = OPUS) -> list[Record]:
    """A call whose first block came some seconds after the request, and the tool it used."""
    first = replace(call(number, at, model=model, read=50_000, write=500), at=START + at + wait_s)
    return [
        first, answered(number, at + wait_s), asked(number, at + wait_s),
        result(number, at + wait_s + 1),
    ]  # fmt: skip


def look(timing: Timing, session: Session, records: list[Record], *, anew: bool = False) -> None:
    """The daemon has read these records of the session."""
    timing.news(SOURCE, records, [Live(session, SOURCE)], anew=anew)


def show(timing: Timing, session: Session, model: str, at: float) -> None:
    """A switch was asked about."""
    timing.shown(answer(session, model, START + at, BOOK, waits=timing.book))


def told(session: Session, timing: Timing, records: list[Record]) -> None:
    """More of the session."""
    session.add_all(records)
    look(timing, session, records)


def test_calls_teach_and_are_kept(timing: Timing) -> None:
    """Another daemon takes it up; the log read from its start teaches nothing twice."""
    session, records = make(), [r for n in range(1, 9) for r in one(n, 60.0 * n)]
    told(session, timing, [*prompt(0), *records])
    assert [("claude-code", OPUS, 8)] == timing.book.models()
    again = Timing(timing.ledger)
    assert timing.book.models() == again.book.models()
    look(again, session, [*prompt(0), *records], anew=True)
    assert timing.book.parts() == again.book.parts()


def test_a_wait_that_was_shown_is_closed(timing: Timing) -> None:
    """By the switch's side here: staying says nothing any more."""
    session = make(*talk(4))
    show(timing, session, SONNET, 245)
    assert 2 == len(timing.ledger.open_waits(ID))
    told(session, timing, [*prompt(250), *one(9, 251, wait_s=5.5, model=SONNET)])
    assert [] == timing.ledger.open_waits(ID)
    (closed,) = timing.ledger.closed_waits()
    assert (SONNET, 5.5, True) == (closed.shown.model, closed.wait_s, closed.shown.switch)


def test_staying_is_shown_once(timing: Timing) -> None:
    """Both sides are one; it is closed by the call on the same model."""
    session = make(*talk(4))
    show(timing, session, OPUS, 245)
    told(session, timing, [*prompt(250), *one(9, 251)])
    (closed,) = timing.ledger.closed_waits()
    assert (False, 4.0) == (closed.shown.switch, closed.wait_s)


def test_a_call_long_after_says_nothing(timing: Timing) -> None:
    """Caches have run out meanwhile."""
    session = make(*talk(4))
    show(timing, session, OPUS, 245)
    told(session, timing, [*prompt(950), *one(9, 951)])
    assert ([], []) == (timing.ledger.open_waits(ID), timing.ledger.closed_waits())


def test_only_the_first_call_closes(timing: Timing) -> None:
    """Where the first one has no first sign, nothing can be checked."""
    session = make(*talk(4))
    show(timing, session, OPUS, 245)
    told(session, timing, [*prompt(250), call(8, 251, read=50_000), *one(9, 260)])
    assert ([], []) == (timing.ledger.open_waits(ID), timing.ledger.closed_waits())


def test_earlier_calls_do_not_close(timing: Timing) -> None:
    """A log that is read again, from its start."""
    records = [r for n in range(1, 5) for r in one(n, 60.0 * n)]
    session = make(*prompt(0), *records)
    show(timing, session, OPUS, 300)
    look(timing, session, [*prompt(0), *records], anew=True)
    assert 1 == len(timing.ledger.open_waits(ID))


def test_unknown_is_not_kept(timing: Timing) -> None:
    """Nothing was said of a local model."""
    show(timing, make(*talk(4)), "qwen3:30b", 245)
    assert [] == timing.ledger.open_waits(ID)


def test_somebody_had_it_forget(timing: Timing) -> None:
    """The command line did; before the next lesson the book is empty, and older calls stay out."""
    session = make()
    told(session, timing, [r for n in range(1, 9) for r in one(n, 60.0 * n)])
    timing.ledger.forget_waits(START + 600)
    told(session, timing, [*one(20, 500), *one(21, 700)])
    assert [("claude-code", OPUS, 1)] == timing.book.models()


def test_a_log_of_any_length_is_read_quickly(timing: Timing) -> None:
    """Only the last waits of one look are learnt."""
    session, records = make(), [r for n in range(1, 400) for r in one(n, 60.0 * n)]
    told(session, timing, records)
    assert [("claude-code", OPUS, 256)] == timing.book.models()


def test_a_source_that_is_gone(timing: Timing) -> None:
    """Its reader too; a second time is no trouble."""
    session = make()
    told(session, timing, one(1, 60))
    timing.forget(SOURCE.path)
    timing.forget(SOURCE.path)
    assert {} == timing._readers


def test_without_a_ledger_it_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is learnt holds for as long as the daemon lives."""
    caplog.set_level(logging.ERROR)
    timing = Timing(Ledger(tmp_path / "no" / "such" / "folder" / "ledger.db"))
    session = make()
    for n in range(1, 9):
        told(session, timing, one(n, 60.0 * n))
    assert [("claude-code", OPUS, 8)] == timing.book.models()
