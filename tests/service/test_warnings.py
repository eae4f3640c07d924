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
from service_support import ready
from switchtax.errors import DaemonUnavailable
from switchtax.service.attached import Attached
from warned_home import HAIKU, SONNET, at_home, configure, hook

if TYPE_CHECKING:
    from service_support import Household


__all__ = ["at_home"]


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
