"""The real Claude Code, alone with a provider of ours: no network, no home, no key, an end.

A `Lab` is one network and process namespace. Its first process is the provider; whatever a client
leaves behind dies with it. Clients are started inside with `nsenter`; the terminal is a tmux server
inside, driven from outside through its socket. Nothing here waits without a deadline.
"""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apart import WAIT_S, Screen, folder_apart, provider_apart, wait_for
from programs import fetched
from rooms import Room, furnish

__all__ = [
    "CLAUDE_CODE",
    "WAIT_S",
    "Lab",
    "StreamSession",
    "Terminal",
    "claude_program",
    "open_lab",
    "wait_for",
]

CLAUDE_CODE = "2.1.329"
KEY = "sk-ant-lab-000000-0000-0000-000000"
APPROVED_TAIL = 20
"""The client remembers an approved key by its last characters."""

FAKE = Path(__file__).with_name("fake_anthropic.py")


def claude_program() -> Path:
    """The native program of the pinned client, fetched once with npm."""
    return fetched("claude-code", f"@anthropic-ai/claude-code@{CLAUDE_CODE}",
                   "@anthropic-ai/claude-code-*/claude")  # fmt: skip


@dataclass
class Lab(Room):
    """One home of Claude Code."""

    AGENT = "claude-code"
    ahead: float = 0.0
    """Seconds that the provider's clock is ahead of the machine's."""

    def advance(self, seconds: float) -> None:
        """Let time pass at the provider."""
        self.ahead += seconds
        (self.folder / "fake" / "clock").write_text(str(self.ahead))

    def now(self) -> float:
        """The provider's time."""
        return time.time() + self.ahead

    def newest(self) -> Path:
        """The transcript written to last."""
        return self.sessions()[-1]

    def sessions(self) -> list[Path]:
        """Transcripts of main sessions, the newest last."""
        found = (self.home / ".claude" / "projects").glob("*/*.jsonl")
        return sorted(found, key=lambda path: path.stat().st_mtime_ns)

    def transcript_of(self, message_id: str) -> Path | None:
        """The transcript that holds an answer."""
        sought = f'"id":"{message_id}"'
        return next((path for path in self.sessions() if sought in path.read_text()), None)

    def own(self) -> dict[str, str]:
        """A key, our provider, and nothing that would leave the machine."""
        return {
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self.port}",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_TELEMETRY": "1",
        }

    def start(self) -> list[str]:
        """The command line that starts it."""
        return [str(self.program)]

    def run(self, prompt: str, *options: str) -> str:
        """One `-p` run, which must end well; its output."""
        done = self.headless(prompt, *options)
        assert 0 == done.returncode, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def stream(self, *options: str) -> "Iterator[StreamSession]":
        """A session over stream-json."""
        shape = ["--input-format", "stream-json", "--output-format", "stream-json", "--verbose"]
        process = subprocess.Popen(
            [*self.entering(), *self.alone_in(*self.start(), "-p", *shape, *options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        end = threading.Timer(2 * WAIT_S, os.killpg, (process.pid, signal.SIGKILL))
        end.start()
        try:
            yield StreamSession(process)
        finally:
            # At the end of its input it ends by itself. Killed, it would be nobody's child until
            # the machine's first process looks, and its namespace would wait for that.
            process.communicate()
            end.cancel()

    @contextlib.contextmanager
    def terminal(self, *options: str) -> "Iterator[Terminal]":
        """The client in a terminal, ready for a prompt."""
        with self.on_screen(*options) as screen:
            screen.wait("❯")
            yield Terminal(screen.tmux, self)


@dataclass
class Terminal(Screen):
    """The client on a screen."""

    lab: Lab

    def text(self) -> str:
        """What is seen now, line by line."""
        return self.run("capture-pane", "-p")

    def wait_gone(self, text: str) -> None:
        """Wait until the screen shows a text no more."""
        wait_for(f"an end of {text!r}", lambda: text not in self.text(), self.text)

    def enter(self, text: str) -> None:
        """Type a line and press Enter once it stands in the input."""
        self.run("send-keys", "-l", text)
        typed = "".join(text.split())

        def stands() -> bool:
            # The input wraps long lines; where does not matter.
            return "".join(self.text().rpartition("❯\u00a0")[2].split()).startswith(typed)

        wait_for(f"{text!r} in the input", stands, self.text)
        self.press("Enter")

    def prompt(self, text: str) -> None:
        """Send a prompt and wait for the end of the turn in the transcript."""
        before = len(self.lab.bill())
        self.enter(text)

        def ended() -> bool:
            ends = [b["id"] for b in self.lab.bill()[before:] if b["tools"] and b["ends"]]
            return bool(ends) and bool(self.lab.transcript_of(ends[-1]))

        wait_for(f"an answer to {text!r}", ended, self.text)

    def switch(self, model: str) -> str:
        """Choose a model with `/model` and say yes if asked; the question that was shown."""
        return self._chosen(lambda: self.enter(f"/model {model}"))

    def pick(self, *keys: str) -> str:
        """Choose a model in the picker with keys; the question that was shown."""
        self.enter("/model")
        self.wait("Select model")
        return self._chosen(lambda: self.press(*keys, "Enter"))

    def _chosen(self, choose: Callable[[], None]) -> str:
        before = self._told("Set model to")
        asked = ""
        choose()

        def chosen() -> bool:
            nonlocal asked
            screen = self.text()
            if not asked and "Switch model?" in screen and "Enter to confirm" in screen:
                asked = screen[screen.index("Switch model?") :]
                self.press("Enter")
            return self._told("Set model to") > before

        wait_for("the switch", chosen, self.text)
        return asked

    def _told(self, start: str) -> int:
        """How often a command's output with this start stands in the transcripts."""
        sought = f"<local-command-stdout>{start}"
        return sum(path.read_text().count(sought) for path in self.lab.sessions())

    def command(self, line: str, shown: str) -> str:
        """Enter a slash command and wait for what it shows."""
        self.enter(line)
        return self.wait(shown)


@dataclass
class StreamSession:
    """The client behind stream-json."""

    process: subprocess.Popen[str]
    asked: int = 0

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def _until(self, kind: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message: dict[str, Any] = json.loads(line)
            if message.get("type") == kind:
                return message
        raise AssertionError(f"the client ended before it said {kind}")

    def prompt(self, text: str) -> dict[str, Any]:
        """Send a prompt; the result of the turn."""
        self._send({"type": "user", "message": {"role": "user", "content": text}})
        return self._until("result")

    def control(self, **request: Any) -> dict[str, Any]:
        """Send a control request; the response."""
        self.asked += 1
        number = f"lab-{self.asked}"
        self._send({"type": "control_request", "request_id": number, "request": request})
        response: dict[str, Any] = self._until("control_response")["response"]
        return response


def _furnish(folder: Path) -> None:
    """A home in which every question of a first start is answered."""
    furnish(folder, "home/.claude")
    trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
    state = {
        "numStartups": 9,
        "hasCompletedOnboarding": True,
        "lastOnboardingVersion": CLAUDE_CODE,
        "theme": "dark",
        "customApiKeyResponses": {"approved": [KEY[-APPROVED_TAIL:]], "rejected": []},
        "projects": {str(folder / "work"): trusted},
    }
    (folder / "home" / ".claude.json").write_text(json.dumps(state))
    settings = {"permissions": {"allow": ["Read", "Bash(echo:*)"]}}
    (folder / "home" / ".claude" / "settings.json").write_text(json.dumps(settings))


@contextlib.contextmanager
def open_lab() -> Iterator[Lab]:
    """A lab of one's own; all that runs in it ends with it."""
    program = claude_program()
    with folder_apart() as folder:
        _furnish(folder)
        with provider_apart(folder, FAKE) as (_, port, inside):
            yield Lab(folder, program, port, inside)
