"""The status line's script as Cursor's command line runs it: without a shell, with its width."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from hook_doors import BASE, FakeDaemon
from switchtax.hooks.commands import commands_here

if TYPE_CHECKING:
    from pathlib import Path

ID = "0b1d-7"
METER = "Opus 5.5 · 152k context (76%) · cache until 14:32 · $1.20 spent"


def drawn(model: str, width: int = 120) -> dict[str, Any]:
    """An input in the shape of Cursor's."""
    return {
        "session_id": ID, "session_name": 'my "model" {"id": "x"}', "transcript_path": "/t",
        "render_width_chars": width, "cwd": "/w",
        "model": {"id": model, "display_name": "A name", "param_summary": "(Thinking)"},
        "context_window": {"total_input_tokens": 15_234, "context_window_size": 200_000},
    }  # fmt: skip


class Home:
    """A state folder with a meter, and the command run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "s" / "switchtax"
        for name in ("meters", "statusline"):
            (self.state / name).mkdir(parents=True)
        (self.state / "meters" / f"{ID}.txt").write_text(f"{METER}\n")

    def show(self, given: Any, previous: str = "", *, indent: int | None = None) -> str:
        """What is printed, once what was said has been handed on."""
        done = subprocess.run(
            shlex.split(commands_here().shell_status_line(previous)),
            input=json.dumps(given, indent=indent).encode(), capture_output=True, check=True,
            env={"XDG_STATE_HOME": str(self.folder / "s"), "PATH": "/usr/bin:/bin",
                 "XDG_RUNTIME_DIR": str(self.folder)},
        )  # fmt: skip
        assert b"" == done.stderr
        end = time.monotonic() + 5
        while self.told() != given and time.monotonic() < end:
            time.sleep(0.005)
        return done.stdout.decode()

    def told(self) -> Any:
        """What the script handed on last."""
        path = self.state / "statusline" / f"{ID}.json"
        return json.loads(path.read_text()) if path.exists() else None


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_meter_below_the_users_own_line(home: Home) -> None:
    """Whatever Cursor calls the model: the file has one line for it."""
    assert f"{METER}\n" == home.show(drawn("claude-opus-5.5-thinking-high"))
    assert f"mine\n{METER}\n" == home.show(drawn("claude-opus-5.5-thinking-high"), "echo mine")


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, METER),
        (60, "Opus 5.5 · 152k context (76%) · cache until 14:32"),
        (20, "Opus 5.5"),
        (3, "Opus 5.5"),
    ],
)
def test_what_does_not_fit_is_left_out(home: Home, width: int, shown: str) -> None:
    """From the end, in whole parts."""
    assert f"{shown}\n" == home.show(drawn("m", width), indent=1)


def test_an_input_that_nobody_writes_is_not_searched(home: Home) -> None:
    """It would take minutes; the user's own line is run all the same, and gets all of it."""
    shell = shlex.split(commands_here().shell_status_line("wc -c"))
    done = subprocess.run(
        shell, input=b'{"x":"' + b"a" * 200_000 + b'"}', capture_output=True, check=True,
        env={"XDG_STATE_HOME": str(home.folder / "s"), "PATH": "/usr/bin:/bin"}, timeout=20,
    )  # fmt: skip
    assert (b"200008", b"") == (done.stdout.strip(), done.stderr)


def test_until_a_meter_is_known_the_input_says_what_the_footer_did(home: Home) -> None:
    """Where no line of the user's own does; what is not told is left out."""
    (home.state / "meters" / f"{ID}.txt").unlink()
    given = drawn("m")
    assert "A name · 15k context\n" == home.show(given)
    assert "A name · 15k context\n" == home.show(given, indent=2)
    assert "mine\n" == home.show(given, "echo mine")
    for told in (None, "x", 10**15):
        given["context_window"]["total_input_tokens"] = told
        assert "A name\n" == home.show(given)
    assert "" == home.show({"session_id": ID})


def test_at_the_pick_the_daemon_is_asked(home: Home) -> None:
    """Once; told the input before, and the one now."""
    said = b"!next: Sonnet 5.5 re-reads 153k ($0.37)"
    framed = len(said).to_bytes(4, "big") + said
    with FakeDaemon(home.folder, answer=lambda _: framed) as daemon:
        assert f"{METER}\n" == home.show(drawn("opus"))
        assert f"{METER}\n" == home.show(drawn("opus"))
        assert [] == daemon.messages
        assert "next: Sonnet 5.5 re-reads 153k ($0.37)\n" == home.show(drawn("sonnet"))
        assert f"{METER}\n" == home.show(drawn("sonnet"))
    (message,) = daemon.messages
    sent = json.loads(message)
    assert ("cursor", "statusLine") == (sent["agent"], sent["event"])
    assert {"before": drawn("opus"), "now": drawn("sonnet")} == sent["input"]


def test_at_the_pick_without_a_daemon(home: Home) -> None:
    """The meter there is; also where the daemon has nothing to say, or hangs."""
    home.show(drawn("opus"))
    assert f"{METER}\n" == home.show(drawn("sonnet"))
    with FakeDaemon(home.folder, answer=lambda _: b"\0\0\0\x02{}"):
        assert f"{METER}\n" == home.show(drawn("opus"))
    with FakeDaemon(home.folder, silent=True):
        assert f"{METER}\n" == home.show(drawn("sonnet"))
    assert BASE in commands_here().shell_status_line("")
