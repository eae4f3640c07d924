"""Answers of sessions that stand still: worked out once, and again when anything bears on them.

Whether what is remembered still holds (see `situations`) is looked up at every question, so that
none is answered from a state that is over. What is learnt of waits changes with every call of any
session: waits alone are worked out anew then.

Documents are kept packed, a few kilobytes each; whole answers only of the questions asked last.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgpack

from switchtax.advice.ways import advising, chores_model
from switchtax.documents import answer_document, estimates_document, quota_json, with_wait
from switchtax.estimates.for_session import (
    answering,
    next_turn_at,
    sensible_targets,
)
from switchtax.estimates.latency import requests_of
from switchtax.estimates.quota import share_for
from switchtax.estimates.restart import wait_after
from switchtax.estimates.steps import finish
from switchtax.service.claims import Claim, claim_of
from switchtax.service.situations import Base, Here, LastTwo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from switchtax.advice.errands import Errands
    from switchtax.catalog.book import PriceBook
    from switchtax.catalog.cards import PriceCard
    from switchtax.estimates.codex_switch import Restart
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.latency import Requests, Wait
    from switchtax.estimates.latency_book import LatencyBook
    from switchtax.estimates.money import Money
    from switchtax.estimates.quota import Rate
    from switchtax.estimates.steps import Steps
    from switchtax.records import Unknown
    from switchtax.service.live import Live
    from switchtax.sessions.fold import Session

__all__ = ["Standing"]

_WHOLE = 256
"""Whole answers kept: some 50 kB each."""
_MOST_ASKED = 8
"""Models of a session that are worked out ahead because somebody asked about them."""
_Key = tuple[str, int, bool]
"""A model as it was named, the horizon in turns, and whether the ways round it are told."""


@dataclass(slots=True)
class _Kept:
    """One answer, as little of it as a document and the ledger need."""

    session: Session
    requests: Requests
    restart: Restart | None
    cost: Money | Unknown
    """The next call on the target, and its price card below: a plan's share is made of them."""
    card: PriceCard | Unknown
    claim: Claim
    packed: bytes
    errands: Errands
    """What the ways round the switch request first, for their waits."""
    revision: int
    wait: Wait | Unknown


class Standing:
    """What was worked out of each session, by model and horizon.

    Args:
        book: prices and cache rules.
        waits: gives the book of waits in force.
    """

    def __init__(self, book: PriceBook, waits: Callable[[], LatencyBook]) -> None:
        """Nothing is worked out yet."""
        self.book, self._waits = book, waits
        self._kept: dict[str, LastTwo[_Key, _Kept]] = {}
        """By session: its documents."""
        self._asked: dict[str, dict[tuple[str, bool], None]] = {}
        self._whole: OrderedDict[tuple[str, str, int], tuple[Base, int, Answer]] = OrderedDict()

    # -- asked ------------------------------------------------------------------------

    def answer(self, live: Live, model: str, at: float, turns: int) -> Answer:
        """The whole answer for one model, as `estimates.for_session.answer` gives it."""
        return finish(self.answering(live, (model,), at, turns))[0]

    def document(
        self,
        live: Live,
        models: Sequence[str],
        at: float,
        turns: int,
        *,
        ways: bool = False,
        rates: Iterable[Rate] = (),
    ) -> tuple[dict[str, Any], list[Claim]]:
        """The document of an estimate, and what it claims of each model.

        Args:
            live: the session.
            models: the targets.
            at: when, UTC epoch seconds; not before the session's last record.
            turns: horizon in turns.
            ways: whether the ways round each switch are told.
            rates: what calls of this agent take of a plan's windows.
        """
        session = live.session
        plain = (session.model,) if ways else dict.fromkeys((session.model, *models))
        finish(self.preparing(live, [*plain], at, turns))
        if ways:
            finish(self.preparing(live, models, at, turns, ways=True))
        kept = self._kept[session.id]
        stay = kept.last((session.model, turns, False))
        found = [kept.last((model, turns, ways)) for model in models]
        pieces = [self._piece(each) for each in found]
        for piece, each in zip(pieces, found, strict=True):
            piece["quota"] = quota_json(share_for(rates, each.cost, each.card))
        own = self._piece(stay)
        claims = [replace(each.claim, at=at, wait=each.wait) for each in found]
        return estimates_document(session, at, own, pieces), claims

    def asked(self, live: Live, models: Sequence[str], *, ways: bool = False) -> None:
        """Somebody asks about these models: they will be worked out ahead from now on."""
        known = self._asked.setdefault(live.session.id, {})
        known.update(dict.fromkeys((model, ways) for model in models))
        while len(known) > _MOST_ASKED:
            del known[next(iter(known))]

    # -- ahead ------------------------------------------------------------------------

    def preparing_ahead(self, live: Live, at: float, turns: int) -> Steps[list[str]]:
        """Documents of the session's own model, of sensible ones and of those asked about.

        Args:
            live: the session.
            at: now, or when the clock will have brought the next situation.
            turns: horizon in turns.
        """
        session = live.session
        asked = self._asked.get(session.id, {})
        plain = (session.model, *sensible_targets(session, self.book))
        also = [model for model, ways in asked if not ways]
        done = yield from self.preparing(live, [*dict.fromkeys((*plain, *also))], at, turns)
        with_ways = [model for model, ways in asked if ways]
        return done + (yield from self.preparing(live, with_ways, at, turns, ways=True))

    def answering(
        self, live: Live, models: Sequence[str], at: float, turns: int
    ) -> Steps[list[Answer]]:
        """Whole answers, in steps; those that still hold are not worked out again."""
        waits, session = self._waits(), live.session
        here = Here(live, models, at, self.book)
        bases = {model: here.base(model) for model in models}
        known = {model: self._whole.get((session.id, model, turns)) for model in models}
        missing = [m for m, each in known.items() if each is None or not each[0].holds(bases[m])]
        found: dict[str, Answer] = {}
        if missing:
            made = yield from answering(session, missing, at, self.book, turns=turns, waits=waits)
            found.update(zip(missing, made, strict=True))
        for model, each in known.items():
            key = session.id, model, turns
            if model in found or each is None:
                self._keep_whole(key, bases[model], waits.revision, found[model])
            elif each[1] == waits.revision:
                found[model] = replace(each[2], at=at)
                self._whole.move_to_end(key)
            else:
                found[model] = replace(each[2], at=at, wait=self._wait_of(each[2]))
                self._keep_whole(key, bases[model], waits.revision, found[model])
        return [found[model] for model in models]

    def preparing(
        self, live: Live, models: Sequence[str], at: float, turns: int, *, ways: bool = False
    ) -> Steps[list[str]]:
        """Work out documents that are missing or over; which ones, in steps."""
        session, revision = live.session, self._waits().revision
        also = self._beside(session, ways=ways)
        here = Here(live, (*models, *also), at, self.book)
        bases = {model: here.base(model, *also) for model in models}
        kept = self._kept.setdefault(session.id, LastTwo())
        stale = [m for m, base in bases.items() if kept.get((m, turns, ways), base) is None]
        answers = yield from self.answering(live, stale, at, turns)
        for model, found in zip(stale, answers, strict=True):
            yield
            told = None
            if ways:
                told = yield from advising(found, self.book, turns=turns, waits=self._waits())
                yield
            packed = msgpack.packb(answer_document(found, told), use_bin_type=True)
            yield
            made = _Kept(
                session=session,
                requests=requests_of(found.stay.outlook, found.switch.outlook),
                restart=found.restart,
                cost=found.estimate.next_call.switch,
                card=found.switch_side.card,
                claim=claim_of(found),
                packed=packed,
                errands={way.kind: way.errand for way in told or ()},
                revision=revision,
                wait=found.wait,
            )
            self._kept.setdefault(session.id, kept).keep((model, turns, ways), bases[model], made)
            yield
        return stale

    def next_turn_at(self, live: Live, at: float) -> float | None:
        """When the clock alone will change one of the documents; None if never."""
        session, kept = live.session, [*self._kept.get(live.session.id, ())]
        also = self._beside(session, ways=any(ways for _, _, ways in kept))
        models = (session.model, *(model for model, _, _ in kept), *also)
        return next_turn_at(session, dict.fromkeys(models), at)

    # -- forgetting -------------------------------------------------------------------

    def forget(self, session_id: str) -> None:
        """A session is gone, or what was known of it has been corrected."""
        self._kept.pop(session_id, None)
        self._asked.pop(session_id, None)
        for key in [key for key in self._whole if key[0] == session_id]:
            del self._whole[key]

    def clear(self) -> None:
        """Prices have changed."""
        self._kept.clear()
        self._whole.clear()

    # -- inside -----------------------------------------------------------------------

    def _beside(self, session: Session, *, ways: bool) -> tuple[str, ...]:
        """The model that the ways round a switch may ask as well."""
        found = chores_model(session, self.book) if ways else ""
        return (found,) if found else ()

    def _piece(self, kept: _Kept) -> dict[str, Any]:
        piece, wait = msgpack.unpackb(kept.packed), self._waited(kept)
        return with_wait(piece, wait, kept.errands, self._waits())

    def _waited(self, kept: _Kept) -> Wait | Unknown:
        waits = self._waits()
        if kept.revision != waits.revision:
            kept.wait = wait_after(kept.restart, kept.session, kept.requests, waits)
            kept.revision = waits.revision
        return kept.wait

    def _wait_of(self, found: Answer) -> Wait | Unknown:
        requests = requests_of(found.stay.outlook, found.switch.outlook)
        return wait_after(found.restart, found.session, requests, self._waits())

    def _keep_whole(
        self, key: tuple[str, str, int], base: Base, revision: int, found: Answer
    ) -> None:
        self._whole[key] = (base, revision, found)
        self._whole.move_to_end(key)
        while len(self._whole) > _WHOLE:
            self._whole.popitem(last=False)
