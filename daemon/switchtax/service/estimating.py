"""The daemon's answer to `switch/estimate`: of sessions as they are, and as they were."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from switchtax.advice import advise
from switchtax.documents import estimate_document
from switchtax.errors import NoSuchSession
from switchtax.estimates.for_session import answer, answers, sensible_targets
from switchtax.estimates.latency_book import book_of
from switchtax.estimates.quota import rates_in, with_quota
from switchtax.service.params import number_of, text_of, texts_of
from switchtax.sessions import library

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.latency_book import LatencyBook
    from switchtax.service.hub import Hub
    from switchtax.service.live import Live
    from switchtax.sessions.fold import Session

__all__ = ["MOST_TARGETS", "Estimating"]

MOST_TARGETS = 50
"""Models of one request; more are not looked at."""


class Estimating:
    """Documents of estimates."""

    def __init__(self, hub: Hub) -> None:
        """Answers from what the hub holds."""
        self.hub = hub

    async def estimate(self, params: dict[str, Any]) -> dict[str, Any]:
        """The document of `switchtax estimate --json`, without its schema.

        `ways` are worked out where `"ways": true` asks for them: they take longer than the rest.
        """
        spelled, ways = texts_of(params, "to"), params.get("ways") is True
        live = self.hub.live.find(text_of(params, "session"))
        session, book = live.session, self.hub.live.book
        at = number_of(params, "at", self.hub.live.clock())
        turns = round(number_of(params, "turns", self.hub.settings.config.horizon.turns))
        targets = self.hub.live.targets(session, spelled[:MOST_TARGETS])
        models = targets or sensible_targets(session, book)
        if at < session.last_at:
            return await self._of_then(live, models, at, turns, ways=ways)
        standing = self.hub.live.standing
        standing.asked(live, targets, ways=ways)
        rates = self.hub.live.rates.get(session.agent, ())
        document, claims = standing.document(live, models, at, turns, ways=ways, rates=rates)
        if targets and "at" not in params:
            for claim in claims:
                self.hub.keeping.shown(claim, str(params.get("surface", "wire")))
        return document

    async def _of_then(
        self, live: Live, models: list[str], at: float, turns: int, *, ways: bool
    ) -> dict[str, Any]:
        book = self.hub.live.book
        session, waits = await asyncio.to_thread(self._as_it_was, live, at)
        wanted = [*models, session.model]
        *told_all, stay = answers(session, wanted, at, book, turns=turns, waits=waits)
        rates = rates_in(session, book)
        found_all = [with_quota(found, rates) for found in told_all]
        told = None
        if ways:
            told = {one.model: advise(one, book, turns=turns, waits=waits) for one in found_all}
        return estimate_document(session, at, stay, found_all, told)

    def _as_it_was(self, live: Live, at: float) -> tuple[Session, LatencyBook]:
        """The session and its waits as its log stood at an earlier time, read again."""
        source, book = live.source, self.hub.live.book
        try:
            records = library.read_all(source)
        except OSError as error:
            raise NoSuchSession(f"{source.path}: cannot be read ({error.strerror}).") from error
        beside = library.neighbours_of(source, at)
        found = library.fold(source, records, book.rules, until=at, neighbours=beside)
        session = found.get(live.session.id)
        if session is None or session.current is None:
            raise NoSuchSession(f"{source.path}: no answered request before that time.")
        return session, book_of(source.agent, records, until=at)

    def of(self, found: Answer) -> dict[str, Any]:
        """The document of one answer, with its ways."""
        session = found.session
        live = self.hub.live
        stay = answer(session, session.model, found.at, live.book, waits=live.waits)
        ways = {found.model: advise(found, live.book, waits=live.waits)}
        return estimate_document(session, found.at, stay, [found], ways)
