"""Replays recorded sessions: each call is predicted from what stood before it, then compared.

The same fold and the same outlook as the live product. Nothing of a call, or of anything
after it, is used for its prediction: cutting the log before the call and asking again gives
the same numbers.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.estimates.for_session import Foretold, foretell
from switchtax.estimates.outlook import Moment, Outlook, state_of
from switchtax.records import Call, Depth, Unknown, Unreadable, Usage
from switchtax.sessions import library
from switchtax.sessions.fold import Session, same_model
from switchtax.sessions.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from switchtax.catalog.book import PriceBook
    from switchtax.records import Record, Source
    from switchtax.sessions.cache_map import CacheState

__all__ = ["Prediction", "Replay", "observed_cost", "replay", "replay_all"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """One call, predicted at both moments, and what really happened.

    `kind` is stay, switch, cold (same model, expired by the clock) or after_compaction.
    `previous_tokens` is what the request before had sent; `gap_s` the time since it.
    """

    agent: str
    session: str
    path: str
    line: int
    call: str
    at: float
    from_model: str
    model: str
    kind: str
    gap_s: float
    previous_tokens: int
    choice: Foretold
    send: Foretold
    usage: Usage
    observed_state: CacheState
    observed_cost: int | Unknown
    plain_rates: tuple[int, int] | None = None
    """Micro-dollars per million tokens read and written (or plain), for the plain rule."""

    def seen(self, moment: Moment) -> Foretold:
        """The prediction made at a moment."""
        return self.choice if moment is Moment.AT_CHOICE else self.send


@dataclass(slots=True)
class Replay:
    """Predictions of many sessions, and what could not be read."""

    predictions: list[Prediction] = field(default_factory=list)
    sessions: int = 0
    calls: int = 0
    skipped: list[Unreadable] = field(default_factory=list)
    neighbours: Neighbours = field(default_factory=Neighbours)
    known: set[str] = field(default_factory=set)
    """Calls seen so far: the same call in two files (resume, fork) counts once."""


def replay_all(
    sources: list[Source], book: PriceBook, each: Callable[[list[Source], str], Iterable[Source]]
) -> Replay:
    """Replay sources; `each` goes through a list of them and may show how far it is.

    All calls are noted first, so that a session knows what its neighbours used before; of
    those only what came earlier counts.
    """
    result = Replay()
    for source in each(sources, "looking around"):
        with contextlib.suppress(OSError):
            result.neighbours.note(source.agent, library.read_all(source, Depth.USAGE))
    for source in each(sources, "replaying"):
        try:
            replay(source, library.read_all(source), book, result)
        except OSError as error:
            reason = error.strerror or "cannot be opened"
            result.skipped.append(Unreadable(source.session_id, source.path, 0, reason))
    return result


def replay(source: Source, records: Iterable[Record], book: PriceBook, into: Replay) -> None:
    """Replay one source into a running result."""
    sessions: dict[str, Session] = {}
    for record in records:
        session = sessions.get(record.session_id)
        if session is None:
            session = Session(
                source.agent,
                record.session_id,
                source.path,
                rules_for=book.rules,
                neighbours=into.neighbours,
            )
            sessions[record.session_id] = session
        if isinstance(record, Unreadable):
            into.skipped.append(record)
        if isinstance(record, Call) and record.id not in session.calls:
            beside = record.sidechain or record.purpose
            if beside or not record.is_one_request or not record.sent_recorded:
                _count(record, into)
            else:
                _main_call(session, record, book, into)
        session.add(record)
    into.sessions += sum(1 for s in sessions.values() if s.calls)


def _count(call: Call, into: Replay) -> bool:
    """Count a call once; False if it was known."""
    if call.id in into.known:
        return False
    into.known.add(call.id)
    into.calls += 1
    return True


def _main_call(session: Session, call: Call, book: PriceBook, into: Replay) -> None:
    if not _count(call, into) or session.current is None or not call.usage.sent_tokens:
        return
    into.predictions.append(predict(session, call, book))


def predict(session: Session, call: Call, book: PriceBook) -> Prediction:
    """Predict a call that is about to be added to its session."""
    at = session.start_of(call)
    choice = foretell(session, call.model, at, Moment.AT_CHOICE, book)
    send = foretell(session, call.model, at, Moment.AT_SEND, book)
    previous = session.sent_tokens
    return Prediction(
        agent=session.agent,
        session=session.id,
        path=session.path,
        line=call.line,
        call=call.id,
        at=at,
        from_model=session.model,
        model=call.model,
        kind=_kind(session, call, at),
        gap_s=at - session.last_call_at,
        previous_tokens=previous,
        choice=choice,
        send=send,
        usage=call.usage,
        observed_state=state_of(call.usage.cache_read_tokens, previous),
        observed_cost=observed_cost(call, book, session.seller_of(call.model)),
        plain_rates=_plain_rates(session, call, choice.outlook, book),
    )


def _plain_rates(
    session: Session, call: Call, view: Outlook, book: PriceBook
) -> tuple[int, int] | None:
    card = book.card(call.model, call.started_at or call.at, session.seller_of(call.model))
    if isinstance(card, Unknown):
        return None
    rates = card.rates_for(session.sent_tokens, fast=session.fast)
    write = {"1h": rates.cache_write_1h, "5m": rates.cache_write_5m}.get(view.written, rates.input)
    if isinstance(rates.cache_read, Unknown) or isinstance(write, Unknown):
        return None
    return rates.cache_read, write


def _kind(session: Session, call: Call, at: float) -> str:
    if not same_model(call.model, session.model):
        return "switch"
    if session.signs.compacted or session.signs.cleared:
        return "after_compaction"
    return "stay" if session.prefix_alive(call.model, at) else "cold"


def observed_cost(call: Call, book: PriceBook, seller: str) -> int | Unknown:
    """What the input side of a call really cost, in micro-dollars."""
    usage = call.usage
    if not call.is_one_request:
        return Unknown("only the sum of a turn's requests is known")
    sent = Usage(
        usage.uncached_tokens,
        usage.cache_read_tokens,
        usage.cache_write_5m_tokens,
        usage.cache_write_1h_tokens,
    )
    card = book.card(call.model, call.started_at or call.at, seller)
    if isinstance(card, Unknown):
        return card
    return card.cost_usd_micros(sent, fast=call.fast)
