"""A window of VS Code on a folder where agent sessions are played."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from played import Played, prepare
from switchtax.service import instance
from workbench import START_MS, open_workbench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service_support import Household
    from workbench_window import Workbench

__all__ = ["Stage", "on_stage"]

SETTINGS = '{\n  "language": "english",\n  "model": "opus"\n}\n'
"""What the workspace's settings of Claude Code say; the model in force."""
WALKTHROUGH = "Get started with switchtax"


@dataclass(kw_only=True)
class Stage(Played):
    """The window, too."""

    window: Workbench

    def end_server(self) -> None:
        """The language server of this window dies."""
        ours = os.fsencode(self.household.folder)
        (pid,) = (
            int(each.parent.name)
            for each in Path("/proc").glob("[0-9]*/cmdline")
            if _read(each).split(b"\0")[-2:] == [b"lsp", b""]
            and ours in _read(each.parent / "environ")
        )
        os.kill(pid, signal.SIGKILL)

    def write_settings(self) -> None:
        """The workspace's settings are as they were at first."""
        shutil.rmtree(self.folder / ".claude" / "agents", ignore_errors=True)
        (self.folder / ".claude" / "settings.json").write_text(SETTINGS)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # it has ended meanwhile, or is somebody else's


@contextlib.contextmanager
def on_stage(household: Household, package: Path) -> Iterator[Stage]:
    """A window on a small shop, opened for the first time, with the extension installed."""
    folder = household.folder / "shop"
    prepare(household, folder)
    (folder / ".claude").mkdir()
    (folder / "cart.py").write_text("def total(prices: list[float]) -> float:\n    ...\n")
    with open_workbench(household, folder, package) as window:
        window.page.get_by_text(WALKTHROUGH).first.wait_for(timeout=START_MS)
        window.watch()
        stage = Stage(household, folder, window=window)
        stage.write_settings()
        yield stage
        with contextlib.suppress(Exception), instance.find(household.where) as client:
            household.pids.add(client.server["pid"])
