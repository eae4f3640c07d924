"""Gemini CLI's settings: what is put in, and that all else stays as it was."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from switchtax.errors import SettingsError
from switchtax.hooks import setup_gemini_cli
from switchtax.hooks.commands import Commands
from switchtax.hooks.gemini_cli import EVENTS
from switchtax.hooks.setups import Wanted

if TYPE_CHECKING:
    from pathlib import Path

OWN = b"""{
  "ui": {"theme": "GitHub"},
  "hooks": {"BeforeModel": [{"matcher": "*", "hooks": [{"type": "command", "command": "mine"}]}]},
  "model": {"name": "gemini-2.5-pro"}
}"""


@pytest.fixture
def settings(home_dir: Path) -> Path:
    path = home_dir / ".gemini" / "settings.json"
    path.parent.mkdir()
    return path


def test_in_and_out_to_the_byte(settings: Path) -> None:
    """Four hooks with a short name beside what others put there; then nothing of them."""
    settings.write_bytes(OWN)
    assert "installed" == checked("setup", "gemini-cli")["action"]
    hooks = json.loads(settings.read_bytes())["hooks"]
    assert set(EVENTS) == set(hooks)
    theirs, ours = hooks["BeforeModel"]
    assert "mine" == theirs["hooks"][0]["command"]
    (hook,) = ours["hooks"]
    assert {"type", "command", "name"} == set(hook)
    assert "switchtax" == hook["name"]
    assert " gemini-cli BeforeModel 2>/dev/null || exit 0" in hook["command"]
    assert "all of it is there already" in run("setup", "gemini-cli").out
    assert "removed" == checked("setup", "gemini-cli", "--undo")["action"]
    assert OWN == settings.read_bytes()


def test_a_home_without_settings(settings: Path) -> None:
    """The file is made, and goes again."""
    run("setup", "gemini-cli")
    assert settings.exists()
    run("setup", "gemini-cli", "--undo")
    assert not settings.exists()


def test_what_others_wrote_since_stays(settings: Path) -> None:
    """Only ours goes."""
    settings.write_bytes(OWN)
    run("setup", "gemini-cli")
    changed = json.loads(settings.read_bytes()) | {"vimMode": True}
    settings.write_text(json.dumps(changed))
    run("setup", "gemini-cli", "--undo")
    assert json.loads(OWN) | {"vimMode": True} == json.loads(settings.read_bytes())


def test_a_moved_home_and_a_project(
    home_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GEMINI_CLI_HOME; and a project's file, which is shared: that is said."""
    monkeypatch.setenv("GEMINI_CLI_HOME", str(home_dir / "moved"))
    run("setup", "gemini-cli")
    assert (home_dir / "moved" / ".gemini" / "settings.json").exists()
    monkeypatch.chdir(tmp_path)
    assert "Note: this file is shared" in run("setup", "gemini-cli", "--scope", "project").out
    assert (tmp_path / ".gemini" / "settings.json").exists()


@pytest.mark.parametrize(
    ("config", "note"),
    [
        ({"enabled": False}, '"hooksConfig"."enabled" is false'),
        ({"disabled": ["switchtax"]}, "/hooks enable switchtax"),
    ],
)
def test_hooks_that_are_turned_off_are_named(
    settings: Path, config: dict[str, object], note: str
) -> None:
    """They would do nothing."""
    settings.write_text(json.dumps({"hooksConfig": config}))
    assert note in run("setup", "gemini-cli").out


def test_windows_is_refused(tmp_path: Path) -> None:
    """Its shell there is no POSIX shell."""
    commands = Commands("p", "p", "c", windows=True)
    wanted = Wanted("user", False, {}, tmp_path, tmp_path, tmp_path, commands)
    with pytest.raises(SettingsError, match="WSL"):
        setup_gemini_cli.plans(wanted)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("base", ["/nowhere/python3", "false", "sh -c 'echo x; exit 7' #"])
def test_the_command_ends_well_whatever_is_missing(event: str, base: str) -> None:
    """Exit 0: with another code Gemini CLI takes plain text for a refusal."""
    command = Commands(base, "/nowhere/python", "/nowhere/switchtax/hooks").hook(
        event, "gemini-cli"
    )
    done = subprocess.run(["bash", "-c", command], input=b"{}", capture_output=True, check=False)
    assert (0, b"") == (done.returncode, done.stderr)
