"""GitHub Copilot CLI: `<root>/session-state/<session>/events.jsonl` and `session-store.db`.

Events are appended at once; a switch stands there (`session.model_change`) before the next
call. Cached tokens are inside `inputTokens`, reasoning is inside output. Sub-agents write into
the same file: their events name an agent or the tool call that started them, and are
sidechains. Older builds record less usage: see `_copilot_usage`.

Source: docs/formats/copilot-cli.md; real client 1.0.102, 2026-11-21.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._copilot_events import EventParser
from switchtax.agents._copilot_store import STORE
from switchtax.agents.lines import read_lines
from switchtax.records import Cursor, Depth, Reading, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "copilot-cli"

_EVENTS = "events.jsonl"


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """`$COPILOT_HOME` if set, else `~/.copilot` on every system."""
    configured = env.get("COPILOT_HOME", "").strip()
    return [Path(configured) if configured else home / ".copilot"]


def find(root: Path) -> Iterator[Source]:
    """Every session's events under a root, in one session's folder, or the one file named."""
    if root.is_file():
        if root.name == STORE:
            yield from find(root.parent)
        else:
            yield _source(root, "")
        return
    if (root / _EVENTS).is_file():
        yield _source(root / _EVENTS, "")
        return
    sessions = root / "session-state"
    try:
        entries = list(os.scandir(sessions if sessions.is_dir() else root))
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                yield _source(Path(entry.path, _EVENTS), str(root))
        except OSError:
            continue  # a session's folder outlives its events


def _source(path: Path, root: str) -> Source:
    stat = path.stat()
    session_id = path.parent.name if path.name == _EVENTS else path.stem
    return Source(AGENT_ID, str(path), session_id, root, False, stat.st_size, stat.st_mtime_ns)


def claims(path: Path, head: bytes) -> bool:
    """A root has `session-state/`; a file of events begins with `session.start`."""
    if not head:
        return (path / "session-state").is_dir() or (path / _EVENTS).is_file()
    if path.name == STORE:
        return head.startswith(b"SQLite format 3\x00")
    first = head.split(b"\n", 1)[0]
    return b'"session.start"' in first and b'"copilot' in first


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a session's events, and in the database where events lack usage.

    Raises:
        OSError: the file cannot be opened.
    """
    parser = EventParser(source)
    reading = read_lines(source, parser, cursor, depth)
    parser.ledger.flush(parser.state.last_at)
    return replace(reading, cursor=replace(reading.cursor, state=parser.save()))
