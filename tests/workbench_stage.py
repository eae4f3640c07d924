"""A window of VS Code on a folder where agent sessions are played."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from played import Played, prepare
from switchtax.service import instance
from workbench import START_MS, open_workbench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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

    def write_settings(self) -> None:
        """The workspace's settings are as they were at first."""
        shutil.rmtree(self.folder / ".claude" / "agents", ignore_errors=True)
        (self.folder / ".claude" / "settings.json").write_text(SETTINGS)


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
