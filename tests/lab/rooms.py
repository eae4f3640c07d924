"""A room: one fake provider in namespaces of its own, one home, and an agent with our hooks.

What all agents share in the lab; each has a module of its own beside this one.
"""

import contextlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from apart import WAIT_S, Screen, entering, json_lines, on_screen, wait_for, wait_for_rest

from support import clean_environment
from switchtax.errors import DaemonUnavailable
from switchtax.service import instance
from switchtax.service.client import Client
from switchtax.service.places import places

__all__ = ["Room", "furnish"]


def furnish(folder: Path, *more: str) -> None:
    """The folders of a room."""
    for name in ("home", "work", "tmp", "fake", *more):
        (folder / name).mkdir(parents=True)
    for name in ("run", "state", "config"):
        (folder / name).mkdir(mode=0o700)


@dataclass
class Room:
    """One provider in its own namespaces, one home, and the clients that run there."""

    folder: Path
    program: Path
    port: int
    inside: int
    """The provider's process id as seen from outside."""

    AGENT: ClassVar[str]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    def bill(self) -> list[dict[str, Any]]:
        """What the provider has billed so far."""
        return json_lines(self.folder / "fake" / "bill.jsonl")

    def own(self) -> dict[str, str]:
        """The variables that only this agent needs."""
        raise NotImplementedError

    def start(self) -> list[str]:
        """The command line that starts the agent."""
        raise NotImplementedError

    def alone(self, prompt: str) -> list[str]:
        """The options of a run with nobody there."""
        return ["-p", prompt]

    def environment(self) -> dict[str, str]:
        """All that a client finds in its environment."""
        return {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.folder / "tmp"),
            **self.places(),
            **self.own(),
        }

    def places(self) -> dict[str, str]:
        """Where our own folders lie."""
        named = {"XDG_RUNTIME_DIR": "run", "XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "config"}
        return {name: str(self.folder / folder) for name, folder in named.items()}

    def entering(self) -> list[str]:
        """The command line before a command that lets it run inside."""
        return entering(self.inside, self.work)

    def ours(self, *words: str) -> str:
        """What a command of ours prints, in this home and without the daemon."""
        done = subprocess.run(
            [sys.executable, "-m", "switchtax", *words],
            env=clean_environment(self.home) | self.places(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def setup(self, *more: str) -> str:
        """`switchtax setup` for this agent in this home; what it says."""
        return self.ours("setup", self.AGENT, *more)

    def said(self, *words: str) -> dict[str, Any]:
        """The same as JSON, of a command that has it."""
        return dict(json.loads(self.ours(*words, "--json")))

    def totals(self) -> dict[str, dict[str, int]]:
        """What `switchtax usage` says of this home, by model."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for session in self.said("usage", "--no-index")["sessions"]:
            for row in session["models"]:
                name = row.pop("model")
                found[name].update(row)
        return {name: dict(row) for name, row in found.items()}

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

    def runs_daemon(self) -> bool:
        """Whether one answers now."""
        with contextlib.suppress(DaemonUnavailable):
            instance.find(places(self.environment()), name="lab").close()
            return True
        return False

    def signal_daemon(self, name: str) -> None:
        """Signal the daemon by the number that it has inside."""
        with self.daemon() as daemon:
            self.signal_process(name, daemon.server["pid"])

    def signal_process(self, name: str, pid: int) -> None:
        """Signal a process by the number that it has inside."""
        command = [*self.entering(), "kill", f"-{name}", str(pid)]
        subprocess.run(command, check=True, timeout=WAIT_S)

    def fired_at(self, event: str) -> float:
        """When the daemon was last asked by a hook of this event."""
        with self.daemon() as daemon:
            rows = daemon.call("doctor/facts", {})["hooks"]
        return max(row["at"] for row in rows if (row["agent"], row["event"]) == (self.AGENT, event))

    def rest(self) -> None:
        """Wait until agent and daemon have come to rest."""
        wait_for_rest(self.inside)

    def foretold(self, session: str, model: str) -> dict[str, Any]:
        """What the daemon says of a switch now."""
        with self.daemon() as daemon:
            told = daemon.call("switch/estimate", {"session": session, "to": [model]})
        (found,) = told["estimates"]
        return dict(found)

    def alone_in(self, *command: str) -> list[str]:
        """A command line that finds in its environment what a client does, and no more."""
        named = [f"{name}={value}" for name, value in self.environment().items()]
        return ["env", "-i", *named, *command]

    def headless(self, prompt: str, *options: str) -> "subprocess.CompletedProcess[str]":
        """One run with nobody there."""
        command = self.alone_in(*self.start(), *options, *self.alone(prompt))
        return subprocess.run(
            [*self.entering(), *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * WAIT_S,
            check=False,
        )

    @contextlib.contextmanager
    def on_screen(self, *options: str) -> Iterator[Screen]:
        """The client in a terminal."""
        command = [*self.start(), *options]
        with on_screen(self.folder, self.entering(), command, self.environment()) as screen:
            yield screen
