"""Cline: sessions under `~/.cline/data/sessions/` (CLI, and VS Code from 4.0), tasks before.

A session is a document of messages; every answer has its model and its tokens, cached ones
inside the input. A task of the extension up to 3.x is a folder of documents, where cached tokens
are beside the input. A task shows a switch before the request, a session only in the next answer.

Source: docs/formats/cline.md; real client (CLI) 3.0.65, 2026-11-21; cline/cline at 3.85.0 and
4.1.13, read 2026-11-21.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._cline_folders import first_task, is_roo, is_rows, tasks_at
from switchtax.agents._cline_session import MESSAGES, SessionReader, sessions_at
from switchtax.agents._cline_task import HISTORY, METADATA, ROWS, TaskReader
from switchtax.agents._vscode_folders import extension_storage
from switchtax.agents._whole import read_whole
from switchtax.records import Cursor, Depth, Reading, Record, SessionInfo, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "cline"

_EXTENSION = "saoudrizwan.claude-dev"
_BESIDE = (HISTORY, METADATA)


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """Sessions and tasks in Cline's own folder, then the tasks of every editor and server.

    `$CLINE_SESSION_DATA_DIR` names the sessions, `$CLINE_DATA_DIR` the folder of both,
    `$CLINE_DIR` the one above it.
    """
    named = env.get("CLINE_DATA_DIR", "").strip()
    above = env.get("CLINE_DIR", "").strip()
    data = Path(named) if named else (Path(above) if above else home / ".cline") / "data"
    sessions = env.get("CLINE_SESSION_DATA_DIR", "").strip()
    own = [Path(sessions) if sessions else data / "sessions", data / "tasks"]
    stored = extension_storage(env, home, platform, _EXTENSION)
    return own + [folder / "tasks" for folder in stored]


def find(root: Path) -> Iterator[Source]:
    """Every session and task under a root, or the one named."""
    if root.name != "tasks":
        yield from sessions_at(root, AGENT_ID)
    if root.name != "sessions":
        yield from tasks_at(root, AGENT_ID, _BESIDE)


def claims(path: Path, head: bytes) -> bool:
    """A session names its messages and their contract, a task is one that is not Roo Code's."""
    if head:
        if path.name.endswith(MESSAGES):
            return b'"messages"' in head and b'"sessionId"' in head
        return is_rows(path, head) and not is_roo(path, head)
    if next(sessions_at(path, AGENT_ID), None) is not None:
        return True
    task = first_task(path)
    return task is not None and not is_roo(task)


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a session or a task.

    Raises:
        OSError: it cannot be opened.
    """
    folder = Path(source.path).parent

    def tell(data: bytes) -> list[Record]:
        if Path(source.path).name != ROWS:
            return SessionReader(source, depth).tell(data)
        about = SessionInfo(source.session_id)
        return TaskReader(source, depth, about, total_input=False).tell(data, folder)

    return read_whole(source, cursor, tell)
