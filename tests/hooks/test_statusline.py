"""The status line's script, as Claude Code runs it."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from hook_doors import FIXTURES
from switchtax.hooks import commands
from switchtax.hooks.commands import commands_here
from switchtax.meter import page

SCRIPT = Path(commands.__file__).parent / "statusline.sh"
OLD, NEW = "claude-sonnet-4-5", "claude-opus-5-5"
LINES = (FIXTURES / "claude-code.statusline.jsonl").read_text().splitlines()
WARM, SWITCHED = (json.loads(line) for line in LINES[1:])
ID = WARM["session_id"]


@pytest.fixture(params=["sh", "bash"])
def shell(request: pytest.FixtureRequest) -> str:
    """Both ways a script named in settings may be run."""
    return str(request.param)


class Home:
    """A state folder, and the script run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / ".local" / "state" / "switchtax"

    def meter(self, text: str, session: str = ID) -> None:
        """What the daemon has written."""
        (self.state / "meters").mkdir(parents=True, exist_ok=True)
        (self.state / "meters" / f"{session}.txt").write_text(text)

    def show(self, shell: str, given: Any = WARM, *words: str) -> str:
        """What is printed."""
        raw = given if isinstance(given, bytes) else json.dumps(given).encode()
        done = subprocess.run(
            [shell, str(SCRIPT), *words], input=raw, capture_output=True, check=True,
            env={"HOME": str(self.folder), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert b"" == done.stderr
        return done.stdout.decode()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty one."""
    return Home(tmp_path)


def test_the_meter_of_this_session(home: Home, shell: str) -> None:
    """Found by the id; another session's is not shown."""
    assert "" == home.show(shell)
    home.meter("another\n", "another-session")
    assert "" == home.show(shell)
    home.meter("Sonnet 4.5 · 23k \\n context 100%s\n")
    assert "Sonnet 4.5 · 23k \\n context 100%s\n" == home.show(shell)
    assert "Sonnet 4.5 · 23k \\n context 100%s\n" == home.show(
        shell, json.dumps(WARM, indent=2).encode() + b"\n"
    )


def test_right_after_the_switch(home: Home, shell: str) -> None:
    """The input names the new model, and the old one's cache as warm: the new one's is shown."""
    assert (OLD, NEW, True) == (
        WARM["model"]["id"], SWITCHED["model"]["id"], SWITCHED["prompt_cache"]["warm"],
    )  # fmt: skip
    home.meter(page(OLD, {OLD: "old one's", NEW: "new one's", "claude": "x"}))
    assert "old one's\n" == home.show(shell)
    assert "new one's\n" == home.show(shell, SWITCHED)
    wide = {**SWITCHED, "model": {"id": f"{NEW}[1m]", "display_name": "Opus"}}
    assert "new one's\n" == home.show(shell, wide)
    home.meter(page(OLD, {OLD: "old one's"}))
    assert "Opus 5.5 · its cache is not known yet\n" == home.show(shell, SWITCHED)


def test_the_users_own_command_runs_as_before(home: Home, shell: str) -> None:
    """With the same standard input to the byte, its lines first; its failure is no trouble."""
    raw = json.dumps(WARM).encode() + b"\n"
    kept = home.folder / "kept"
    assert "own\n" == home.show(shell, raw, f"cat >'{kept}'; printf own")
    assert raw == kept.read_bytes()
    home.show(shell, raw.strip(), f"cat >'{kept}'")
    assert raw.strip() == kept.read_bytes()
    home.meter("ours\n")
    assert "a\nb\nours\n" == home.show(shell, raw, "printf 'a\nb\n'; exit 3")
    assert "ours\n" == home.show(shell, raw, "exit 1")


def test_what_claude_code_says_is_handed_on(home: Home, shell: str) -> None:
    """As a whole file, and only where the daemon has made the folder."""
    home.show(shell)
    assert not home.state.exists()
    folder = home.state / "statusline"
    folder.mkdir(parents=True)
    home.show(shell)
    deadline = time.monotonic() + 5
    while not (folder / f"{ID}.json").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [f"{ID}.json"] == [path.name for path in folder.iterdir()]
    assert json.loads((folder / f"{ID}.json").read_text()) == WARM


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"no json",
        b'{"session_id":"../../x"}',
        b'{"session_id": 3}',
        b'{"session_id":""}',
        b'{"session_id":"$(touch x)`touch x`"}',
        b"\xff\x00\n\n",
    ],
)
def test_other_input_shows_nothing(home: Home, shell: str, raw: bytes) -> None:
    """And opens no file outside the folder."""
    home.meter("no\n", "x")
    (home.state / "x.txt").write_text("no\n")
    (home.state / "meters" / ".txt").write_text("no\n")
    assert "" == home.show(shell, raw)


def test_the_command_in_settings(home: Home) -> None:
    """With our script there or gone, the user's own command goes on."""
    home.meter("ours\n")
    mine = "printf '%s' \"it's mine\"  # a remark"
    raw = json.dumps(WARM).encode()

    def run(command: str) -> str:
        done = subprocess.run(
            ["sh", "-c", command], input=raw, capture_output=True, check=True,
            env={"HOME": str(home.folder), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        return done.stdout.decode()

    here = commands_here()
    gone = commands.Commands("p", "p", "/nowhere/switchtax/hooks")
    assert "it's mine\nours\n" == run(here.status_line(mine))
    assert "ours\n" == run(here.status_line(""))
    assert "it's mine" == run(gone.status_line(mine))
    assert "" == run(gone.status_line(""))
