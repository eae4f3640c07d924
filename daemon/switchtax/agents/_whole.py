"""Sessions kept in documents that are written anew at each change: what is new in them.

Every reading makes all records again, in one fixed order, and compares them with what was told
before: what follows that is new, and a call that has grown is told again under its id. Where
anything else has changed (a message was edited, a checkpoint restored) the session is told from
the start.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.records import Call, Cursor, Reading, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.records import Record, Source

__all__ = ["measured", "read_whole", "slurp"]

_BROKEN = "not a document of this agent, or still being written: read again when it changes"


def read_whole(
    source: Source,
    cursor: Cursor | None,
    tell: Callable[[bytes], list[Record]],
    kept: dict[str, object] | None = None,
) -> Reading:
    """What a source's documents say that was not told yet.

    Args:
        source: its file, and those beside it.
        cursor: where the last reading stopped.
        tell: makes all records of the main document's bytes; a ValueError of it means that
            the document is broken.
        kept: what else the cursor is to keep, in plain values; `tell` may change it.

    Raises:
        OSError: the file cannot be opened.
    """
    identity = _identity(source)
    if cursor is not None and cursor.identity == identity:
        return Reading(cursor=cursor)
    told = cursor.state.get("told") if cursor is not None else None
    before: list[list[int]] = told if isinstance(told, list) else []
    try:
        records = tell(Path(source.path).read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        now = Cursor(1, identity=identity, state={"told": before, "kept": kept or {}})
        return Reading([Unreadable(source.session_id, source.path, 1, _BROKEN)], now, False)
    marks = [_mark(record) for record in records]
    now = Cursor(1, identity=identity, state={"told": marks, "kept": kept or {}})
    if [key for key, _ in before] != [key for key, _ in marks[: len(before)]]:
        return Reading(records, now, restarted=True)
    grown = [record for record, old, new in zip(records, before, marks, strict=False) if old != new]
    return Reading(grown + records[len(before) :], now, restarted=False)


def _identity(source: Source) -> tuple[int, int, int]:
    """What changes when any of the files is written."""
    stat = Path(source.path).stat()
    stamps = [(stat.st_ino, stat.st_size, stat.st_mtime_ns)]
    for other in source.beside:
        try:
            found = Path(other).stat()
        except OSError:
            stamps.append((0, 0, 0))
        else:
            stamps.append((found.st_ino, found.st_size, found.st_mtime_ns))
    return stat.st_dev, stat.st_ino, zlib.crc32(repr(stamps).encode())


def _mark(record: Record) -> list[int]:
    """Which record it is, and what it says: a call is known by its id, all else by itself."""
    said = zlib.crc32(repr(record).encode())
    return [zlib.crc32(record.id.encode()) if isinstance(record, Call) else said, said]


def slurp(path: str) -> bytes:
    """A file's bytes; none where it is not there or cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


def measured(*paths: str) -> tuple[int, int]:
    """Bytes of some files together, and the newest time of change in ns; missing ones are none."""
    size = mtime_ns = 0
    for path in paths:
        try:
            stat = Path(path).stat()
        except OSError:
            continue
        size, mtime_ns = size + stat.st_size, max(mtime_ns, stat.st_mtime_ns)
    return size, mtime_ns
