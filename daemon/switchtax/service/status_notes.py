"""The model that a session's status line names: known before any log says it."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["StatusNotes"]

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,128}")
_LONGEST = 65_536
_REMEMBERED = 2_000
_COARSE_S = 0.05
"""A file's time may lag behind the clock."""


class StatusNotes:
    """Reads what the status line script leaves in its folder, one file for a session.

    A note of an earlier run of the session says nothing: only one written since it started
    counts (since the daemon did, where that was not seen).
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        """No session has started yet."""
        self._folder, self._clock = folder, clock
        self._since = clock()
        self._started: OrderedDict[str, float] = OrderedDict()

    def started(self, session_id: str) -> None:
        """A session starts, or is resumed, now."""
        self._started[session_id] = self._clock()
        self._started.move_to_end(session_id)
        while len(self._started) > _REMEMBERED:
            self._started.popitem(last=False)

    def model(self, session_id: str) -> str:
        """The model that its next request goes to; "" where that is not known."""
        if not _PLAIN.fullmatch(session_id):
            return ""
        path = self._folder / f"{session_id}.json"
        try:
            seen = path.stat()
            since = self._started.get(session_id, self._since) - _COARSE_S
            if seen.st_mtime < since or seen.st_size > _LONGEST:
                return ""
            named = json.loads(path.read_bytes())["model"]["id"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ""
        return named.partition("[")[0] if isinstance(named, str) else ""

    def forget(self, session_id: str) -> None:
        """Nobody uses the session any more."""
        self._started.pop(session_id, None)
        if _PLAIN.fullmatch(session_id):
            (self._folder / f"{session_id}.json").unlink(missing_ok=True)
