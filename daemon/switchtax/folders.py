"""Where this program keeps what it writes; cheap to import, as a scan needs it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["state_folder"]


def state_folder(env: Mapping[str, str], home: Path | None = None) -> Path:
    """Where the ledger, logs and recordings lie: XDG_STATE_HOME, else a folder in the home.

    Args:
        env: XDG_STATE_HOME counts; HOME where no home is given.
        home: the user's home.
    """
    if env.get("XDG_STATE_HOME"):
        return Path(env["XDG_STATE_HOME"]) / "switchtax"
    if home is None:
        home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    return home / ".local" / "state" / "switchtax"
