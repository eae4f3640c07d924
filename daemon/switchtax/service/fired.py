"""When each hook last arrived: noted in memory, kept in the ledger a little later.

A hook's answer is never kept waiting for a disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from switchtax.ledger.store import Ledger

__all__ = ["TEST_EVENT", "Fired"]

TEST_EVENT = "Doctor"
"""What `switchtax doctor` sends through the hook client: answered, and never noted."""
_MOST = 200
"""Agents and events known at once: names come from outside."""


class Fired:
    """The last time of each agent's hook events."""

    def __init__(self, ledger: Ledger) -> None:
        """Goes on from what the ledger holds."""
        self._ledger = ledger
        self.at = ledger.hooks_fired()
        self._fresh: set[tuple[str, str]] = set()

    def note(self, agent: str, event: str, at: float) -> None:
        """A hook arrived at this time, UTC epoch seconds."""
        key = agent[:40], event[:40]
        if key in self.at or len(self.at) < _MOST:
            self.at[key] = at
            self._fresh.add(key)

    def keep(self) -> None:
        """Write what is new to the ledger."""
        while self._fresh:
            agent, event = self._fresh.pop()
            self._ledger.hook_fired(agent, event, self.at[agent, event])
