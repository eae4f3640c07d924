"""A language client with no manners of its own: what a test says is what the server hears."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Wire", "wire"]

IN_TIME_S = 30.0
Message = dict[str, Any]


@dataclass
class Wire:
    """One server, and all that it has said."""

    process: subprocess.Popen[bytes]
    heard: list[Message] = field(default_factory=list)
    _number: int = 0
    _said: queue.Queue[Message | None] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        """Listen from now on."""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        out: Any = self.process.stdout
        while line := out.readline():
            size = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else 0
            while line.strip():
                line = out.readline()
            self._said.put(json.loads(out.read(size)))
        self._said.put(None)

    def raw(self, data: bytes) -> None:
        """Say these bytes."""
        pipe: Any = self.process.stdin
        pipe.write(data)
        pipe.flush()

    def say(self, **message: Any) -> None:
        """Say one message."""
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.raw(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method: str, **params: Any) -> None:
        """Tell something."""
        self.say(method=method, params=params)

    def ask(self, method: str, params: Any = None) -> int:
        """Ask; the number under which it will be answered."""
        self._number += 1
        self.say(id=self._number, method=method, params={} if params is None else params)
        return self._number

    def until(self, true: Callable[[Message], Any], what: str) -> Message:
        """The next message of which something holds."""
        end = time.monotonic() + IN_TIME_S
        while True:
            try:
                message = self._said.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"not in {IN_TIME_S:g} s: {what}") from None
            assert message is not None, f"the server has ended before: {what}"
            self.heard.append(message)
            if true(message):
                return message

    def answer(self, number: int) -> Message:
        """The answer to a question."""
        return self.until(
            lambda each: each.get("id") == number and "method" not in each, f"answer {number}"
        )

    def told(self, method: str, true: Callable[[Any], Any] = bool) -> Any:
        """The params of the next notification of a method of which something holds."""
        found = self.until(
            lambda each: each.get("method") == method and true(each["params"]), method
        )
        return found["params"]

    def begin(self, folder: Path, capabilities: Mapping[str, Any] | None = None) -> Message:
        """Initialize as a client should; the server's answer."""
        root = {"uri": folder.as_uri(), "name": folder.name}
        params = {
            "processId": None,
            "rootUri": folder.as_uri(),
            "workspaceFolders": [root],
            "capabilities": {"experimental": {"switchtax": {"meter": True}}}
            if capabilities is None
            else capabilities,
        }
        answer = self.answer(self.ask("initialize", params))
        self.notify("initialized")
        return answer

    def lives(self) -> bool:
        """Whether it still answers questions."""
        told = self.answer(self.ask("switchtax/status"))
        return self.process.poll() is None and ("result" in told or "error" in told)

    def open(self, uri: str, text: str, language: str = "json") -> None:
        """Open a document."""
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", textDocument=document)


@contextmanager
def wire(env: Mapping[str, str], folder: Path) -> Iterator[Wire]:
    """A server started as editors start it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "switchtax", "lsp"],
        env=dict(env),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    found = Wire(process)
    try:
        yield found
    finally:
        try:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(5)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            process.kill()
            process.wait()
