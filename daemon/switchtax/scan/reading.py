"""One source read for usage: its rows, their roll-up, and what could not be read.

A digest is made of plain values only, so that `marshal` can carry it between processes and
into the index. Rows stay packed until somebody needs them: most are never looked at again.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, NamedTuple

from switchtax.agents import agent_module
from switchtax.records import Depth
from switchtax.scan.rollup import Rollup, roll_up
from switchtax.scan.rows import Session, Skip, gather
from switchtax.scan.store import PLAIN

if TYPE_CHECKING:
    from switchtax.records import Source
    from switchtax.scan.pricing import Pricer

__all__ = ["Digest", "digest", "reroll", "sessions_of"]


class Digest(NamedTuple):
    """All that the scan keeps of one source."""

    ids: tuple[str, ...]
    """Of its calls, in order."""
    first_at: float
    """Time of its earliest call, epoch seconds; infinity where none has a time."""
    rollups: list[Rollup]
    skips: list[Skip]
    packed: bytes
    """Its sessions with their rows (see `sessions_of`)."""


def digest(source: Source, pricer: Pricer) -> Digest:
    """Read a source; one that cannot be opened is a skip, not an error."""
    try:
        records = agent_module(source.agent).read(source, None, Depth.USAGE).records
    except OSError as error:
        why = f"cannot be opened: {error.strerror or type(error).__name__}"
        return Digest((), float("inf"), [], [(0, why, 1)], marshal.dumps([]))
    sessions, skips = gather(records)
    rows = [row for session in sessions for row in session.rows]
    rollups = [roll_up(session, pricer) for session in sessions]
    return Digest(
        tuple([row[0] for row in rows]),
        min([rollup[4] for rollup in rollups if rollup[4]], default=float("inf")),
        rollups,
        skips,
        marshal.dumps([tuple(session) for session in sessions], PLAIN),
    )


def sessions_of(kept: Digest) -> list[Session]:
    """The sessions of a digest, rows and all."""
    return [Session(*parts) for parts in marshal.loads(kept.packed)]


def reroll(kept: Digest, pricer: Pricer) -> Digest:
    """The same with other prices; what was counted stays."""
    return kept._replace(rollups=[roll_up(session, pricer) for session in sessions_of(kept)])
