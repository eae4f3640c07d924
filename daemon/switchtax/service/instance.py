"""One daemon per user: found, or started by exactly one of those who look for it.

Whoever starts one holds `start.lock`; the daemon holds `daemon.lock` as long as it lives, so
that a socket file without a holder is known to be left over. A daemon of another build is asked
to leave first.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.errors import DaemonUnavailable, Refused
from switchtax.service.client import Client
from switchtax.service.places import write_atomically

if sys.platform == "win32":  # pragma: other os
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.service.listening import Listening
    from switchtax.service.places import Places

__all__ = ["AlreadyRunning", "find", "find_or_start", "listen", "lock", "stop"]

_LOOK_S = 0.005
"""Seconds between two looks for something that another process is about to do."""
_LEAVE_S = 5.0
_LONGEST_LOG = 1 << 20
"""Bytes after which the log is begun anew at the next start; the one before is kept."""
_STARTED: list[subprocess.Popen[bytes]] = []
"""Daemons started from this process: kept, so that they may outlive it without a warning."""


class AlreadyRunning(DaemonUnavailable):
    """Another daemon of this user lives."""


def find(where: Places, *, name: str = "cli", deadline_s: float = 2.0) -> Client:
    """A client of this build's daemon, if it runs.

    Raises:
        DaemonUnavailable: it does not.
    """
    return Client.connect(where.socket, name=name, deadline_s=deadline_s)


def find_or_start(where: Places, *, name: str = "cli", deadline_s: float = 10.0) -> Client:
    """A client of this build's daemon, which is started if it does not run.

    Raises:
        DaemonUnavailable: it could not be started in time.
        UnsafePlace: the runtime folder is open to others.
    """
    with contextlib.suppress(DaemonUnavailable):
        return find(where, name=name)
    until = time.monotonic() + deadline_s
    where.prepare_runtime()
    with lock(where.start_lock, until):
        with contextlib.suppress(DaemonUnavailable):
            return find(where, name=name)
        _replace(where, until)
        process = _start(where)
        while True:
            try:
                return find(where, name=name)
            except DaemonUnavailable as error:
                if time.monotonic() > until or process.poll() not in (None, 0):
                    raise DaemonUnavailable(
                        f"the daemon did not start; {where.log} says why."
                    ) from error
            time.sleep(_LOOK_S)


def stop(where: Places, *, deadline_s: float = _LEAVE_S) -> bool:
    """End the daemon in charge, of whatever build; False if there is none.

    Raises:
        DaemonUnavailable: it did not end in time.
    """
    if not where.daemon_lock.exists():
        return False
    until = time.monotonic() + deadline_s
    was_there = _shut_down(where)
    with lock(where.daemon_lock, until):
        return was_there


def _replace(where: Places, until: float) -> None:
    """A daemon of another build makes room; what it leaves behind is removed."""
    if where.current.exists():
        _shut_down(where)
    with lock(where.daemon_lock, until):
        for left_over in where.runtime.glob("d-*.sock"):
            left_over.unlink(missing_ok=True)


def _shut_down(where: Places) -> bool:
    try:
        path = Path(where.current.read_text(encoding="utf-8").strip())
        with Client.open(path, deadline_s=1.0) as client:
            client.call("shutdown", deadline_s=2.0)
    except Refused:
        return True
    except (OSError, DaemonUnavailable):
        return False
    return True


@contextlib.contextmanager
def lock(path: Path, until: float) -> Iterator[None]:
    """Hold a lock file; it is let go when the process ends, however it ends.

    Args:
        path: the file, made if it is not there.
        until: monotonic seconds after which waiting ends.

    Raises:
        AlreadyRunning: somebody else kept it all the time.
    """
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _try_lock(number):
            if time.monotonic() >= until:
                raise AlreadyRunning(f"{path} is held by another process.")
            time.sleep(_LOOK_S)
        yield
    finally:
        os.close(number)


def _try_lock(number: int) -> bool:
    try:
        if sys.platform == "win32":  # pragma: other os
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _start(where: Places) -> subprocess.Popen[bytes]:
    """Start a daemon that outlives us: own session, own log, none of our files."""
    where.prepare_state()
    with contextlib.suppress(OSError):
        if where.log.stat().st_size > _LONGEST_LOG:
            where.log.replace(where.log.with_name(where.log.name + ".1"))
    with where.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "switchtax.service"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            close_fds=True,
        )
    _STARTED.append(process)
    return process


@contextlib.contextmanager
def listen(where: Places) -> Iterator[Listening]:
    """The listening end of the daemon in charge: one at a time, none but this user's.

    Raises:
        AlreadyRunning: another daemon lives.
        UnsafePlace: the runtime folder is open to others.
    """
    from switchtax.service.listening import listen_at

    where.prepare_runtime()
    with lock(where.daemon_lock, time.monotonic()):
        listening = listen_at(where.socket)
        write_atomically(where.current, str(where.socket))
        try:
            yield listening
        finally:
            listening.socket.close()
            where.current.unlink(missing_ok=True)
            where.socket.unlink(missing_ok=True)
