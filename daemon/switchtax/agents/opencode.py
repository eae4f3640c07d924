"""OpenCode 1.x and 2.x: where its sessions lie.

One SQLite database in the data folder (V1 and V2 tables may stand side by side), JSON
files before 1.2, or a session exported to a file. Facts and sources:
docs/formats/opencode.md (2026-11-21).
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._opencode_db import has_tables, read_database
from switchtax.agents._opencode_files import read_export, read_folder
from switchtax.records import Cursor, Depth, Reading, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "opencode"

_MAGIC = b"SQLite format 3\x00"
_DATABASE = re.compile(r"^opencode(?:-[\w.-]+)?\.db$")
_EXPORT = re.compile(rb'^\s*\{\s*"info"\s*:\s*\{')
_EXPORT_ID = re.compile(rb'"id"\s*:\s*"([^"]{1,200})"')
_EXPORT_MARKS = (b'"projectID"', b'"directory"', b'"slug"', b'"messages"')
_HEAD = 4096


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """The data folder; where `OPENCODE_DB` names a database, that and the JSON storage.

    The folder follows XDG on every system, as OpenCode's does.
    """
    base = Path(env["XDG_DATA_HOME"]) if env.get("XDG_DATA_HOME") else home / ".local" / "share"
    data = base / "opencode"
    named = env.get("OPENCODE_DB", "")
    if not named or named == ":memory:":
        return [data]
    return [data / named, data / "storage"]


def find(root: Path) -> Iterator[Source]:
    """Databases and sessions in JSON below a data folder; or the one thing named."""
    if root.is_file():
        yield _file(root, "")
        return
    if not root.is_dir():
        return
    for path in sorted(root.iterdir()):
        if _DATABASE.match(path.name) and path.is_file():
            yield _file(path, str(root))
    for folder in _session_folders(root):
        size, mtime_ns = _measured(str(folder))
        if size:
            yield Source(
                AGENT_ID, str(folder), folder.name, str(root), size=size, mtime_ns=mtime_ns
            )


def _session_folders(root: Path) -> list[Path]:
    """The folders of messages below a data folder, its storage, or one of them itself."""
    if root.parent.name == "message" and root.name.startswith("ses_"):
        return [root]
    stored = (root / "storage" / "message", root / "message", root)
    for folder in stored:
        if folder.name == "message" and folder.parent.name == "storage" and folder.is_dir():
            return sorted(Path(entry.path) for entry in os.scandir(folder) if entry.is_dir())
    return []


def _measured(folder: str) -> tuple[int, int]:
    """Bytes and newest time of a session's message files."""
    size = mtime_ns = 0
    for entry in os.scandir(folder):
        if entry.name.endswith(".json"):
            stat = entry.stat()
            size += stat.st_size
            mtime_ns = max(mtime_ns, stat.st_mtime_ns)
    return size, mtime_ns


def _file(path: Path, root: str) -> Source:
    """A database (its log counted with it) or an exported session."""
    stat = path.stat()
    size, mtime_ns = stat.st_size, stat.st_mtime_ns
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_MAGIC):
        wal = path.with_name(path.name + "-wal")
        if wal.exists():
            size, mtime_ns = size + wal.stat().st_size, max(mtime_ns, wal.stat().st_mtime_ns)
        return Source(AGENT_ID, str(path), "", root, size=size, mtime_ns=mtime_ns)
    found = _EXPORT_ID.search(head)
    id_ = found.group(1).decode("utf-8", "replace") if found else path.stem
    return Source(AGENT_ID, str(path), id_, root, size=size, mtime_ns=mtime_ns)


def claims(path: Path, head: bytes) -> bool:
    """Whether a file is its database or an export of it, or a folder its storage."""
    if head.startswith(_MAGIC):
        return bool(_DATABASE.match(path.name)) or has_tables(path)
    if head:
        return bool(_EXPORT.match(head)) and any(mark in head for mark in _EXPORT_MARKS)
    if not path.is_dir():
        return False
    return any(_DATABASE.match(p.name) for p in path.iterdir()) or bool(_session_folders(path))


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a database, a session's folder or an export.

    Raises:
        OSError: the source cannot be opened.
    """
    path = Path(source.path)
    if path.is_dir():
        return read_folder(source, cursor, depth)
    with path.open("rb") as file:
        database = file.read(len(_MAGIC)) == _MAGIC
    return (read_database if database else read_export)(source, cursor, depth)
