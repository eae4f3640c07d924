"""Where there can be no Unix socket the daemon listens on loopback, for whoever has its token."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from typing import TYPE_CHECKING

import pytest

from hook_doors import call
from service_support import ready, until
from switchtax.errors import DaemonUnavailable, UnsafePlace
from switchtax.service import instance
from switchtax.service.attached import Attached
from switchtax.service.client import Client
from switchtax.service.listening import listen_at
from switchtax.service.transport import HELLO

if TYPE_CHECKING:
    from pathlib import Path

    from service_support import Household


@pytest.fixture
def far_away(household: Household, monkeypatch: pytest.MonkeyPatch) -> Household:
    """A household whose runtime folder has too long a path for a socket."""
    runtime = household.folder / ("r" * 120)
    runtime.mkdir(mode=0o700)
    household.env["XDG_RUNTIME_DIR"] = str(runtime)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    return household


def address(path: Path) -> tuple[str, int, str]:
    """What the text in the socket's place says."""
    host, port, token = path.read_text().split()
    return host, int(port), token


def heard(path: Path, said: bytes) -> bytes:
    """All that comes back before the daemon hangs up."""
    with socket.create_connection(address(path)[:2], timeout=5) as stream:
        stream.sendall(said)
        stream.shutdown(socket.SHUT_WR)
        return stream.recv(65_536)


def test_commands_editors_and_hooks_reach_it(far_away: Household) -> None:
    """The address is this user's alone, and on no other interface."""
    transcript = far_away.transcript()
    client = ready(far_away, "s1")
    path = far_away.where.socket
    assert ("127.0.0.1", 0o600) == (address(path)[0], stat.S_IMODE(path.stat().st_mode))
    assert client.server == instance.find(far_away.where).server

    async def attached() -> object:
        editor = await Attached.connect(path)
        try:
            return (await editor.call("session/list"))["sessions"][0]["id"]
        finally:
            await editor.close()

    assert "s1" == asyncio.run(attached())
    meter = far_away.where.meter("s1")
    until(meter.exists, "a meter")
    assert "Haiku 4.5 re-reads" not in meter.read_text()
    asked = {
        "hook_event_name": "PreModelSwitch",
        "session_id": "s1",
        "transcript_path": str(transcript),
        "to_model": "claude-haiku-4-5",
        "source": "command",
    }
    attended = {"CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}
    given = json.dumps(asked).encode()
    call(far_away.where.runtime.parent, "PreModelSwitch", given, env=far_away.env | attended)
    assert "next: Haiku 4.5 re-reads" in meter.read_text()


def test_nobody_is_heard_without_the_token(far_away: Household) -> None:
    """Neither with none, nor with half of it, nor with another one."""
    far_away.transcript()
    ready(far_away, "s1")
    path = far_away.where.socket
    token = address(path)[2].encode()
    question = b"SWTX1\x00\x00\x00\x02{}"
    assert b"" != heard(path, HELLO + token + question)
    for wrong in (b"", HELLO + token[:-1], HELLO + b"0" * len(token), token):
        assert b"" == heard(path, wrong + question)


def test_an_address_that_others_can_read_is_not_used(far_away: Household) -> None:
    """Whoever reads it could speak for us, and whoever writes it could listen."""
    far_away.client()
    far_away.where.socket.chmod(0o644)
    with pytest.raises(UnsafePlace, match="open to other users"):
        Client.connect(far_away.where.socket)


def test_an_address_that_is_none(tmp_path: Path) -> None:
    """A damaged file is as good as no daemon."""
    tmp_path.chmod(0o700)
    path = tmp_path / "d-1.sock"
    path.write_text("nothing of the kind")
    path.chmod(0o600)
    with pytest.raises(DaemonUnavailable, match="holds no address"):
        Client.connect(path)


def test_a_folder_that_holds_no_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems refuse them: the text takes the socket's place."""

    class Refusing(socket.socket):
        def bind(self, address: object) -> None:
            if self.family == socket.AF_UNIX:
                raise PermissionError(1, "Operation not permitted")
            super().bind(address)  # type: ignore[arg-type]

    monkeypatch.setattr("switchtax.service.listening.socket.socket", Refusing)
    bound = listen_at(tmp_path / "d-1.sock")
    try:
        assert bound.socket.getsockname() == address(tmp_path / "d-1.sock")[:2]
    finally:
        bound.socket.close()
