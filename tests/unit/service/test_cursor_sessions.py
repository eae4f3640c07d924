"""The daemon follows a recording of Cursor: meters, and estimates that come true, or cannot."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from switchtax.agents.cursor_recording import COMPOSER, chosen_line, context_line, line_of
from switchtax.catalog.book import PriceBook
from switchtax.estimates.steps import finish
from switchtax.ledger.store import Ledger
from switchtax.service.claims import claim_of
from switchtax.service.cursor_side import CursorSide
from switchtax.service.hub import Hub
from switchtax.service.keeping import Keeping
from switchtax.service.live import LiveSessions
from switchtax.service.methods import Methods
from switchtax.service.params import Fault
from switchtax.service.places import Places
from switchtax.service.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from switchtax.estimates.for_session import Answer
    from switchtax.service.live import Live

OPUS, SONNET = "claude-opus-4-8", "claude-sonnet-4-6"
TOLD = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


class Inside:
    """A hub, and the recording that hooks fill."""

    def __init__(self, folder: Path) -> None:
        self.now = time.time() - 600
        env = {"XDG_STATE_HOME": str(folder / "state")}
        self.places = Places(folder / "r", folder / "state" / "switchtax", "0" * 12)
        self.places.prepare_state()
        self.recording = Recording(self.places.state, lambda: self.now)
        self.ledger = Ledger(self.places.ledger)
        book = PriceBook()
        live = LiveSessions(book, env=env, home=folder / "home", clock=lambda: self.now)
        self.hub = Hub(live, self.places, Keeping(self.ledger, book))

    def turn(self, generation: str, *counts: int, model: str = OPUS, context: int = 0) -> None:
        """A prompt, and half a minute later what it used."""
        given = {"generation_id": generation, "model": model, "status": "completed"}
        self._add(line_of("prompt", given, self.now))
        self.now += 30
        self._add(line_of("turn", given | dict(zip(TOLD, counts, strict=True)), self.now))
        if context:
            self.context(context)

    def context(self, tokens: int) -> None:
        """What the editor's database says."""
        self._add(context_line(self.now, tokens, source=COMPOSER))

    def _add(self, line: dict[str, Any] | None) -> None:
        assert line is not None
        assert self.recording.append("c-1", line)

    def meter(self) -> str:
        """The meter after a look at everything."""
        asyncio.run(self.hub.look_around())
        finish(self.hub.tick(self.now))
        return "".join(meter.line for meter in self.hub.meters.shown.values())

    def found(self, model: str) -> Answer:
        """What a switch costs now."""
        found = self.hub.live.answer(self.recording.path("c-1"), "c-1", model, self.now)
        assert found is not None
        return found


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    """A hub without a session."""
    found = Inside(tmp_path)
    yield found
    found.ledger.close()


def test_the_meter_shows_the_context_that_was_told(inside: Inside) -> None:
    """And what all turns cost; a picked model stands first."""
    inside.turn("g-1", 905_000, 4_000, 850_000, 54_000, context=64_000)
    line = inside.meter()
    assert line.startswith("Opus 4.8 · 64k context · cache warm · $0.87 spent")
    inside._add(chosen_line(inside.now, SONNET))
    assert inside.meter().startswith("next: Sonnet 4.6 re-reads ")


def test_without_a_context_there_is_no_meter_until_it_is_told(inside: Inside) -> None:
    """What it was before the turn is not shown as if it were now."""
    inside.turn("g-1", 90_000, 400, 50_000, 39_000, context=64_000)
    assert "64k context" in inside.meter()
    inside.now += 10
    inside.turn("g-2", 200_000, 400, 190_000, 9_000)
    assert "64k" not in inside.meter()
    live = inside.hub.live.known("c-1")
    assert live is not None
    asyncio.run(inside.hub._work_ahead(live))
    assert "" == inside.meter()
    inside.context(71_000)
    assert "71k context" in inside.meter()


def test_a_turn_that_ends_while_a_list_is_made(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From then on its context is not known: it is left out, or that is said."""
    inside.turn("g-1", 90_000, 400, 50_000, 39_000, context=64_000)
    inside.meter()
    methods, known = Methods(inside.hub, "0" * 12), []

    async def weigh(live: Live) -> None:
        known.append(live.session.id)
        inside.turn(f"g-{len(known) + 1}", 200_000, 400, 190_000, 9_000)
        inside.hub.live.refresh(live.source)

    monkeypatch.setattr(inside.hub, "weigh_one", weigh)
    assert [] == asyncio.run(methods.call("session/list", {}))["sessions"]
    inside.context(71_000)
    with pytest.raises(Fault, match="how large the context is"):
        asyncio.run(methods.call("session/get", {"session": "c-1"}))
    assert ["c-1", "c-1"] == known


def test_an_estimate_is_checked_by_a_turn_of_one_request(inside: Inside) -> None:
    """Its input side is what the next request was foretold to cost."""
    inside.turn("g-1", 90_000, 400, 50_000, 39_000, context=64_000)
    inside.meter()
    inside.hub.keeping.shown(claim_of(inside.found(SONNET)), "editor")
    inside.now += 10
    inside.turn("g-2", 50_000, 200, 0, 49_900, model=SONNET, context=50_200)
    inside.meter()
    (closed,) = inside.ledger.outcomes(9)
    assert round(100 * 3 + 49_900 * 3.75) == closed.usd_micros


def test_a_sum_of_several_requests_checks_nothing(inside: Inside) -> None:
    """It is closed all the same: the moment has passed."""
    inside.turn("g-1", 90_000, 400, 50_000, 39_000, context=64_000)
    inside.meter()
    inside.hub.keeping.shown(claim_of(inside.found(SONNET)), "editor")
    assert inside.ledger.open_of("c-1")
    inside.now += 10
    inside.turn("g-2", 180_000, 200, 120_000, 59_900, model=SONNET, context=52_000)
    inside.meter()
    assert [] == list(inside.ledger.outcomes(9))
    assert [] == list(inside.ledger.open_of("c-1"))


def test_a_context_that_was_not_known_is_asked_for_before_a_question(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody told it after the turn: without it there is no number to say."""
    monkeypatch.setattr("switchtax.service.cursor_side._context_of", lambda _: (71_000, None))
    monkeypatch.setattr("switchtax.service.cursor_side._LONGEST_LOOK_S", 60.0)
    inside.turn("g-1", 200_000, 400, 190_000, 9_000)
    inside.meter()
    given = {"conversation_id": "c-1", "model": SONNET}

    async def asked() -> None:
        await CursorSide(inside.hub).prepare("beforeSubmitPrompt", given)

    assert inside.hub.live.known("c-1").session.current is None
    asyncio.run(asked())
    assert 71_000 == inside.found(SONNET).session.context_tokens
