"""A home with a daemon of its own for one measurement, and what that daemon takes."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bars import Missing, clean_environment

from service_support import Household

__all__ = ["cpu_s", "end", "household", "resident_mb", "settled"]

_TICKS = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def household(home: Path | None = None) -> Iterator[Household]:
    """Folders of its own, in this process's environment too; its daemons end with it.

    Args:
        home: the home to use instead of an empty one; it stays.
    """
    folder = Path(tempfile.mkdtemp(prefix="stx"))
    home = home or folder / "h"
    home.mkdir(exist_ok=True)
    (folder / "r").mkdir(mode=0o700)
    env = clean_environment(home) | {
        "XDG_RUNTIME_DIR": str(folder / "r"),
        "XDG_STATE_HOME": str(folder / "s"),
        "XDG_CACHE_HOME": str(folder / "c"),
        "XDG_CONFIG_HOME": str(folder / "f"),
        "SWITCHTAX_IDLE_EXIT_S": "0",
    }
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(env)
    found = Household(folder, env)
    try:
        yield found
    finally:
        for pid in found.pids:
            end(pid)
        os.environ.clear()
        os.environ.update(before)
        shutil.rmtree(folder, ignore_errors=True)


def end(pid: int, number: int = signal.SIGTERM, patience_s: float = 10.0) -> None:
    """End a daemon that was started here, and wait until it is gone."""
    until = time.monotonic() + patience_s
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
        while time.monotonic() < until:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                os.kill(pid, 0)
            time.sleep(0.002)
        os.kill(pid, signal.SIGKILL)


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has taken so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise Missing("the time a process takes is read from /proc (Linux)") from error
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mb(pid: int) -> float:
    """Memory that a process holds now, in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def settled(pid: int, *, quiet_s: float = 1.0, deadline_s: float = 300.0) -> None:
    """Wait until a daemon has nothing more to do: it takes under 2 % for a while."""
    until = time.monotonic() + deadline_s
    while time.monotonic() < until:
        before = cpu_s(pid)
        time.sleep(quiet_s)
        if cpu_s(pid) - before < 0.02 * quiet_s + 1 / _TICKS:
            return
    raise Missing(f"the daemon was still busy after {deadline_s:.0f} s")
