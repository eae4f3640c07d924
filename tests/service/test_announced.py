"""A switch that a log announces, with the real daemon: who is told, when, and how often."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING

import pytest

import copilot_events
from attached_screen import Screen, editor, until
from claude_transcript import START, command, said
from cline_task import ClineTask
from codex_rollout import THREAD, append, call, picked, rollout
from service_support import ready
from service_support import until as until_true

if TYPE_CHECKING:
    from pathlib import Path

    from service_support import Household
    from switchtax.service.client import Client

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
SOL, TERRA, OLD = "gpt-6.1-sol", "gpt-6.1-terra", "gpt-5.5"
NOTE = '#!/bin/sh\nprintf "%s\\n" "$@" > "$NOTED.new"; mv "$NOTED.new" "$NOTED"\n'


@pytest.fixture
def session(household: Household) -> Path:
    """A Codex session on GPT-6.1 Sol, 120,000 tokens long, in a folder that an editor opens."""
    configure(household)
    return rollout(household.folder / "h", cwd=str(household.folder))


def configure(household: Household, more: str = "", usd: float = 0.05) -> None:
    """A configuration in which so much is worth a word."""
    file = household.folder / "f" / "switchtax" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"[material]\nrebuild_usd = {usd}\n{more}")


def running(household: Household) -> Client:
    """A client of a daemon that knows the session and watches its folder."""
    return ready(household, THREAD % 1)


def desktop(household: Household, monkeypatch: pytest.MonkeyPatch, script: str = NOTE) -> Path:
    """A `notify-send` that notes its words; where it notes them."""
    programs, noted = household.folder / "bin", household.folder / "noted"
    programs.mkdir()
    (programs / "notify-send").write_text(script)
    (programs / "notify-send").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("NOTED", str(noted))
    return noted


class TestInAnEditor:
    """The editor that has the session's folder open is asked."""

    def test_at_the_pick(self, household: Household, session: Path) -> None:
        """Codex writes it twice: it is shown once, with nothing to set it back."""
        running(household).close()

        async def scene() -> None:
            screen = Screen("ok")
            async with editor(household, screen):
                append(session, *picked(time.time(), TERRA))
                await until(lambda: screen.shown, "it is shown")
                append(session, *picked(time.time(), TERRA))
                append(session, *call(time.time(), THREAD % 1, 7, model=TERRA, sent=9, read=0))
                await asyncio.to_thread(lambda: running(household).close())
            (shown,) = screen.shown
            assert ("codex", SOL, TERRA) == (
                shown["agent"], shown["from_model"], shown["to_model"],
            )  # fmt: skip
            assert ["OK", "Brief…", "Snooze"] == [each["title"] for each in shown["actions"]]
            assert shown["lines"][0].startswith("GPT-6.1 Terra must re-read 12")
            assert max(map(len, shown["lines"])) <= 74

        asyncio.run(scene())

    def test_a_task_that_is_written_anew(self, household: Household) -> None:
        """The prompt of a task of Cline names the model: it is shown once, before the answer."""
        configure(household)
        task = ClineTask(household.folder, time.time() - 30)
        task.asked(OPUS, 0, answered=True, wrote=120_000)
        ready(household, task.id).close()

        async def scene() -> None:
            screen = Screen("ok")
            async with editor(household, screen):
                task.asked(SONNET, 30)
                await until(lambda: screen.shown, "it is shown")
                task.asked(SONNET, 31, answered=True, wrote=121_000)
                await asyncio.to_thread(lambda: ready(household, task.id).close())
            (shown,) = screen.shown
            assert ("cline", OPUS, SONNET) == (
                shown["agent"], shown["from_model"], shown["to_model"],
            )  # fmt: skip
            assert shown["lines"][0].startswith("Sonnet 5.5 must re-read 12")

        asyncio.run(scene())

    def test_it_goes_with_the_first_call(self, household: Household, session: Path) -> None:
        """Or with a choice of the old model: then there is nothing left to say."""
        running(household).close()

        async def scene() -> None:
            screen = Screen(None)
            async with editor(household, screen):
                append(session, *picked(time.time(), TERRA))
                await until(lambda: screen.shown, "it is shown")
                append(session, *picked(time.time(), SOL))
                await until(lambda: screen.withdrawn, "it is withdrawn")
                append(session, *picked(time.time(), TERRA))
                await until(lambda: len(screen.shown) == 2, "it is shown again")
                made = call(time.time() + 1, THREAD % 1, 7, model=TERRA, sent=121_000, read=0)
                append(session, *made)
                await until(lambda: screen.withdrawn == 2, "it is withdrawn")

        asyncio.run(scene())

    def test_a_compaction_on_the_old_model(self, household: Household) -> None:
        """Between models of different hashes the old model sums up first: that is what it says."""
        configure(household)
        session = rollout(household.folder / "h", model=OLD, comp_hash="2911",
                          cwd=str(household.folder))  # fmt: skip
        running(household).close()

        async def scene() -> None:
            screen = Screen("ok")
            async with editor(household, screen):
                append(session, *picked(time.time(), SOL))
                await until(lambda: screen.shown, "it is shown")
            assert screen.shown[0]["lines"][0].startswith("GPT-5.5 must sum up this session first")

        asyncio.run(scene())

    def test_not_when_snoozed_small_or_old(self, household: Household, session: Path) -> None:
        """Nor another effort, nor a choice found long after it was made."""
        small = rollout(household.folder / "h", 2, cwd=str(household.folder), sent=8_000)
        ready(household, THREAD % 1, THREAD % 2).close()

        async def scene() -> None:
            screen = Screen("snooze")
            async with editor(household, screen) as client:
                append(small, *picked(time.time(), TERRA))
                append(session, *picked(time.time(), SOL, "high"))
                append(session, *picked(time.time() - 60, TERRA))
                append(session, *picked(time.time(), SOL))
                append(session, *picked(time.time(), TERRA))
                await until(lambda: screen.shown, "it is shown")
                await until(lambda: not screen.busy, "it is answered")
                await client.call("session/list")
                append(session, *picked(time.time(), "gpt-6-luna"))
                found = await client.call("session/get", {"session": THREAD % 1})
                assert "next: GPT-6 Luna" in found["line"]
            assert [TERRA] == [each["to_model"] for each in screen.shown]

        asyncio.run(scene())

    def test_it_does_not_hold_up_a_question_that_a_hook_waits_for(
        self, household: Household, session: Path
    ) -> None:
        """It may stand unanswered for minutes."""
        configure(household, "[claude_code]\nhold_sdk = true\nhold_seconds = 5\n")
        path = household.transcript(cwd=str(household.folder))
        ready(household, THREAD % 1, "s1").close()
        asked = {
            "hook_event_name": "PreModelSwitch", "session_id": "s1", "transcript_path": str(path),
            "cwd": str(household.folder), "to_model": "claude-fable-5-1", "source": "sdk",
        }  # fmt: skip

        async def scene() -> None:
            screen = Screen(None)
            async with editor(household, screen) as client:
                append(session, *picked(time.time(), TERRA))
                await until(lambda: screen.shown, "it is shown")
                waiting = client.call("switch/will", {"agent": "claude-code", "input": asked})
                hook = asyncio.create_task(waiting)
                await until(lambda: len(screen.shown) == 2, "the hook's question is shown beside")
                screen.pressed.set()
                await hook

        asyncio.run(scene())

    def test_it_goes_with_the_session(self, household: Household, session: Path) -> None:
        running(household).close()

        async def scene() -> None:
            screen = Screen(None)
            async with editor(household, screen):
                append(session, *picked(time.time(), TERRA))
                await until(lambda: screen.shown, "it is shown")
                session.unlink()
                await until(lambda: screen.withdrawn, "it is withdrawn")

        asyncio.run(scene())


class TestWhereTheHostWarns:
    """VS Code warns of Copilot itself: no second banner, the meter says the numbers."""

    @pytest.mark.parametrize(("host", "asked"), [("github/cli", True), ("vscode", False)])
    def test_only_a_terminal_is_asked_about(
        self, household: Household, host: str, asked: bool
    ) -> None:
        configure(household)
        copilot = copilot_events.session_of(
            household.folder / "h", host=host, cwd=str(household.folder), at=time.time() - 9
        )
        ready(household, copilot_events.SESSION).close()

        async def scene() -> None:
            screen = Screen("ok")
            async with editor(household, screen) as client:
                copilot_events.picked(copilot, time.time(), "claude-sonnet-5.5")
                named = {"session": copilot_events.SESSION}
                while "next: Sonnet 5.5" not in (await client.call("session/get", named))["line"]:
                    await asyncio.sleep(0.005)
                if asked:
                    await until(lambda: screen.shown, "it is shown")
            assert asked == bool(screen.shown)

        asyncio.run(scene())


class TestOnTheDesktop:
    """Where no editor is attached, and the user wants it."""

    def test_a_notification(
        self, household: Household, session: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Title and lines, as arguments; the ledger knows where it was shown."""
        configure(household, "[notifications]\ndesktop = true\n")
        noted = desktop(household, monkeypatch)
        running(household).close()
        append(session, *picked(time.time(), TERRA))
        words = until_true(lambda: noted.exists() and noted.read_text(), "a notification")
        title, line, *_ = words.splitlines()[2:]
        assert "switchtax: GPT-6.1 Sol → GPT-6.1 Terra" == title
        assert line.startswith("GPT-6.1 Terra must re-read 12")

    def test_only_where_turned_on_and_no_editor_is(
        self, household: Household, session: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One surface for a switch."""
        noted = desktop(household, monkeypatch)
        with running(household) as client:
            append(session, *picked(time.time(), TERRA))
            until_true(lambda: "next: " in _line(client), "it is read")
            configure(household, "[notifications]\ndesktop = true\n")

        async def scene() -> None:
            screen = Screen("ok")
            async with editor(household, screen):
                append(session, *picked(time.time(), OLD))
                await until(lambda: screen.shown, "it is shown")

        asyncio.run(scene())
        assert not noted.exists()


def _line(client: Client) -> str:
    return str(client.call("session/get", {"session": THREAD % 1})["line"])


class TestBesideHooks:
    """One word for a switch, whoever has it first."""

    def test_what_a_hook_has_shown(self, household: Household) -> None:
        """Claude Code's own dialog said it: its log, a moment later, is no news."""
        configure(household, usd=0.01)
        path = household.transcript(cwd=str(household.folder))
        ready(household, "s1").close()
        asked = {
            "hook_event_name": "PreModelSwitch", "session_id": "s1", "transcript_path": str(path),
            "cwd": str(household.folder), "to_model": "sonnet", "source": "command",
        }  # fmt: skip
        terminal = {"CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}

        async def scene() -> None:
            screen = Screen("ok")
            async with editor(household, screen) as client:
                given = {"agent": "claude-code", "input": asked, "env": terminal}
                said = await client.call("switch/will", given)
                assert "ask" in str(said["output"])
                choose(path, "Sonnet 5.5")
                assert "next: " in (await client.call("session/get", {"session": "s1"}))["line"]
                choose(path, "Fable 5.1")
                await until(lambda: screen.shown, "it is shown")
            assert ["claude-fable-5-1"] == [each["to_model"] for each in screen.shown]

        asyncio.run(scene())


def choose(path: Path, name: str) -> None:
    """What `/model` leaves in a transcript of Claude Code."""
    at = time.time() - START
    written = [command(at, "model", name), said(at, f"Set model to {name}")]
    append(path, *(each | {"sessionId": "s1"} for each in written))
