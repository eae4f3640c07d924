"""The real agent runtime of Cursor with our hooks, in front of a backend of ours.

Cursor's editor and command line cannot be had here. Its npm package `@cursor/sdk` holds the runtime
that both share: it reads hooks.json, runs the commands, judges their answers. `cursor_engine.mjs`
loads it as it is; the driver's backend asks for hooks as Cursor's does.
"""

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import WAIT_S, folder_apart, provider_apart
from programs import fetched, node_program
from rooms import Room, furnish

__all__ = ["CURSOR_SDK", "MODELS", "OPUS", "SONNET", "Cursor", "Engine", "open_cursor"]

CURSOR_SDK = "1.0.32"
NEEDS = (
    "@bufbuild/protobuf@1.10.0",
    "@connectrpc/connect@1.6.1",
    "@connectrpc/connect-node@1.6.1",
    "@connectrpc/connect-web@1.6.1",
    "@statsig/js-client@3.31.0",
    "zod@3.25.76",
)
"""What it names as its needs; without the programs for a sandbox, which nothing here asks for."""
ENGINE = Path(__file__).with_name("cursor_engine.mjs")
KEEPER = Path(__file__).with_name("namespace.py")
OPUS, SONNET = "claude-opus-4-8", "claude-sonnet-4-6"
MODELS = (OPUS, SONNET)


def cursor_package() -> Path:
    """Where the pinned package begins, fetched once with npm."""
    package = f"@cursor/sdk@{CURSOR_SDK}"
    return fetched("cursor-sdk", package, "@cursor/sdk/dist/cjs/index.js", beside=NEEDS)


class Cursor(Room):
    """One home of Cursor."""

    AGENT = "cursor"

    @property
    def hooks(self) -> Path:
        return self.home / ".cursor" / "hooks.json"

    def own(self) -> dict[str, str]:
        """The shell that runs hooks; a login shell, so that no file of the machine's is read."""
        return {"SHELL": "/bin/sh"}

    def start(self) -> list[str]:
        """The command line."""
        return [str(node_program()), str(ENGINE), str(self.program), *MODELS]

    @contextlib.contextmanager
    def engine(self) -> Iterator["Engine"]:
        """The runtime, which has read nothing yet."""
        named = [f"{name}={value}" for name, value in self.environment().items()]
        with (self.folder / "engine.err").open("wb") as noise:
            process = subprocess.Popen(
                [*self.entering(), "env", "-i", *named, *self.start()],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=noise,
                text=True,
            )
            end = threading.Timer(4 * WAIT_S, process.kill)
            end.start()
            try:
                yield Engine(self, process)
            finally:
                end.cancel()
                process.kill()
                process.communicate()


@dataclass
class Engine:
    """The runtime at work."""

    lab: Cursor
    process: "subprocess.Popen[str]"

    def ask(self, **command: Any) -> dict[str, Any]:
        """One command to the driver, and what it is answered."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, (self.lab.folder / "engine.err").read_text()
        told: dict[str, Any] = json.loads(line)
        assert "error" not in told, told["error"]
        return told

    def send(self, model: str = OPUS, text: str = "begin") -> str:
        """Send a message; the conversation's number. The runtime's own hooks run."""
        return str(self.ask(send={"text": text, "model": model})["conversation"])

    def hook(self, step: str, **fields: Any) -> dict[str, Any]:
        """What the runtime answers its backend once the hooks of a step have run."""
        return dict(self.ask(hook=step, **{"with": fields})["answer"])

    def end(self, **tokens: int) -> None:
        """End the turn."""
        assert {"status": "finished"} == self.ask(end=tokens)

    def reload(self) -> None:
        """Have the settings read again."""
        self.ask(reload=True)


@contextlib.contextmanager
def open_cursor(*, with_us: bool = True) -> Iterator[Cursor]:
    """A lab of one's own; all that runs in it ends with it."""
    package = cursor_package()
    with folder_apart() as folder:
        furnish(folder, "home/.cursor")
        with provider_apart(folder, KEEPER) as (_, port, inside):
            lab = Cursor(folder, package, port, inside)
            if with_us:
                lab.setup()
            yield lab
