"""The real pi with our extension, alone with a Messages API of ours.

Its home holds what a first start would ask; `switchtax setup pi` puts our extension in.
"""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import Screen, folder_apart, provider_apart, wait_for
from programs import fetched, node_program
from rooms import Room, furnish

__all__ = ["OPUS", "PI", "SONNET", "Pi", "Terminal", "open_pi"]

PI = "1.5.2"
FAKE = Path(__file__).with_name("fake_anthropic.py")
OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
PRICES_USD = {OPUS: (5.0, 25.0), SONNET: (2.0, 10.0)}
ENDING = 6
SETTLES_S = 1.0


def pi_program() -> Path:
    """The pinned client's own bundle, which needs only what loads extensions."""
    name = "@earendil-works/pi-coding-agent"
    bundle = f"{name}/dist/bundle/cli.js"
    return fetched("pi", f"{name}@{PI}", bundle, beside=("jiti@2.7.0",))


def _models(port: int) -> dict[str, Any]:
    """One provider, whose models are Anthropic's by name."""
    models = [
        {
            "id": name,
            "reasoning": True,
            "contextWindow": 200_000,
            "maxTokens": 32_000,
            "cost": {
                "input": price,
                "output": out,
                "cacheRead": price / 10,
                "cacheWrite": price * 1.25,
            },
        }
        for name, (price, out) in PRICES_USD.items()
    ]
    address = f"http://127.0.0.1:{port}"
    provider = {"baseUrl": address, "api": "anthropic-messages", "apiKey": "lab", "models": models}
    return {"providers": {"lab": provider}}


class Pi(Room):
    """One home of pi."""

    AGENT = "pi"

    @property
    def settings(self) -> Path:
        """Its folder."""
        return self.home / ".pi" / "agent"

    @property
    def plugin(self) -> Path:
        return self.settings / "extensions" / "switchtax.js"

    def log(self) -> Path:
        """The session's file written to last."""
        found = (self.settings / "sessions").glob("*/*.jsonl")
        return max(found, key=lambda path: path.stat().st_mtime_ns)

    def send_efforts(self, model: str) -> None:
        """Settings in which a model is told an effort and no budget for thinking."""
        models = json.loads((self.settings / "models.json").read_text())
        compat = {"forceAdaptiveThinking": True}
        models["providers"]["lab"]["modelOverrides"] = {model: {"compat": compat}}
        (self.settings / "models.json").write_text(json.dumps(models))

    def own(self) -> dict[str, str]:
        """Nothing fetched."""
        return {"PI_OFFLINE": "1"}

    def start(self) -> list[str]:
        """The command line."""
        return [str(node_program()), str(self.program)]

    def run(self, prompt: str, model: str, *options: str) -> str:
        """One `pi -p`, which must end well; what it printed on both streams."""
        done = self.headless(prompt, "--model", f"lab/{model}", *options)
        assert 0 == done.returncode, f"{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    @contextlib.contextmanager
    def terminal(self, model: str, *options: str) -> Iterator["Terminal"]:
        """The client in a terminal, ready for a prompt."""
        with self.on_screen("--model", f"lab/{model}", *options) as screen:
            screen.wait(model)
            yield Terminal(self, screen)


@dataclass
class Terminal:
    """The client on a screen."""

    lab: Pi
    screen: Screen

    def enter(self, text: str) -> None:
        """Type a line and press Enter once its end stands in the input."""
        self.screen.run("send-keys", "-l", text)
        self.screen.wait(text[-ENDING:])
        self.screen.press("Enter")

    def prompt(self, text: str) -> dict[str, Any]:
        """Send a prompt; the bill of its turn's first call, once its last stands in the file."""
        before = len(self.lab.bill())
        self.enter(text)

        def ended() -> list[dict[str, Any]]:
            made = self.lab.bill()[before:]
            last = made[-1]["id"] if made and made[-1]["ends"] else ""
            return made if last and last in self.lab.log().read_text() else []

        return dict(wait_for("the end of a turn", ended, self.screen.text)[0])

    def choose(self, model: str) -> None:
        """Choose a model with `/model`; over once the session's file says so."""
        before = self._chosen(model)
        self.enter(f"/model lab/{model}")
        pressed = time.monotonic()

        def chosen() -> bool:
            nonlocal pressed
            if self._chosen(model) > before:
                return True
            if time.monotonic() > pressed + SETTLES_S:  # the first one may complete the word only
                self.screen.press("Enter")
                pressed = time.monotonic()
            return False

        wait_for(f"{model} chosen", chosen, self.screen.text)

    def think_harder(self) -> None:
        """Choose the next level of thinking."""
        self.screen.press("BTab")
        self.screen.wait("Thinking level: high")

    def wait_chosen(self, model: str) -> None:
        """Wait until this is the model that was chosen last."""
        sought = '"type":"model_change"'

        def last() -> bool:
            told = [line for line in self.lab.log().read_text().splitlines() if sought in line]
            return bool(told) and model in told[-1]

        wait_for(f"{model} chosen", last, self.screen.text)

    def _chosen(self, model: str) -> int:
        return self.lab.log().read_text().count(f'"modelId":"{model}"')


@contextlib.contextmanager
def open_pi() -> Iterator[Pi]:
    """A lab of one's own; all that runs in it ends with it."""
    program = pi_program()
    with folder_apart() as folder:
        furnish(folder, "home/.pi/agent")
        with provider_apart(folder, FAKE) as (_, port, inside):
            lab = Pi(folder, program, port, inside)
            (lab.settings / "models.json").write_text(json.dumps(_models(port)))
            lab.setup()
            yield lab
