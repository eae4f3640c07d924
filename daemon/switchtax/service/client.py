"""The blocking client: finds the daemon, asks it, hears what it pushes."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Self

from switchtax import __version__
from switchtax.errors import DaemonUnavailable, Refused
from switchtax.service.protocol import (
    PROTOCOL,
    BadFrame,
    Framer,
    Notification,
    Request,
    Response,
    pack,
)
from switchtax.service.transport import connect

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from switchtax.service.protocol import Message

__all__ = ["Client"]

_CHUNK = 65_536


class Client:
    """One connection to a daemon; not for use by several threads at once.

    >>> with Client.connect(places().socket) as client:  # doctest: +SKIP
    ...     client.call("session/list")
    """

    def __init__(self, connected: socket.socket) -> None:
        """A client on a socket that is connected; `initialize` comes next."""
        self._socket = connected
        self._framer = Framer()
        self._arrived: deque[Message] = deque()
        self._pushed: deque[Notification] = deque()
        self._next = 0
        self.server: dict[str, Any] = {}

    @classmethod
    def connect(cls, path: Path, *, name: str = "cli", deadline_s: float = 5.0) -> Self:
        """Connect to the socket at a path and shake hands.

        Raises:
            DaemonUnavailable: nobody answers there, or not in our protocol.
        """
        client = cls.open(path, deadline_s=deadline_s)
        try:
            client.server = client.call(
                "initialize",
                {"protocol": PROTOCOL, "client": name, "version": __version__},
                deadline_s=deadline_s,
            )
        except BaseException:
            client.close()
            raise
        return client

    @classmethod
    def open(cls, path: Path, *, deadline_s: float = 5.0) -> Self:
        """Connect without the handshake (all that `shutdown` needs).

        Raises:
            DaemonUnavailable: nobody listens there.
            UnsafePlace: the socket or its folder is open to others.
        """
        try:
            return cls(connect(path, deadline_s))
        except OSError as error:
            raise DaemonUnavailable(
                f"no daemon answers ({error.strerror or error}). "
                "`switchtax daemon start` starts it."
            ) from error

    @property
    def connected(self) -> socket.socket:
        """The socket, for what only the system knows of the other end."""
        return self._socket

    def __enter__(self) -> Self:
        """Use it in a `with`."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        self.close()

    def close(self) -> None:
        """Leave."""
        self._socket.close()

    def call(
        self, method: str, params: dict[str, Any] | None = None, *, deadline_s: float = 10.0
    ) -> dict[str, Any]:
        """Ask, and wait for the answer.

        Raises:
            Refused: the daemon answered with an error.
            DaemonUnavailable: it left, or did not answer in time.
        """
        until = time.monotonic() + deadline_s
        self._next += 1
        number = self._next
        self._send(Request(number, method, params or {}))
        while True:
            message = self._receive(until)
            if isinstance(message, Notification):
                self._pushed.append(message)
            elif isinstance(message, Response) and message.id in (number, 0):
                if message.error is not None:
                    code, said = message.error.get("code", 0), message.error.get("message", "")
                    raise Refused(int(code), str(said))
                return message.result or {}

    def cancel(self, number: int) -> None:
        """Withdraw a request."""
        self._send(Notification("$/cancel", {"id": number}))

    def subscribe(self) -> list[dict[str, Any]]:
        """Have meters pushed from now on; returns those of now.

        Raises:
            DaemonUnavailable: see `call`.
        """
        meters: list[dict[str, Any]] = self.call("meter/subscribe")["meters"]
        return meters

    def next_push(self, deadline_s: float) -> Notification | None:
        """The next notification; None if none comes in time.

        Raises:
            DaemonUnavailable: the daemon left.
        """
        if self._pushed:
            return self._pushed.popleft()
        until = time.monotonic() + deadline_s
        try:
            while True:
                message = self._receive(until)
                if isinstance(message, Notification):
                    return message
        except DaemonUnavailable as error:
            if isinstance(error.__cause__, TimeoutError):
                return None
            raise

    def _send(self, message: Message) -> None:
        try:
            self._socket.sendall(pack(message))
        except OSError as error:
            raise DaemonUnavailable("the daemon has left.") from error

    def _receive(self, until: float) -> Message:
        while not self._arrived:
            left = until - time.monotonic()
            try:
                if left <= 0:
                    raise TimeoutError("too late")
                self._socket.settimeout(left)
                data = self._socket.recv(_CHUNK)
            except TimeoutError as error:
                raise DaemonUnavailable("the daemon did not answer in time.") from error
            except OSError as error:
                raise DaemonUnavailable("the daemon has left.") from error
            if not data:
                raise DaemonUnavailable("the daemon has left.")
            try:
                self._arrived.extend(self._framer.feed(data))
            except BadFrame as error:
                raise DaemonUnavailable(f"the daemon sent something strange: {error}.") from error
        return self._arrived.popleft()
