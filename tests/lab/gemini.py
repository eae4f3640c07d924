"""The real Gemini CLI with our hooks, alone with a Gemini API of ours.

Its home holds what a first start would ask; `switchtax setup gemini-cli` puts our hooks in.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import (
    POLL_S,
    Screen,
    folder_apart,
    json_lines,
    provider_apart,
    wait_for,
)
from programs import fetched
from rooms import Room, furnish

__all__ = ["GEMINI_CLI", "NOTES", "SETTINGS_TEXT", "Gemini", "gemini_program", "open_gemini"]

GEMINI_CLI = "0.61.0"
FAKE = Path(__file__).with_name("fake_gemini.py")
TAKEN_S = 2.0
"""Between two attempts at typing, and at Enter."""
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


class Gemini(Room):
    """One home of Gemini CLI."""

    AGENT = "gemini-cli"

    @property
    def settings(self) -> Path:
        return self.home / ".gemini" / "settings.json"

    def chat(self) -> Path:
        """The chat written to last."""
        return max(self.chats(), key=lambda path: path.stat().st_mtime_ns)

    def chats(self) -> list[Path]:
        """All conversations themselves."""
        return sorted((self.home / ".gemini" / "tmp").glob("*/chats/*.jsonl"))

    def wait_taken_up(self) -> None:
        """Wait until a session that is taken up again has its history written in the chat."""

        def written() -> bool:
            lines = json_lines(self.chat())
            heads = [place for place, line in enumerate(lines) if "projectHash" in line]
            since = [line.get("$set", {}).get("messages", []) for line in lines[heads[-1] :]]
            return len(heads) > 1 and any(len(messages) > 1 for messages in since)

        wait_for("the history of a resume", written)

    def own_bill(self) -> list[dict[str, Any]]:
        """What was billed for conversations themselves: no sub-agents, routing, titles."""
        return [each for each in self.bill() if not each["purpose"]]

    def think(self, model: str, budget_tokens: int) -> None:
        """Settings in which a model's requests name this budget for thinking."""
        thinking = {"thinkingConfig": {"thinkingBudget": budget_tokens}}
        change = {"match": {"model": model}, "modelConfig": {"generateContentConfig": thinking}}
        settings = json.loads(self.settings.read_text())
        settings["modelConfigs"] = {"overrides": [change]}
        self.settings.write_text(json.dumps(settings))

    def own(self) -> dict[str, str]:
        """The provider, and no second process."""
        return {
            "GEMINI_API_KEY": "lab",
            "GOOGLE_GEMINI_BASE_URL": f"http://127.0.0.1:{self.port}",
            "GEMINI_CLI_NO_RELAUNCH": "true",
        }

    def start(self) -> list[str]:
        """The command line."""
        return ["node", str(self.program)]

    @contextlib.contextmanager
    def terminal(self, *options: str) -> Iterator["Terminal"]:
        """The client in a terminal, ready for a prompt."""
        with self.on_screen(*options) as screen:
            screen.wait("Type your message")
            yield Terminal(self, screen)


@dataclass
class Terminal:
    """The client on a screen."""

    lab: Gemini
    screen: Screen

    def enter(self, text: str) -> None:
        """Type a line and press Enter until it is taken: one right after a key is a line break.

        What is typed while a session is taken up again may be lost: it is typed once more.
        """

        def typed() -> bool:
            self.screen.run("send-keys", "-l", text)
            until = time.monotonic() + TAKEN_S
            while not self._holds(text) and time.monotonic() < until:
                time.sleep(POLL_S)
            return self._holds(text)

        wait_for(f"{text!r} in the input", typed, self.screen.text)

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
        before, answers = len(self.lab.own_bill()), self._answers()
        self.enter(text)

        def ended() -> bool:
            made = self.lab.own_bill()[before:]
            return bool(made) and made[-1]["ends"] and self._answers() >= answers + len(made)

        wait_for(f"an answer to {text!r}", ended, self.screen.text)
        return self.lab.own_bill()[before:]

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
        furnish(folder, "home/.gemini")
        for name in NOTES:
            (folder / "work" / name).write_text(NOTE)
        with provider_apart(folder, FAKE) as (_, port, inside):
            lab = Gemini(folder, program, port, inside)
            lab.settings.write_text(SETTINGS_TEXT)
            if with_us:
                lab.setup()
            yield lab
