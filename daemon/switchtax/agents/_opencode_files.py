"""OpenCode's older JSON storage (before 1.2), and sessions it exported as one document.

Storage is a file per message: `storage/message/<session>/<message>.json`, its parts in
`storage/part/<message>/`, the session in `storage/session/<project>/<session>.json`.
Thousands of tiny files: they are read with as few system calls as possible.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct, field

from switchtax.agents._opencode_fold import About, Fold, Row
from switchtax.agents._opencode_shapes import message_of, session_of
from switchtax.records import Cursor, Depth, Reading, Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.agents._opencode_shapes import SessionFile

__all__ = ["read_export", "read_folder"]

_CHUNK = 1 << 16


class _Exported(Struct):
    info: Raw = Raw(b"{}")
    parts: Raw = Raw(b"[]")


class _Export(Struct):
    info: Raw = Raw(b"{}")
    messages: list[_Exported] = field(default_factory=list)


class _Head(Struct):
    """What orders the messages of a session."""

    id: str | None = None
    time: dict[str, object] | None = None


_head = msgspec.json.Decoder(_Head)
_export = msgspec.json.Decoder(_Export)


def read_folder(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read the messages of one session that are new, or were written again.

    Raises:
        OSError: the folder cannot be read.
    """
    stat = os.stat(source.path)  # noqa: PTH116
    identity = (stat.st_dev, stat.st_ino, 0)
    restarted = cursor is not None and bool(cursor.state) and cursor.identity != identity
    state = cursor.state if cursor is not None and not restarted else {}
    seen = msgspec.convert(state.get("seen", {}), dict[str, int])
    fold = Fold(source.path, depth, lambda row: _part_files(source.path, row.id))
    fold.load(state.get("sessions", {}))
    rows = [_row(source, path, data) for path, data in _new_files(source.path, seen)]
    if rows:
        rows.sort(key=lambda row: (row.created_ms, row.id))
        about = _session_file(source)
        if about is not None:
            fold.session(about)
        for row in rows:
            fold.row(row)
    kept: dict[str, object] = {"seen": dict(seen), "sessions": fold.save()}
    return Reading(fold.out, Cursor(len(seen), identity=identity, state=kept), restarted)


def _new_files(folder: str, seen: dict[str, int]) -> Iterator[tuple[str, bytes]]:
    fresh = not seen
    for entry in os.scandir(folder):
        name = entry.name
        if not name.endswith(".json"):
            continue
        if not fresh and seen.get(name) == entry.stat().st_mtime_ns:
            continue
        try:
            data, mtime_ns = _slurp(entry.path)
        except OSError:
            continue
        seen[name] = mtime_ns
        yield entry.path, data


def _slurp(path: str) -> tuple[bytes, int]:
    """A small file's bytes and its time, in four system calls."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        stat = os.fstat(handle)
        data = os.read(handle, stat.st_size + 1)
        while len(data) < stat.st_size:
            more = os.read(handle, _CHUNK)
            if not more:
                break
            data += more
    finally:
        os.close(handle)
    return data, stat.st_mtime_ns


def _row(source: Source, path: str, data: bytes) -> Row:
    id_, created = os.path.basename(path)[:-5], 0.0  # noqa: PTH119
    try:
        head = _head.decode(data)
        id_ = head.id or id_
        when = (head.time or {}).get("created")
        created = float(when) if isinstance(when, (int, float)) else 0.0
    except ValueError:
        pass  # the fold says what is wrong with it
    return Row(id_, source.session_id, data, "", created, path=path)


def _part_files(folder: str, message_id: str) -> list[bytes]:
    parts = Path(folder).parent.parent / "part" / message_id
    try:
        names = sorted(name for name in os.listdir(parts) if name.endswith(".json"))  # noqa: PTH208
    except OSError:
        return []
    return [_slurp(str(parts / name))[0] for name in names]


def _session_file(source: Source) -> About | None:
    """The session's own file: under its project, which only a look in each can tell."""
    projects = Path(source.path).parent.parent / "session"
    try:
        names = os.listdir(projects)  # noqa: PTH208
    except OSError:
        return None
    for name in names:
        try:
            data, _ = _slurp(str(projects / name / f"{source.session_id}.json"))
        except OSError:
            continue
        try:
            return _about(session_of(data), source.session_id)
        except ValueError:
            return None
    return None


def _about(session: SessionFile, id_: str) -> About:
    return About(
        id_,
        directory=session.directory or "",
        title=session.title or "",
        version=session.version or "",
        parent_id=session.parentID or "",
        created_ms=float(session.time.created or 0.0),
    )


def read_export(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read an exported session: `{info, messages: [{info, parts}]}`, as a whole.

    Raises:
        OSError: the file cannot be opened.
    """
    path = Path(source.path)
    stat = path.stat()
    identity = (stat.st_dev, stat.st_ino, stat.st_mtime_ns)
    if cursor is not None and cursor.identity == identity and cursor.offset == stat.st_size:
        return Reading(cursor=cursor)
    restarted = cursor is not None and cursor.offset > 0
    done = Cursor(offset=stat.st_size, identity=identity)
    try:
        export = _export.decode(path.read_bytes())
        session = session_of(export.info)
    except ValueError:
        why = "not an exported session"
        return Reading([Unreadable(source.session_id, source.path, 0, why)], done, restarted)
    id_ = session.id or source.session_id
    fold = Fold(source.path, depth, lambda row: export.messages[row.line - 1].parts)
    fold.session(_about(session, id_))
    used: set[str] = set()
    for number, message in enumerate(export.messages, 1):
        fold.row(_exported_row(message, id_, number, used))
    return Reading(fold.out, done, restarted)


def _exported_row(message: _Exported, session_id: str, number: int, used: set[str]) -> Row:
    """A row with an id of its own: tools that clean exports blank ids."""
    try:
        id_ = message_of(message.info).id or ""
    except ValueError:
        id_ = ""
    if not id_ or id_ in used:
        id_ = f"{session_id}:{number}"
    used.add(id_)
    return Row(id_, session_id, message.info, "", line=number)
