"""The documentation's agent, installed as a package: scanned, estimated and followed like ours."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from attached_screen import Screen, editor, until
from commands import checked, run
from service_support import ready
from service_support import until as until_true
from third_party import EXAMPLE, install_example

if TYPE_CHECKING:
    from pathlib import Path

    from service_support import Household
    from third_party import Site

NOTEBOOK, RUN = "notebook-agent", "lab-7"
LINES = (EXAMPLE / "tests/fixtures/notebook-agent_0.4.1_switch.jsonl").read_text().splitlines()
SWITCH = next(number for number, line in enumerate(LINES) if '"kind":"model"' in line)
OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
TIME = re.compile(r"2026-11-21T09:\d\d:\d\dZ")
LAST = datetime(2026, 11, 21, 9, 2, 29, tzinfo=UTC)


@pytest.fixture
def session(household: Household, site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run up to its switch, its agent installed for this process and for the daemon's."""
    install_example(site)
    monkeypatch.setenv("PYTHONPATH", str(site.folder))
    config = household.folder / "f" / "switchtax" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[material]\nrebuild_usd = 0.01\n")
    path = household.folder / "h" / ".notebook-agent" / "runs" / f"{RUN}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("")
    written(path, LINES[:SWITCH], household.folder)
    return path


def stamp(at: datetime) -> str:
    """A time as notebook-agent writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def written(path: Path, lines: list[str], folder: Path) -> None:
    """Lines at the end of a run that was recorded just now, in a folder that an editor opens."""
    shift = datetime.now(UTC) - LAST

    def later(found: re.Match[str]) -> str:
        return stamp(datetime.fromisoformat(found[0]) + shift)

    text = "".join(TIME.sub(later, line) + "\n" for line in lines)
    with path.open("a") as file:
        file.write(text.replace("/home/ada/crystal", str(folder)))


def test_commands(session: Path, household: Household) -> None:
    """Sums, prices by the model's name, and an estimate, without a daemon."""
    written(session, LINES[SWITCH:], household.folder)
    usage = checked("usage")
    (row,) = usage["sessions"]
    assert (NOTEBOOK, RUN) == (row["agent"], row["id"])
    again = run("usage", "--json").out
    assert usage == json.loads(again), "from what was kept"
    with session.open("a") as file:
        file.write(LINES[2].replace('"a1"', '"a9"') + "\n")
    assert usage != checked("usage")
    assert [RUN] == [each["id"] for each in checked("sessions", "--agent", NOTEBOOK)["sessions"]]
    assert "notebook-a… Opus 5.5" in run("sessions").out
    found = checked("estimate", RUN, "--to", OPUS)
    assert (NOTEBOOK, RUN) == (found["session"]["agent"], found["session"]["id"])
    (estimate,) = found["estimates"]
    assert OPUS == estimate["to"]
    said = run("estimate", str(session.parents[1]), "--to", "opus")
    assert (0, True) == (said.code, "Opus 5.5" in said.out)


def test_what_it_does_not_bring_is_said(session: Path) -> None:
    """A brief is made of words, which its package does not tell."""
    found = run("brief", str(session))
    assert 2 == found.code
    assert "notebook-agent is read by a package of others, which tells no words" in found.err


def test_the_daemon(household: Household, session: Path) -> None:
    """Its folder is watched, its session live, and a switch that it names is told at once."""
    ready(household, RUN).close()

    async def scene() -> None:
        screen = Screen("ok")
        async with editor(household, screen):
            with session.open("a") as file:
                file.write(TIME.sub(stamp(datetime.now(UTC)), LINES[SWITCH]) + "\n")
            await until(lambda: screen.shown, "it is shown")
        (shown,) = screen.shown
        assert (NOTEBOOK, OPUS, SONNET) == (
            shown["agent"], shown["from_model"], shown["to_model"],
        )  # fmt: skip
        assert ["OK", "Snooze"] == [each["title"] for each in shown["actions"]], "no brief"
        assert shown["lines"][0].startswith("Sonnet 5.5 must re-read 16k tokens")

    asyncio.run(scene())
    assert [NOTEBOOK] == [each["agent"] for each in checked("status")["sessions"]]
    with household.client() as client:
        (row,) = client.call("doctor/facts")["added"]
    assert (NOTEBOOK, []) == (row["agent"], row["failures"])
    codes = {each["code"]: each for each in checked("doctor")["checks"]}
    assert "0.4.1" in codes["agent-found"]["facts"]["versions"]
    assert {"agent-added"} == {code for code in codes if code in ("agent-added", "agent-failed")}
    assert "agents-other-daemon" not in codes


def test_a_package_that_came_later(
    household: Household, session: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daemon does not know it yet: doctor says how it gets to."""
    del session
    monkeypatch.delenv("PYTHONPATH")
    household.client().close()
    monkeypatch.setenv("PYTHONPATH", str(site.folder))
    codes = {each["code"]: each for each in checked("doctor")["checks"]}
    assert "switchtax daemon restart" == codes["agents-other-daemon"]["mend"]


def test_one_that_fails_harms_nobody(
    household: Household, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It raises whatever it is asked to read: ours go on, in the daemon and in a scan."""
    code = (EXAMPLE / "switchtax_notebook_agent.py").read_text()
    site.install("broken", code.replace("-> Reading:", "-> Reading:\n    1 / 0"),
                 notebook_agent="broken")  # fmt: skip
    monkeypatch.setenv("PYTHONPATH", str(site.folder))
    path = household.folder / "h" / ".notebook-agent" / "runs" / f"{RUN}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("")
    household.transcript()
    ready(household, "s1").close()
    written(path, LINES, household.folder)
    usage = checked("usage")
    assert ["s1"] == [each["id"] for each in usage["sessions"]]
    assert "ZeroDivisionError at " in json.dumps(usage)
    assert ["claude-code"] == [each["agent"] for each in checked("status")["sessions"]]

    def told() -> str:
        checks = checked("doctor")["checks"]
        return next((each["text"] for each in checks if each["code"] == "agent-failed"), "")

    assert "notebook-agent, of broken: `read` failed, " in told()
    assert f"ZeroDivisionError at {site.folder}/broken.py:" in told()
    with household.client() as client:
        failed = until_true(lambda: client.call("doctor/facts")["added"][0]["failures"], "noted")
    assert ["read"] == [each["doing"] for each in failed]
