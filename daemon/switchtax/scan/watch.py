"""What a scan looked at, so that the next one can tell cheaply that nothing is new.

The agents' own `find` says which folders matter: an audit hook notes what it lists. A folder
whose time has not changed holds no new file; a file whose size and time have not changed
holds no new line. Settings that an agent looks into for its folders are noted, too.
"""

from __future__ import annotations

import os
import sys
import time
import zlib
from typing import TYPE_CHECKING, Any

from switchtax.agents import additions, agent_ids, agent_module
from switchtax.agents.declared import looked_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from switchtax.records import Source

__all__ = ["Finds", "Watch", "find_everything"]

Watch = tuple[str, int, int]
"""Path, size (-1: a folder, only its time counts; -2: all `.json` files of a folder together),
and time of the last change in ns (-1: nothing is there)."""

_FRESH_S = 2.0
"""A folder changed more recently may change again within one tick of its file system."""

_listed: dict[str, int] | None = None
"""Folders listed since, with their time before that; None while nobody asks."""
_settings: list[str] = []
"""Documents opened since, whether they were there or not."""
_SETTINGS = "settings.json"
_hooked = False


class _Asked(dict[str, str]):
    """An environment that notes what was looked up in it, found or not."""

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(env)
        self.asked: dict[str, str | None] = {}

    def get(self, key: str, default: Any = None) -> Any:
        self.asked[key] = super().get(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> str:
        self.asked[key] = super().get(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked[str(key)] = super().get(str(key))
        return super().__contains__(key)


class Finds:
    """The sources of a machine, and what must not change for them to stay the same."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.sources: list[Source] = []
        self.watches: list[Watch] = []
        self.asked: dict[str, str | None] = {}
        """Variables that say where agents keep sessions, with their values."""
        self.stamps: dict[str, int] = {}
        """Root to a number that changes with the databases beside its sessions."""


def find_everything(
    env: Mapping[str, str], home: Path, agents: Sequence[str] | None = None
) -> Finds:
    """Every session source of these agents (None: all) on this machine."""
    finds = Finds()
    noted = _Asked(env)
    for agent in agent_ids() if agents is None else agents:
        module = agent_module(agent)
        folders = _note()
        roots = module.roots(noted, home, sys.platform)
        finds.watches += map(_file, _settings)
        finds.watches += _steady(_noted(folders))
        for root in roots:
            folders = _note()
            if root.exists():
                finds.sources += module.find(root)
            finds.watches += _root(str(root), _noted(folders), finds)
    finds.asked = noted.asked
    for source in finds.sources:
        finds.watches += _of(source)
    finds.watches += _code()
    return finds


def _code() -> Iterator[Watch]:
    """Where agents of third parties are installed, and the code of those that are."""
    for folder in looked_at():
        yield folder, -1, _time_of(folder)
    for each in additions().agents.values():
        yield from map(_file, each.files)


def _note() -> dict[str, int]:
    """Begin to note which folders are listed."""
    global _listed, _hooked
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    _listed = {}
    _settings.clear()
    return _listed


def _noted(folders: dict[str, int]) -> dict[str, int]:
    global _listed
    _listed = None
    return folders


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _listed is None or event not in ("os.scandir", "os.listdir", "open"):
        return
    try:
        path = os.fspath(args[0])
        if event == "open":
            if path.endswith(_SETTINGS):
                _settings.append(path)
        elif path not in _listed:
            _listed[path] = os.stat(path).st_mtime_ns
    except (OSError, TypeError):
        return


def _root(root: str, listed: dict[str, int], finds: Finds) -> Iterator[Watch]:
    """The folders of a root, and the databases that lie in it beside the sessions."""
    folders = {root: _time_of(root)} | listed
    databases: list[Watch] = []
    below = [path for path in listed if path != root]
    try:
        entries = list(os.scandir(root))
    except OSError:
        entries = []
    for entry in entries:
        if entry.name.endswith((".db", ".db-wal")):
            databases.append(_file(entry.path))
        elif entry.is_dir() and (not below or _above(entry.path, below)):
            folders.setdefault(entry.path, _time_of(entry.path))
    finds.stamps[root] = zlib.crc32(repr(databases).encode()) if databases else 0
    yield from databases
    yield from _steady(folders)


def _steady(folders: Mapping[str, int]) -> Iterator[Watch]:
    """Folders by their time; one that changed just now may change again unseen."""
    steady = time.time_ns() - int(_FRESH_S * 1e9)
    for path, changed in folders.items():
        yield path, -1, changed if changed < steady else 0


def _above(folder: str, paths: list[str]) -> bool:
    return any(path.startswith(folder + os.sep) for path in paths)


def _of(source: Source) -> Iterator[Watch]:
    """The times that `find` saw: what was written since then is read next time."""
    path = source.path
    if path.endswith(".db"):
        yield _file(path)
        yield _file(path + "-wal")
    elif source.beside:
        yield _file(path)
        for other in source.beside:
            yield _file(other)
    elif os.path.isdir(path):
        yield path, -2, source.mtime_ns * 1_000_003 + source.size
    else:
        yield path, source.size, source.mtime_ns


def _file(path: str) -> Watch:
    try:
        stat = os.stat(path)
    except OSError:
        return path, 0, -1
    return path, stat.st_size, stat.st_mtime_ns


def _time_of(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return -1
