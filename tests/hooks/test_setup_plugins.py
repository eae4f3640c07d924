"""Plugins of one file: put in place, found there, taken away, and others' files left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from switchtax.hooks import plugin_files
from switchtax.hooks.plugin_files import plugin_text

if TYPE_CHECKING:
    from pathlib import Path

PLACES = {
    "opencode": ".config/opencode/plugin/switchtax.js",
    "pi": ".pi/agent/extensions/switchtax.js",
}


@pytest.mark.parametrize("agent", PLACES)
def test_there_and_back(home_dir: Path, agent: str) -> None:
    """Once in, nothing more to do; taken away, the folders hold what they held."""
    path = home_dir / PLACES[agent]
    beside = path.with_name("mine.js")
    beside.parent.mkdir(parents=True)
    beside.write_text("mine")
    document = checked("setup", agent)
    assert ("installed", str(path)) == (document["action"], document["path"])
    assert 'const PYTHON = "/' in path.read_text()
    assert "unchanged" == checked("setup", agent)["action"]
    assert "removed" == checked("setup", agent, "--undo")["action"]
    assert [beside] == list(path.parent.iterdir())
    assert "unchanged" == checked("setup", agent, "--undo")["action"]


@pytest.mark.parametrize("agent", [*PLACES, "copilot-cli"])
def test_each_is_one_file_that_says_whose_it_is(agent: str) -> None:
    """Its first line is what `--undo` goes by; the way to the daemon is the same in all."""
    text = plugin_text(agent, "/home/ada/python3")
    assert plugin_files.MARK in text.split("\n", 1)[0]
    assert 1 == text.count('const PYTHON = "/home/ada/python3"')
    assert 1 == text.count("async function ask(event, input)")
    assert "editors/common" not in text


@pytest.mark.parametrize("agent", PLACES)
def test_a_dry_run(home_dir: Path, agent: str) -> None:
    """The whole file is shown, none is written."""
    ran = run("setup", agent, "--dry-run")
    assert "+const PYTHON = " in ran.out
    assert [] == list(home_dir.iterdir())


@pytest.mark.parametrize("agent", PLACES)
def test_an_older_one_is_replaced(home_dir: Path, agent: str) -> None:
    """It is ours by its first line."""
    path = home_dir / PLACES[agent]
    path.parent.mkdir(parents=True)
    path.write_text(f"// {plugin_files.MARK}an elder client\n")
    assert "installed" == checked("setup", agent)["action"]
    assert "elder" not in path.read_text()


@pytest.mark.parametrize("agent", PLACES)
@pytest.mark.parametrize("undo", [(), ("--undo",)])
def test_anothers_file_is_left(home_dir: Path, agent: str, undo: tuple[str, ...]) -> None:
    """Said, with its name; nothing is written."""
    path = home_dir / PLACES[agent]
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    ran = run("setup", agent, *undo)
    assert 4 == ran.code
    assert f"{path}: not written by switchtax." in ran.err
    assert "mine" == path.read_text()


def test_opencode_fetches_a_package(home_dir: Path) -> None:
    """Said beforehand, unless it is there."""
    (note,) = checked("setup", "opencode", "--dry-run")["notes"]
    assert "@opencode-ai/plugin" in note
    (home_dir / ".config/opencode/node_modules/@opencode-ai/plugin").mkdir(parents=True)
    assert [] == checked("setup", "opencode")["notes"]


def test_opencodes_folder_follows_xdg(
    home_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As OpenCode itself does."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    path = tmp_path / "settings" / "opencode" / "plugin" / "switchtax.js"
    assert str(path) == checked("setup", "opencode")["path"]


def test_an_installation_without_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Said with the place; nothing is written."""
    monkeypatch.setattr(plugin_files, "_HERE", tmp_path / "a" / "b" / "c" / "d")
    with pytest.raises(plugin_files.SettingsError, match=r"opencode\.js: not there"):
        plugin_text("opencode", "/python")
