"""Copilot Chat in VS Code: the log that it keeps for debugging, where that is turned on.

`<workspace storage>/<hash>/GitHub.copilot-chat/debug-logs/<session>/main.jsonl` has a line for
every request with its tokens; sub-agents and titles have files beside it. A line is written once
its request is over: no switch is announced. The chats themselves (`chatSessions`) tell neither
single requests nor what was read from the cache, and are not read.

Source: docs/formats/vscode-copilot.md; the log's writer in microsoft/vscode, read 2026-11-21.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._vscode_copilot_lines import LogParser
from switchtax.agents._vscode_folders import user_folders
from switchtax.agents.lines import read_lines
from switchtax.records import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from switchtax.records import Cursor, Depth, Reading

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "vscode-copilot"

_EXTENSION = "GitHub.copilot-chat"
_LOGS = "debug-logs"
_MAIN = "main.jsonl"


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """The logs of every workspace, in every editor and server: those that are there.

    Each workspace has a folder of its own, named by a hash: they cannot be told beforehand.
    """
    return [
        logs
        for user in user_folders(env, home, platform)
        for storage in _folders(user / "workspaceStorage")
        for logs in _folders(storage / _EXTENSION)
        if logs.name == _LOGS
    ]


def _folders(path: Path) -> list[Path]:
    """The folders in a folder; none where it is not there."""
    try:
        return [Path(e.path) for e in os.scandir(path) if e.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def find(root: Path) -> Iterator[Source]:
    """Every log under a folder of logs or a session's, or the one named."""
    if root.is_file():
        yield _source(root, "")
        return
    sessions = [root] if (root / _MAIN).is_file() else _folders(root)
    for folder in sessions:
        if not (folder / _MAIN).is_file():
            continue
        for name in sorted(os.listdir(folder)):  # noqa: PTH208 - a scan notes which are listed
            if name.endswith(".jsonl"):
                try:
                    yield _source(folder / name, str(root))
                except OSError:
                    continue  # old logs are removed at any time


def _source(path: Path, root: str) -> Source:
    """The session that a folder is named after, or a sub-agent or helper of it."""
    stat = path.stat()
    sidechain = path.name != _MAIN and (path.parent / _MAIN).is_file()
    known = path.name == _MAIN or sidechain
    session = path.parent.name if known else path.stem
    return Source(AGENT_ID, str(path), session, root, sidechain, stat.st_size, stat.st_mtime_ns)


def claims(path: Path, head: bytes) -> bool:
    """A line of a log names its span and its session; a folder holds logs."""
    if head:
        first = head.split(b"\n", 1)[0][:400]
        return b'"sid":' in first and b'"type":' in first and b'"spanId":' in first
    return (path / _MAIN).is_file() or path.name == _LOGS


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a log.

    Raises:
        OSError: it cannot be opened.
    """
    return read_lines(source, LogParser(source), cursor, depth)
