"""The daemon's end of the transport, and a client's for programs with a loop of their own."""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
import socket
import sys
from typing import TYPE_CHECKING

from switchtax.service.places import check_private, write_atomically
from switchtax.service.transport import HELLO, connect

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Listening", "listen_at", "open_streams"]

_HOST = "127.0.0.1"
_TOKEN_BYTES = 32
_LONGEST_SOCKET = 100
"""Characters: `sun_path` holds 104 bytes on macOS, 108 on Linux."""
_ADMIT_S = 2.0
_WAITING = 128


class Listening:
    """The daemon's listening end: a socket, and the token that its callers need, if any."""

    def __init__(self, bound: socket.socket, token: bytes = b"") -> None:
        """Bound, not yet served."""
        self.socket, self._token = bound, token
        bound.listen(_WAITING)

    async def admits(self, reader: asyncio.StreamReader) -> bool:
        """Whether a caller may speak: on loopback its first bytes have to be the token."""
        if not self._token:
            return True
        wanted = HELLO + self._token
        try:
            async with asyncio.timeout(_ADMIT_S):
                told = await reader.readexactly(len(wanted))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False
        return hmac.compare_digest(told, wanted)


def listen_at(path: Path) -> Listening:
    """Listen where clients that know a path will look.

    Raises:
        OSError: not even the address can be written there.
        UnsafePlace: what was made is open to others.
    """
    path.unlink(missing_ok=True)
    bound = _unix(path) or _loopback(path)
    check_private(path)
    return bound


def _unix(path: Path) -> Listening | None:
    if sys.platform == "win32" or len(str(path)) > _LONGEST_SOCKET:
        return None
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    try:
        bound.bind(str(path))
    except OSError:  # a file system that holds no sockets
        bound.close()
        return None
    finally:
        os.umask(old)
    return Listening(bound)


def _loopback(path: Path) -> Listening:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    token = secrets.token_hex(_TOKEN_BYTES // 2).encode()
    try:
        bound.bind((_HOST, 0))
        write_atomically(path, f"{_HOST} {bound.getsockname()[1]} {token.decode()}\n")
    except OSError:
        bound.close()
        raise
    return Listening(bound, token)


async def open_streams(
    path: Path, deadline_s: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to whoever listens at a path, as `transport.connect` makes it.

    Raises:
        OSError: nobody listens there, or not in time.
        UnsafePlace: the path or its folder is open to others.
    """
    connected = await asyncio.to_thread(connect, path, deadline_s)
    connected.setblocking(False)
    return await asyncio.open_connection(sock=connected)
