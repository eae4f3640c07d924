"""The daemon's inside, without sockets and with a clock of our own."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from agent_picks import PICKS
from claude_transcript import START, command, said
from service_support import lines
from switchtax.catalog.book import PriceBook
from switchtax.estimates.steps import finish
from switchtax.ledger.store import Ledger
from switchtax.service.hub import Hub
from switchtax.service.keeping import Keeping
from switchtax.service.live import LiveSessions
from switchtax.service.methods import Methods
from switchtax.service.params import Fault
from switchtax.service.places import Places
from switchtax.service.protocol import Code, Notification

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from switchtax.estimates.for_session import Answer


class Inside:
    """A hub on a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.now = folder / "home", time.time()
        self.path = self.home / ".claude" / "projects" / "p" / "s1.jsonl"
        self.path.parent.mkdir(parents=True)
        self.path.write_text(lines(0, 4, ends_at=self.now - 20))
        self.places = Places(folder / "r", folder / "s", "0" * 12)
        self.places.prepare_state()
        self.ledger = Ledger(self.places.ledger)
        book = PriceBook()
        live = LiveSessions(book, env={}, home=self.home, clock=lambda: self.now)
        self.hub = Hub(live, self.places, Keeping(self.ledger, book))
        self.methods = Methods(self.hub, "0" * 12)
        self.told: list[Notification] = []
        self.hub.subscribers.add(self.told.append)

    def look(self) -> None:
        """Look at everything once."""
        asyncio.run(self.hub.look_around())

    def meters(self) -> list[str]:
        """The meter lines told so far; forgotten then."""
        found = [t.params["line"] for t in self.told if t.method == "meter/didChange"]
        self.told.clear()
        return found

    def append(self, *written: dict[str, Any]) -> None:
        """More lines in the transcript."""
        with self.path.open("a") as file:
            file.writelines(json.dumps(one | {"sessionId": "s1"}) + "\n" for one in written)


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    """One hub."""
    found = Inside(tmp_path)
    yield found
    found.ledger.close()


def test_looking_around_tells_how_far_it_is(inside: Inside) -> None:
    """`$/progress`, then the meters."""
    inside.look()
    told = [t.params["done"] for t in inside.told if t.method == "$/progress"]
    assert [0, 1] == told
    (line,) = inside.meters()
    assert "cache until" in line
    inside.look()
    assert [] == inside.meters()


def test_a_cache_that_runs_out_changes_the_meter(inside: Inside) -> None:
    """Though nobody writes anything; an hour later the session is no longer live."""
    inside.look()
    inside.meters()
    finish(inside.hub.tick(inside.now))
    assert [] == inside.meters()
    inside.now += 3000
    finish(inside.hub.tick(inside.now))
    (line,) = inside.meters()
    assert "cache until" not in line
    inside.now += 3000
    finish(inside.hub.tick(inside.now))
    assert {} == inside.hub.meters.shown
    assert not inside.places.meter("s1").exists()
    inside.now += 7200
    finish(inside.hub.tick(inside.now))
    assert [] == list(inside.hub.live.all())


def test_one_of_many_in_a_database(inside: Inside) -> None:
    """A row of one session leaves the others' meters, and what was worked out of them, alone."""
    picking, at = PICKS["OpenCode 2's row of the pick"], inside.now - 10
    first, second = (picking.make(inside.home, number, at) for number in range(2))
    inside.look()
    before = [inside.hub.live.find(id_) for id_, _ in (first, second)]
    assert 3 == len(inside.hub.meters.shown)
    inside.hub.meters.shown.clear()
    picking.pick(first, inside.now)
    inside.look()
    assert {first[0]} == inside.hub.meters.shown.keys()
    assert [1, 0] == [inside.hub.live.changes_of(live) - live.changes for live in before]


def test_what_an_estimate_has_read_first_is_told_all_the_same(inside: Inside) -> None:
    """Asked at the very moment of an append, before the watcher tells of it."""
    inside.look()
    inside.meters()
    inside.append(*map(json.loads, lines(4, 1, ends_at=inside.now).splitlines()))
    live = inside.hub.live.find("s1")
    assert [] == inside.meters()
    inside.hub.changed(live.source)
    (line,) = inside.meters()
    assert " · 35k context · " in line


@pytest.mark.parametrize("method", ["session_get", "session_list"])
def test_who_asks_for_a_session_keeps_its_meter_from_nobody(inside: Inside, method: str) -> None:
    inside.look()
    inside.meters()
    inside.append(*map(json.loads, lines(4, 1, ends_at=inside.now).splitlines()))
    live = inside.hub.live.find("s1")
    asyncio.run(getattr(inside.methods, method)({"session": "s1"}))
    inside.hub.changed(live.source)
    (line,) = inside.meters()
    assert " · 35k context · " in line


def test_a_chosen_model_stands_in_the_meter_at_once(inside: Inside) -> None:
    """Right after `/model`, before any call: what it must re-read."""
    inside.look()
    inside.meters()
    second = inside.now - START - 5
    inside.append(command(second, "model", "sonnet"), said(second + 1, "Set model to Sonnet 5.5"))
    inside.look()
    (line,) = inside.meters()
    assert line.startswith("next: Sonnet 5.5 re-reads ")


def test_useful_switches_are_found_in_steps(inside: Inside) -> None:
    """And told when they differ from what was shown."""

    async def weighing() -> None:
        await inside.hub.look_around()
        inside.now += 1
        task = asyncio.create_task(inside.hub.weigh())
        async with asyncio.timeout(10):
            while not inside.hub.meters.useful("s1"):
                await asyncio.sleep(0)
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(weighing())
    assert " saves $" in inside.meters()[-1]


@pytest.mark.parametrize("rounds", range(5))
def test_work_ahead_ends_when_it_is_told_to(inside: Inside, rounds: int) -> None:
    """Also at the very moment at which something becomes due: else the daemon would never end."""

    async def ended() -> bool:
        task = asyncio.create_task(inside.hub.weigh())
        for _ in range(3):
            await asyncio.sleep(0)
        inside.hub._more_due.set()
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=1)
        return done == {task}

    assert asyncio.run(ended())


def test_what_the_clock_will_change_is_worked_out_shortly_before(inside: Inside) -> None:
    """Half a minute before the cache runs out, so that nobody asks in vain when it has."""
    inside.look()
    (live,) = inside.hub.live.all()
    asyncio.run(inside.hub._work_ahead(live))
    turn = inside.hub.live.standing.next_turn_at(live, inside.now)
    assert turn is not None
    assert {"s1": pytest.approx(turn - 30)} == inside.hub._due
    inside.hub._due.clear()
    inside.now = turn - 10
    asyncio.run(inside.hub._work_ahead(live))
    assert {"s1": pytest.approx(turn, abs=0.1)} == inside.hub._due
    own = live.session.model
    for at in (inside.now, turn + 0.05):
        assert [] == finish(inside.hub.live.standing.preparing(live, [own], at, 10))


def test_nothing_is_foreseen_of_a_session_that_nobody_will_use_then(inside: Inside) -> None:
    """It has stood for nearly an hour: the next turn of the clock is after that."""
    inside.look()
    (live,) = inside.hub.live.all()
    inside.hub._due.clear()
    inside.now += 3_500
    asyncio.run(inside.hub._work_ahead(live))
    assert {} == inside.hub._due


@pytest.mark.parametrize(("asked_ago_s", "nap_s"), [(0.001, 0.005), (0.02, 0)])
def test_work_ahead_waits_while_somebody_asks(
    inside: Inside, asked_ago_s: float, nap_s: float
) -> None:
    """Question after question goes first; else others get their turn and it goes on."""
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    inside.hub.asked_at = 100.0 - asked_ago_s
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("switchtax.service.hub.asyncio", SimpleNamespace(sleep=nap))
        patched.setattr("switchtax.service.hub.time", SimpleNamespace(perf_counter=lambda: 100.0))
        asyncio.run(inside.hub._give_way(0.005))
    assert [nap_s] == naps


def test_a_full_disk_does_not_silence_the_meter(inside: Inside) -> None:
    """Subscribers are told, the file is not written, and that is known."""
    inside.places.meters.rmdir()
    inside.look()
    assert 1 == len(inside.meters())
    assert inside.hub.disk_trouble


def test_hooks_are_answered_by_their_dialect(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialect asks for an answer, which counts as shown; whatever it raises is no opinion."""
    asked: list[Answer | None] = []

    def respond(event: str, hook_input: Any, env: Any, ask: Any, **_: Any) -> Any:
        if event == "Break":
            raise ValueError(hook_input)
        if event == "Strange":
            return ["no object"]
        asked.append(ask(hook_input["path"], "", hook_input["to"]))
        return {"event": event}

    name = "switchtax.hooks.claude_code"
    monkeypatch.setitem(sys.modules, "switchtax.hooks", SimpleNamespace())  # type: ignore[misc]
    monkeypatch.setitem(sys.modules, name, SimpleNamespace(respond=respond, Seen=SimpleNamespace))  # type: ignore[misc]
    path = str(inside.path)
    params = {
        "agent": "claude-code",
        "input": {"hook_event_name": "PreModelSwitch", "path": path, "to": "sonnet"},
    }
    found = asyncio.run(inside.methods.call("switch/will", params))
    assert {"output": {"event": "PreModelSwitch"}} == found
    assert asked[0] is not None
    assert 2 == len(inside.ledger.open_of("s1"))
    changes = inside.ledger._db.total_changes  # type: ignore[union-attr]
    asyncio.run(inside.methods.call("switch/will", params))
    assert changes == inside.ledger._db.total_changes  # type: ignore[union-attr]
    assert asked.pop() is not None
    for hook_input in ({"path": path, "to": " "}, {"path": "/no/such", "to": "sonnet"}):
        inside.methods.opinion("claude-code", "Pre", hook_input, {})
    assert [None, None] == asked[1:]
    for event in ("Break", "Strange"):
        assert {} == inside.methods.opinion("claude-code", event, {}, {})


def test_faults(inside: Inside) -> None:
    """Numbers that are none, sessions that have no answer."""
    with pytest.raises(Fault) as fault:
        asyncio.run(inside.methods.call("switch/estimate", {"session": "s1", "at": "noon"}))
    assert {"code": Code.INVALID_PARAMS, "message": "at: a positive number is needed"} == (
        fault.value.document()
    )
    inside.path.write_text("")
    with pytest.raises(Fault, match="no answered request"):
        asyncio.run(inside.methods.call("switch/did", {"session": str(inside.path)}))
    with pytest.raises(Fault, match="protocol 1"):
        inside.methods.initialize({"protocol": 2})


def test_a_switch_that_happened_is_looked_at_at_once(inside: Inside) -> None:
    """The session's meter is brought up to date."""
    assert {} == asyncio.run(inside.methods.call("switch/did", {"session": "s1"}))
    assert 1 == len(inside.meters())


def test_a_file_that_is_gone(inside: Inside) -> None:
    """Asked for by path or by id: said; seen by a watcher: let go."""
    inside.look()
    (source,) = (live.source for live in inside.hub.live.all())
    inside.path.unlink()
    inside.hub.changed(source)
    with pytest.raises(Fault):
        asyncio.run(inside.methods.call("session/get", {"session": str(inside.path)}))
    inside.hub.gone(str(inside.path.parent))
    assert [] == list(inside.hub.live.all())


def test_a_session_that_rested_for_hours_is_answered_when_asked_for(inside: Inside) -> None:
    """By an editor and by its status line; nobody had its meter before."""
    inside.now += 3 * 3_600
    told = asyncio.run(inside.methods.call("session/get", {"session": str(inside.path)}))
    assert told["line"].startswith("Opus 5.5 · 32k context · cache expired")
    assert told["line"] == inside.methods.status_line({"session_id": "s1"})
