"""The real Gemini CLI with our hooks, alone with a Gemini API of ours.

Its home holds what a first start would ask; `switchtax setup gemini-cli` puts our hooks in.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import (
    POLL_S,
    WAIT_S,
    Screen,
    entering,
    fetched,
    folder_apart,
    json_lines,
    on_screen,
    provider_apart,
    wait_for,
)

from support import clean_environment
from switchtax.errors import DaemonUnavailable
from switchtax.service import instance
from switchtax.service.client import Client
from switchtax.service.places import places

__all__ = ["GEMINI_CLI", "NOTES", "SETTINGS_TEXT", "Gemini", "gemini_program", "open_gemini"]

GEMINI_CLI = "0.61.0"
FAKE = Path(__file__).with_name("fake_gemini.py")
TAKEN_S = 2.0
"""Between two attempts at Enter."""
NOTES = [f"notes-{number}.txt" for number in range(3)]
NOTE = "a line among the notes that is read\n" * 700
"""Small enough that the client itself masks no tool result of the past, which it rewrites then."""
SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": False}},
    "privacy": {"usageStatisticsEnabled": False},
    "telemetry": {"enabled": False},
    "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
    "ui": {"hideTips": True, "hideBanner": True},
}
SETTINGS_TEXT = json.dumps(SETTINGS, indent=2) + "\n"


def gemini_program() -> Path:
    """The script of the pinned client, fetched once with npm."""
    package = f"@google/gemini-cli@{GEMINI_CLI}"
    return fetched("gemini-cli", package, "@google/gemini-cli/bundle/gemini.js")


@dataclass
class Gemini:
    """One provider in its own namespaces, one home, and the clients that run there."""

    folder: Path
    program: Path
    port: int
    inside: int

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def settings(self) -> Path:
        return self.home / ".gemini" / "settings.json"

    def bill(self) -> list[dict[str, Any]]:
        """What the provider has billed so far."""
        return json_lines(self.folder / "fake" / "bill.jsonl")

    def chat(self) -> Path:
        """The chat written to last."""
        found = (self.home / ".gemini" / "tmp").glob("*/chats/*.jsonl")
        return max(found, key=lambda path: path.stat().st_mtime_ns)

    def environment(self) -> dict[str, str]:
        """All that a client finds in its environment."""
        return {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.folder / "tmp"),
            "GEMINI_API_KEY": "lab",
            "GOOGLE_GEMINI_BASE_URL": f"http://127.0.0.1:{self.port}",
            "GEMINI_CLI_NO_RELAUNCH": "true",
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }

    def entering(self) -> list[str]:
        """The command line before a command that lets it run inside."""
        return entering(self.inside, self.work)

    def setup(self, *more: str) -> str:
        """`switchtax setup gemini-cli` in this home; what it says."""
        kept = ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
        done = subprocess.run(
            [sys.executable, "-m", "switchtax", "setup", "gemini-cli", *more],
            env=clean_environment(self.home) | {k: self.environment()[k] for k in kept},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def configure(self, *lines: str) -> None:
        """The configuration file; before the daemon starts."""
        file = self.folder / "config" / "switchtax" / "config.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text("\n".join((*lines, "")))

    def daemon(self) -> Client:
        """The daemon that the client's hook has started."""

        def found() -> Client | None:
            with contextlib.suppress(DaemonUnavailable):
                return instance.find(places(self.environment()), name="lab")
            return None

        client: Client = wait_for("a daemon", found)
        return client

    def headless(self, prompt: str, *options: str) -> "subprocess.CompletedProcess[str]":
        """One `-p` run."""
        named = [f"{name}={value}" for name, value in self.environment().items()]
        command = ["env", "-i", *named, "node", str(self.program), *options, "-p", prompt]
        return subprocess.run(
            [*self.entering(), *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * WAIT_S,
            check=False,
        )

    @contextlib.contextmanager
    def terminal(self, *options: str) -> Iterator["Terminal"]:
        """The client in a terminal, ready for a prompt."""
        command = ["node", str(self.program), *options]
        with on_screen(self.folder, self.entering(), command, self.environment()) as screen:
            screen.wait("Type your message")
            yield Terminal(self, screen)


@dataclass
class Terminal:
    """The client on a screen."""

    lab: Gemini
    screen: Screen

    def enter(self, text: str) -> None:
        """Type a line and press Enter until it is taken: one right after a key is a line break."""
        self.screen.run("send-keys", "-l", text)
        wait_for(f"{text!r} in the input", lambda: self._holds(text), self.screen.text)

        def taken() -> bool:
            self.screen.press("Enter")
            until = time.monotonic() + TAKEN_S
            while self._holds(text) and time.monotonic() < until:
                time.sleep(POLL_S)
            return not self._holds(text)

        wait_for(f"{text!r} taken", taken, self.screen.text)

    def _holds(self, text: str) -> bool:
        """Whether a text stands in the input."""
        line = self.screen.text().rpartition("\n > ")[2].partition("\n")[0]
        return "".join(text.split())[-40:] in "".join(line.split())

    def prompt(self, text: str) -> list[dict[str, Any]]:
        """Send a prompt and wait for the end of the turn in the chat; its bills."""
        before, answers = len(self.lab.bill()), self._answers()
        self.enter(text)

        def ended() -> bool:
            made = self.lab.bill()[before:]
            return bool(made) and made[-1]["ends"] and self._answers() >= answers + len(made)

        wait_for(f"an answer to {text!r}", ended, self.screen.text)
        return self.lab.bill()[before:]

    def _answers(self) -> int:
        """Answers in the chat that carry their usage."""
        with contextlib.suppress(ValueError):
            seen = {
                line["id"]
                for line in json_lines(self.lab.chat())
                if line.get("type") == "gemini" and line.get("tokens")
            }
            return len(seen)
        return 0

    def switch(self, model: str) -> None:
        """Choose a model with `/model set`."""
        self.enter(f"/model set {model}")
        self.screen.wait(f"Model set to {model}")


@contextlib.contextmanager
def open_gemini(*, with_us: bool = True) -> Iterator[Gemini]:
    """A lab of one's own; all that runs in it ends with it."""
    program = gemini_program()
    with folder_apart() as folder:
        for name in ("home/.gemini", "work", "tmp", "fake"):
            (folder / name).mkdir(parents=True)
        for name in ("run", "state", "config"):
            (folder / name).mkdir(mode=0o700)
        for name in NOTES:
            (folder / "work" / name).write_text(NOTE)
        with provider_apart(folder, FAKE) as (_, port, inside):
            lab = Gemini(folder, program, port, inside)
            lab.settings.write_text(SETTINGS_TEXT)
            if with_us:
                lab.setup()
            yield lab
