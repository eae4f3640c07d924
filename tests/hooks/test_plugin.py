"""The plugin for Claude Code: its files agree, and its hooks end with 0 whatever is missing."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from commands import checked, run
from hook_doors import FakeDaemon
from support import CHECKOUT
from switchtax import __version__
from switchtax.hooks.claude_code import BEFORE_REQUEST, EVENTS

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = CHECKOUT / "editors" / "claude-code"
HOOKS = json.loads((PLUGIN / "hooks" / "hooks.json").read_text())["hooks"]


def hook(event: str, home: Path, *, root: Path = PLUGIN, path: str = "/usr/bin:/bin") -> bytes:
    """What a hook of the plugin prints."""
    (group,) = HOOKS[event]
    (handler,) = group["hooks"]
    assert {"type", "command"} == set(handler)
    done = subprocess.run(
        ["sh", "-c", handler["command"]],
        input=b"{}",
        capture_output=True,
        env={
            "HOME": str(home),
            "CLAUDE_PLUGIN_ROOT": str(root),
            "PATH": path,
            "XDG_RUNTIME_DIR": str(home),
        },
        check=False,
    )
    assert (0, b"") == (done.returncode, done.stderr)
    return done.stdout


def test_the_manifests_agree() -> None:
    """The version is ours, the marketplace names the plugin beside it, all events are there."""
    manifest = json.loads((PLUGIN / ".claude-plugin" / "plugin.json").read_text())
    market = json.loads((PLUGIN / ".claude-plugin" / "marketplace.json").read_text())
    assert __version__.startswith(manifest["version"])
    assert [("switchtax", "./"), ("switchtax-requests", "./requests")] == [
        (p["name"], p["source"]) for p in market["plugins"]
    ]
    assert set(EVENTS) == set(HOOKS)


def test_the_hooks_module_is_a_plugin_of_its_own() -> None:
    """Nobody gets it with the other one; it names files that are there."""
    folder = PLUGIN / "requests"
    manifest = json.loads((folder / ".claude-plugin" / "plugin.json").read_text())
    assert ("switchtax-requests", True) == (
        manifest["name"],
        __version__.startswith(manifest["version"]),
    )
    declared = json.loads((folder / "hooks" / "hooks.json").read_text())
    assert ["./register.js"] == declared["modules"]
    assert "hooks" not in declared
    module = (folder / "hooks" / "register.js").read_text()
    assert f"const EVENT = '{BEFORE_REQUEST}'" in module
    assert (folder / "hooks" / "ask.sh").is_file()
    assert "modules" not in (PLUGIN / "hooks" / "hooks.json").read_text()


@pytest.mark.usefixtures("home_dir")
def test_the_script_of_the_hooks_module_ends_with_0(home_dir: Path) -> None:
    """It hands over what it is given, and says nothing whatever is missing."""
    script = PLUGIN / "requests" / "hooks" / "ask.sh"

    def ask() -> bytes:
        done = subprocess.run(
            ["sh", str(script), BEFORE_REQUEST],
            input=b"{}",
            capture_output=True,
            env={"HOME": str(home_dir), "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(home_dir)},
            check=False,
        )
        assert (0, b"") == (done.returncode, done.stderr)
        return done.stdout

    assert b"" == ask()
    checked("setup", "claude-code", "--plugin")
    with FakeDaemon(home_dir, answer=lambda _: b"\0\0\0\x07" + b'{"a":1}') as daemon:
        assert b'{"a":1}' == ask()
    assert BEFORE_REQUEST == json.loads(daemon.messages[0])["event"]
    assert b"" == ask()


@pytest.mark.usefixtures("home_dir")
def test_the_plugin_is_told_where_switchtax_is(home_dir: Path) -> None:
    """Then its hooks reach the daemon; a note that leads nowhere is no trouble."""
    state = home_dir / ".local" / "state" / "switchtax"
    assert b"" == hook("PreModelSwitch", home_dir)
    found = checked("setup", "claude-code", "--plugin")
    assert str(state / "hook-client") == found["path"]
    with FakeDaemon(home_dir, answer=lambda _: b"\0\0\0\x07" + b'{"a":1}') as daemon:
        for event in EVENTS:
            assert b'{"a":1}' == hook(event, home_dir)
    assert list(EVENTS) == [json.loads(message)["event"] for message in daemon.messages]
    for text in ("", "/nowhere\n/nowhere\n/nowhere\n", "/bin/false\n"):
        (state / "hook-client").write_text(text)
        assert b"" == hook("PreModelSwitch", home_dir)
    assert b"" == hook("PreModelSwitch", home_dir, root=home_dir / "removed")


def test_the_first_start_makes_the_note(home_dir: Path) -> None:
    """In the background, by the command on the PATH."""
    command = home_dir / "switchtax"
    note = 'echo "$@" >"$HOME/new"; mv "$HOME/new" "$HOME/called"'
    command.write_text(f"#!/bin/sh\n{note}\n")
    command.chmod(0o755)
    hook("PreModelSwitch", home_dir, path=f"{home_dir}:/usr/bin:/bin")
    assert not (home_dir / "called").exists()
    hook("SessionStart", home_dir, path=f"{home_dir}:/usr/bin:/bin")
    subprocess.run(
        ["sh", "-c", f"until [ -e {home_dir}/called ]; do sleep 0.01; done"], timeout=5, check=True
    )
    assert "setup claude-code --plugin\n" == (home_dir / "called").read_text()


def front(file: Path) -> dict[str, str]:
    """The front matter of a command or an agent."""
    _, head, _ = file.read_text(encoding="utf-8").split("---\n", 2)
    return dict(line.split(": ", 1) for line in head.splitlines())


def test_chores_are_done_by_a_cheap_model_from_a_fresh_context() -> None:
    """An agent with tools to run and read, none to edit; a command that calls it by name."""
    agent = front(PLUGIN / "agents" / "chores.md")
    assert ("chores", "haiku") == (agent["name"], agent["model"])
    assert {"Bash", "Read", "Grep", "Glob"} == set(agent["tools"].split(", "))
    command = (PLUGIN / "commands" / "chores.md").read_text(encoding="utf-8")
    assert "`switchtax:chores`" in command
    assert "$ARGUMENTS" in command
    assert "model" not in front(PLUGIN / "commands" / "chores.md")


@pytest.mark.usefixtures("home_dir")
def test_what_does_not_go_together() -> None:
    """A wrong call."""
    assert 2 == run("setup", "claude-code", "--plugin", "--undo").code
    assert 0 == run("setup", "claude-code", "--plugin").code
