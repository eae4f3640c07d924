"""`switchtax setup` without an agent: what is here is offered, set up, and taken out again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from commands import run
from switchtax.cli import setup_all

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(home_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Gemini CLI by its folder, Copilot CLI by its command."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "copilot").write_text("#!/bin/sh\n")
    (programs / "copilot").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    (home_dir / ".gemini").mkdir()
    return home_dir


def test_where_nobody_can_be_asked_the_commands_are_listed(home: Path) -> None:
    """Nothing is written."""
    found = run("setup")
    assert 0 == found.code
    assert ["  switchtax setup copilot-cli", "  switchtax setup gemini-cli"] == found.lines[1:]
    assert not (home / ".gemini" / "settings.json").exists()


def test_all_that_are_here_and_out_again(home: Path) -> None:
    """One agent's broken settings are said, and leave the others alone."""
    copilot = home / ".copilot" / "hooks" / "switchtax.json"
    (home / ".gemini" / "settings.json").write_text("{")
    found = run("setup", "--all")
    assert 4 == found.code
    assert f"{home}/.gemini/settings.json: line 1" in found.err
    assert copilot.exists()
    (home / ".gemini" / "settings.json").unlink()
    assert 0 == run("setup", "--yes").code
    assert (home / ".gemini" / "settings.json").exists()
    assert 0 == run("setup", "--undo").code
    assert not (home / ".gemini" / "settings.json").exists()
    assert not copilot.exists()


def test_at_a_terminal_each_is_asked_about(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Yes to one, no to the other."""
    answers = iter(["n", "y"])
    monkeypatch.setattr(setup_all, "_is_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: next(answers))
    assert 0 == run("setup").code
    assert (home / ".gemini" / "settings.json").exists()
    assert not (home / ".copilot" / "hooks").exists()


def test_what_is_only_read_is_said(home: Path) -> None:
    """Found by its folder; there is nothing to ask about, and nothing to undo."""
    (home / ".cline" / "data" / "sessions").mkdir(parents=True)
    said = "Read by its files alone, nothing to set up: cline."
    found = run("setup")
    assert said == found.lines[0]
    assert ["  switchtax setup copilot-cli", "  switchtax setup gemini-cli"] == found.lines[2:]
    assert said not in run("setup", "--undo").out


def test_only_agents_that_are_read(home_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No list of commands follows."""
    monkeypatch.setenv("PATH", str(home_dir))
    storage = ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks"
    (home_dir / storage).mkdir(parents=True)
    found = run("setup")
    assert (0, ["Read by its files alone, nothing to set up: roo-code."]) == (
        found.code,
        found.lines,
    )


@pytest.mark.parametrize("sign", [".cursor", "cursor", "cursor-agent"])
def test_an_agent_whose_sessions_are_recorded_by_us(
    home_dir: Path, monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    """Cursor is found by its folder, its editor's command, or its command line's."""
    monkeypatch.setenv("PATH", str(home_dir))
    if sign.startswith("."):
        (home_dir / sign).mkdir()
    else:
        (home_dir / sign).write_text("#!/bin/sh\n")
        (home_dir / sign).chmod(0o755)
    assert ["  switchtax setup cursor"] == run("setup").lines[1:]
    assert 0 == run("setup", "--all").code
    assert (home_dir / ".cursor" / "hooks.json").exists()


@pytest.mark.parametrize("agent", ["cline", "roo-code", "vscode-copilot"])
def test_an_agent_that_is_only_read_has_nothing_to_set_up(agent: str) -> None:
    """Named, it says what can be had all the same."""
    found = run("setup", agent)
    assert 0 == found.code
    assert found.out.startswith(f"{agent} has nothing to set up: switchtax reads its files")
    assert all(len(line) <= 80 for line in found.lines)
    document = json.loads(run("setup", agent, "--json").out)
    assert ("unchanged", []) == (document["action"], document["changes"])


def test_no_agent_here(home_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what it looked for."""
    monkeypatch.setenv("PATH", str(home_dir))
    found = run("setup")
    assert "No coding agent was found here" in found.out
    assert max(map(len, found.lines)) <= 80


@pytest.mark.parametrize("more", ["--json", "--plugin"])
def test_what_needs_an_agent(more: str) -> None:
    """Named with the way out."""
    assert 2 == run("setup", more).code
    assert 2 == run("setup", "gemini-cli", "--all").code
