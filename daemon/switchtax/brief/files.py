"""Many file names in few tokens: each folder once, its files after it."""

from __future__ import annotations

import ntpath
import posixpath
from typing import TYPE_CHECKING

from switchtax.brief.phrases import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

__all__ = ["by_folder", "folder_of", "shown_path"]


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


def folder_of(path: str) -> str:
    """The folder of a path, as shown; "" for the session's own.

    >>> folder_of("a/b.py"), folder_of("c.py")
    ('a/', '')
    """
    rules = _rules(path)
    folder = rules.split(path)[0]
    return clean(f"{folder.rstrip('/')}{'/' if rules is posixpath else chr(92)}") if folder else ""


def by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    """Names by folder ("" for the session's own), both in order of appearance.

    >>> by_folder(["a/b.py", "c.py", "a/d.py"])
    {'a/': ['b.py', 'd.py'], '': ['c.py']}
    """
    folders: dict[str, dict[str, None]] = {}
    for path in paths:
        name = clean(_rules(path).split(path)[1])
        folders.setdefault(folder_of(path), {})[name] = None
    return {folder: list(names) for folder, names in folders.items()}


def _rules(path: str) -> ModuleType:
    return ntpath if "\\" in path and "/" not in path else posixpath
