"""Roo Code: tasks in the storage of its extension, `<root>/<task>/ui_messages.json`.

A row tells each request's tokens; since 3.30 (October 2025) its input holds what was read from
and written to the cache. The model stands in what Roo Code adds to each message, which is kept
just before it is sent.

Source: docs/formats/roo-code.md; RooCodeInc/Roo-Code at 3.52.1, read 2026-11-21.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from switchtax.agents._cline_folders import ROO_FILE, first_task, is_roo, is_rows, tasks_at
from switchtax.agents._cline_shapes import HistoryItem
from switchtax.agents._cline_task import HISTORY, TaskReader, decoded
from switchtax.agents._commented_json import setting
from switchtax.agents._roo_profiles import Profiles
from switchtax.agents._vscode_folders import settings_files, user_folders
from switchtax.agents._whole import read_whole, slurp
from switchtax.records import Cursor, Depth, Reading, Record, SessionInfo, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "roo-code"

_EXTENSION = "rooveterinaryinc.roo-cline"
_ELSEWHERE = "roo-cline.customStoragePath"
"""A setting: absolute, and used only where it can be written to."""
_BESIDE = (HISTORY, ROO_FILE)
_ITEM = msgspec.json.Decoder(HistoryItem)


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """`tasks` in the extension's storage, in every editor and server that may run it.

    Where a host's settings name another folder, tasks from before may still lie in its own.
    """
    found: dict[Path, None] = {}
    for user in user_folders(env, home, platform):
        for file in settings_files(user):
            named = setting(slurp(str(file)), _ELSEWHERE)
            if isinstance(named, str) and Path(named).is_absolute():
                found[Path(named) / "tasks"] = None
        found[user / "globalStorage" / _EXTENSION / "tasks"] = None
    return list(found)


def find(root: Path) -> Iterator[Source]:
    """Every task under a root, or the one named."""
    yield from tasks_at(root, AGENT_ID, _BESIDE)


def claims(path: Path, head: bytes) -> bool:
    """A task is Roo Code's where its folder, its documents or its rows say so."""
    if head:
        return is_rows(path, head) and is_roo(path, head)
    task = first_task(path)
    return task is not None and is_roo(task)


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a task.

    Raises:
        OSError: its rows cannot be opened.
    """
    folder = Path(source.path).parent

    profiles = Profiles(folder, cursor)
    kept: dict[str, object] = profiles.save()

    def tell(rows: bytes) -> list[Record]:
        item = decoded(_ITEM, slurp(str(folder / ROO_FILE))) or HistoryItem()
        about = SessionInfo(
            source.session_id, cwd=item.workspace or "", parent_id=item.parentTaskId or ""
        )
        reader = TaskReader(source, depth, about, total_input=True)
        reader.picks = list(profiles.look(item.apiConfigName or ""))
        kept.update(profiles.save())
        return reader.tell(rows, folder)

    return read_whole(source, cursor, tell, kept)
