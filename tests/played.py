"""Agent sessions that are played in a folder, a daemon that follows them, and hooks that ask."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from claude_transcript import START, command, said
from editor_at_work import patient_client
from hook_doors import call
from service_support import lines, ready, until
from switchtax.service import instance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service_support import Household

__all__ = ["Hook", "Played", "prepare"]

TURNS = 40
CONFIG = (
    "[material]\nrebuild_usd = 0.01\n[claude_code]\nhold_sdk = true\nhold_seconds = {seconds}\n"
)


@dataclass
class Played:
    """The one session that is live in a folder, and the household whose daemon follows it."""

    household: Household
    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def session(self) -> str:
        """A live session on Opus 5.5 with a warm cache; those before are taken away."""
        name = f"5a3f1e{next(self.numbers):02x}-0000-4000-8000-000000000001"
        before = list(self.path(name).parent.glob("*.jsonl"))
        self.household.transcript(TURNS, session=name, ago_s=1.0, cwd=str(self.folder))
        for path in before:
            path.unlink()
        with self.household.client() as client:
            until(lambda: self._live(client) == {name}, f"session {name} is the only one")
        return name

    def no_session(self) -> None:
        """Nobody is at work."""
        for path in self.path("").parent.glob("*.jsonl"):
            path.unlink()
        with self.household.client() as client:
            until(lambda: not self._live(client), "no session is left")

    @staticmethod
    def _live(client: Any) -> set[str]:
        return {row["id"] for row in client.call("session/list")["sessions"]}

    def path(self, session: str) -> Path:
        """Where a session is written."""
        folder = self.household.folder / "h" / ".claude" / "projects" / "p"
        return folder / f"{session}.jsonl"

    def append(self, session: str, text: str) -> float:
        """Write more of a session; when that was, in milliseconds."""
        text = text.replace("/home/dev/shop", str(self.folder))
        with self.path(session).open("a") as file:
            now = time.time() * 1000
            file.write(text)
        return now

    def turn(self, session: str, number: int) -> float:
        """Write one more turn, 3k tokens of context."""
        text = lines(TURNS + number, 1, session=session, ends_at=time.time())
        return self.append(session, text)

    def choose(self, session: str, model: str, name: str) -> None:
        """The session's own `/model` is used: its log says what comes next."""
        now = time.time() - START
        chosen = [command(now, "model", model), said(now, f"Set model to {name}")]
        text = [json.dumps(each | {"sessionId": session}) + "\n" for each in chosen]
        self.append(session, "".join(text))

    def ask(self, session: str) -> Hook:
        """A panel switches the session to Sonnet 5.5, and its hook asks."""
        hook = Hook(self, session)
        hook.start()
        return hook

    def end_daemon(self, number: int = signal.SIGKILL) -> int:
        """Send the daemon a signal; its process id."""
        with instance.find(self.household.where) as client:
            pid = int(client.server["pid"])
        os.kill(pid, number)
        return pid


class Hook(threading.Thread):
    """A hook of Claude Code under way, as its own process."""

    def __init__(self, played: Played, session: str) -> None:
        super().__init__(daemon=True)
        given = {
            "hook_event_name": "PreModelSwitch",
            "session_id": session,
            "transcript_path": str(played.path(session)),
            "cwd": str(played.folder),
            "prompt_id": f"p{next(played.numbers)}",
            "to_model": "claude-sonnet-5-5",
            "source": "sdk",
            "context_tokens": 35_000,
        }
        self._runtime = played.household.folder / "r"
        self._client = patient_client(played.household)
        self._given = json.dumps(given).encode()
        self._told: dict[str, Any] = {}
        self.started_ms = 0.0

    def run(self) -> None:
        self.started_ms = time.time() * 1000
        done = call(self._runtime, "PreModelSwitch", self._given, client=self._client)
        self._told = json.loads(done.out or b"{}")

    def told(self) -> dict[str, Any]:
        """What Claude Code is answered."""
        self.join(30)
        assert not self.is_alive()
        return self._told


def prepare(household: Household, folder: Path, *, hold_seconds: int = 15) -> None:
    """A folder where every switch is worth a question, and a daemon that has seen nothing yet."""
    folder.mkdir(parents=True)
    config = household.folder / "f" / "switchtax" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(CONFIG.format(seconds=hold_seconds))
    (household.folder / "h" / ".claude" / "projects" / "p").mkdir(parents=True)
    ready(household).close()
