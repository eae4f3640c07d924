"""Warnings in editors: never a storm of them, and what was snoozed."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from attached_screen import Screen, editor, until
from service_support import lines, ready
from switchtax.errors import DaemonUnavailable, Refused
from switchtax.service.attached import Attached
from switchtax.service.protocol import Code
from warned_home import HAIKU, at_home, hook

if TYPE_CHECKING:
    from pathlib import Path

    from service_support import Household

__all__ = ["at_home"]


class TestNeverAStorm:
    """One at a time, each switch once, a few a minute."""

    def test_two_hooks_of_one_switch_share_an_answer(self, at_home: Household) -> None:
        """Plugin and settings both hold our hook: one popup."""

        async def scene() -> None:
            screen = Screen(None)
            screen.answer = {"action": "keep"}
            async with editor(at_home, screen):
                both = asyncio.gather(hook(at_home), hook(at_home))
                await until(lambda: screen.shown, "it is shown")
                await asyncio.sleep(0.3)
                screen.pressed.set()
                one, other = await both
            assert one == other != {}
            assert 1 == len(screen.shown)

        asyncio.run(scene())

    @pytest.mark.flaky(reruns=2)  # two hooks start at once: either may be first
    def test_warnings_queue(self, at_home: Household) -> None:
        """A second session waits its turn."""
        folder = at_home.folder / "h" / ".claude" / "projects" / "p"
        (folder / "s2.jsonl").write_text(lines(0, 3, session="s2", ends_at=time.time() - 50))
        ready(at_home, "s1", "s2").close()

        async def scene() -> None:
            screen = Screen(None)
            screen.answer = {"action": "keep"}
            async with editor(at_home, screen):
                both = asyncio.gather(hook(at_home), hook(at_home, session_id="s2"))
                await until(lambda: screen.shown, "the first is shown")
                await asyncio.sleep(0.2)
                assert 1 == len(screen.shown)
                screen.pressed.set()
                assert [True, True] == [bool(each) for each in await both]
            assert {"s1", "s2"} == {each["session"] for each in screen.shown}
            assert 1 == screen.most_at_once

        asyncio.run(scene())

    def test_flapping_is_asked_about_three_times_a_minute(self, at_home: Household) -> None:
        """Then it goes through without a word."""

        async def scene() -> None:
            screen = Screen("keep")
            async with editor(at_home, screen):
                for _ in range(3):
                    assert {} != await hook(at_home)
                assert {} == await hook(at_home)
            assert 3 == len(screen.shown)

        asyncio.run(scene())


class TestSnoozing:
    """Left alone: a session for an hour, everything for a day; it survives a restart."""

    @pytest.mark.parametrize(("scope", "other"), [("session", 1), ("day", 0)])
    def test_pressed(self, at_home: Household, scope: str, other: int) -> None:
        """The switch goes through; the next one is not asked about."""
        folder = at_home.folder / "h" / ".claude" / "projects" / "p"
        (folder / "s2.jsonl").write_text(lines(0, 3, session="s2", ends_at=time.time() - 50))
        ready(at_home, "s1", "s2").close()

        async def scene() -> None:
            screen = Screen("snooze", **{"for": scope})
            async with editor(at_home, screen):
                assert {} == await hook(at_home)
                assert {} == await hook(at_home, HAIKU)
                assert {} == await hook(at_home, session_id="s2")
            assert 1 + other == len(screen.shown)

        asyncio.run(scene())

    def test_over_the_wire(self, at_home: Household) -> None:
        """By id, by the start of one; ended with `off`; kept over a restart."""
        now = time.time()
        with at_home.client() as client:
            until_at = client.call("warning/snooze", {"session": "s1"})["until"]
            assert 3_500 < until_at - now < 3_700
            os.kill(client.server["pid"], signal.SIGKILL)

        async def scene() -> None:
            screen = Screen("keep")
            async with editor(at_home, screen) as client:
                assert {} == await hook(at_home)
                await client.call("warning/snooze", {"session": "s1", "for": "off"})
                assert {} != await hook(at_home)
                tomorrow = (await client.call("warning/snooze", {"for": "day"}))["until"]
                assert 0 < tomorrow - now < 86_400 + 3_700
                assert {} == await hook(at_home)
                await client.call("warning/snooze", {"for": "off"})
                assert {} != await hook(at_home)

        at_home.client().close()
        asyncio.run(scene())

    def test_asked_wrongly(self, at_home: Household) -> None:
        """A scope that is none, a session that is none."""

        async def scene() -> None:
            async with editor(at_home, Screen()) as client:
                for params in ({"for": "ever"}, {"for": "session"}):
                    with pytest.raises(Refused) as refused:
                        await client.call("warning/snooze", params)
                    assert Code.INVALID_PARAMS == refused.value.code
                with pytest.raises(Refused) as refused:
                    await client.call("warning/snooze", {"session": "nobody"})
                assert Code.NO_SUCH_SESSION == refused.value.code

        asyncio.run(scene())


class TestAttached:
    """The client for an event loop."""

    def test_pushes_and_calls_side_by_side(self, at_home: Household) -> None:
        """Meters arrive while calls are under way."""

        async def scene() -> None:
            told: list[str] = []
            client = await Attached.connect(
                at_home.where.socket, on_push=lambda each: told.append(each.method)
            )
            assert "warning/show" in client.server["capabilities"]
            found = await asyncio.gather(
                client.call("session/list"),
                client.call("meter/subscribe"),
                client.call("session/get", {"session": "s1"}),
            )
            assert "s1" == found[2]["id"]
            path = at_home.folder / "h" / ".claude" / "projects" / "p" / "s1.jsonl"
            with path.open("a") as file:
                file.write(lines(3, 1, ends_at=time.time()))
            await until(lambda: "meter/didChange" in told, "a meter is pushed")
            await client.close()
            with pytest.raises(DaemonUnavailable):
                await client.call("session/list")

        asyncio.run(scene())

    def test_nobody_there(self, household: Household, tmp_path: Path) -> None:
        """Said, with the way out; another protocol is refused."""

        async def scene() -> None:
            with pytest.raises(DaemonUnavailable, match="daemon start"):
                await Attached.connect(tmp_path / "no.sock")
            household.client().close()
            with pytest.raises(Refused):
                await Attached.connect(household.where.socket, declare={"protocol": 99})

        asyncio.run(scene())
