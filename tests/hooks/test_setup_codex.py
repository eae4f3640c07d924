"""Codex's `hooks.json`: what is put in, what the user must do, and the way back to the byte."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from switchtax.hooks.codex import EVENTS
from switchtax.hooks.commands import Commands
from switchtax.hooks.setup_codex import trust_in

if TYPE_CHECKING:
    from pathlib import Path

OWN = b"""{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "mine", "timeout": 5}]}]}}
"""


@pytest.fixture
def hooks(home_dir: Path) -> Path:
    path = home_dir / ".codex" / "hooks.json"
    path.parent.mkdir()
    return path


def test_in_and_out_to_the_byte(hooks: Path) -> None:
    """Four hooks beside what others put there; then nothing of them."""
    hooks.write_bytes(OWN)
    assert "installed" == checked("setup", "codex")["action"]
    value = json.loads(hooks.read_bytes())["hooks"]
    assert {"Stop", *EVENTS} == set(value)
    (handler,) = value["UserPromptSubmit"][0]["hooks"]
    assert {"type", "command"} == set(handler)
    assert " codex UserPromptSubmit " in handler["command"]
    assert "2>/dev/null || exit 0" in handler["command"]
    assert "all of it is there already" in run("setup", "codex").out
    assert "removed" == checked("setup", "codex", "--undo")["action"]
    assert OWN == hooks.read_bytes()


def test_a_home_without_hooks(hooks: Path) -> None:
    """The file is made, and goes again; a dry run makes none."""
    run("setup", "codex", "--dry-run")
    assert not hooks.exists()
    said = run("setup", "codex").out
    assert hooks.exists()
    assert "type /hooks in Codex" in said
    assert max(map(len, said.splitlines()[-3:])) <= 80
    run("setup", "codex", "--undo")
    assert not hooks.exists()


def test_config_toml_is_never_written(hooks: Path) -> None:
    """What is trusted there is for the user to say."""
    config = hooks.with_name("config.toml")
    config.write_text("model = 'x'\n")
    run("setup", "codex")
    assert "model = 'x'\n" == config.read_text()


def test_without_codex(home_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made; CODEX_HOME moves it."""
    found = run("setup", "codex")
    assert 4 == found.code
    assert "Start Codex once" in found.err
    (home_dir / "moved").mkdir()
    monkeypatch.setenv("CODEX_HOME", str(home_dir / "moved"))
    assert 0 == run("setup", "codex").code
    assert (home_dir / "moved" / "hooks.json").exists()
    assert 2 == run("setup", "codex", "--scope", "project").code


@pytest.mark.parametrize("name", ["hooks", "codex_hooks"])
def test_hooks_that_are_turned_off_are_named(hooks: Path, name: str) -> None:
    """They would do nothing."""
    hooks.with_name("config.toml").write_text(f"[features]\n{name} = false\n")
    assert "hooks are off in config.toml" in run("setup", "codex").out


def test_what_was_reviewed(hooks: Path) -> None:
    """Keys with a hash; whatever else stands there, nothing is raised."""
    config = hooks.with_name("config.toml")
    assert frozenset() == trust_in(hooks).reviewed
    key = f"{hooks}:user_prompt_submit:0:0"
    config.write_text(f'[hooks.state."{key}"]\ntrusted_hash = "sha256:1"\n[hooks.state.b]\nx = 1\n')
    assert {key} == trust_in(hooks).reviewed
    for broken in ("[", "hooks = 3\nfeatures = 4", "[hooks]\nstate = 5"):
        config.write_text(broken)
        assert frozenset() == trust_in(hooks).reviewed


@pytest.mark.parametrize("base", ["/nowhere/python3", "false", "sh -c 'echo x; exit 7' #"])
def test_the_command_ends_well_whatever_is_missing(base: str) -> None:
    """Exit 0 and no words: text would be taken for context, another code for a failure."""
    command = Commands(base, "/nowhere/python", "/nowhere/switchtax/hooks").hook("Stop", "codex")
    done = subprocess.run(["sh", "-c", command], input=b"{}", capture_output=True, check=False)
    assert (0, b"") == (done.returncode, done.stderr)
