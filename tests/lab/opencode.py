"""The real OpenCode with our plugin, alone with a Messages API of ours.

Its home holds what a first start would ask or fetch; `switchtax setup opencode` puts our plugin in.
"""

import contextlib
import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import Screen, folder_apart, on_screen, provider_apart, wait_for
from programs import fetched
from rooms import Room, furnish

__all__ = ["HAIKU", "OPENCODE", "OPUS", "SONNET", "OpenCode", "Terminal", "open_opencode"]

OPENCODE = "1.18.33"
FAKE = Path(__file__).with_name("fake_anthropic.py")
OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
PRICES_USD = {OPUS: (5.0, 25.0), SONNET: (2.0, 10.0), HAIKU: (1.0, 5.0)}
READY = "ctrl+p commands"
NOTE = "a line among the notes that is read\n" * 1_700
"""OpenCode reads 50 kB of a file at most: a context of 23,000 tokens in all."""
ENDING = 6
SETTLES_S = 1.5


def opencode_program() -> Path:
    """The native program of the pinned client."""
    return fetched("opencode", f"opencode-ai@{OPENCODE}", "opencode-linux-*/bin/opencode")


def _settings(port: int) -> dict[str, Any]:
    """One provider, models whose prices are ours, sub-agents on a small one, nothing fetched."""
    models = {
        name: {
            "name": name.split("-")[1],
            "reasoning": True,
            "cost": {
                "input": price,
                "output": out,
                "cache_read": price / 10,
                "cache_write": price * 1.25,
            },
            "limit": {"context": 200_000, "output": 32_000},
        }
        for name, (price, out) in PRICES_USD.items()
    }
    provider = {
        "name": "anthropic",
        "npm": "@ai-sdk/anthropic",
        "options": {"baseURL": f"http://127.0.0.1:{port}/v1", "apiKey": "lab"},
        "models": models,
        "whitelist": list(models),
    }
    return {
        "autoupdate": False,
        "share": "disabled",
        "enabled_providers": ["anthropic"],
        "provider": {"anthropic": provider},
        "model": f"anthropic/{SONNET}",
        "small_model": f"anthropic/{HAIKU}",
        "agent": {"general": {"model": f"anthropic/{HAIKU}"}},
    }


class OpenCode(Room):
    """One home of OpenCode."""

    AGENT = "opencode"

    @property
    def settings(self) -> Path:
        """Its folder of settings, where plugins stand, too."""
        return self.folder / "config" / "opencode"

    @property
    def plugin(self) -> Path:
        return self.settings / "plugin" / "switchtax.js"

    @property
    def database(self) -> Path:
        """Where its sessions are."""
        return self.home / ".local" / "share" / "opencode" / "opencode.db"

    def own(self) -> dict[str, str]:
        """Nothing fetched."""
        names = ("AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD")
        return {f"OPENCODE_DISABLE_{name}": "1" for name in names}

    def start(self) -> list[str]:
        """The command line."""
        return [str(self.program)]

    def run(self, prompt: str, model: str, *options: str) -> str:
        """One `opencode run`, which must end well; what it printed on both streams."""
        done = self.headless(prompt, "run", "-m", f"anthropic/{model}", *options)
        assert 0 == done.returncode, f"{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    @contextlib.contextmanager
    def watched_run(self, prompt: str, *options: str) -> Iterator[Screen]:
        """One `opencode run` that somebody looks at; its screen stays."""
        command = ["sh", "-c", '"$@"; cat', "sh", *self.start(), "run", *options, prompt]
        with on_screen(self.folder, self.entering(), command, self.environment()) as screen:
            yield screen

    def alone(self, prompt: str) -> list[str]:
        """The prompt itself, after `run` and its options."""
        return [prompt]

    def session(self) -> str:
        """The id of the main session used last."""
        query = "select id from session where parent_id is null order by time_updated desc"
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return str(db.execute(query).fetchone()[0])

    def files(self) -> dict[str, bytes]:
        """Its folder of settings but for what npm brought, by path."""
        return {
            str(path.relative_to(self.settings)): path.read_bytes()
            for path in self.settings.rglob("*")
            if path.is_file() and self.settings / "node_modules" not in path.parents
        }

    def bring_plugin_package(self) -> None:
        """What OpenCode would fetch as soon as a plugin is there."""
        package = f"@opencode-ai/plugin@{OPENCODE}"
        found = fetched("opencode-plugin", package, "@opencode-ai/plugin/package.json")
        modules = found.parents[2]
        for each in ("package.json", "package-lock.json"):
            shutil.copy(modules.parent / each, self.settings / each)
        (self.settings / "node_modules").symlink_to(modules)

    @contextlib.contextmanager
    def terminal(self, *options: str) -> Iterator["Terminal"]:
        """The client in a terminal, ready for a prompt."""
        with self.on_screen(*options) as screen:
            screen.wait(READY)
            yield Terminal(self, screen)


@dataclass
class Terminal:
    """The client on a screen."""

    lab: OpenCode
    screen: Screen

    def enter(self, text: str) -> None:
        """Type a line, which the input wraps, and press Enter once its end stands there."""
        self.screen.run("send-keys", "-l", text)
        self.screen.wait(text[-ENDING:])
        self.screen.press("Enter")

    def billed(self, before: int) -> dict[str, Any]:
        """The first call of a turn, once the turn is over; calls for titles do not count."""

        def ended() -> list[dict[str, Any]]:
            made = [bill for bill in self.lab.bill()[before:] if bill["tools"]]
            done = bool(made) and made[-1]["ends"]
            return made if done and "esc interrupt" not in self.screen.text() else []

        return dict(wait_for("the end of a turn", ended, self.screen.text)[0])

    def prompt(self, text: str) -> dict[str, Any]:
        """Send a prompt; the bill of its turn's first call."""
        before = len(self.lab.bill())
        self.enter(text)
        return self.billed(before)

    def choose(self, name: str) -> None:
        """Choose a model in the list that `/models` shows."""
        self.enter("/models")
        self.screen.wait("Select model")
        self.screen.run("send-keys", "-l", name)
        pressed = time.monotonic()

        def chosen() -> bool:
            nonlocal pressed
            screen = self.screen.text()
            if "Select model" in screen or "Select variant" in screen:
                if time.monotonic() > pressed + SETTLES_S:  # the list is drawn anew meanwhile
                    self.screen.press("Enter")
                    pressed = time.monotonic()
                return False
            return f"Build · {name}" in screen

        wait_for(f"{name} chosen", chosen, self.screen.text)

    def toast(self) -> str:
        """What stands in the box on the right, in one line; waits for it."""
        screen = self.screen.wait("must re-read")
        inside = [line.split("┃")[-2] for line in screen.splitlines() if line.count("┃") >= 2]
        return " ".join(" ".join(inside).split())

    def wait_gone(self, text: str) -> None:
        """Wait until the screen shows a text no more."""
        wait_for(f"an end of {text!r}", lambda: text not in self.screen.text(), self.screen.text)


@contextlib.contextmanager
def open_opencode() -> Iterator[OpenCode]:
    """A lab of one's own; all that runs in it ends with it."""
    program = opencode_program()
    with folder_apart() as folder:
        furnish(folder)
        (folder / "work" / "notes.txt").write_text(NOTE)
        with provider_apart(folder, FAKE) as (_, port, inside):
            lab = OpenCode(folder, program, port, inside)
            lab.settings.mkdir()
            (lab.settings / "opencode.json").write_text(json.dumps(_settings(port)))
            yield lab
