"""Agents of third parties: entry points of the group `switchtax.agents`, loaded fail-open.

This is imported only where a package declares the group (see `declared`).
"""

from __future__ import annotations

import os
import re
import sys
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.agents.declared import GROUP, Additions
from switchtax.agents.protocol import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.metadata import EntryPoint

    from switchtax.agents._guard import Failure, Guarded

__all__ = ["Added", "LeftOut", "load"]

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

    def told(self) -> dict[str, Any]:
        """What a process tells others of it."""
        failures = [asdict(failure) for failure in self.failures]
        return {"agent": self.agent.AGENT_ID, "build": self.build, "failures": failures}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry point that is not used; `code` says why, its sentence is in `wording.doctor`."""

    name: str
    distribution: str
    version: str
    code: str
    detail: str = ""


def load(built_in: Collection[str]) -> Additions:
    """The agents that installed distributions add.

    Args:
        built_in: ids that nobody else may take.
    """
    found = Additions()
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
