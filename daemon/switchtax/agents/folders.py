"""Logs in a tree of folders; what cannot be listed or is gone is passed over."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["jsonl_files"]


def jsonl_files(folder: str, passed_over: str = "") -> Iterator[tuple[str, int, int]]:
    """Path, bytes and nanoseconds of last change of each `.jsonl`, in the file system's order.

    Args:
        folder: where to look, with all folders below it; links are not followed.
        passed_over: the name of folders that are not looked into.
    """
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = entry.name
        if name.endswith(".jsonl"):
            try:
                stat = entry.stat()
            except OSError:
                continue
            yield entry.path, stat.st_size, stat.st_mtime_ns
        elif name != passed_over and entry.is_dir(follow_symlinks=False):
            yield from jsonl_files(entry.path, passed_over)
