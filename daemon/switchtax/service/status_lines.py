"""The folder in which status lines leave what their agents told them: read, bounded, cleared.

The script writes a file only where the folder is there, one for each session, and replaces it
each time. Nothing of it is kept but numbers; it goes with its session.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections import OrderedDict
from typing import TYPE_CHECKING

from switchtax.agents.claude_status_line import StatusLine, read_status_line
from switchtax.agents.cursor_status_line import read_drawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from switchtax.agents.cursor_status_line import Drawn

__all__ = ["StatusLines", "drawn_of", "told_of"]

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""Ids that name a file of the folder and no other."""
_MOST_BYTES = 262_144
_MOST_STARTED = 2_000
_COARSE_S = 0.05
"""A file's time may lag behind the clock."""
_MOST_FILES = 500
_OLD_S = 7200.0
"""Seconds after which a file goes, whoever left it."""
_LEFT_OVER_S = 60.0
"""Seconds after which a file that was begun and never finished goes."""


def told_of(folder: Path, session_id: str) -> StatusLine | None:
    """What the status line of one session was told last; None where nothing is there."""
    return None if not _is_plain(session_id) else _read(folder / f"{session_id}.json")


def drawn_of(folder: Path, session_id: str) -> Drawn | None:
    """What the status line of a session of Cursor was told last; None where nothing is there."""
    held = _held(folder / f"{session_id}.json") if _is_plain(session_id) else None
    try:
        return None if held is None else read_drawn(json.loads(held[0]))
    except (ValueError, RecursionError):
        return None


def _is_plain(session_id: str) -> bool:
    return bool(_PLAIN.fullmatch(session_id))


def _held(path: Path) -> tuple[bytes, float] | None:
    """What a file of the folder holds, and since when; None for one that is gone or too long."""
    try:
        with path.open("rb") as file:
            raw, at = file.read(_MOST_BYTES + 1), os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    return (raw, at) if len(raw) <= _MOST_BYTES else None


def _read(path: Path) -> StatusLine | None:
    held = _held(path)
    found = None if held is None else read_status_line(*held)
    return found if found is not None and found.session_id == path.stem else None


class StatusLines:
    """What was told last, by session.

    Args:
        folder: one file for each session.
        clock: UTC epoch seconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        """Nothing is read yet."""
        self.folder, self._clock = folder, clock
        self.told: dict[str, StatusLine] = {}
        self._seen: dict[str, int] = {}
        self._since = clock()
        self._started: OrderedDict[str, float] = OrderedDict()

    def started(self, session_id: str) -> None:
        """A session starts, or is resumed, now: what an earlier run of it was told is past."""
        self._started[session_id] = self._clock()
        self._started.move_to_end(session_id)
        while len(self._started) > _MOST_STARTED:
            self._started.popitem(last=False)

    def next_model(self, session_id: str) -> str:
        """The model that a session's next request goes to; "" where that is not known.

        Only what was told since it started counts (since the daemon did, where that was not
        seen): no log says this before the request is answered.
        """
        told = told_of(self.folder, session_id)
        since = self._started.get(session_id, self._since) - _COARSE_S
        return told.model.partition("[")[0] if told is not None and told.at >= since else ""

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
        self._started.pop(session_id, None)
        if _is_plain(session_id):
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
