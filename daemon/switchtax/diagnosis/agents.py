"""Which agents are here, in which versions, and what of their logs cannot be read.

Versions are those that the logs name: no agent is started.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.agents import agent_ids, agent_module
from switchtax.diagnosis.findings import Finding, good, note, trouble
from switchtax.hooks import setup_cursor
from switchtax.records import Depth, SessionInfo, Unreadable
from switchtax.sessions.library import read_all

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from switchtax.records import Source

__all__ = ["look_at_agents"]

_TOPIC = "agents"
_MOST_LOGS = 20
_BUDGET_S = 1.0
_MOST_BYTES = 16 << 20
"""A larger log is not read for this."""
_STILL_WRITTEN = "last line is incomplete"


@dataclass(slots=True)
class _Read:
    """What the newest logs of an agent say."""

    logs: int = 0
    versions: list[str] = field(default_factory=list)
    skipped: int = 0
    first: Unreadable | None = None


def look_at_agents(
    env: Mapping[str, str],
    home: Path,
    off: Collection[str],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Finding]:
    """Each agent that is here; the others in one line."""
    missing = []
    for agent in agent_ids():
        if agent in off:
            yield note(_TOPIC, "agent-off", agent=agent)
            continue
        roots = _roots(agent, env, home)
        if not roots:
            missing.append(agent)
            continue
        yield from _one(agent, roots, clock)
    if len(missing) == len(agent_ids()):
        yield trouble(_TOPIC, "agents-none", agents=missing)
    elif missing:
        yield note(_TOPIC, "agents-missing", agents=missing)


def _roots(agent: str, env: Mapping[str, str], home: Path) -> list[Path]:
    """Where it keeps sessions; Cursor's, which we keep, come with the first prompt."""
    found = agent_module(agent).roots(env, home, sys.platform)
    if agent == setup_cursor.AGENT and setup_cursor.is_here(env, home):
        return found
    return [root for root in found if root.exists()]


def _one(agent: str, roots: list[Path], clock: Callable[[], float]) -> Iterator[Finding]:
    sources = [source for root in roots for source in agent_module(agent).find(root)]
    sources.sort(key=lambda source: -source.mtime_ns)
    told = _read(sources, clock)
    yield good(
        _TOPIC,
        "agent-found",
        agent=agent,
        versions=told.versions,
        logs=len(sources),
        folders=[str(root) for root in roots],
        newest_at=sources[0].mtime_ns / 1e9 if sources else None,
    )
    if told.first is not None:
        yield note(
            _TOPIC,
            "agent-skipped",
            agent=agent,
            skipped=told.skipped,
            logs=told.logs,
            place=f"{told.first.path}:{told.first.line}",
            reason=told.first.reason,
        )


def _read(sources: list[Source], clock: Callable[[], float]) -> _Read:
    """The newest logs, as far as time allows."""
    found, until = _Read(), clock() + _BUDGET_S
    for source in [s for s in sources if s.size <= _MOST_BYTES][:_MOST_LOGS]:
        if clock() > until:
            break
        try:
            records = read_all(source, Depth.FULL)
        except OSError as error:
            records = [Unreadable("", source.path, 0, error.strerror or "cannot be opened")]
        found.logs += 1
        for record in records:
            if isinstance(record, SessionInfo):
                if record.agent_version and record.agent_version not in found.versions[-3:]:
                    found.versions.append(record.agent_version)
            elif isinstance(record, Unreadable) and not record.reason.startswith(_STILL_WRITTEN):
                found.skipped += record.count
                found.first = found.first or record
    found.versions = list(dict.fromkeys(found.versions))[:3]
    return found
