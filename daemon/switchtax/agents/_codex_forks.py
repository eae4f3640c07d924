"""Forked Codex threads: finding the parent, and telling its replayed rows from own ones.

A fork is a new file that begins with a copy of its parent, token rows included, with new
timestamps. Counted again they make 2.7 to 91 times too much (ccusage#950, #897).
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._codex_shapes import TokenCount, decode_line, decode_payload

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Vector",
    "file_session_id",
    "parent_file",
    "replayed_totals",
    "rollouts",
    "spawn_of",
    "uuid7_s",
]

Vector = tuple[int, int, int, int, int]

_NAME = re.compile(r"^rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-(.+?)\.jsonl(?:\.zst)?$")
_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$")
_HEAD_ID = re.compile(rb'"id"\s*:\s*"([^"]{1,200})"')
_HEAD = 4096
_DEPTH = 6

_indexes: dict[str, tuple[int, dict[str, str]]] = {}


def uuid7_s(text: str | None) -> float:
    """The time in a version 7 UUID as epoch seconds; 0.0 for any other id.

    >>> uuid7_s("019ed6c3-ed8a-7931-9967-3839ce81c127")
    1781719625.098
    >>> uuid7_s("t1")
    0.0
    """
    if not text or not _UUID.match(text):
        return 0.0
    return int(text[:8] + text[9:13], 16) / 1000


def rollouts(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All rollout files below a folder, in the order of the file system."""
    stack = [(str(folder), 0)]
    while stack:
        path, depth = stack.pop()
        try:
            entries = list(os.scandir(path))
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith((".jsonl", ".jsonl.zst")):
                if entry.name.startswith("rollout-"):
                    yield entry
            elif depth < _DEPTH and entry.is_dir(follow_symlinks=False):
                stack.append((entry.path, depth + 1))


def file_session_id(path: str) -> str:
    """The thread a rollout belongs to: by its name, else by its first line, else its stem."""
    name = os.path.basename(path)  # noqa: PTH119 - one of thousands of names
    match = _NAME.match(name)
    named = match.group(1) if match else name.removesuffix(".zst").removesuffix(".jsonl")
    if _UUID.match(named) or path.endswith(".zst"):
        return named
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return named
    found = _HEAD_ID.search(head) if b'"session_meta"' in head[:_HEAD] else None
    return found.group(1).decode("utf-8", "replace") if found else named


def parent_file(child: str, parent_id: str, changed_ns: int) -> str | None:
    """The rollout of a parent thread, or None where it is gone.

    The names in the store (and its archived twin) are listed once and kept until a
    child appears that is newer than the list.
    """
    for folder in _folders(child):
        built, index = _indexes.get(folder, (-1, {}))
        if built < changed_ns:
            index = {}
            newest = 0
            for entry in rollouts(Path(folder)) if _stores(child) else _beside(folder):
                index.setdefault(file_session_id(entry.path), entry.path)
                newest = max(newest, entry.stat().st_mtime_ns)
            _indexes[folder] = (max(newest, changed_ns), index)
        path = index.get(parent_id)
        if path is not None and path != child and Path(path).is_file():
            return path
    return None


def _folders(child: str) -> list[str]:
    """Where a parent may lie: the whole store of the child, archive included."""
    stores = _stores(child)
    if stores:
        home = stores[0].parent
        return [str(home / "sessions"), str(home / "archived_sessions")]
    return [str(Path(child).parent)]


def _stores(child: str) -> list[Path]:
    return [p for p in Path(child).parents if p.name in {"sessions", "archived_sessions"}]


def _beside(folder: str) -> Iterator[os.DirEntry[str]]:
    """Files a person collected outside a Codex home, whatever their names."""
    return (entry for entry in os.scandir(folder) if entry.name.endswith(".jsonl"))


def replayed_totals(path: str) -> frozenset[Vector]:
    """All cumulative counts that stand in a parent's file."""
    try:
        stat = Path(path).stat()
    except OSError:
        return frozenset()
    return _totals(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=16)
def _totals(path: str, _size: int, _mtime_ns: int) -> frozenset[Vector]:
    found: set[Vector] = set()
    if path.endswith(".zst"):
        return frozenset()
    with Path(path).open("rb") as file:
        for line in file:
            if b'"token_count"' not in line[:200]:
                continue
            try:
                info = decode_payload(TokenCount, decode_line(line).payload).info
            except ValueError:
                continue
            if info is not None and info.total_token_usage is not None:
                found.add(info.total_token_usage.vector())
    return frozenset(found)


def spawn_of(source: object) -> tuple[str, bool]:
    """The parent that spawned a sub-agent, and whether the thread is one."""
    sub = source.get("subagent") if isinstance(source, dict) else None
    spawn = sub.get("thread_spawn") if isinstance(sub, dict) else None
    parent = spawn.get("parent_thread_id") if isinstance(spawn, dict) else None
    return (parent if isinstance(parent, str) else ""), sub is not None
