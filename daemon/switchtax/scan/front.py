"""The answer kept from the last scan, given again when nothing has changed since.

This is on the way of every `switchtax usage`, so it imports almost nothing: no agent, no
catalogue, no parser of arguments. It looks once at every file and folder that mattered.
"""

import os

from switchtax.scan.store import cache_folder, load, save, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from switchtax.scan.watch import Watch

__all__ = ["answer", "keep"]

_NAME = "front"


def answer(environ: "Mapping[str, str]") -> bytes | None:
    """The kept answer; None where there is none, or something may be new."""
    kept = load(_NAME, cache_folder())
    if kept is None or kept[0] != version():
        return None
    _, asked, watches, text = kept
    if any(environ.get(name) != value for name, value in asked):
        return None
    return text if _unchanged(watches) else None


def keep(asked: "Mapping[str, str | None]", watches: "Sequence[Watch]", text: bytes) -> bool:
    """Keep an answer; False where the cache folder cannot be written to."""
    return save(_NAME, (version(), list(asked.items()), list(watches), text), cache_folder())


def _unchanged(watches: "Sequence[Watch]") -> bool:
    stat = os.stat
    for path, size, changed in watches:
        if size == -2:
            if _all_in(path) != changed:
                return False
            continue
        try:
            now = stat(path)
        except OSError:
            if changed != -1:
                return False
            continue
        if now.st_mtime_ns != changed or (size != -1 and now.st_size != size):
            return False
    return True


def _all_in(folder: str) -> int:
    """Size and newest time of a folder's `.json` files, in one number."""
    size = changed = 0
    try:
        for entry in os.scandir(folder):
            if entry.name.endswith(".json"):
                stat = entry.stat()
                size += stat.st_size
                changed = max(changed, stat.st_mtime_ns)
    except OSError:
        return -1
    return changed * 1_000_003 + size
