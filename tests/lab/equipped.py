"""The real Claude Code with our hooks and status line, and an editor attached to the daemon."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import WAIT_S, Lab, open_lab, wait_for

from support import clean_environment
from switchtax.errors import DaemonUnavailable
from switchtax.service import instance
from switchtax.service.attached import Attached
from switchtax.service.client import Client
from switchtax.service.places import places

__all__ = ["OPUS", "READ", "SONNET", "Editor", "claude", "configure", "daemon_of", "setup"]

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
NOTES = [f"notes-{number}.txt" for number in range(3)]
NOTE = "a line among the notes that is read\n" * 1_700
READ = " ".join(f"[[read {name}]]" for name in NOTES) + " and tell"
"""Some 65,000 tokens in all: Opus 5.5 re-reads them for more than $0.25."""


@pytest.fixture
def claude() -> Iterator[Lab]:
    """A lab whose client holds our hooks and status line, as setup puts them."""
    with open_lab() as lab:
        for name in NOTES:
            (lab.work / name).write_text(NOTE)
        for name in ("run", "state", "config"):
            (lab.folder / name).mkdir(mode=0o700)
        lab.variables |= {
            "XDG_RUNTIME_DIR": str(lab.folder / "run"),
            "XDG_STATE_HOME": str(lab.folder / "state"),
            "XDG_CONFIG_HOME": str(lab.folder / "config"),
        }
        setup(lab)
        yield lab


def setup(lab: Lab, *more: str) -> None:
    """`switchtax setup claude-code` in the lab's home."""
    done = subprocess.run(
        [sys.executable, "-m", "switchtax", "setup", "claude-code", *more],
        env=clean_environment(lab.home) | lab.variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def daemon_of(lab: Lab) -> Client:
    """The daemon that the client's hook has started."""

    def found() -> Client | None:
        with contextlib.suppress(DaemonUnavailable):
            return instance.find(places(lab.environment()), name="lab")
        return None

    client: Client = wait_for("a daemon", found)
    return client


def configure(lab: Lab, *lines: str) -> None:
    """Settings for Claude Code in the configuration file; before the daemon starts."""
    file = lab.folder / "config" / "switchtax" / "config.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(("[claude_code]", *lines, "")))


class Editor:
    """An editor with the lab's folder open, and somebody who presses a button, or nobody."""

    def __init__(self, socket: Path, folder: Path, press: str | None) -> None:
        """Attached once entered."""
        self.shown: list[dict[str, Any]] = []
        self._socket, self._folder, self._press = socket, folder, press
        self._ready, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)

    def __enter__(self) -> "Editor":
        self._thread.start()
        assert self._ready.wait(WAIT_S), "the editor is not attached"
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(WAIT_S)

    async def _live(self) -> None:
        declared = {"capabilities": ["warnings"], "workspaces": [str(self._folder)]}
        serves = {"warning/show": self._show}
        client = await Attached.connect(
            self._socket, declare={**declared, "focused": True}, serves=serves
        )
        self._ready.set()
        await asyncio.to_thread(self._over.wait, 5 * WAIT_S)
        await client.close()

    async def _show(self, params: dict[str, Any]) -> dict[str, Any]:
        self.shown.append(params)
        if self._press is None:
            await asyncio.sleep(5 * WAIT_S)
        return {"action": self._press}
