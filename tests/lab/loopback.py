"""What every provider of the lab is built on: a server on loopback, its clock, and its bill."""

import argparse
import fcntl
import itertools
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

__all__ = ["BadRequestError", "Handler", "Ledger", "raise_loopback", "serving", "until_killed"]

LATENCY_S = 0.1
"""Answers that come at once overtake the client's own record of its request."""

JSON = dict[str, Any]


class BadRequestError(Exception):
    """The provider would answer 400."""


class Ledger:
    """A provider's clock and bill: the machine's time plus the seconds in the clock file."""

    def __init__(self, folder: Path) -> None:
        """Nothing is billed yet."""
        self._bill, self._clock = folder / "bill.jsonl", folder / "clock"
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)

    def now(self) -> float:
        """The provider's time."""
        try:
            return time.time() + float(self._clock.read_text() or 0)
        except (OSError, ValueError):
            return time.time()

    def add(self, **line: Any) -> None:
        """One line of the bill."""
        with self._bill.open("a") as file:
            file.write(json.dumps(line) + "\n")


class Handler(BaseHTTPRequestHandler):
    """Reads and writes whole bodies; `provider` and `latency_s` are the server's."""

    protocol_version = "HTTP/1.1"
    provider: Any
    latency_s: float

    def do_GET(self) -> None:
        """What the provider lists."""
        self.send(self.listed(self.path.partition("?")[0]))

    def do_HEAD(self) -> None:
        """Whether it is there."""
        self.send({}, body=False)

    def do_POST(self) -> None:
        """A request, or what is none."""
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.answer(self.path.partition("?")[0], json.loads(raw or b"{}"))
        except (BadRequestError, json.JSONDecodeError) as error:
            told = {"type": "invalid_request_error", "message": str(error)}
            self.send({"type": "error", "error": told}, status=400)

    def listed(self, _path: str) -> JSON:
        """What is answered to a question without a body."""
        return {}

    def answer(self, path: str, request: JSON) -> None:
        """Answer a request.

        Raises:
            BadRequestError: the provider would refuse it.
        """
        raise NotImplementedError

    def send(self, value: JSON, *, status: int = 200, body: bool = True) -> None:
        """Answer with JSON, or with its head alone."""
        self.write(json.dumps(value).encode() if body else b"", "application/json", status)

    def stream(self, text: str) -> None:
        """Answer with events, all at once."""
        self.write(text.encode(), "text/event-stream", 200)

    def write(self, body: bytes, kind: str, status: int) -> None:
        """Answer with bytes."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name in ("request-id", "x-request-id"):
            self.send_header(name, "req_lab")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def serving(
    handler: type[Handler], provider: Callable[[Path], Ledger], folder: Path, port: int,
    latency_s: float,
) -> ThreadingHTTPServer:  # fmt: skip
    """A server whose bill, clock and port stand in `folder`; port 0 takes a free one."""
    folder.mkdir(parents=True, exist_ok=True)
    own = type("Own", (handler,), {"provider": provider(folder), "latency_s": latency_s})
    server = ThreadingHTTPServer(("127.0.0.1", port), own)
    server.daemon_threads = True
    ready = folder / "port.new"
    ready.write_text(str(server.server_address[1]))
    ready.replace(folder / "port")
    return server


def raise_loopback() -> None:
    """In a new network namespace even loopback is down (what `ip link set lo up` does)."""
    get_flags, set_flags, up = 0x8913, 0x8914, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(probe, get_flags, request))[1]
        fcntl.ioctl(probe, set_flags, struct.pack("16sH14x", b"lo", flags | up))


def until_killed(
    arguments: list[str], serve: Callable[[Path, int, float], ThreadingHTTPServer]
) -> None:
    """The command line of a provider."""
    parser = argparse.ArgumentParser(description="a provider on loopback")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--raise-loopback", action="store_true")
    given = parser.parse_args(arguments)
    if given.raise_loopback:
        raise_loopback()
    serve(given.folder, given.port, LATENCY_S).serve_forever()
