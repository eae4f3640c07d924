"""Cursor: what its hooks told our daemon, at `<our folder of state>/cursor/<conversation>.jsonl`.

Cursor itself writes tokens to no file. The recording has a line for every prompt, for the end of
every turn with the sum of its requests, and for sizes of the context; a switch stands there, as
the model of the next prompt, before the call. See `cursor_recording`.

Source: docs/formats/cursor.md, 2026-11-22.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._cursor_lines import RecordingParser
from switchtax.agents.cursor_recording import recordings
from switchtax.agents.folders import jsonl_files
from switchtax.agents.lines import read_lines
from switchtax.records import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from switchtax.records import Cursor, Depth, Reading

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "cursor"


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """The folder in which the daemon keeps its recordings: XDG_STATE_HOME moves it."""
    return [recordings(env, home)]


def find(root: Path) -> Iterator[Source]:
    """Every conversation in a folder of recordings, or the one file named."""
    if root.is_file():
        stat = root.stat()
        yield Source(AGENT_ID, str(root), root.stem, "", False, stat.st_size, stat.st_mtime_ns)
        return
    for path, size, mtime_ns in jsonl_files(str(root)):
        yield Source(AGENT_ID, path, Path(path).stem, str(root), False, size, mtime_ns)


def claims(path: Path, head: bytes) -> bool:
    """A line of a recording begins with its version, time and event; a folder holds such files."""
    if head:
        first = head.split(b"\n", 1)[0][:200]
        return first.startswith(b'{"v":1,"at":') and b',"event":"' in first
    return path.name == "cursor" and path.parent.name == "switchtax"


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a recording.

    Raises:
        OSError: it cannot be opened.
    """
    return read_lines(source, RecordingParser(source), cursor, depth)
