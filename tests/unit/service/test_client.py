"""What a client makes of a daemon that is none, hangs, or talks nonsense."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from switchtax.errors import DaemonUnavailable
from switchtax.service.client import Client
from switchtax.service.protocol import Notification, Response, pack

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[Client, socket.socket]]:
    """A client, and the daemon's end of its connection."""
    near, far = socket.socketpair()
    with Client(near) as client, far:
        yield client, far


def test_a_silent_daemon(ends: tuple[Client, socket.socket]) -> None:
    """The deadline holds; waiting for a push just ends."""
    client, _ = ends
    with pytest.raises(DaemonUnavailable, match="in time"):
        client.call("session/list", deadline_s=0.01)
    assert client.next_push(0.01) is None


def test_nonsense(ends: tuple[Client, socket.socket]) -> None:
    """No message: said."""
    client, far = ends
    far.sendall(b"\xc1\xc1")
    with pytest.raises(DaemonUnavailable, match="strange"):
        client.call("session/list")


def test_pushes_between_and_other_answers(ends: tuple[Client, socket.socket]) -> None:
    """A push is kept for later, an answer to something withdrawn is passed over."""
    client, far = ends
    push = Notification("meter/didChange", {"session": "s1"})
    far.sendall(pack(push) + pack(Response(77, None, {})) + pack(Response(1, None, {"a": 1})))
    client.cancel(77)
    assert {"a": 1} == client.call("session/list")
    assert push == client.next_push(1)
    far.sendall(pack(Response(78, None, {})) + pack(push))
    assert push == client.next_push(1)


def test_one_that_leaves(ends: tuple[Client, socket.socket]) -> None:
    """While it is waited for."""
    client, far = ends
    far.close()
    with pytest.raises(DaemonUnavailable, match="left"):
        client.next_push(1)
    with pytest.raises(DaemonUnavailable, match="left"):
        client.call("session/list")
