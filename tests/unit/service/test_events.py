"""Each thing that happens to a session becomes one event, with its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from making import BOOK, ID, START, call, talk
from switchtax.ledger.store import Event, Ledger
from switchtax.records import Cleared, Compaction, EffortChosen, ModelChosen, Record, Resumed
from switchtax.service.events import EventReader
from switchtax.service.keeping import is_material

if TYPE_CHECKING:
    from pathlib import Path

SONNET = "claude-sonnet-5-5"


def events(*records: Record) -> list[Event]:
    """What a session with these records after four calls tells."""
    return EventReader("claude-code", BOOK).read([*talk(4), *records])


def causes(*records: Record) -> list[tuple[str, str]]:
    """Kind and cause alone."""
    return [(event.kind, event.cause) for event in events(*records)]


class TestSwitches:
    """Announced and silent ones."""

    def test_announced(self) -> None:
        """The announcement and the call are one event, priced by what the call cost."""
        chosen = ModelChosen(ID, START + 250, SONNET, source="command")
        (event,) = events(chosen, call(9, 260, model=SONNET, write=53_000))
        assert ("switch", "command") == (event.kind, event.cause)
        assert ("claude-opus-5-5", SONNET) == (event.before, event.after)
        assert round(53_000 * 2.5) == event.usd_micros
        assert is_material(event)

    def test_silent(self) -> None:
        """No announcement: fallback by the agent, a picker that logs nothing."""
        assert [("switch", "silent")] == causes(call(9, 260, model=SONNET, write=53_000))
        fallback = ModelChosen(ID, START + 250, SONNET, automatic=True)
        assert [("switch", "fallback")] == causes(fallback, call(9, 260, model=SONNET))
        resumed = Resumed(ID, START + 250)
        assert [("switch", "resumed")] == causes(resumed, call(9, 260, model=SONNET))

    def test_another_spelling_is_none(self) -> None:
        """An alias and a dated id of one model."""
        assert [] == EventReader("claude-code", BOOK).read(
            [*talk(2, model="claude-opus-4-5"), call(9, 200, model="claude-opus-4-5-20251101",
                                                     read=51_000)]
        )  # fmt: skip

    def test_repeated_lines_of_a_call_count_once(self) -> None:
        """A response stands on several lines."""
        switched = call(9, 260, model=SONNET, write=53_000)
        assert 1 == len(events(switched, switched))

    def test_side_calls_are_none(self) -> None:
        """A sub-agent on another model switches nothing."""
        assert [] == causes(call(9, 260, model=SONNET, sidechain=True))


class TestCold:
    """A prefix that was held is not read."""

    def test_expired_and_lost(self) -> None:
        """By the time between."""
        assert [("cold", "expired")] == causes(call(9, 4_000, write=54_000))
        assert [("cold", "lost")] == causes(call(9, 260, write=54_000))

    def test_a_compaction_explains_it(self) -> None:
        """One event, not two; clearing is nobody's news."""
        compacted = Compaction(ID, START + 250, trigger="auto", before_tokens=53_000)
        assert [("compaction", "auto")] == causes(compacted, call(9, 260, write=9_000))
        assert [] == causes(Cleared(ID, START + 250), call(9, 260, write=9_000))

    def test_small_or_warm_is_none(self) -> None:
        """What is read is not cold."""
        assert [] == causes(call(9, 260, read=53_000, write=500))

    def test_below_the_threshold_nobody_is_told(self) -> None:
        """A cold send of some cents stays in the meter."""
        (event,) = events(call(9, 4_000, write=6_000))
        assert not is_material(event)


def test_settings() -> None:
    """Effort and fast mode, chosen or not."""
    reader = EventReader("claude-code", BOOK)
    reader.read([*talk(3, effort="high")])
    (effort,) = reader.read(
        [EffortChosen(ID, START + 200, "low"), call(9, 210, read=52_000, effort="low")]
    )
    assert ("effort", "chosen", "high", "low") == (
        effort.kind, effort.cause, effort.before, effort.after,
    )  # fmt: skip
    (fast,) = reader.read([call(10, 220, read=52_000, effort="low", fast=True)])
    assert ("fast", "silent", "normal", "fast") == (fast.kind, fast.cause, fast.before, fast.after)


def test_found_again_it_is_not_new(tmp_path: Path) -> None:
    """Read from the start after a restart: the same keys."""
    switched = call(9, 260, model=SONNET, write=53_000)
    ledger = Ledger(tmp_path / "ledger.db")
    assert [True] == [ledger.happened(event) for event in events(switched)]
    assert [False] == [ledger.happened(event) for event in events(switched)]
    assert ["switch"] == [event.kind for event in ledger.events(ID)]
    assert [] == list(ledger.events("another"))
    ledger.prune()
    assert 1 == len(list(ledger.events()))
    ledger.close()
