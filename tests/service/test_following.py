"""What is written to a transcript reaches subscribers, and the same is said as in process."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from commands import checked
from service_support import lines, ready, until

if TYPE_CHECKING:
    from service_support import Household
    from switchtax.service.client import Client


def pushed(client: Client, session: str, **wanted: Any) -> dict[str, Any]:
    """The next meter of a session that says so."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        told = client.next_push(10)
        assert told is not None, f"no meter of {session} with {wanted}"
        says = told.params
        if (told.method, says.get("session")) == ("meter/didChange", session) and all(
            says[name] == value for name, value in wanted.items()
        ):
            return says
    raise AssertionError(f"no meter of {session} with {wanted}")


class TestPushed:
    """`meter/didChange` when something a person can see changes."""

    def test_an_append_is_told(self, household: Household) -> None:
        """The meter has the new context, and stands in the file for status lines."""
        path = household.transcript()
        client = ready(household, "s1")
        before = client.call("session/get", {"session": "s1"})
        with path.open("a") as file:
            file.write(lines(3, 1, ends_at=time.time()))
        meter = pushed(client, "s1")
        assert meter["context_tokens"] > before["context_tokens"]
        assert meter["line"].startswith("Opus 5.5 · 3")
        until(
            lambda: household.where.meter("s1").read_text().startswith(meter["line"][:25]),
            "the meter file",
        )

    def test_a_line_written_in_two_halves(self, household: Household) -> None:
        """Half a line is no news, and no trouble."""
        path = household.transcript()
        client = ready(household, "s1")
        text = lines(3, 1, ends_at=time.time())
        with path.open("a") as file:
            file.write(text[:-200])
            file.flush()
            file.write(text[-200:])
        pushed(client, "s1")
        assert 0 == client.call("session/get", {"session": "s1"})["unreadable"]

    def test_a_new_session_in_a_new_folder(self, household: Household) -> None:
        """Folder and file at once: found without a look at everything."""
        household.transcript()
        client = ready(household, "s1")
        other = household.folder / "h/.claude/projects/q/s2.jsonl"
        other.parent.mkdir()
        other.write_text(lines(0, 2, session="s2", ends_at=time.time()))
        assert "s2" == pushed(client, "s2")["session"]

    def test_an_agent_used_for_the_first_time(
        self, household: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing of it was there when the daemon first looked, after which it read history."""
        monkeypatch.setenv("SWITCHTAX_HISTORY_AFTER_S", "0.3")
        client = household.client()
        client.subscribe()
        told = client.next_push(10)
        assert told is not None
        assert "$/progress" == told.method
        household.transcript()
        assert "s1" == pushed(client, "s1")["session"]

    def test_replaced_and_moved_files(self, household: Household) -> None:
        """Written beside and moved over it: read again from the start."""
        path = household.transcript(5)
        client = ready(household, "s1")
        turns = client.call("session/get", {"session": "s1"})["turns"]
        beside = path.with_suffix(".tmp")
        beside.write_text(lines(0, 2, ends_at=time.time()))
        beside.replace(path)
        pushed(client, "s1")
        assert (5, 2) == (turns, client.call("session/get", {"session": "s1"})["turns"])

    def test_a_removed_session_is_forgotten(self, household: Household) -> None:
        """Its folder too."""
        path = household.transcript()
        client = ready(household, "s1")
        shutil.rmtree(path.parent)
        until(lambda: not client.call("session/list")["sessions"], "no session is live")
        assert not household.where.meter("s1").exists()

    def test_what_a_sub_agent_spends_is_told(self, household: Household) -> None:
        """Its own file counts to its session."""
        path = household.transcript()
        client = ready(household, "s1")
        before = client.call("session/get", {"session": "s1"})
        agent = path.parent / "s1" / "subagents" / "agent-1.jsonl"
        agent.parent.mkdir(parents=True)
        agent.write_text(lines(0, 2, session="s1", ends_at=time.time()).replace("msg_", "sub_"))
        meter = pushed(client, "s1")
        assert meter["spent_usd_micros"] > before["spent_usd_micros"]
        assert meter["context_tokens"] == before["context_tokens"]
        assert 2 == client.call("session/get", {"session": "s1"})["side_calls"]


class TestSameAsInProcess:
    """The daemon says what the command says."""

    @pytest.mark.parametrize("when", ["now", "then"])
    def test_estimate(self, household: Household, when: str) -> None:
        """After appends too, and at an earlier time; other sessions keep shared starts warm."""
        path = household.transcript(4)
        household.transcript(2, session="s2", ago_s=30)
        client = ready(household, "s1", "s2")
        with path.open("a") as file:
            file.write(lines(4, 2, ends_at=time.time()))
        at = time.time() + 5 if when == "now" else time.time() - 35
        asked = {"session": "s1", "to": ["sonnet", "haiku"], "at": at, "ways": True}
        found = client.call("switch/estimate", asked)
        words = [path, "--to", "sonnet", "haiku", "--at", repr(at)]
        document = checked("estimate", *words)
        del document["schema"]
        assert document == found

    def test_status(self, household: Household) -> None:
        """Rows of `status --json`, each with its meter."""
        path = household.transcript()
        client = ready(household, "s1")
        (row,) = client.call("session/list")["sessions"]
        (wanted,) = checked("status", path)["sessions"]
        assert row.pop("line").startswith("Opus 5.5")
        assert row.pop("text").startswith("s1 · Opus 5.5")
        assert wanted == row

    def test_killed_and_started_again(self, household: Household) -> None:
        """Nothing is lost that transcripts hold."""
        household.transcript(6)
        client = ready(household, "s1")
        before = client.call("session/list")["sessions"]
        os.kill(client.server["pid"], 9)
        again = ready(household, "s1")
        assert before == again.call("session/list")["sessions"]


def test_homes_without_agents_are_no_trouble(household: Household) -> None:
    """An agent that is installed later is found at the next look."""
    assert [] == household.client().call("session/list")["sessions"]
    assert not Path(household.folder, "h", ".claude").exists()


class TestRemovedFolders:
    """What is removed and made again is seen again, and no log names it."""

    def test_a_project(self, household: Household) -> None:
        """At once: the folder above it is watched."""
        path = household.transcript()
        client = ready(household, "s1")
        shutil.rmtree(path.parent)
        until(lambda: not client.call("session/list")["sessions"], "no session is live")
        path = household.transcript(2, session="s2")
        assert "s2" == pushed(client, "s2")["session"]
        context = client.call("session/get", {"session": "s2"})["context_tokens"]
        with path.open("a") as file:
            file.write(lines(2, 1, session="s2", ends_at=time.time()))
        until(lambda: context < pushed(client, "s2")["context_tokens"], "the new turn is told")
        assert_no_path(household)

    @pytest.mark.parametrize("folder", [".claude/projects", ".claude"])
    def test_the_watched_one_itself(self, household: Household, folder: str) -> None:
        """Within seconds, without a look at everything: its watch ended with it."""
        household.transcript()
        client = ready(household, "s1")
        shutil.rmtree(household.folder / "h" / folder)
        until(lambda: not client.call("session/list")["sessions"], "no session is live")
        path = household.transcript(2, session="s2")
        context = pushed(client, "s2")["context_tokens"]
        with path.open("a") as file:
            file.write(lines(2, 1, session="s2", ends_at=time.time()))
        until(lambda: context < pushed(client, "s2")["context_tokens"], "the new turn is told")
        assert_no_path(household)


def assert_no_path(household: Household) -> None:
    """Nothing in the daemon's log names a session's folder or file."""
    log = household.where.log.read_text()
    assert "serving" in log
    assert [] == [word for word in ("projects", ".jsonl", str(household.folder)) if word in log]


class TestPrices:
    """A price file that changes is taken up while the daemon runs."""

    def test_written_broken_and_mended(
        self, household: Household, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A broken one is in the log with file and key, and the prices before stay."""
        monkeypatch.setenv("SWITCHTAX_IDLE_EXIT_S", "0.4")  # its clock looks four times as often
        household.transcript()
        prices = household.folder / "f" / "switchtax" / "prices.toml"
        prices.parent.mkdir(parents=True, exist_ok=True)
        client = ready(household, "s1")
        shipped = client.call("session/get", {"session": "s1"})["spent_usd_micros"]
        own = (
            '[models."claude-opus-5-5"]\n'
            "input = 8.0\noutput = 40.0\ncache_read = 0.4\ncache_write_5m = 10.0\n"
        )
        prices.write_text(own)
        assert 2 * shipped == pushed(client, "s1")["spent_usd_micros"]
        prices.write_text(own + "inptu = 3\n")
        log = household.where.log
        until(lambda: "inptu" in log.read_text(), "the mistake is told")
        assert f"{prices}:6" in log.read_text()
        assert 2 * shipped == client.call("session/get", {"session": "s1"})["spent_usd_micros"]
        prices.unlink()
        assert shipped == pushed(client, "s1", spent_usd_micros=shipped)["spent_usd_micros"]
        assert 1 == log.read_text().count("inptu")
