"""Which sessions are to be left alone with warnings, and until when."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from switchtax.ledger.store import Ledger
    from switchtax.service.settings import Settings

__all__ = ["SCOPES", "Snoozes"]

SCOPES = ("session", "day", "off")
_EVERYTHING = ""
_MORNING = 4
"""The hour at which a day ends for somebody who works late."""


class Snoozes:
    """Kept in the ledger, so that they survive a restart; in memory too, if it cannot be."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        """Those of before go on."""
        self._ledger, self._settings = ledger, settings
        self._until = ledger.snoozes()

    def set(self, session: str, scope: str, now: float) -> float:
        """Leave a session alone for `notifications.snooze_minutes`, or everything for a day.

        `off` ends both; a day ends tomorrow morning.

        Returns:
            When it ends, UTC epoch seconds.
        """
        key = _EVERYTHING if scope == "day" else session
        if scope == "off":
            for each in {session, _EVERYTHING}:
                self._keep(each, now)
            return now
        minutes = self._settings.config.notifications.snooze_minutes
        until = _tomorrow(now) if scope == "day" else now + 60 * minutes
        self._keep(key, until)
        return until

    def _keep(self, key: str, until: float) -> None:
        self._until[key] = until
        self._ledger.snooze(key, until)

    def covers(self, session: str, now: float) -> bool:
        """Whether this session is to be left alone."""
        return max(self._until.get(session, 0.0), self._until.get(_EVERYTHING, 0.0)) > now


def _tomorrow(now: float) -> float:
    """Four o'clock of the next morning, local time."""
    local = time.localtime(now)
    days = 0 if local.tm_hour < _MORNING else 1
    return time.mktime(
        (local.tm_year, local.tm_mon, local.tm_mday + days, _MORNING, 0, 0, 0, 0, -1)
    )
