"""`warning/show` with the real daemon: which editor is asked, how often, and what a hook gets."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from attached_screen import WAIT_S, Screen, editor, until
from hook_doors import call
from service_support import lines, ready
from switchtax.errors import DaemonUnavailable, Refused
from switchtax.service.attached import Attached
from switchtax.service.protocol import Code

if TYPE_CHECKING:
    from pathlib import Path

    from service_support import Household

SONNET, HAIKU = "claude-sonnet-5-5", "claude-haiku-5-5"


def configure(household: Household, **more: object) -> None:
    """Hold switches of other programs, also small ones."""
    keys = {"hold_sdk": "true", "hold_seconds": 5, **more}
    text = "[material]\nrebuild_usd = 0.01\n[claude_code]\n"
    text += "".join(f"{name} = {value}\n" for name, value in keys.items())
    file = household.folder / "f" / "switchtax" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def at_home(household: Household) -> Household:
    """A daemon that holds, and one session `s1` on Opus 5.5."""
    configure(household)
    household.transcript()
    ready(household, "s1").close()
    return household


async def hook(household: Household, to: str = SONNET, **more: object) -> dict[str, Any]:
    """What the real hook client prints for a switch made in another program."""
    session = str(more.get("session_id", "s1"))
    path = household.folder / "h" / ".claude" / "projects" / "p" / f"{session}.jsonl"
    given = {
        "hook_event_name": "PreModelSwitch",
        "session_id": session,
        "transcript_path": str(path),
        "cwd": str(household.folder / "h"),
        "prompt_id": "p1",
        "to_model": to,
        "source": "sdk",
        "context_tokens": 29_000,
        **more,
    }
    runtime, body = household.folder / "r", json.dumps(given).encode()
    done = await asyncio.to_thread(call, runtime, "PreModelSwitch", body)
    assert (0, b"") == (done.code, done.err)
    return dict(json.loads(done.out or b"{}"))


class TestWhatIsChosen:
    """Keep refuses the switch, with a reason; all else lets it through."""

    def test_keep(self, at_home: Household) -> None:
        """The reason is one line, in plain words, with the amount."""

        async def scene() -> None:
            screen = Screen("keep")
            async with editor(at_home, screen):
                said = (await hook(at_home))["hookSpecificOutput"]
            assert "deny" == said["permissionDecision"]
            reason = said["permissionDecisionReason"]
            assert reason.startswith("Still on Opus 5.5: you kept it in the editor. Sonnet 5.5 ")
            assert "\n" not in reason
            (shown,) = screen.shown
            assert ("s1", "claude-code") == (shown["session"], shown["agent"])
            assert ("claude-opus-5-5", SONNET) == (shown["from_model"], shown["to_model"])
            assert ["Switch", "Keep Opus 5.5", "Brief…", "Snooze"] == [
                each["title"] for each in shown["actions"]
            ]
            assert 2 <= len(shown["lines"]) <= 3
            assert max(map(len, shown["lines"])) <= 74
            assert 4000 < shown["deadline_ms"] <= 5000
            (estimate,) = shown["estimate"]["estimates"]
            assert SONNET == estimate["to"]

        asyncio.run(scene())

    def test_brief_comes_first(self, at_home: Household) -> None:
        """Nothing is switched before it is written."""

        async def scene() -> None:
            async with editor(at_home, Screen("brief")):
                said = (await hook(at_home))["hookSpecificOutput"]
            assert "a brief comes first" in said["permissionDecisionReason"]

        asyncio.run(scene())

    @pytest.mark.parametrize("press", ["switch", "explode", 7, ["keep"], ""])
    def test_no_opinion(self, at_home: Household, press: Any) -> None:
        """Switch, and whatever is no action of ours."""

        async def scene() -> None:
            screen = Screen(press)
            async with editor(at_home, screen):
                assert {} == await hook(at_home)
            assert 1 == len(screen.shown)

        asyncio.run(scene())

    def test_the_wire_waits_as_hooks_do(self, at_home: Household) -> None:
        """`switch/will` of a proxy or another client."""

        async def scene() -> None:
            async with editor(at_home, Screen("keep")) as client:
                path = at_home.folder / "h" / ".claude" / "projects" / "p" / "s1.jsonl"
                given = {
                    "hook_event_name": "PreModelSwitch", "session_id": "s1",
                    "transcript_path": str(path), "cwd": str(at_home.folder),
                    "to_model": SONNET, "source": "sdk",
                }  # fmt: skip
                asked = {"agent": "claude-code", "input": given}
                found = await client.call("switch/will", asked)
            assert "deny" == found["output"]["hookSpecificOutput"]["permissionDecision"]

        asyncio.run(scene())


class TestWhoIsAsked:
    """One editor: where the session is, and where the person looks."""

    def test_nobody_no_opinion(self, at_home: Household) -> None:
        """No editor, one elsewhere, one that did not say that it can, a client without holds."""

        async def scene() -> None:
            assert {} == await hook(at_home)
            elsewhere = Screen("keep")
            async with editor(at_home, elsewhere, at_home.folder / "other", "not/absolute"):
                assert {} == await hook(at_home)
            silent = await Attached.connect(
                at_home.where.socket,
                declare={"workspaces": [str(at_home.folder)], "focused": True},
                serves={"warning/show": elsewhere.show},
            )
            assert {} == await hook(at_home)
            await silent.close()
            assert [] == elsewhere.shown

        asyncio.run(scene())

    def test_the_focus_decides(self, at_home: Household) -> None:
        """Who has it; else who had it last; else who came first. One alone is asked."""

        async def scene() -> None:
            first, second = Screen("switch"), Screen("switch")
            async with (
                editor(at_home, first, focused=False) as one,
                editor(at_home, second, focused=False) as other,
            ):
                await hook(at_home, SONNET)
                assert (1, 0) == (len(first.shown), len(second.shown))
                other.notify("client/focus", {"focused": True})
                other.notify("client/focus", {"focused": False})
                await other.call("session/list")
                await hook(at_home, SONNET)
                assert (1, 1) == (len(first.shown), len(second.shown))
                one.notify("client/focus", {"focused": True})
                await one.call("session/list")
                await hook(at_home, SONNET)
                assert (2, 1) == (len(first.shown), len(second.shown))

        asyncio.run(scene())

    def test_folders_may_be_opened_later_and_through_links(self, at_home: Household) -> None:
        """`client/focus` tells them anew; nonsense in it is left aside."""

        async def scene() -> None:
            screen = Screen("keep")
            (at_home.folder / "link").symlink_to(at_home.folder / "h")
            async with editor(at_home, screen, at_home.folder / "other") as client:
                client.notify("client/focus", {"focused": "yes", "workspaces": 5})
                client.notify("client/focus", {"workspaces": [str(at_home.folder / "link"), 3]})
                await client.call("session/list")
                assert {} != await hook(at_home)

        asyncio.run(scene())

    def test_off_unless_turned_on(self, household: Household) -> None:
        """And never where the agent has a dialog of its own, or nothing is lost."""
        configure(household, hold_sdk="false")
        household.transcript()
        ready(household, "s1").close()

        async def scene() -> None:
            screen = Screen("keep")
            async with editor(household, screen):
                assert {} == await hook(household)
            assert [] == screen.shown

        asyncio.run(scene())

    def test_not_where_nothing_is_lost(self, at_home: Household) -> None:
        """The model in force, an empty context, or an agent's own dialog."""

        async def scene() -> None:
            screen = Screen("keep")
            async with editor(at_home, screen):
                assert {} == await hook(at_home, "claude-opus-5-5")
                assert {} == await hook(at_home, context_tokens=0)
                assert {} == await hook(at_home, source="command")
            assert [] == screen.shown

        asyncio.run(scene())


class TestTrouble:
    """Whatever goes wrong, the switch goes through."""

    def test_nobody_answers(self, household: Household) -> None:
        """After the hold it goes through, and the same switch is not asked about again soon."""
        configure(household, hold_seconds=0.5)
        household.transcript()
        ready(household, "s1").close()

        async def scene() -> None:
            screen = Screen(None)
            async with editor(household, screen):
                began = time.monotonic()
                assert {} == await hook(household)
                assert 0.4 < time.monotonic() - began < 3
                await until(lambda: screen.withdrawn, "the warning is withdrawn")
                assert {} == await hook(household)
            assert 1 == len(screen.shown)

        asyncio.run(scene())

    def test_the_editor_leaves_or_fails(self, at_home: Household) -> None:
        """Closed while it asks; an error; a method it does not have."""

        async def failing(_: dict[str, Any]) -> dict[str, Any]:
            raise RuntimeError

        async def scene() -> None:
            screen = Screen(None)
            async with editor(at_home, screen) as client:
                asked = asyncio.create_task(hook(at_home))
                await until(lambda: screen.shown, "it is shown")
                await client.close()
                assert {} == await asked
            async with editor(at_home, Screen(), serve=failing):
                assert {} == await hook(at_home, HAIKU)
            client = await Attached.connect(
                at_home.where.socket,
                declare={"capabilities": ["warnings"], "workspaces": [str(at_home.folder)]},
            )
            assert {} == await hook(at_home, "claude-fable-5-1")
            await client.close()

        asyncio.run(scene())

    def test_the_agent_gives_up(self, at_home: Household) -> None:
        """Esc while the hook waits: the warning goes away too."""

        async def scene() -> None:
            screen = Screen(None)
            async with editor(at_home, screen):
                path = at_home.folder / "h" / ".claude" / "projects" / "p" / "s1.jsonl"
                message = json.dumps({
                    "agent": "claude-code", "event": "PreModelSwitch", "client": "hook",
                    "holds": True, "env": {},
                    "input": {
                        "hook_event_name": "PreModelSwitch", "session_id": "s1",
                        "transcript_path": str(path), "cwd": str(at_home.folder),
                        "to_model": SONNET, "source": "sdk",
                    },
                }).encode()  # fmt: skip
                reader, writer = await asyncio.open_unix_connection(str(at_home.where.socket))
                writer.write(b"SWTX1" + len(message).to_bytes(4, "big") + message)
                assert b"hold 5000" == (await reader.readexactly(13))[4:]
                await until(lambda: screen.shown, "it is shown")
                writer.close()
                await until(lambda: screen.withdrawn, "it is withdrawn")

        asyncio.run(scene())

    def test_the_daemon_is_killed(self, at_home: Household) -> None:
        """The hook has no opinion, the editor sees that the daemon is gone."""

        async def scene() -> None:
            screen = Screen(None)
            async with editor(at_home, screen) as client:
                asked = asyncio.create_task(hook(at_home))
                await until(lambda: screen.shown, "it is shown")
                os.kill(client.server["pid"], signal.SIGKILL)
                assert {} == await asked
                await asyncio.wait_for(client.gone(), WAIT_S)
                await until(lambda: screen.withdrawn, "nobody waits for it")
                with pytest.raises(DaemonUnavailable):
                    await client.call("session/list")

        asyncio.run(scene())

    def test_an_old_hook_client_is_never_made_to_wait(self, at_home: Household) -> None:
        """One that does not say that it can."""

        async def scene() -> None:
            screen = Screen("keep")
            async with editor(at_home, screen):
                reader, writer = await asyncio.open_unix_connection(str(at_home.where.socket))
                path = at_home.folder / "h" / ".claude" / "projects" / "p" / "s1.jsonl"
                message = json.dumps({
                    "agent": "claude-code", "event": "PreModelSwitch", "client": "hook", "env": {},
                    "input": {
                        "hook_event_name": "PreModelSwitch", "session_id": "s1",
                        "transcript_path": str(path), "cwd": str(at_home.folder),
                        "to_model": SONNET, "source": "sdk",
                    },
                }).encode()  # fmt: skip
                writer.write(b"SWTX1" + len(message).to_bytes(4, "big") + message)
                assert b"\0\0\0\2{}" == await reader.read()
                writer.close()
            assert [] == screen.shown

        asyncio.run(scene())


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
