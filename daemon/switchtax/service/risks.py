"""Keeps the risks that were shown, and what followed the switches they were shown for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.aftermath import Watched
from switchtax.ledger.risk_rows import RiskShown
from switchtax.records import Call, Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.ledger.store import Ledger
    from switchtax.records import Record
    from switchtax.service.claims import Claim
    from switchtax.sessions.fold import Session

__all__ = ["RiskKeeping"]


class RiskKeeping:
    """Between answers that told a risk, the records that follow, and the ledger.

    The files known at a switch stay here, in memory; the ledger gets counts. A switch whose
    turns were not seen to the end (the daemon ended) has no outcome.
    """

    def __init__(self, ledger: Ledger) -> None:
        """Sessions with a risk that is still open are known from the ledger."""
        self._ledger = ledger
        self._open = ledger.sessions_at_risk()
        self._watched: dict[str, tuple[int, float, Watched]] = {}
        self._last: dict[str, RiskShown] = {}

    def shown(self, found: Claim) -> None:
        """An answer was shown; told again unchanged it is written once."""
        session, risk = found.session, found.risk
        if isinstance(risk, Unknown) or same_model(found.model, session.model):
            return
        signals = ",".join(reason.signal for reason in risk.reasons)
        entry = RiskShown(
            session.id, session.agent, session.last_at, session.model, found.model,
            risk.level.value, risk.points, signals,
        )  # fmt: skip
        if self._last.get(session.id) != entry:
            self._ledger.show_risk(entry)
            self._last[session.id] = entry
            self._open.add(session.id)

    def news(self, session: Session, records: Sequence[Record]) -> None:
        """A session went on, and has read these records."""
        if session.id in self._watched:
            self._watch(session.id, records)
        elif session.id in self._open:
            self._begin(session, records)

    def forget(self, session_id: str) -> None:
        """A session is no longer followed: what was seen so far is its outcome."""
        watched = self._watched.pop(session_id, None)
        if watched is not None:
            number, at, seen = watched
            self._ledger.close_risk(number, at, seen.outcome)

    def _begin(self, session: Session, records: Sequence[Record]) -> None:
        """The first call after a risk was shown: on which model is it?"""
        place = next(
            (n for n, r in enumerate(records) if isinstance(r, Call) and r.id in session.calls),
            None,
        )
        if place is None:
            return
        call = records[place]
        after = records[place:]
        new = {id(record) for record in after}
        for number, shown in self._ledger.open_risks(session.id):
            if isinstance(call, Call) and same_model(call.model, shown.to_model):
                known = frozenset(
                    use.path for use in session.tool_uses if use.path and id(use) not in new
                )
                watched = Watched(shown.level, shown.from_model, known)
                self._watched[session.id] = (number, call.at, watched)
            else:
                self._ledger.close_risk(number, call.at)
        self._open.discard(session.id)
        self._last.pop(session.id, None)
        if session.id in self._watched:
            self._watch(session.id, after)

    def _watch(self, session_id: str, records: Sequence[Record]) -> None:
        number, at, watched = self._watched[session_id]
        for record in records:
            watched.add(record)
        if watched.is_over:
            del self._watched[session_id]
            self._ledger.close_risk(number, at, watched.outcome)
