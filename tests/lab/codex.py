"""The real Codex with our hooks, alone with a Responses API of ours.

Its home holds what a first start would ask; `switchtax setup codex` puts our hooks in.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import Screen, folder_apart, provider_apart, wait_for
from programs import fetched
from rooms import Room, furnish

__all__ = ["CODEX", "Codex", "Terminal", "open_codex"]

CODEX = "0.169.0"
FAKE = Path(__file__).with_name("fake_openai.py")
UNREVIEWED = "--dangerously-bypass-hook-trust"
"""Runs hooks that nobody has reviewed, as the review in a terminal would let it."""
SPAWNED = '"subagent":{"thread_spawn"'
"""Stands in rollouts of sub-agents alone."""
CONFIG = """\
model = "gpt-6.1-sol"
model_reasoning_effort = "medium"
model_provider = "{provider}"
openai_base_url = "http://127.0.0.1:{port}/v1"
check_for_update_on_startup = false

[model_providers.lab]
name = "lab"
base_url = "http://127.0.0.1:{port}/v1"
wire_api = "responses"
env_key = "LAB_KEY"

[analytics]
enabled = false

[projects."{work}"]
trust_level = "trusted"

[notice.model_migrations]
"gpt-5.5" = "gpt-6-sol"

[tui.model_availability_nux]
"gpt-6.1-sol" = 1
"""


class Codex(Room):
    """One home of Codex."""

    AGENT = "codex"

    @property
    def settings(self) -> Path:
        """Its folder."""
        return self.home / ".codex"

    def turns(self, *more: str) -> list[dict[str, Any]]:
        """The bill without calls beside the conversation: titles reach no rollout."""
        return [line for line in self.bill() if line["purpose"] in ("", "compaction", *more)]

    def rollouts(self) -> list[Path]:
        """The newest last, those of sub-agents included."""
        found = (self.settings / "sessions").glob("*/*/*/rollout-*.jsonl")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def log(self) -> Path:
        """The rollout of a session of its own written to last."""
        return self.logs()[-1]

    def logs(self) -> list[Path]:
        """Rollouts of sessions of their own, the newest last."""
        return [path for path in self.rollouts() if SPAWNED not in path.read_text()]

    def own(self) -> dict[str, str]:
        """The key that the configuration names, and OpenAI's."""
        return {"LAB_KEY": "lab", "CODEX_API_KEY": "lab"}

    def start(self) -> list[str]:
        """Enters the folder anew: one opened outside has no name inside, which Codex needs."""
        return ["env", f"--chdir={self.work}", str(self.program)]

    def alone(self, prompt: str) -> list[str]:
        """The prompt itself, after `exec` and its options."""
        return [prompt]

    def run(self, prompt: str, *options: str, resume: bool = False) -> str:
        """One `codex exec`, of a new session or the last one; its output, JSON lines."""
        words = ["exec", *(["resume", "--last"] if resume else []), "--json", UNREVIEWED]
        done = self.headless(prompt, *words, "--skip-git-repo-check", *options)
        assert 0 == done.returncode, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def terminal(self, *options: str) -> Iterator["Terminal"]:
        """The client in a terminal, ready for a prompt."""
        with self.on_screen("--no-daemon", UNREVIEWED, *options) as screen:
            screen.wait("›")
            yield Terminal(self, screen)


@dataclass
class Terminal:
    """The client on a screen."""

    lab: Codex
    screen: Screen

    def enter(self, text: str) -> None:
        """Type a line and press Enter."""
        self.screen.type(text)
        self.screen.press("Enter")

    def prompt(self, text: str) -> list[dict[str, Any]]:
        """Send a prompt and wait for the end of the turn; its bills, without the title's."""
        before, ends = len(self.lab.turns()), self._ends()
        self.enter(text)
        wait_for(f"an answer to {text!r}", lambda: self._ends() > ends, self.screen.text)
        return self.lab.turns()[before:]

    def _ends(self) -> int:
        return sum(path.read_text().count('"type":"task_complete"') for path in self.lab.logs())

    def wait_written(self, text: str, times: int = 1) -> None:
        """Wait until the rollout holds a text so many times."""
        wait_for(text, lambda: self.lab.log().read_text().count(text) >= times, self.screen.text)

    def choose(self, model: str, effort: str = "") -> None:
        """Choose a model in the list that `/model` shows, with an effort, else what it proposes."""
        self.enter("/model")
        self.screen.wait("Select Model")
        self._row(model)
        self.screen.wait("Select Reasoning Level")
        if effort:
            self._row(effort)
        else:
            self.screen.press("Enter")
        self.screen.wait(f"Model changed to {model}")

    def _row(self, sought: str) -> None:
        """Press the number of a row, which may have to be scrolled to."""

        def shown() -> str:
            rows = re.findall(r"(\d)\. (\S+(?: \S+)*)  ", self.screen.text())
            # Names are spelled for people there.
            spelled = {label.split(" (")[0].lower().replace(" ", "-"): key for key, label in rows}
            if sought not in spelled:
                self.screen.press("Up")
            return spelled.get(sought, "")

        self.screen.press(wait_for(f"a row {sought}", shown, self.screen.text))


@contextlib.contextmanager
def open_codex(provider: str = "lab") -> Iterator[Codex]:
    """A lab of one's own; all that runs in it ends with it.

    As provider "openai" the fake stands where OpenAI itself does, which sums histories up.
    """
    program = fetched("codex", f"@openai/codex@{CODEX}", "@openai/codex-*/vendor/*/bin/codex")
    with folder_apart() as folder:
        furnish(folder, "home/.codex")
        with provider_apart(folder, FAKE) as (_, port, inside):
            lab = Codex(folder, program, port, inside)
            config = CONFIG.format(provider=provider, port=port, work=folder / "work")
            (lab.settings / "config.toml").write_text(config)
            lab.setup()
            yield lab
