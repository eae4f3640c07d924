"""Many file names in few tokens: each folder once, its files after it."""

from __future__ import annotations

import ntpath
import posixpath
from typing import TYPE_CHECKING

from switchtax.brief.phrases import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["by_folder", "shown_path"]


def shown_path(path: str, cwd: str) -> str:
    """A path as seen from the session's folder, where it lies below it.

    >>> shown_path("/home/me/app/src/a.py", "/home/me/app"), shown_path("b.py", "/home/me/app")
    ('src/a.py', 'b.py')
    """
    for separator in ("/", "\\"):
        root = cwd.rstrip("/\\") + separator
        if cwd and path.startswith(root):
            return path[len(root) :]
    return path.removeprefix("./")


def by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    """Names by folder ("" for the session's own), both in order of appearance.

    >>> by_folder(["a/b.py", "c.py", "a/d.py"])
    {'a/': ['b.py', 'd.py'], '': ['c.py']}
    """
    folders: dict[str, list[str]] = {}
    for path in paths:
        rules = ntpath if "\\" in path and "/" not in path else posixpath
        folder, name = rules.split(path)
        folder = f"{folder.rstrip('/')}{'/' if rules is posixpath else chr(92)}" if folder else ""
        names = folders.setdefault(clean(folder), [])
        if clean(name) not in names:
            names.append(clean(name))
    return folders
