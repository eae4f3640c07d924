"""Roo Code's profiles: a pick is written at once, but by the profile's name alone.

Which model a profile stands for is kept where nobody can read it. What can be known is which
model it ran last: in this task, as far as it was followed, else in the newest other task that used
it. Where that is wrong by now, the next message says so, before its request.

Source: docs/formats/roo-code.md, 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from switchtax.agents._cline_folders import ROO_FILE
from switchtax.agents._cline_shapes import HistoryItem
from switchtax.agents._cline_task import HISTORY, decoded, last_model
from switchtax.agents._whole import slurp

if TYPE_CHECKING:
    from pathlib import Path

    from switchtax.records import Cursor

__all__ = ["Profiles"]

_ITEM = msgspec.json.Decoder(HistoryItem)
_MOST_TASKS = 20
"""Newest tasks that are looked at for a profile."""
_SAME_TIME_S = 60.0
"""A task whose profile was written so long after its last message may have got it since."""


class _Kept(Struct):
    """What must be remembered between two reads."""

    profile: str = ""
    models: dict[str, str] = {}
    """Profile to the model that it ran last in this task."""
    picks: list[tuple[float, str]] = []


class Profiles:
    """The picks of one task, as they were seen.

    Args:
        task: the task's folder.
        cursor: where the last reading stopped.
    """

    def __init__(self, task: Path, cursor: Cursor | None) -> None:
        """As they were at the last reading."""
        self.task = task
        self._read_before = cursor is not None and bool(cursor.state)
        state = cursor.state.get("kept", {}) if cursor is not None else {}
        try:
            self._kept = msgspec.convert(state, _Kept)
        except msgspec.ValidationError:
            self._kept = _Kept()

    def look(self, profile: str) -> list[tuple[float, str]]:
        """The models picked so far, with their times; a profile that is new is one more.

        Args:
            profile: the one that the task has now.
        """
        kept = self._kept
        model, sent_at = last_model(slurp(str(self.task / HISTORY)))
        written_at = _written_at(self.task / ROO_FILE)
        if profile and self._read_before and profile != kept.profile and written_at > sent_at:
            picked = kept.models.get(profile) or _elsewhere(self.task, profile)
            if picked:
                kept.picks.append((written_at, picked))
        elif profile and model and written_at - sent_at < _SAME_TIME_S:
            kept.models[profile] = model
        kept.profile = profile or kept.profile
        return kept.picks

    def save(self) -> dict[str, object]:
        """All of it as plain values."""
        state: dict[str, object] = msgspec.to_builtins(self._kept)
        return state


def _elsewhere(task: Path, profile: str) -> str:
    """The model that a profile ran last in the newest other task that used it; "" if none did."""
    others = [each for each in task.parent.glob(f"*/{ROO_FILE}") if each.parent != task]
    others.sort(key=_written_at, reverse=True)
    for other in others[:_MOST_TASKS]:
        item = decoded(_ITEM, slurp(str(other)))
        if item is not None and item.apiConfigName == profile:
            model, sent_at = last_model(slurp(str(other.parent / HISTORY)))
            if model and _written_at(other) - sent_at < _SAME_TIME_S:
                return model
    return ""


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
