"""Learns how long answers are waited for as sessions go on, and checks what was said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.estimates.latency_book import LatencyBook
from switchtax.ledger.wait_rows import ShownWait
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model
from switchtax.sessions.waits import WaitReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.ledger.store import Ledger
    from switchtax.records import Record, Source
    from switchtax.service.claims import Claim
    from switchtax.service.live import Live
    from switchtax.sessions.fold import Session
    from switchtax.sessions.waits import Waited

__all__ = ["Timing"]

_MOST_AT_ONCE = 256
"""Waits of one look that are learnt, the last ones: older ones would have faded anyway, and a
long log must not hold up what else the daemon does."""
_STALE_S = 240.0
"""Seconds after which a call says nothing of a wait: caches have run out meanwhile."""


class Timing:
    """Between sessions, the book of waits and the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        """What was learnt before is taken up again."""
        self.ledger = ledger
        self.book = LatencyBook.of(ledger.learnt_waits())
        self._mark = ledger.learnt_mark()
        self._readers: dict[str, WaitReader] = {}
        self._open = ledger.sessions_waiting()

    def shown(self, found: Claim) -> None:
        """Waits were shown: staying's and the switch's next call await their outcome."""
        wait, session = found.wait, found.session
        if isinstance(wait, Unknown):
            return
        head = session.id, session.agent, found.at
        stay = wait.stay_p10_s, wait.stay_p50_s, wait.stay_p90_s
        self.ledger.show_wait(ShownWait(*head, session.model, False, *stay))
        if not same_model(found.model, session.model):
            switch = wait.switch_p10_s, wait.switch_p50_s, wait.switch_p90_s
            self.ledger.show_wait(ShownWait(*head, found.model, True, *switch))
        self._open.add(session.id)

    def news(
        self, source: Source, records: Iterable[Record], lives: list[Live], *, anew: bool
    ) -> None:
        """Learn from what was read of a source, and close what was shown of its sessions."""
        self._look()
        reader = self._readers.get(source.path)
        if reader is None or anew:
            reader = self._readers[source.path] = WaitReader(source.agent)
        told = [waited for record in records if (waited := reader.add(record)) is not None]
        for waited in told[-_MOST_AT_ONCE:]:
            self.book.learn(waited)
        sessions = {live.session.id: live.session for live in lives}
        for waited in told:
            session = sessions.get(waited.session_id)
            if session is not None and session.id in self._open and not waited.again:
                self._close(session, waited)
        if self.book.changed:
            self.ledger.learn_waits(self.book.parts(changed_only=True))
            self._mark = self.ledger.learnt_mark()

    def forget(self, path: str) -> None:
        """A source is no longer followed."""
        self._readers.pop(path, None)

    def _look(self) -> None:
        """Whether somebody had it forget everything meanwhile."""
        mark = self.ledger.learnt_mark()
        if mark != self._mark and not self.ledger.trouble:
            self.book.reload(self.ledger.learnt_waits())
            self._mark = mark

    def _close(self, session: Session, waited: Waited) -> None:
        """The first call after a wait was shown is its outcome, if its first sign was recorded."""
        start_at = waited.at - waited.wait_s
        for number, shown in self.ledger.open_waits(session.id):
            later = (call for call in session.calls.values() if call.started_at > shown.at - 1)
            first = next(later, None)
            if first is None or first.started_at > start_at + 1:
                continue
            fits = (
                first.id == waited.call_id
                and same_model(waited.model, shown.model)
                and start_at - shown.at < _STALE_S
            )
            self.ledger.close_wait(
                number, call=first.id, at=waited.at, wait_s=waited.wait_s if fits else None
            )
        if not self.ledger.open_waits(session.id):
            self._open.discard(session.id)
