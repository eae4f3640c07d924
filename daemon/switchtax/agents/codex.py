"""Codex CLI (also the engine of its app and editor extension): where its sessions lie.

Rollouts are append-only JSON lines under `$CODEX_HOME` (default `~/.codex`), cold ones may
be compressed. Facts and sources: docs/formats/codex.md (2026-11-21).
"""

from __future__ import annotations

import importlib
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from switchtax.agents._codex_forks import file_session_id, rollouts
from switchtax.agents._codex_parser import RolloutParser
from switchtax.agents.lines import read_lines
from switchtax.records import Cursor, Depth, Reading, Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "codex"

_STORES = ("sessions", "archived_sessions")
_ZST = ".jsonl.zst"
_CLAIM_HEAD = 400


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """The live and the archived store; `CODEX_HOME` is taken with links resolved."""
    base = home / ".codex"
    if env.get("CODEX_HOME"):
        base = Path(env["CODEX_HOME"])
        base = base.resolve() if base.exists() else base
    return [base / store for store in _STORES]


def find(root: Path) -> Iterator[Source]:
    """All rollouts below a store, a Codex home, a day folder; or the file itself.

    A plain rollout hides its compressed twin, as in Codex itself.
    """
    if root.is_file():
        yield _source(str(root), "", root.stat().st_size, root.stat().st_mtime_ns)
        return
    folders = [root / store for store in _STORES if (root / store).is_dir()] or [root]
    for folder in folders:
        entries = {entry.path: entry for entry in rollouts(folder)}
        for path in sorted(entries):
            if path.endswith(_ZST) and path.removesuffix(".zst") in entries:
                continue
            try:
                stat = entries[path].stat()
            except OSError:
                continue
            yield _source(path, str(folder), stat.st_size, stat.st_mtime_ns)


def _source(path: str, root: str, size: int, mtime_ns: int) -> Source:
    return Source(
        AGENT_ID,
        path,
        session_id=file_session_id(path),
        root=root,
        size=size,
        mtime_ns=mtime_ns,
    )


def claims(path: Path, head: bytes) -> bool:
    """Whether a file opens with Codex's session record, or a folder holds rollouts."""
    if head:
        start = head[:_CLAIM_HEAD]
        if b'"session_meta"' in start:
            return b'"payload"' in start
        rollout = path.name.startswith("rollout-")
        return rollout and b'"payload"' in start
    if path.is_file():
        return path.name.startswith("rollout-") and path.name.endswith(_ZST)
    folders = [path / store for store in _STORES if (path / store).is_dir()] or [path]
    return any(True for folder in folders for _ in islice(rollouts(folder), 1))


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a rollout since the cursor.

    Raises:
        OSError: the file cannot be opened.
    """
    if source.path.endswith(".zst"):
        return _read_compressed(source, cursor, depth)
    return read_lines(source, RolloutParser(source), cursor, depth)


def _read_compressed(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read a cold rollout as a whole; it is unpacked, not appended to, when it is resumed."""
    path = Path(source.path)
    stat = path.stat()
    identity = (stat.st_dev, stat.st_ino, stat.st_mtime_ns)
    if cursor is not None and cursor.identity == identity:
        return Reading(cursor=cursor)
    restarted = cursor is not None and cursor.offset > 0
    done = Cursor(offset=stat.st_size, identity=identity)
    file = _unpacked(path)
    if file is None:
        why = "compressed; reading .zst needs Python 3.14, or unpack it beside the file"
        return Reading([Unreadable(source.session_id, source.path, 0, why)], done, restarted)
    parser = RolloutParser(source)
    with file:
        for number, line in enumerate(file, 1):
            if not line.strip() or (depth is Depth.USAGE and not parser.wants(line)):
                continue
            try:
                parser.feed(line, number, depth)
            except (ValueError, RecursionError):
                parser.out.append(
                    Unreadable(source.session_id, source.path, number, "not a readable line")
                )
    return Reading(parser.out, done, restarted)


def _unpacked(path: Path) -> IO[bytes] | None:
    """The lines of a compressed file, or None where no decoder can be imported."""
    try:
        zstd = importlib.import_module("compression.zstd")
    except ImportError:
        return None
    return cast("IO[bytes]", zstd.open(path, "rb"))
