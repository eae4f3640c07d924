"""`switchtax doctor` with real daemons: asked, never started unasked, and left without a trace."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from commands import checked, run
from service_support import ready, until
from switchtax.diagnosis import daemon
from switchtax.diagnosis.daemon import ask_daemon
from switchtax.diagnosis.round_trip import round_trip
from switchtax.hooks.commands import commands_here
from switchtax.service import instance

if TYPE_CHECKING:
    from service_support import Household

CLIENT = [commands_here().base_python, "-I", "-S", f"{commands_here().folder}/client.py"]


def told(*words: str) -> dict[str, Any]:
    """The checks by code."""
    return {each["code"]: each for each in checked("doctor", *words)["checks"]}


def codes(household: Household, **changes: str) -> list[str]:
    """What is found of the daemon."""
    found = ask_daemon(replace(household.where, **changes), household.env)
    return [each.code for each in found.findings]


@pytest.fixture
def at_home(household: Household, monkeypatch: pytest.MonkeyPatch) -> Household:
    """Commands run in a home where Claude Code was used and switchtax is set up."""
    household.transcript()
    monkeypatch.chdir(household.folder / "h")
    monkeypatch.setattr(Path, "home", lambda: household.folder / "h")
    assert 0 == run("setup", "claude-code").code
    return household


def rows(household: Household) -> list[tuple[str, ...]]:
    """What the ledger holds of hooks."""
    with sqlite3.connect(household.where.ledger) as db:
        return db.execute("SELECT agent, event FROM hooks").fetchall()


class TestCommand:
    """The whole of it."""

    def test_it_starts_no_daemon(self, at_home: Household) -> None:
        """No daemon is no trouble: whoever needs it starts it."""
        found = run("doctor")
        assert (0, "Nothing to mend.") == (found.code, found.lines[-1])
        assert "  --  No daemon runs; whoever needs it starts it." in found.lines
        assert not at_home.where.socket.exists()
        assert not at_home.where.ledger.exists()

    def test_with_start_a_hook_goes_there_and_back(self, at_home: Household) -> None:
        """The real client and the real daemon, and nothing of it in the ledger."""
        found = told("--start")
        at_home.pids.add(found["daemon-runs"]["facts"]["pid"])
        trip = found["trip-done"]["facts"]
        assert 0 < trip["took_ms"] <= trip["slowest_ms"]
        assert "hooks-never" in found
        assert instance.stop(at_home.where)
        assert [] == rows(at_home)

    def test_hooks_seen_outlive_the_daemon(self, at_home: Household) -> None:
        """While it runs from its memory, later from the ledger."""
        at_home.client().close()
        subprocess.run(
            [*CLIENT, "claude-code", "SessionStart"],
            input=b'{"hook_event_name": "SessionStart"}',
            env=at_home.env,
            check=True,
        )
        assert "SessionStart" == told()["hooks-fired"]["facts"]["event"]
        assert instance.stop(at_home.where)
        assert [("claude-code", "SessionStart")] == rows(at_home)
        assert "SessionStart" == told()["hooks-fired"]["facts"]["event"]

    def test_a_trouble_is_a_finding(self, at_home: Household) -> None:
        """Exit code 1, with the command that mends it."""
        assert 0 == run("setup", "claude-code", "--undo").code
        found = run("doctor")
        assert (1, "1 thing to mend.") == (found.code, found.lines[-1])
        assert "      mend: switchtax setup claude-code" in found.lines
        document = checked("doctor")
        assert document["healthy"] is False

    def test_a_mistake_in_the_settings_is_one(self, at_home: Household) -> None:
        """Said once, among the findings."""
        path = at_home.folder / "f" / "switchtax" / "config.toml"
        path.parent.mkdir(parents=True)
        path.write_text("[horizon]\nturn = 3\n")
        found = run("doctor")
        assert (1, "") == (found.code, found.err)
        assert "config-problem" in told()

    def test_setup_leaves_the_state_folder_private(self, at_home: Household) -> None:
        """Though it is the first to make it."""
        assert 0o700 == at_home.where.state.stat().st_mode & 0o777


class TestDaemon:
    """Whoever is in charge is asked."""

    def test_another_build(self, household: Household) -> None:
        """An upgrade while it ran."""
        household.client()
        assert ["daemon-other-build"] == codes(household, build="0" * 12)

    def test_another_world(self, household: Household) -> None:
        """Started from a shell with other folders."""
        household.client()
        household.env["CODEX_HOME"] = "/elsewhere"
        assert ["daemon-runs", "daemon-other-world"] == codes(household)

    def test_hung(self, household: Household, monkeypatch: pytest.MonkeyPatch) -> None:
        """It holds the socket and is silent: its process is named."""
        pid = household.client().server["pid"]
        monkeypatch.setattr(daemon, "_PATIENCE_S", 0.2)
        os.kill(pid, signal.SIGSTOP)
        try:
            (found,) = ask_daemon(household.where, household.env).findings
        finally:
            os.kill(pid, signal.SIGCONT)
        assert ("daemon-hung", pid) == (found.code, found.facts["pid"])

    def test_killed(self, household: Household) -> None:
        """Its socket is left over; the next one takes it."""
        os.kill(household.client().server["pid"], signal.SIGKILL)
        until(lambda: codes(household) == ["daemon-none"], "nobody answers")

    def test_a_folder_open_to_others(self, household: Household) -> None:
        """Nothing is asked there."""
        household.client()
        household.where.runtime.chmod(0o755)
        assert ["daemon-unsafe"] == codes(household)
        household.where.runtime.chmod(0o700)

    def test_a_ledger_that_cannot_be_kept(self, household: Household) -> None:
        """Said with its path; meters too."""
        household.transcript()
        client = ready(household, "s1")
        assert "" == client.call("doctor/facts")["ledger_trouble"]
        answer = {"ledger_trouble": "disk is full", "disk_trouble": "disk is full"}

        class Full(type(client)):  # type: ignore[misc]
            """Tells of a full disk."""

            def call(self, method: str, *rest: Any, **options: Any) -> dict[str, Any]:
                """As the daemon, but for its disk."""
                found = super().call(method, *rest, **options)
                return found | answer if method == "doctor/facts" else found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(daemon, "Client", Full)
            assert ["daemon-runs", "daemon-ledger", "daemon-meters"] == codes(household)


class TestRoundTrip:
    """What the client prints must come from the daemon that was asked."""

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (["/no/python3"], "FileNotFoundError"),
            (["/bin/sh", "-c", "exit 0"], "no answer"),
            (["/bin/sh", "-c", "echo 3"], "a strange answer"),
            (["/bin/sh", "-c", "echo '{\"pid\": 2}'"], "a strange answer"),
        ],
    )
    def test_failures(self, words: list[str], reason: str) -> None:
        """Python replaced; package gone; something else in its place."""
        found = round_trip(words, dict(os.environ), 1)
        assert ("trip-failed", reason) == (found.code, found.facts["reason"])

    def test_slow(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Beyond the client's own patience."""
        monkeypatch.setattr("switchtax.diagnosis.round_trip._WATCHDOG_MS", 0.0)
        found = round_trip(["/bin/sh", "-c", "echo '{\"pid\": 1}'"], dict(os.environ), 1)
        assert "trip-slow" == found.code

    def test_without_a_daemon(self) -> None:
        """Nothing is run."""
        assert "trip-none" == round_trip(["/no/python3"], {}, 0).code
