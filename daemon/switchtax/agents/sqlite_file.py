"""Opening an agent's SQLite database so that the agent never notices."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_read_only"]


def open_read_only(path: Path, *, wait_s: float) -> sqlite3.Connection:
    """Open a database for reading: no row, no lock and no file of the agent's is touched.

    While the agent is at work (a `-wal` or `-journal` file stands beside) the newest rows may
    be in that file alone, so SQLite must look there. At rest the file is all there is:
    opened as immutable, SQLite creates nothing beside it, as it otherwise would for a
    database in WAL mode.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    resolved = path.resolve()
    busy = any(resolved.with_name(resolved.name + end).exists() for end in ("-wal", "-journal"))
    mode = "mode=ro" if busy else "mode=ro&immutable=1"
    return sqlite3.connect(f"{resolved.as_uri()}?{mode}", uri=True, timeout=wait_s)
