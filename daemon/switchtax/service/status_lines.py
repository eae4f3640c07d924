"""The folder in which status lines leave what Claude Code told them: read, bounded, cleared.

The script writes a file only where the folder is there, one for each session, and replaces it
each time. Nothing of it is kept but numbers; it goes with its session.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from switchtax.agents.claude_status_line import StatusLine, read_status_line

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["StatusLines", "told_of"]

_MOST_BYTES = 262_144
_MOST_FILES = 500
_OLD_S = 7200.0
"""Seconds after which a file goes, whoever left it."""
_LEFT_OVER_S = 60.0
"""Seconds after which a file that was begun and never finished goes."""


def told_of(folder: Path, session_id: str) -> StatusLine | None:
    """What the status line of one session was told last; None where nothing is there."""
    if not session_id or not all(c.isalnum() or c in "-_" for c in session_id):
        return None
    return _read(folder / f"{session_id}.json")


def _read(path: Path) -> StatusLine | None:
    try:
        with path.open("rb") as file:
            raw, at = file.read(_MOST_BYTES + 1), os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    found = read_status_line(raw, at) if len(raw) <= _MOST_BYTES else None
    return found if found is not None and found.session_id == path.stem else None


class StatusLines:
    """What was told last, by session."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet."""
        self.folder = folder
        self.told: dict[str, StatusLine] = {}
        self._seen: dict[str, int] = {}

    def look(self, now: float) -> list[StatusLine]:
        """What was told since the last look; what is old or too much is removed.

        Args:
            now: UTC epoch seconds.
        """
        found: list[tuple[int, str]] = []
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    written_ns = entry.stat(follow_symlinks=False).st_mtime_ns
                    limit_s = _OLD_S if entry.name.endswith(".json") else _LEFT_OVER_S
                    if written_ns / 1e9 < now - limit_s:
                        self._remove(entry.name)
                    elif entry.name.endswith(".json") and not entry.name.startswith("."):
                        found.append((written_ns, entry.name))
        except OSError:
            return []
        found.sort(reverse=True)
        for _, name in found[_MOST_FILES:]:
            self._remove(name)
        return [each for ns, name in found[:_MOST_FILES] if (each := self._news(name, ns))]

    def forget(self, session_id: str) -> None:
        """A session is no longer live: its file goes."""
        if self.told.pop(session_id, None) is not None:
            self._remove(f"{session_id}.json")

    def _news(self, name: str, written_ns: int) -> StatusLine | None:
        if self._seen.get(name) == written_ns:
            return None
        self._seen[name] = written_ns
        found = _read(self.folder / name)
        if found is not None:
            self.told[found.session_id] = found
        return found

    def _remove(self, name: str) -> None:
        self._seen.pop(name, None)
        self.told.pop(name.removesuffix(".json"), None)
        with contextlib.suppress(OSError):
            (self.folder / name).unlink(missing_ok=True)
