"""The real Copilot CLI with our hooks and status line, without GitHub, on a provider of ours."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import Screen, folder_apart, json_lines, provider_apart, wait_for
from programs import fetched
from rooms import Room, furnish

from switchtax.hooks.copilot_cli import PICKED

__all__ = ["COPILOT_CLI", "HAIKU", "OPUS", "SETTINGS_TEXT", "SONNET", "Copilot", "open_copilot"]

COPILOT_CLI = "1.0.102"
FAKE = Path(__file__).with_name("fake_anthropic.py")
OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
SETTINGS_TEXT = """{
  "banner": "never",
  "statusLine": {"type": "command", "command": "echo own line"}
}
"""


def copilot_program() -> Path:
    """The native program of the pinned client, fetched once with npm."""
    package = f"@github/copilot@{COPILOT_CLI}"
    return fetched("copilot-cli", package, "@github/copilot-linux-*/copilot")


class Copilot(Room):
    """One home of Copilot CLI."""

    AGENT = "copilot-cli"

    @property
    def settings(self) -> Path:
        return self.home / ".copilot" / "settings.json"

    def log(self) -> Path:
        """The session's log written to last."""
        found = (self.home / ".copilot" / "session-state").glob("*/events.jsonl")
        return max(found, key=lambda path: path.stat().st_mtime_ns)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What of one kind stands in it."""
        return [line for line in json_lines(self.log()) if line["type"] == kind]

    @property
    def plugin(self) -> Path:
        """Our extension."""
        return self.home / ".copilot" / "extensions" / "switchtax" / "extension.mjs"

    def own(self) -> dict[str, str]:
        """A provider of one's own, and nothing of GitHub."""
        return {
            "COPILOT_OFFLINE": "true",
            "COPILOT_AUTO_UPDATE": "false",
            "COPILOT_PROVIDER_BASE_URL": f"http://127.0.0.1:{self.port}",
            "COPILOT_PROVIDER_API_KEY": "lab",
            "COPILOT_PROVIDER_TYPE": "anthropic",
            "COPILOT_MODEL": SONNET,
            "COPILOT_CACHE_HOME": str(self.program.parents[3] / "unpacked"),
        }

    def start(self) -> list[str]:
        """The command line."""
        return [str(self.program), "--allow-all-tools"]

    @contextlib.contextmanager
    def terminal(self, *options: str) -> Iterator["Terminal"]:
        """The client in a terminal, ready for a prompt."""
        with self.on_screen(*options) as screen:
            screen.wait("❯")
            yield Terminal(self, screen)

    @contextlib.contextmanager
    def extended(self, *options: str) -> Iterator["Terminal"]:
        """The same with experimental features, once our extension has asked its first question.

        Where no daemon runs yet, that question starts one.
        """
        since, runs = time.time(), self.runs_daemon()
        with self.terminal("--experimental", *options) as terminal:

            def asked() -> bool:
                if not runs:
                    return self.runs_daemon()
                with contextlib.suppress(ValueError):
                    return self.fired_at(PICKED) > since
                return False

            wait_for("our extension", asked, terminal.screen.text)
            yield terminal


@dataclass
class Terminal:
    """The client on a screen."""

    lab: Copilot
    screen: Screen

    def enter(self, text: str) -> None:
        """Type a line and press Enter once it stands in the input."""
        self.screen.type(text)
        self.screen.press("Enter")

    def prompt(self, text: str, calls: int = 1) -> list[dict[str, Any]]:
        """Send a prompt and wait for the end of the turn in the log; its bills.

        Of a turn with a sub-agent, whose last answer is an end too, it must be said how many.
        """
        before, told = len(self.lab.bill()), self._used()
        self.enter(text)

        def ended() -> bool:
            made = self.lab.bill()[before:]
            if len(made) < calls or not made[-1]["ends"]:
                return False
            return self._used() >= told + len(made)

        wait_for(f"an answer to {text!r}", ended, self.screen.text)
        return self.lab.bill()[before:]

    def _used(self) -> int:
        with contextlib.suppress(ValueError):
            return len(self.lab.events("session.usage_record"))
        return 0

    def switch(self, model: str) -> None:
        """Choose a model with `/model`."""
        before = self._changes()
        self.enter(f"/model {model}")
        wait_for(f"{model} chosen", lambda: self._changes() > before, self.screen.text)

    def choose_effort(self) -> None:
        """Choose the next higher effort of the same model in the list of models."""
        before = self._changes()
        self.enter("/model")
        self.screen.wait("← Medium →")
        self.screen.press("Right")
        self.screen.wait("← High →")
        self.screen.press("Enter")
        wait_for("an effort chosen", lambda: self._changes() > before, self.screen.text)

    def _changes(self) -> int:
        """Choices in the log: the client does not always scroll to its own word of one."""
        return len(self.lab.events("session.model_change"))


@contextlib.contextmanager
def open_copilot() -> Iterator[Copilot]:
    """A lab of one's own; all that runs in it ends with it."""
    program = copilot_program()
    with folder_apart() as folder:
        furnish(folder, "home/.copilot")
        trusted = {"trustedFolders": [str(folder / "work")]}
        (folder / "home" / ".copilot" / "config.json").write_text(json.dumps(trusted))
        with provider_apart(folder, FAKE) as (_, port, inside):
            lab = Copilot(folder, program, port, inside)
            lab.settings.write_text(SETTINGS_TEXT)
            lab.setup()
            yield lab
