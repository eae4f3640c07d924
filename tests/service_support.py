"""Real daemons for tests: started in a home of their own, reached as clients reach them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import struct
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from claude_transcript import START, answer, prompt, usage
from support import clean_environment
from switchtax.errors import SwitchtaxError
from switchtax.service import instance
from switchtax.service.places import Places, places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from switchtax.service.client import Client

__all__ = ["Household", "household", "lines", "open_household", "ready", "through_door", "until"]


@dataclass
class Household:
    """One user's folders, and the daemons started in them."""

    folder: Path
    env: dict[str, str]
    pids: set[int] = field(default_factory=set)

    @property
    def where(self) -> Places:
        """The places of this package's build."""
        return places(self.env)

    def client(self, name: str = "test") -> Client:
        """A client of the daemon, started where there is none."""
        client = instance.find_or_start(self.where, name=name)
        self.pids.add(client.server["pid"])
        return client

    def transcript(
        self, turns: int = 3, *, session: str = "s1", ago_s: float = 60.0, cwd: str = ""
    ) -> Path:
        """A Claude Code session whose last answer was given some seconds ago."""
        path = self.folder / "h" / ".claude" / "projects" / "p" / f"{session}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = lines(0, turns, session=session, ends_at=time.time() - ago_s)
        path.write_text(text.replace("/home/dev/shop", cwd) if cwd else text)
        return path


def lines(first: int, count: int, *, session: str = "s1", ends_at: float) -> str:
    """Turns of a session, ten seconds each, the last of which ends at that time."""
    out = []
    shift = ends_at - START - 10 * (first + count)
    for turn in range(first, first + count):
        at = 10.0 * (turn + 1) + shift
        read = 20_000 + 3_000 * turn
        counts = usage(3, read if turn else 0, 3_000 if turn else 20_000, 0, 400)
        out += [
            prompt(at - 8, "x" * 4_000, sessionId=session),
            answer(
                at,
                f"msg_{session}_{turn}",
                counts,
                content=[{"type": "text", "text": "y" * 1200}],
                sessionId=session,
            ),
        ]
    return "".join(json.dumps(each) + "\n" for each in out)


def until(true: Callable[[], Any], what: str, deadline_s: float = 10.0) -> Any:
    """Wait until something holds; fails with its name after the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        found = true()
        if found:
            return found
        assert time.monotonic() < end, f"not in {deadline_s:g} s: {what}"
        time.sleep(0.002)


def through_door(path: Path, message: object, *, raw: bytes | None = None) -> bytes:
    """What a hook client sends and reads; `raw` goes as it is."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(5)
        door.connect(os.fspath(path))
        body = json.dumps(message).encode()
        door.sendall(raw if raw is not None else b"SWTX1" + struct.pack(">I", len(body)) + body)
        data = b""
        while chunk := door.recv(65_536):
            data += chunk
    if len(data) < 4:
        return data
    (size,) = struct.unpack(">I", data[:4])
    assert size == len(data) - 4
    return data[4:]


def ready(household: Household, *sessions: str) -> Client:
    """A client whose daemon has seen these sessions."""
    client = household.client()

    def seen() -> bool:
        listed = client.call("session/list")["sessions"]
        return {row["id"] for row in listed} == set(sessions)

    until(seen, f"sessions {sessions} are live")
    client.subscribe()
    return client


@pytest.fixture
def household(monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    """A home of a test's own."""
    with open_household(monkeypatch) as found:
        yield found


@contextmanager
def open_household(monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    """A short-named home (socket paths are short), set as this process's environment too."""
    folder = Path(tempfile.mkdtemp(prefix="stx"))
    env = clean_environment(folder / "h") | {
        "XDG_RUNTIME_DIR": str(folder / "r"),
        "XDG_STATE_HOME": str(folder / "s"),
        "XDG_CACHE_HOME": str(folder / "c"),
        "XDG_CONFIG_HOME": str(folder / "f"),
        "SWITCHTAX_IDLE_EXIT_S": "60",
    }
    for name in set(os.environ) - set(env):
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    (folder / "h").mkdir()
    (folder / "r").mkdir(mode=0o700)
    found = Household(folder, env)
    try:
        yield found
    finally:
        _find_started(found)
        for pid in found.pids:
            _end(pid)
        shutil.rmtree(folder, ignore_errors=True)


def _find_started(household: Household) -> None:
    """Also the daemon that an editor or a hook has started: it would outlive its home."""
    with suppress(SwitchtaxError, OSError), instance.find(household.where, deadline_s=0.5) as found:
        household.pids.add(int(found.server["pid"]))


def _end(pid: int) -> None:
    """SIGTERM, so that coverage is kept; SIGKILL if that does not help."""
    for number, patience_s in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        until = time.monotonic() + patience_s
        try:
            os.kill(pid, number)
            while time.monotonic() < until:
                try:
                    os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    os.kill(pid, 0)
                time.sleep(0.005)
        except ProcessLookupError:
            return
