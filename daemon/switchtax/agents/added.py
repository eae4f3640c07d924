"""Agents of third parties: entry points of the group `switchtax.agents`, loaded fail-open.

`importlib.metadata` takes 30 ms to import, so it is asked only where a distribution on `sys.path`
declares the group: that is looked up in under a millisecond, once a process.
"""

from __future__ import annotations

import functools
import os
import re
import sys
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.agents.protocol import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.metadata import EntryPoint

    from switchtax.agents._guard import Failure, Guarded

__all__ = ["GROUP", "Added", "Additions", "LeftOut", "added", "looked_at"]

GROUP = "switchtax.agents"
_METHODS = ("roots", "find", "claims", "read")
_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_RESERVED = frozenset({"daemon"})
"""What `switchtax setup` calls something else."""
_Origin = tuple[str, str]
"""A distribution and its version."""
_LONGEST = 200
"""Characters of an error's text."""


@dataclass(frozen=True, slots=True)
class Added:
    """An agent of a third party that is in use, and where it comes from."""

    agent: Guarded
    distribution: str
    version: str
    suffixes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Its code: what it told stands as long as they stay the same."""
    build: int = 0
    """Changes with version and code."""

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What went wrong in this process so far."""
        return tuple(self.agent.failures.values())


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry point that is not used; `code` says why, its sentence is in `wording.doctor`."""

    name: str
    distribution: str
    version: str
    code: str
    detail: str = ""


@dataclass(slots=True)
class Additions:
    """What third parties add."""

    agents: dict[str, Added] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    def told(self) -> list[dict[str, Any]]:
        """What a process tells others of the agents that it uses."""
        return [
            {"agent": agent, "build": each.build, "failures": list(map(asdict, each.failures))}
            for agent, each in self.agents.items()
        ]


@functools.cache
def added(built_in: Collection[str]) -> Additions:
    """The agents that installed distributions add, loaded once a process.

    Args:
        built_in: ids that nobody else may take (hashable).
    """
    found = Additions()
    if not _is_declared():
        return found
    for point, origin in sorted(_points(found), key=lambda one: (one[0].name, one[1])):
        code, detail = _forbidden(point.name, built_in, found)
        if not code:
            loaded = _loaded(point, origin)
            if isinstance(loaded, Added):
                found.agents[point.name] = loaded
                continue
            code, detail = loaded
        found.left_out.append(LeftOut(point.name, *origin, code, detail))
    return found


def _points(found: Additions) -> Iterator[tuple[EntryPoint, _Origin]]:
    """The entry points of the group; of a distribution installed twice those that Python uses."""
    from importlib.metadata import distributions

    seen = set()
    for each in distributions():
        try:
            origin = (str(each.metadata["Name"]), str(each.version))
            if origin[0].lower() in seen:
                continue
            seen.add(origin[0].lower())
            for point in each.entry_points.select(group=GROUP):
                yield point, origin
        except Exception as error:
            if GROUP in (each.read_text("entry_points.txt") or ""):
                where = str(getattr(each, "_path", ""))
                found.left_out.append(LeftOut("?", where, "", "unreadable", type(error).__name__))


def looked_at() -> list[str]:
    """Folders whose times change when a distribution is installed or removed."""
    return [folder for folder in sys.path if folder and os.path.isdir(folder)]  # noqa: PTH112


def _is_declared() -> bool:
    """Whether a distribution may declare the group: never no where one does."""
    for folder in sys.path:
        try:
            entries = list(os.scandir(folder or "."))
        except NotADirectoryError:
            return True  # an archive: only the library can look into it
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info")):
                try:
                    with open(f"{entry.path}/entry_points.txt", "rb") as file:  # noqa: PTH123
                        if GROUP.encode() in file.read():
                            return True
                except OSError:
                    continue
            elif entry.name.endswith(".egg"):
                return True
    return False


def _forbidden(name: str, built_in: Collection[str], found: Additions) -> tuple[str, str]:
    if name in built_in:
        return "built-in", ""
    if name in found.agents:
        return "twice", found.agents[name].distribution
    if name in _RESERVED or not _ID.fullmatch(name):
        return "name", ""
    return "", ""


def _loaded(point: EntryPoint, origin: _Origin) -> Added | tuple[str, str]:
    """The agent behind an entry point; or why it cannot be used."""
    from switchtax.agents._guard import Guarded

    try:
        agent: Any = point.load()
        version, suffixes = getattr(agent, "PROTOCOL", 1), getattr(agent, "SUFFIXES", ())
        if version != PROTOCOL:
            newer = isinstance(version, int) and version > PROTOCOL
            return "newer" if newer else "older", str(version)
        lacking = [name for name in _METHODS if not callable(getattr(agent, name, None))]
        if lacking:
            return "lacks", ", ".join(lacking)
        if getattr(agent, "AGENT_ID", None) != point.name:
            return "other-id", str(getattr(agent, "AGENT_ID", None))
        files = _files(point.module)
        build = zlib.crc32(repr([origin, *map(_state, files)]).encode())
        return Added(Guarded(agent), *origin, tuple(map(str, suffixes)), files, build)
    except (Exception, SystemExit) as error:
        return "import", f"{type(error).__name__}: {error}".splitlines()[0][:_LONGEST]


def _files(module: str) -> tuple[str, ...]:
    """The files of a module: itself, or all of its package's own folder; none in an archive."""
    file = getattr(sys.modules[module], "__file__", None)
    if not file or not os.path.exists(file):  # noqa: PTH110
        return ()
    if hasattr(sys.modules[module], "__path__"):
        return tuple(sorted(str(path) for path in Path(file).parent.glob("*.py")))
    return (file,)


def _state(path: str) -> tuple[str, int, int]:
    stat = os.stat(path)  # noqa: PTH116
    return path, stat.st_size, stat.st_mtime_ns
