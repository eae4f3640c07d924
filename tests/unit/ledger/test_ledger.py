"""Estimates wait for their calls; the statistics say how they came true."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from switchtax.ledger.accuracy import accuracy_document, accuracy_words
from switchtax.ledger.store import Ledger, Quota, Shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SHOWN = Shown("s1", "claude-code", "hook", 100.0, "sonnet", True, "none", 90, 100, 120)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty one."""
    found = Ledger(tmp_path / "ledger.db")
    yield found
    found.close()


def test_an_estimate_is_closed_by_its_call(ledger: Ledger) -> None:
    """Shown twice before the call: the last one counts."""
    ledger.show(SHOWN)
    ledger.show(replace(SHOWN, mid=110))
    ((number, shown),) = ledger.open_of("s1")
    assert (110, {"s1"}) == (shown.mid, ledger.sessions_open())
    ledger.close_estimate(number, call="m1", at=110.0, sent_tokens=50, usd_micros=100)
    assert [] == ledger.open_of("s1")
    (closed,) = ledger.outcomes()
    assert (True, 0.1, 50) == (closed.is_inside, closed.error, closed.sent_tokens)


def test_a_call_that_says_nothing_of_it(ledger: Ledger) -> None:
    """Closed, and not counted."""
    ledger.show(SHOWN)
    ((number, _),) = ledger.open_of("s1")
    ledger.close_estimate(number, call="m1", at=110.0)
    assert ([], []) == (ledger.open_of("s1"), ledger.outcomes())


def test_statistics(ledger: Ledger) -> None:
    """Median error, and how many were inside."""
    assert "No estimate" in accuracy_words(accuracy_document(ledger.outcomes()))
    for number, usd_micros in enumerate((100, 125, 100, 80), 1):
        ledger.show(replace(SHOWN, session=f"s{number}", switch=number != 4))
        ((row, _),) = ledger.open_of(f"s{number}")
        ledger.close_estimate(row, call="m", at=200.0 + number, usd_micros=usd_micros)
    found = accuracy_document(ledger.outcomes())
    assert (4, 2, 10.0) == (found["estimates"], found["inside"], found["median_error_percent"])
    assert (3, 1) == (found["switches"]["estimates"], found["stays"]["estimates"])
    assert "Last 4 estimates: median error 10 %, 2 inside their range." == accuracy_words(found)
    assert "One estimate" in accuracy_words(accuracy_document(ledger.outcomes(1)))


def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    """And said; what comes is kept in a new one."""
    path = tmp_path / "ledger.db"
    path.write_bytes(b"no database at all, but long enough to be looked at" * 40)
    ledger = Ledger(path)
    assert "DatabaseError" in ledger.trouble
    ledger.show(SHOWN)
    assert 1 == len(ledger.open_of("s1"))
    assert path.with_name("ledger.db.broken").exists()
    ledger.close()
    ledger.show(SHOWN)
    assert [] == ledger.open_of("s1")


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The trouble is kept, nothing is raised."""
    ledger = Ledger(tmp_path / "no" / "ledger.db")
    ledger.show(SHOWN)
    assert [] == ledger.outcomes()
    assert "unable to open" in ledger.trouble


def test_a_full_disk_is_said_and_survived(ledger: Ledger) -> None:
    """As soon as there is room again all is well."""
    assert ledger._db is not None
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count={pages}")
    for number in range(500):
        ledger.show(replace(SHOWN, session=f"{'s' * 200}{number}"))
    assert "full" in ledger.trouble
    ledger._db.execute("PRAGMA max_page_count=100000")
    ledger.show(SHOWN)
    assert "" == ledger.trouble


def test_of_each_hook_the_last_time_is_kept(tmp_path: Path) -> None:
    """By agent and event; nothing of what the hook brought."""
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.hook_fired("claude-code", "SessionStart", 5.0)
    ledger.hook_fired("claude-code", "SessionStart", 7.0)
    ledger.hook_fired("codex", "Stop", 6.0)
    ledger.close()
    again = Ledger(tmp_path / "ledger.db")
    assert {("claude-code", "SessionStart"): 7.0, ("codex", "Stop"): 6.0} == again.hooks_fired()
    again.close()
    assert {} == again.hooks_fired()


def test_what_a_plans_windows_told(tmp_path: Path) -> None:
    """Newest first, of one agent."""
    ledger = Ledger(tmp_path / "ledger.db")
    first, second = Quota("claude-code", 1.0, "s1", 0.2, 9.0), Quota("claude-code", 2.0, "s2", 0.3)
    for quota in (first, second, Quota("codex", 3.0, "s3", 0.4)):
        ledger.used(quota)
    ledger.prune()
    assert [second, first] == list(ledger.quotas("claude-code"))
    assert [second] == list(ledger.quotas("claude-code", 1))
    ledger.close()


class TestQueue:
    """What somebody waits for is answered first, and kept together with what comes next."""

    def test_estimates_are_kept_together(self, ledger: Ledger, tmp_path: Path) -> None:
        """Whoever has them flushed is told once; another process sees them then."""
        told: list[str] = []
        ledger.on_queued = lambda: told.append("queued")
        other = Ledger(tmp_path / "ledger.db")
        for name in ("s1", "s2", "s3"):
            ledger.show(replace(SHOWN, session=name))
        assert (["queued"], set()) == (told, other.sessions_open())
        ledger.flush()
        assert {"s1", "s2", "s3"} == other.sessions_open()
        ledger.show(SHOWN)
        assert ["queued", "queued"] == told
        other.close()

    def test_nothing_is_read_or_written_before_them(self, ledger: Ledger) -> None:
        """An estimate is there when its call asks for it, and when the file is let go."""
        ledger.on_queued = lambda: None
        ledger.show(SHOWN)
        assert 1 == len(ledger.open_of("s1"))
        ledger.show(replace(SHOWN, session="s2"))
        ledger.close()
        again = Ledger(ledger.path)
        assert {"s1", "s2"} == again.sessions_open()
        again.close()

    def test_a_full_disk_loses_them_and_says_so(self, ledger: Ledger) -> None:
        """None of those kept together stays half; what comes later is kept."""
        ledger.on_queued = lambda: None
        ledger.show(SHOWN)
        ledger._queue("INSERT INTO a_full_disk VALUES (1)")
        ledger.flush()
        assert "a_full_disk" in ledger.trouble
        assert [] == ledger.open_of("s1")
        ledger.show(SHOWN)
        assert (1, "") == (len(ledger.open_of("s1")), ledger.trouble)

    def test_many_are_kept_some_at_a_time(self, ledger: Ledger, tmp_path: Path) -> None:
        """Whoever asks in between waits for some only; another process can read meanwhile."""
        ledger.on_queued = lambda: None
        names = [f"s{number}" for number in range(50)]
        for name in names:
            ledger.show(replace(SHOWN, session=name))
        other = Ledger(tmp_path / "ledger.db")
        seen = []
        while ledger.flush_some():
            seen.append(len(other.sessions_open()))
        assert [20, 40, 50] == [*seen, len(other.sessions_open())]
        assert not ledger.flush_some()
        other.close()

    def test_the_log_is_put_into_the_file(self, ledger: Ledger) -> None:
        """Once enough was written, from another thread, while this one writes on."""
        ledger.on_queued = lambda: None
        before = ledger.path.stat().st_size
        for number in range(600):
            if number == 400:
                ledger.flush()
                ledger.tidy()
                assert before == ledger.path.stat().st_size
            ledger.show(replace(SHOWN, session=f"s{number}"))
        ledger.flush()
        tidying = threading.Thread(target=ledger.tidy)
        tidying.start()
        ledger.show(SHOWN)
        tidying.join()
        ledger.flush()
        assert ledger.path.stat().st_size > before
