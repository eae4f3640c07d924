"""pi: sessions under `<root>/sessions/--<folder>--/<time>_<session>.jsonl`.

A session is a tree of entries (`id`, `parentId`) in one file: a branch that was left was
paid, but is not in the context. Usage is disjoint. A switch by `/model` stands there before
the next call; a resume with another model shows only in the next answer.

Source: docs/formats/pi.md; real client 0.73.1, 2026-11-21.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._pi_entries import EntryParser, session_of
from switchtax.agents.folders import jsonl_files
from switchtax.agents.lines import read_lines
from switchtax.records import Cursor, Depth, Reading, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "pi"


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """`$PI_CODING_AGENT_SESSION_DIR`, else `$PI_CODING_AGENT_DIR`, else `~/.pi/agent`."""
    for name in ("PI_CODING_AGENT_SESSION_DIR", "PI_CODING_AGENT_DIR"):
        configured = env.get(name, "").strip()
        if configured == "~" or configured.startswith(("~/", "~\\")):
            return [home / configured[2:]]
        if configured:
            return [Path(configured)]
    return [home / ".pi" / "agent"]


def find(root: Path) -> Iterator[Source]:
    """Every session under a root, a folder of sessions, or the one file named."""
    if root.is_file():
        stat = root.stat()
        yield _source(str(root), "", stat.st_size, stat.st_mtime_ns)
        return
    sessions = root / "sessions"
    top = str(sessions if sessions.is_dir() else root)
    for path, size, mtime_ns in jsonl_files(top):
        yield _source(path, str(root), size, mtime_ns)


def _source(path: str, root: str, size: int, mtime_ns: int) -> Source:
    return Source(AGENT_ID, path, session_of(path), root, False, size, mtime_ns)


def claims(path: Path, head: bytes) -> bool:
    """A root is `.pi/agent` or holds folders named `--<folder>--`; a file has pi's header."""
    if not head:
        sessions = path / "sessions" if (path / "sessions").is_dir() else path
        if path.parent.name == ".pi" and path.name == "agent":
            return True
        return any(sessions.glob("--*--"))
    lines = head.split(b"\n", 2)[:2]  # some builds write a title first
    return any(b'"type":"session"' in line and b'"cwd":' in line for line in lines)


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a session.

    Raises:
        OSError: the file cannot be opened.
    """
    return read_lines(source, EntryParser(source), cursor, depth)
