"""Keeps the ledger as sessions go on: what was shown, how it came out, what happened."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from switchtax.backtest import observed_cost
from switchtax.config import Material
from switchtax.ledger.accuracy import accuracy_document
from switchtax.ledger.store import Quota, Shown
from switchtax.records import Call, Unknown
from switchtax.service.events import EventReader
from switchtax.service.risks import RiskKeeping
from switchtax.service.timing import Timing
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.catalog.book import PriceBook
    from switchtax.ledger.store import Event, Ledger
    from switchtax.records import RateLimits, Source
    from switchtax.service.claims import Claim, Claimed
    from switchtax.service.following import News
    from switchtax.service.live import Live
    from switchtax.sessions.fold import Session

__all__ = ["Keeping", "is_material"]

_LOG = logging.getLogger(__name__)
_WINDOWS = ("five_hour", "seven_day")
_SAME_S = 30.0
_STALE_S = 240.0
"""Seconds after which a call says nothing of an estimate: caches have run out meanwhile."""


class Keeping:
    """Between sessions and the ledger."""

    def __init__(self, ledger: Ledger, book: PriceBook) -> None:
        """Sessions with an estimate that is still open are known from the ledger."""
        self.ledger, self.book = ledger, book
        self.timing = Timing(ledger)
        self._readers: dict[tuple[str, str], EventReader] = {}
        self._open = ledger.sessions_open()
        self._last: dict[tuple[str, str], Shown] = {}
        self._said = ""
        self._used: dict[str, Quota] = {}
        self.risks = RiskKeeping(ledger)

    def shown(self, found: Claim, surface: str) -> None:
        """An estimate was shown: staying's and the switch's next call await their outcome."""
        session, fresh = found.session, False
        self.risks.shown(found)
        for seen, model in ((found.stay, session.model), (found.switch, found.model)):
            entry = _entry(found, seen, model, surface)
            if entry is not None and not self._says_nothing_new(entry):
                self.ledger.show(entry)
                self._open.add(session.id)
                self._last[session.id, model] = entry
                fresh = True
        if fresh:
            self.timing.shown(found)

    def _says_nothing_new(self, entry: Shown) -> bool:
        """Whether the same was shown a moment ago: asked in a row, it is written once."""
        last = self._last.get((entry.session, entry.model))
        if last is None or entry.session not in self._open:
            return False
        return entry.at - last.at < _SAME_S and entry == replace(last, at=entry.at)

    def news(self, source: Source, news: News, lives: list[Live]) -> list[Event]:
        """Close estimates and keep events; returns the events that were not known."""
        if source.sidechain or not (news.records or news.anew):
            return []
        self.timing.news(source, news.records, lives, anew=news.anew)
        fresh: list[Event] = []
        for live in lives:
            session = live.session
            if session.id in self._open:
                self._close(session, [r for r in news.records if isinstance(r, Call)])
            key = (source.path, session.id)
            if news.anew or key not in self._readers:
                self._readers[key] = EventReader(source.agent, self.book)
            records = [r for r in news.records if r.session_id == session.id]
            self.risks.news(session, records)
            events = self._readers[key].read(records)
            fresh += [event for event in events if self.ledger.happened(event)]
        if self.ledger.trouble and self.ledger.trouble != self._said:
            _LOG.warning("the ledger cannot be kept (%s): the rest goes on", self.ledger.trouble)
        self._said = self.ledger.trouble
        return fresh

    def used(self, agent: str, limits: RateLimits) -> None:
        """Keep how much of a plan's windows is used, whenever that has changed."""
        percent, resets = dict(limits.used_percent), dict(limits.resets_at)
        ratios = [percent[name] / 100 if name in percent else None for name in _WINDOWS]
        quota = Quota(
            agent, limits.at, limits.session_id,
            ratios[0], resets.get(_WINDOWS[0]), ratios[1], resets.get(_WINDOWS[1]),
        )  # fmt: skip
        last = self._used.get(agent) or next(iter(self.ledger.quotas(agent, 1)), None)
        if last is None or (quota.at > last.at and quota.says != last.says):
            self.ledger.used(quota)
            last = quota
        self._used[agent] = last

    def forget(self, path: str) -> None:
        """A source is no longer followed."""
        self.timing.forget(path)
        for key in [key for key in self._readers if key[0] == path]:
            del self._readers[key]
            self.risks.forget(key[1])

    def _close(self, session: Session, calls: list[Call]) -> None:
        """The first main-chain call after an estimate was shown is its outcome."""
        for number, shown in self.ledger.open_of(session.id):
            later = [
                session.calls[call.id]
                for call in calls
                if call.id in session.calls and session.calls[call.id].started_at > shown.at - 1
            ]
            if not later:
                continue
            call = later[0]
            cost = observed_cost(call, self.book, session.seller_of(call.model))
            fits = same_model(call.model, shown.model) and call.started_at - shown.at < _STALE_S
            self.ledger.close_estimate(
                number,
                call=call.id,
                at=call.at,
                read_tokens=call.usage.cache_read_tokens,
                sent_tokens=call.usage.sent_tokens,
                usd_micros=cost if fits and isinstance(cost, int) else None,
            )
        if not self.ledger.open_of(session.id):
            self._open.discard(session.id)
            self._last = {key: each for key, each in self._last.items() if key[0] != session.id}

    def accuracy(self, most: int) -> dict[str, Any]:
        """The statistics of the estimates closed last, and what is wrong with the ledger."""
        document = accuracy_document(
            self.ledger.outcomes(most), self.ledger.closed_waits(most), self.timing.book.models()
        )
        return document | {"trouble": self.ledger.trouble or None}


def is_material(event: Event, usd_micros: int = Material().rebuild_usd_micros) -> bool:
    """Whether a person should be told of an event: a switch, or one of at least this amount."""
    return event.kind == "switch" or (event.usd_micros or 0) >= usd_micros


def _entry(found: Claim, seen: Claimed, model: str, surface: str) -> Shown | None:
    cost = seen.cost
    if isinstance(cost, Unknown):
        return None
    session = found.session
    return Shown(
        session=session.id,
        agent=session.agent,
        surface=surface[:20],
        at=found.at,
        model=model,
        switch=not same_model(model, session.model),
        state=seen.state,
        low=round(cost.low),
        mid=round(cost.mid),
        high=round(cost.high),
    )
