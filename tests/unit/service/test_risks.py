"""A risk that was shown waits for its switch, and for the turns after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from making import BOOK, ID, START, call, make, prompt, talk
from switchtax.estimates.for_session import answer
from switchtax.ledger.store import Ledger
from switchtax.records import Unknown
from switchtax.service.risks import RiskKeeping

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from switchtax.estimates.for_session import Answer
    from switchtax.records import Record
    from switchtax.sessions.fold import Session

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    found = Ledger(tmp_path / "ledger.db")
    yield found
    found.close()


def told(session: Session, model: str = SONNET) -> Answer:
    """An answer that tells a risk."""
    return answer(session, model, START + 250, BOOK)


def goes_on(keeping: RiskKeeping, session: Session, *records: Record) -> None:
    """The session reads more, and the keeping hears of it."""
    session.add_all(records)
    keeping.news(session, records)


def test_five_turns_later_the_outcome_is_kept(ledger: Ledger) -> None:
    """The level that was shown, with what was seen."""
    session, keeping = make(*talk(4)), RiskKeeping(ledger)
    keeping.shown(told(session))
    goes_on(keeping, session, *prompt(300))
    assert {ID} == ledger.sessions_at_risk()
    goes_on(keeping, session, call(10, 310, model=SONNET, write=54_000))
    for number in range(11, 16):
        more = call(number, 400.0 + number, model=SONNET, read=54_000, write=100)
        goes_on(keeping, session, *prompt(395.0 + number), more)
    (after,) = ledger.risk_outcomes()
    assert ("low", 5, False) == (after.level, after.turns, after.switched_back)
    assert set() == ledger.sessions_at_risk()


def test_staying_closes_it_without_an_outcome(ledger: Ledger) -> None:
    """Nothing was handed over."""
    session, keeping = make(*talk(4)), RiskKeeping(ledger)
    keeping.shown(told(session))
    goes_on(keeping, session, *prompt(300), call(10, 310, read=54_000, write=100))
    assert ([], set()) == (ledger.risk_outcomes(), ledger.sessions_at_risk())


def test_a_switch_back_ends_the_watch(ledger: Ledger) -> None:
    """At once."""
    session, keeping = make(*talk(4)), RiskKeeping(ledger)
    keeping.shown(told(session))
    goes_on(keeping, session, call(10, 310, model=SONNET, write=54_000))
    goes_on(keeping, session, call(11, 320, read=54_000, write=100))
    (after,) = ledger.risk_outcomes()
    assert after.switched_back


def test_a_session_that_is_left_keeps_what_was_seen(ledger: Ledger) -> None:
    """And one that is not watched keeps nothing."""
    session, keeping = make(*talk(4)), RiskKeeping(ledger)
    keeping.shown(told(session))
    goes_on(keeping, session, call(10, 310, model=SONNET, write=54_000))
    keeping.forget(ID)
    keeping.forget(ID)
    assert [1] == [after.turns for after in ledger.risk_outcomes()]


def test_what_tells_no_risk_is_not_kept(ledger: Ledger) -> None:
    """Staying, and a risk that is not known; the same told twice is written once."""
    session, keeping = make(*talk(4)), RiskKeeping(ledger)
    keeping.shown(told(session, OPUS))
    keeping.shown(replace(told(session), risk=Unknown("x")))
    goes_on(keeping, session, *prompt(300))
    assert set() == ledger.sessions_at_risk()
    for _ in range(2):
        keeping.shown(told(session))
    ((number, _),) = ledger.open_risks(ID)
    assert 1 == number


def test_a_new_daemon_knows_what_is_open(ledger: Ledger) -> None:
    """From the ledger."""
    session = make(*talk(4))
    RiskKeeping(ledger).shown(told(session))
    again = RiskKeeping(ledger)
    goes_on(again, session, call(10, 310, model=SONNET, write=54_000))
    again.forget(ID)
    assert 1 == len(ledger.risk_outcomes())
