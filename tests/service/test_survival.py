"""What a daemon must survive: being killed any time, a full disk, another user."""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from service_support import lines, ready, until
from support import OTHER_OS
from switchtax.catalog.book import PriceBook
from switchtax.documents import session_document
from switchtax.records import Source
from switchtax.sessions import library

if TYPE_CHECKING:
    from service_support import Household

NOBODY = 65_534


def test_killed_at_random_moments_it_loses_nothing(household: Household) -> None:
    """Ten times while two sessions are written: the ledger is whole, and so are the sums."""
    dice = random.Random(20261121)
    paths = [household.transcript(session=name) for name in ("s1", "s2")]
    for turn in range(10):
        client = household.client()
        stop_at = time.monotonic() + dice.uniform(0, 0.15)
        for path in paths:
            with path.open("a") as file:
                file.write(lines(3 + turn, 1, session=path.stem, ends_at=time.time()))
            client.call("switch/estimate", {"session": path.stem, "to": ["haiku"]})
        until(lambda at=stop_at: time.monotonic() > at, "its moment")
        os.kill(client.server["pid"], signal.SIGKILL)
    with sqlite3.connect(household.where.ledger) as ledger:
        assert [("ok",)] == ledger.execute("PRAGMA integrity_check").fetchall()
    ledger.close()
    client = household.client()
    book = PriceBook()
    for path in paths:
        source = Source("claude-code", str(path), path.stem)
        found = library.fold(source, library.read_all(source), book.rules)[path.stem]
        told = client.call("session/get", {"session": path.stem})
        fresh = session_document(found, book)
        assert 13 == fresh["turns"]
        assert fresh == {name: told[name] for name in fresh}


@pytest.mark.skipif(sys.platform != "linux", reason=f"{OTHER_OS}: limits of another process")
def test_with_a_full_disk_the_meter_goes_on_and_the_ledger_says_so(household: Household) -> None:
    """No file can be written: meters are pushed, answers given; later it is kept again."""
    import resource

    path = household.transcript()
    client = ready(household, "s1")
    pid = client.server["pid"]
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    with path.open("a") as file:
        file.write(lines(3, 1, ends_at=time.time()))

    def told() -> bool:
        push = client.next_push(1)
        return push is not None and push.method == "meter/didChange"

    until(told, "the meter is told")
    asked = {"session": "s1", "to": ["sonnet"]}
    assert client.call("switch/estimate", asked)["estimates"]
    assert "Error" in client.call("ledger/accuracy")["trouble"]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
    client.call("switch/estimate", {"session": "s1", "to": ["haiku"]})
    assert client.call("ledger/accuracy")["trouble"] is None


@pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0,
    reason=f"{OTHER_OS}: only the superuser can be two users",
)
def test_another_user_is_refused_even_where_the_folder_was_opened(household: Household) -> None:
    """By its user number at the socket: the connection is closed unanswered, and that is logged."""
    client = household.client()
    for folder in (household.folder, household.where.runtime.parent, household.where.runtime):
        folder.chmod(0o755)
    household.where.socket.chmod(0o666)
    script = (
        "import socket, sys; door = socket.socket(socket.AF_UNIX); door.settimeout(5);"
        "door.connect(sys.argv[1]); door.sendall(b'SWTX1'); print(door.recv(10))"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-I", "-c", script, str(household.where.socket)],
        user=NOBODY, group=NOBODY, capture_output=True, text=True, timeout=20, env={}, check=False,
    )  # fmt: skip
    closed = ("ConnectionResetError", "BrokenPipeError")
    assert any(error in done.stderr for error in closed) or "b''" in done.stdout
    assert f"user {NOBODY} was refused" in household.where.log.read_text()
    assert client.call("session/list")["at"] > 0


def test_another_user_cannot_reach_the_socket_at_all(household: Household) -> None:
    """Nobody but the user may enter the folder, nor read or write the socket."""
    household.client()
    for path in (household.where.runtime, household.where.socket):
        assert 0 == path.stat().st_mode & 0o077
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(household.where.socket))
