"""The real Claude Code with our hooks and status line, and an editor attached to the daemon."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from client import WAIT_S, Lab, open_lab

from switchtax.service.attached import Attached

__all__ = ["OPUS", "READ", "SONNET", "Editor", "claude"]

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
        lab.setup()
        yield lab


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
