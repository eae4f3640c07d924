"""`accuracy --risk`: the user's own switches, replayed, and what followed each."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from switchtax.aftermath import aftermath_document, replayed
from switchtax.cli import common
from switchtax.errors import DaemonUnavailable
from switchtax.estimates.drift import Level
from switchtax.ledger.store import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.aftermath import Aftermath
    from switchtax.service.places import Places

__all__ = ["document", "shown"]

_MOST_SOURCES = 2_000
_LONGEST_S = 60.0
"""No more of the newest sessions, and no longer, than a person waits for."""


def document(paths: Sequence[str], where: Places, *, quiet: bool) -> dict[str, Any]:
    """Counts by level, of the history and of the risks that were shown.

    `complete` is false where time or number of sessions ran out first.
    """
    sources = sorted(common.find_sources(paths), key=lambda source: -source.mtime_ns)
    book = common.price_book()
    found: list[Aftermath] = []
    searched = 0
    until = time.monotonic() + _LONGEST_S
    for source in common.progress(sources[:_MOST_SOURCES], "switches", quiet=quiet):
        with contextlib.suppress(OSError):
            found += replayed(source, book)
        searched += 1
        if time.monotonic() > until:
            break
    return {
        "history": aftermath_document(found, Level),
        "shown": shown(where),
        "searched": searched,
        "complete": searched == len(sources),
    }


def shown(where: Places) -> dict[str, Any]:
    """Counts by level of the risks that were shown and followed by their switch."""
    return aftermath_document(_shown(where), Level)


def _shown(where: Places) -> list[Aftermath]:
    if not where.ledger.exists():
        return []
    ledger = Ledger(where.ledger)
    found = ledger.risk_outcomes()
    ledger.close()
    if ledger.trouble:
        raise DaemonUnavailable(f"{where.ledger}: {ledger.trouble}.")
    return found
