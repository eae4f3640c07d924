"""Folders of tasks, as Cline (to 3.x), Roo Code and their relatives lay them out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._cline_task import ROWS
from switchtax.agents._whole import measured
from switchtax.records import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["ROO_FILE", "first_task", "is_roo", "is_rows", "tasks_at"]

ROO_FILE = "history_item.json"
"""Only Roo Code keeps one in each task."""
_ROO_EXTENSION = "rooveterinaryinc."
_ROO_MARK = b"apiProtocol"


def tasks_at(root: Path, agent: str, beside: Sequence[str]) -> Iterator[Source]:
    """Every task at a path: one of them, their folder, the extension's, or a task's rows.

    Args:
        root: where to look.
        agent: whose they are.
        beside: the names of the documents that belong to a task, apart from its rows.
    """
    if root.is_file():
        if root.name == ROWS:
            yield _source(root.parent, "", agent, beside)
        return
    if (root / ROWS).is_file():
        yield _source(root, "", agent, beside)
        return
    tasks = root / "tasks" if (root / "tasks").is_dir() else root
    try:
        entries = list(os.scandir(tasks))
    except OSError:
        return
    for entry in entries:
        folder = Path(entry.path)
        if entry.is_dir(follow_symlinks=False) and (folder / ROWS).is_file():
            yield _source(folder, str(root), agent, beside)


def _source(folder: Path, root: str, agent: str, beside: Sequence[str]) -> Source:
    path, others = str(folder / ROWS), tuple(str(folder / name) for name in beside)
    size, mtime_ns = measured(path, *others)
    return Source(agent, path, folder.name, root, size=size, mtime_ns=mtime_ns, beside=others)


def is_rows(path: Path, head: bytes) -> bool:
    """Whether a file is the rows of a task."""
    return path.name == ROWS and b'"ts"' in head and b'"say"' in head


def is_roo(path: Path, head: bytes = b"") -> bool:
    """Whether a task, or a folder of tasks, is Roo Code's."""
    if any(part.lower().startswith(_ROO_EXTENSION) for part in path.parts):
        return True
    folder = path.parent if head else path
    return _ROO_MARK in head or (folder / ROO_FILE).is_file()


def first_task(path: Path) -> Path | None:
    """A task in a folder: the folder itself, or any that it holds."""
    if (path / ROWS).is_file():
        return path
    tasks = path / "tasks" if (path / "tasks").is_dir() else path
    found = next(tasks.glob(f"*/{ROWS}"), None)
    return found.parent if found is not None else None
