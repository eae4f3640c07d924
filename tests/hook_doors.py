"""A tiny daemon of the one-shot door, and the hook client run as a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.hooks import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["BASE", "CLIENT", "FIXTURES", "Called", "FakeDaemon", "call", "inputs"]

BASE = getattr(sys, "_base_executable", "") or sys.executable
CLIENT = Path(client.__file__)
FIXTURES = Path(__file__).resolve().parent / "hooks" / "fixtures"


def inputs(event: str = "") -> Iterator[dict[str, Any]]:
    """Hook inputs that Claude Code 2.1.329 gave."""
    for line in (FIXTURES / "claude-code.hooks.jsonl").read_text().splitlines():
        found = json.loads(line)
        if event in ("", found["hook_event_name"]):
            yield found


@dataclass
class FakeDaemon:
    """Listens in a runtime folder; `answer` makes the bytes of a reply from the message."""

    runtime: Path
    answer: Callable[[bytes], bytes] = lambda _: b"{}"
    delay_s: float = 0.0
    later_s: float = 0.0
    later: bytes = b""
    """Said so many seconds after the answer."""
    silent: bool = False
    """Listens, but takes no connection."""
    messages: list[bytes] = field(default_factory=list)

    def __enter__(self) -> FakeDaemon:
        folder = self.runtime / "switchtax"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._listener = socket.socket(socket.AF_UNIX)
        path = folder / "d-test.sock"
        path.unlink(missing_ok=True)
        self._listener.bind(str(path))
        self._listener.listen(1 if self.silent else 64)
        (folder / "current").write_text(f"{path}\n")
        if not self.silent:
            self._thread = threading.Thread(target=self._serve, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self.silent:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer:
                head = peer.recv(9, socket.MSG_WAITALL)
                assert head[:5] == b"SWTX1"
                message = peer.recv(int.from_bytes(head[5:9], "big"), socket.MSG_WAITALL)
                self.messages.append(message)
                time.sleep(self.delay_s)
                try:
                    peer.sendall(self.answer(message))
                    if self.later:
                        time.sleep(self.later_s)
                        peer.sendall(self.later)
                except OSError:
                    continue


@dataclass(frozen=True)
class Called:
    """How one run of the client ended."""

    code: int
    out: bytes
    err: bytes
    seconds: float


def call(
    runtime: Path,
    event: str = "PreModelSwitch",
    given: bytes | None = b'{"hook_event_name":"PreModelSwitch"}',
    *more: str,
    env: dict[str, str] | None = None,
    client: Path = CLIENT,
    agent: str = "claude-code",
) -> Called:
    """Run a client; `given` None leaves its standard input open and empty."""
    variables = {"XDG_RUNTIME_DIR": str(runtime), **(env or {})}
    reading, writing = os.pipe()
    if given is not None:
        os.write(writing, given)
        os.close(writing)
    started = time.perf_counter()
    done = subprocess.run(
        [BASE, "-I", "-S", str(client), agent, event, *more],
        stdin=reading, capture_output=True, env=variables, check=False,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    os.close(reading)
    if given is None:
        os.close(writing)
    return Called(done.returncode, done.stdout, done.stderr, seconds)
