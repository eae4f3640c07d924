"""The real agent runtime of Cursor with our hooks, in front of a backend of ours.

Cursor's editor and command line cannot be had here. Its npm package `@cursor/sdk` holds the runtime
that both share: it reads hooks.json, runs the commands, judges their answers. `cursor_engine.mjs`
loads it as it is; the driver's backend asks for hooks as Cursor's does.
"""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import WAIT_S, folder_apart, json_lines, provider_apart, wait_for
from programs import fetched, node_program
from rooms import Room, furnish

__all__ = [
    "AUTO",
    "COMPOSER",
    "CURSOR_SDK",
    "OPUS",
    "SONNET",
    "Conversation",
    "Cursor",
    "Engine",
    "open_cursor",
]

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
COMPOSER = "composer-2.5"
"""Runs what the runtime begins by itself."""
AUTO = "default"
"""What stands for a model where Cursor chooses it, once the prompt is sent."""


def cursor_package() -> Path:
    """Where the pinned package begins, fetched once with npm."""
    package = f"@cursor/sdk@{CURSOR_SDK}"
    return fetched("cursor-sdk", package, "@cursor/sdk/dist/cjs/index.js", beside=NEEDS)


@dataclass
class Cursor(Room):
    """One home of Cursor."""

    AGENT = "cursor"
    input_by: str = "pipe"
    """How the host has hooks given their input: by a pipe, or a here-document."""

    @property
    def hooks(self) -> Path:
        return self.home / ".cursor" / "hooks.json"

    def own(self) -> dict[str, str]:
        """The shell that runs hooks, and how they are given their input."""
        return {"SHELL": "/bin/sh", "CURSOR_LAB_INPUT": self.input_by}

    def start(self) -> list[str]:
        """The command line."""
        return [str(node_program()), str(ENGINE), str(self.program), COMPOSER, OPUS, SONNET]

    def recorded(self, conversation: str, event: str) -> list[dict[str, Any]]:
        """What the daemon keeps of one kind from a conversation."""
        file = self.folder / "state" / "switchtax" / "cursor" / f"{conversation}.jsonl"
        return [line for line in json_lines(file) if line["event"] == event]

    def closed(self) -> None:
        """Have every hook that fails refuse what it was asked about."""
        hooks = json.loads(self.hooks.read_text())
        for entries in hooks["hooks"].values():
            for entry in entries:
                entry["failClosed"] = True
        self.hooks.write_text(json.dumps(hooks))

    def shows_context(self, conversation: str, tokens: int) -> None:
        """Write how full the context is where the editor's own bar has it from."""
        folder = self.folder / "config" / "Cursor" / "User" / "globalStorage"
        folder.mkdir(parents=True, exist_ok=True)
        row = {"promptTokenBreakdown": {"totalUsedTokens": tokens}, "contextTokenLimit": 200_000}
        with contextlib.closing(sqlite3.connect(folder / "state.vscdb")) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS cursorDiskKV (key PRIMARY KEY, value)")
            put = "INSERT OR REPLACE INTO cursorDiskKV VALUES (?, ?)"
            database.execute(put, (f"composerData:{conversation}", json.dumps(row)))

    def with_claude_code(self) -> None:
        """Claude Code's settings with our hooks, and one that Cursor takes the whole file for."""
        file = self.home / ".claude" / "settings.json"
        file.parent.mkdir()
        self.ours("setup", "claude-code")
        settings = json.loads(file.read_text())
        other = {"matcher": "*", "hooks": [{"type": "command", "command": "touch ran; echo {}"}]}
        settings["hooks"]["UserPromptSubmit"].append(other)
        file.write_text(json.dumps(settings))

    def with_no_python(self) -> None:
        """The interpreter was replaced by an upgrade."""
        self._renamed(self._interpreter(), "/nowhere/python3")

    def with_a_silent_hook(self) -> None:
        """What is asked before a prompt prints nothing, which is a failure to Cursor."""
        hooks = json.loads(self.hooks.read_text())
        hooks["hooks"]["beforeSubmitPrompt"][0]["command"] = "true"
        self.hooks.write_text(json.dumps(hooks))

    def with_crashing(self) -> None:
        """A Python that dies with noise on both streams, and with the code that blocks."""
        broken = self.folder / "broken"
        broken.write_text("#!/bin/sh\necho Traceback\necho Traceback >&2\nexit 2\n")
        broken.chmod(0o755)
        self._renamed(self._interpreter(), str(broken))

    def with_no_package(self) -> None:
        """switchtax was uninstalled without its set-up being undone."""
        self._renamed("switchtax/hooks/client.py", "gone/switchtax/hooks/client.py")

    def _interpreter(self) -> str:
        """The one that the hooks name."""
        return self.hooks.read_text().partition("W=$(")[2].partition(" ")[0]

    def _renamed(self, old: str, new: str) -> None:
        text = self.hooks.read_text()
        assert old in text
        self.hooks.write_text(text.replace(old, new))

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
                start_new_session=True,
            )
            end = threading.Timer(WAIT_S, os.killpg, (process.pid, signal.SIGKILL))
            end.start()
            try:
                yield Engine(self, process)
            finally:
                process.communicate()  # at the end of its input it ends by itself
                end.cancel()


@dataclass
class Engine:
    """The runtime at work."""

    lab: Cursor
    process: "subprocess.Popen[str]"
    took_s: float = 0.0
    """What the hooks of the last step took."""

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

    def send(self, model: str = COMPOSER, text: str = "begin") -> str:
        """Send a message; the conversation's number. The runtime's own hooks run."""
        return str(self.ask(send={"text": text, "model": model})["conversation"])

    def hook(self, step: str, **fields: Any) -> dict[str, Any]:
        """What the runtime answers its backend once the hooks of a step have run."""
        told = self.ask(hook=step, **{"with": fields})
        self.took_s = told["took_s"]
        return dict(told["answer"])

    def end(self, **tokens: int) -> None:
        """End the turn."""
        assert {"status": "finished"} == self.ask(end=tokens)

    def reload(self) -> None:
        """Have the settings read again."""
        self.ask(reload=True)

    @contextlib.contextmanager
    def conversation(self) -> Iterator["Conversation"]:
        """A person's conversation; what the runtime begins and ends by itself is another one."""
        self.send()
        self.lab.daemon().close()
        yield Conversation(self, str(uuid.uuid4()))
        self.end()


@dataclass
class Conversation:
    """What Cursor's backend asks of hooks in the course of a conversation."""

    engine: Engine
    id: str
    turns: int = 0

    @property
    def took_s(self) -> float:
        """What the hooks of the last step took."""
        return self.engine.took_s

    def submit(self, model: str) -> dict[str, Any]:
        """A prompt; what is answered before it is sent."""
        self.turns += 1
        return self._hook("beforeSubmitPrompt", model, prompt="go on", composer_mode="agent")

    def stop(
        self, model: str, used: Mapping[str, int], status: str = "completed"
    ) -> dict[str, Any]:
        """The end of the turn, with what it used."""
        return self._hook("stop", model, status=status, **used)

    def fills(self, tokens: int) -> None:
        """The editor shows how full the context is now; wait until that is known."""
        lab = self.engine.lab
        lab.shows_context(self.id, tokens)

        def known() -> bool:
            told = lab.recorded(self.id, "context")
            return bool(told) and tokens == told[-1]["context_tokens"]

        wait_for("the context", known)

    def compact(self, model: str, **sizes: Any) -> dict[str, Any]:
        """The agent is about to sum up."""
        return self._hook("preCompact", model, **sizes)

    def _hook(self, step: str, model: str, **fields: Any) -> dict[str, Any]:
        told = {} if model == AUTO else {"model_id": model}
        of = {"conversation_id": self.id, "generation_id": f"g-{self.turns}", "model": model}
        return self.engine.hook(step, **of, **told, **fields)


@contextlib.contextmanager
def open_cursor(*, with_us: bool = True, input_by: str = "pipe") -> Iterator[Cursor]:
    """A lab of one's own; all that runs in it ends with it."""
    package = cursor_package()
    with folder_apart() as folder:
        furnish(folder, "home/.cursor")
        with provider_apart(folder, KEEPER) as (_, port, inside):
            lab = Cursor(folder, package, port, inside, input_by)
            if with_us:
                lab.setup()
            yield lab
