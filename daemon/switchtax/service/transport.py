"""How clients reach the daemon: a Unix socket, or the loopback interface with a token.

The second is for Windows, for runtime folders whose path is too long for a socket, and for file
systems that hold none. There the socket's file is a text of one line, for its owner alone: the
address, the port and the token that whoever connects has to send first. Cheap to import.
"""

from __future__ import annotations

import socket
import stat
from typing import TYPE_CHECKING

from switchtax.service.places import check_private

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HELLO", "connect"]

HELLO = b"SWTK1"
"""What stands before the token."""


def connect(path: Path, deadline_s: float) -> socket.socket:
    """A connection to whoever listens at a path, ready for the protocol.

    Raises:
        OSError: nobody does.
        UnsafePlace: the path or its folder is open to others.
    """
    family, address, hello = _address(path)
    connected = socket.socket(family, socket.SOCK_STREAM)
    try:
        connected.settimeout(deadline_s)
        connected.connect(address)
        if hello:  # without delay: a first question right behind it need not wait
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected.sendall(hello)
    except BaseException:
        connected.close()
        raise
    return connected


def _address(path: Path) -> tuple[socket.AddressFamily, str | tuple[str, int], bytes]:
    check_private(path.parent)
    check_private(path)
    if stat.S_ISSOCK(path.lstat().st_mode):
        return socket.AF_UNIX, str(path), b""
    try:
        host, port, token = path.read_text(encoding="ascii").split()
        return socket.AF_INET, (host, int(port)), HELLO + token.encode()
    except ValueError:
        raise ConnectionRefusedError(f"{path} holds no address") from None
