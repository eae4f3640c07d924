"""From sources to sessions: copies counted once, sub-agents' files under their session.

A resume or a fork copies history into another file: the same call id in two files is one
call. It belongs to the file whose first call is earlier, else to the smaller path.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.scan.reading import sessions_of
from switchtax.scan.rollup import Rollup, added, roll_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.records import Source
    from switchtax.scan.pricing import Pricer
    from switchtax.scan.reading import Digest
    from switchtax.scan.rows import Skip

__all__ = ["SessionUsage", "merge", "skipped"]


@dataclass(frozen=True, slots=True)
class SessionUsage:
    """What one session used; `path` is its own file, database or folder."""

    agent: str
    path: str
    rollup: Rollup

    @property
    def id(self) -> str:
        """The session's id, as its log names it."""
        return self.rollup[0]


def merge(
    sources: Sequence[Source],
    digests: Sequence[Digest],
    pricer: Pricer,
    *,
    since: float = 0.0,
    until: float = float("inf"),
) -> list[SessionUsage]:
    """Sessions with calls of their own, by agent in the order given, then by first call.

    Args:
        sources: in any order.
        digests: what was read of each.
        pricer: for what must be added up anew.
        since: only calls at or after this time (epoch seconds) count,
        until: and before this one.
    """
    homes = _homes(sources)
    agents = list(dict.fromkeys(source.agent for source in sources))
    seen: dict[str, set[str]] = {agent: set() for agent in agents}
    limited = since > 0.0 or until != float("inf")
    parts: dict[tuple[str, str, str], Rollup] = {}
    order = sorted(
        range(len(sources)), key=lambda place: (digests[place].first_at, sources[place].path)
    )
    for place in order:
        source, kept = sources[place], digests[place]
        known = seen[source.agent]
        rollups = kept.rollups
        copies = frozenset() if known.isdisjoint(kept.ids) else known.intersection(kept.ids)
        if copies or limited:
            rollups = [
                roll_up(session, pricer, elsewhere=copies, since=since, until=until)
                for session in sessions_of(kept)
            ]
        known.update(kept.ids)
        for rollup in rollups:
            key = (source.agent, homes[place], rollup[0])
            parts[key] = added(parts[key], rollup) if key in parts else rollup
    found = [SessionUsage(agent, path, part) for (agent, path, _), part in parts.items() if part[1]]
    rank = {agent: number for number, agent in enumerate(agents)}
    return sorted(found, key=lambda one: (rank[one.agent], one.rollup[4], one.path, one.id))


def _homes(sources: Sequence[Source]) -> list[str]:
    """The path under which each source's usage is shown.

    A sub-agent's own file belongs to the file of its session: the one whose name its folder
    bears. Two files with one session id that lie elsewhere are two sessions.
    """
    mains: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        if not source.sidechain:
            mains.setdefault((source.agent, source.session_id), []).append(source.path)
    homes: list[str] = []
    for source in sources:
        same = mains.get((source.agent, source.session_id)) if source.sidechain else None
        homes.append(_nearest(source.path, same) if same else source.path)
    return homes


def _nearest(path: str, others: list[str]) -> str:
    """The file whose name the folder bears, else one in a folder above."""

    def rank(other: str) -> tuple[bool, bool, str]:
        named = os.path.splitext(other)[0] + os.sep
        return path.startswith(named), path.startswith(os.path.dirname(other) + os.sep), other

    return max(others, key=rank)


def skipped(sources: Sequence[Source], digests: Sequence[Digest]) -> list[tuple[str, Skip]]:
    """What could not be read, with its path."""
    found = [
        (source.path, skip)
        for source, kept in zip(sources, digests, strict=True)
        for skip in kept.skips
    ]
    return sorted(found)
