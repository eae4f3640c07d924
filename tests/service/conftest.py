"""A home of its own for each daemon, and its end by process id."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service_support import Household
from support import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def household(monkeypatch: pytest.MonkeyPatch) -> Iterator[Household]:
    """A short-named home (socket paths are short), set as this process's environment too."""
    folder = Path(tempfile.mkdtemp(prefix="stx"))
    env = clean_environment(folder / "h") | {
        "XDG_RUNTIME_DIR": str(folder / "r"),
        "XDG_STATE_HOME": str(folder / "s"),
        "XDG_CACHE_HOME": str(folder / "c"),
        "XDG_CONFIG_HOME": str(folder / "f"),
        "SWITCHTAX_IDLE_EXIT_S": "60",
    }
    for name in set(os.environ) - set(env):
        monkeypatch.delenv(name)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    (folder / "h").mkdir()
    (folder / "r").mkdir(mode=0o700)
    found = Household(folder, env)
    yield found
    for pid in found.pids:
        _end(pid)
    shutil.rmtree(folder, ignore_errors=True)


def _end(pid: int) -> None:
    """SIGTERM, so that coverage is kept; SIGKILL if that does not help."""
    for number, patience_s in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        until = time.monotonic() + patience_s
        try:
            os.kill(pid, number)
            while time.monotonic() < until:
                try:
                    os.waitpid(pid, os.WNOHANG)
                except ChildProcessError:
                    os.kill(pid, 0)
                time.sleep(0.005)
        except ProcessLookupError:
            return
