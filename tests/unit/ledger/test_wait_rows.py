"""Waits in the ledger: learnt, shown, and how they came out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from switchtax.ledger.accuracy import accuracy_document
from switchtax.ledger.store import Ledger
from switchtax.ledger.wait_rows import ShownWait
from switchtax.wording import waits_words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN = ShownWait("s1", "claude-code", 100.0, "sonnet", True, 2.0, 4.0, 8.0)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    found = Ledger(tmp_path / "ledger.db")
    yield found
    found.close()


def test_a_wait_is_closed_by_its_call(ledger: Ledger) -> None:
    """Shown twice before the call: the last one counts."""
    ledger.show_wait(SHOWN)
    ledger.show_wait(replace(SHOWN, mid_s=5.0))
    ((number, shown),) = ledger.open_waits("s1")
    assert (5.0, {"s1"}) == (shown.mid_s, ledger.sessions_waiting())
    ledger.close_wait(number, call="m1", at=110.0, wait_s=6.5)
    assert ([], set()) == (ledger.open_waits("s1"), ledger.sessions_waiting())
    (closed,) = ledger.closed_waits()
    assert (True, 6.5) == (closed.is_inside, closed.wait_s)


def test_a_call_that_says_nothing_of_it(ledger: Ledger) -> None:
    """Closed, and not counted."""
    ledger.show_wait(SHOWN)
    ((number, _),) = ledger.open_waits("s1")
    ledger.close_wait(number, call="m1", at=110.0, wait_s=None)
    assert ([], []) == (ledger.open_waits("s1"), ledger.closed_waits())


def test_statistics(ledger: Ledger) -> None:
    """How many were inside their range, and the median error in seconds."""
    for number, wait_s in enumerate((4.0, 9.0, 5.0, 3.0, 4.5), 1):
        ledger.show_wait(replace(SHOWN, session=f"s{number}"))
        ((row, _),) = ledger.open_waits(f"s{number}")
        ledger.close_wait(row, call="m", at=200.0 + number, wait_s=wait_s)
    learnt = [("claude-code", "sonnet", 31)]
    found = accuracy_document([], ledger.closed_waits(), learnt)["waits"]
    assert (5, 4, 1.0) == (found["checked"], found["inside"], found["median_error_s"])
    assert [{"agent": "claude-code", "model": "sonnet", "calls": 31}] == found["learnt_from"]
    said = "Waits: 5 checked, 4 inside their range. Learnt from 31 calls of 1 model."
    assert said == waits_words(found)


def test_too_few_to_say() -> None:
    """Said so, with how many there are."""
    found = accuracy_document([])["waits"]
    assert "Waits: not enough data yet." == waits_words(found)
    assert "Waits: not enough data yet (3 checked)." == waits_words(found | {"checked": 3})


def test_what_was_learnt_is_kept_by_part(ledger: Ledger) -> None:
    """A part that is gone is taken out; one that cannot be read is left out."""
    ledger.learn_waits({"seen": {"floor": 1.5}, "agent\tpi": [1, 2]})
    before = ledger.learnt_mark()
    ledger.learn_waits({"seen": {"floor": 2.5}, "agent\tpi": None})
    assert {"seen": {"floor": 2.5}} == ledger.learnt_waits()
    assert before != ledger.learnt_mark()
    ledger._write("INSERT INTO learnt_waits VALUES ('broken', '{')")
    assert {"seen": {"floor": 2.5}} == ledger.learnt_waits()


def test_forgetting(ledger: Ledger) -> None:
    """Only calls from then on teach."""
    assert "" == ledger.learnt_mark()
    ledger.learn_waits({"agent\tpi": [1, 2]})
    ledger.forget_waits(77.0)
    assert {"seen": {"at": {}, "floor": 77.0}} == ledger.learnt_waits()


def test_old_waits_are_pruned(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest stay."""
    monkeypatch.setattr("switchtax.ledger.wait_rows._MOST_WAITS", 2)
    for number in range(5):
        ledger.show_wait(replace(SHOWN, session=f"s{number}"))
    ledger.prune()
    assert {"s3", "s4"} == ledger.sessions_waiting()
