"""The whole answer for one session and one target: outlooks, estimate, round trip, billing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.catalog.names import maker_of, normalise
from switchtax.catalog.sellers import FAMILIES
from switchtax.estimates.codex_switch import restart_of, with_compaction_first
from switchtax.estimates.drift import Fit, Risk, risk_of
from switchtax.estimates.estimate import Estimate, estimating
from switchtax.estimates.input_cost import input_cost
from switchtax.estimates.latency import Wait, requests_of
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.outlook import (
    Moment,
    Outlook,
    bearing,
    outlook,
    turns_at,
)
from switchtax.estimates.restart import after_summary, wait_after
from switchtax.estimates.round_trip import RoundTrip, Trip, round_trip
from switchtax.estimates.steps import Steps, finish
from switchtax.estimates.switch_sides import (
    carried_context,
    crossing,
    delta_of,
    is_fast,
    pace_of,
    side_of,
)
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.codex_switch import Restart
    from switchtax.estimates.context_delta import ContextDelta
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.quota import Share
    from switchtax.sessions.fold import Session

__all__ = [
    "Answer",
    "Foretold",
    "answer",
    "answering",
    "answers",
    "foretell",
    "next_turn_at",
    "sensible_targets",
    "situation",
    "staying",
]

_MOST_TARGETS = 5
_ONE_MAKER = frozenset({"claude-code", "codex", "gemini-cli"})
"""Agents whose models are their maker's."""
_NOT_FOR_ALL = frozenset({"mythos"})
"""Families that few accounts may use: shown only where named."""
_NO_QUOTA = Unknown("no percentages of a plan were observed")
_PUBLISHED = LatencyBook()
"""Knows no call; it is never taught."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """The next call at one moment, and its input side in micro-dollars."""

    outlook: Outlook
    cost: Interval | Unknown


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that can be said of switching one session to one model at one time.

    `stay` and `switch` are the next call at the moment the log stands at: at send where new
    content follows the last answer, else at choice; `choice` and `send` hold the target's
    (for the session's own model: staying's) next call at both moments, the latter Unknown
    where nothing new is written yet.
    """

    session: Session
    model: str
    at: float
    stay: Foretold
    switch: Foretold
    choice: Foretold
    send: Foretold
    stay_side: Side
    switch_side: Side
    pace: Pace
    delta: ContextDelta
    estimate: Estimate
    round_trip: RoundTrip | Unknown
    wait: Wait | Unknown
    risk: Risk | Unknown
    quota: tuple[Share, ...] | Unknown = _NO_QUOTA
    restart: Restart | None = None
    """What a summary that comes first leaves to the target."""


def foretell(session: Session, model: str, at: float, moment: Moment, book: PriceBook) -> Foretold:
    """The next call of a session on a model, with its price."""
    ratio, delta = crossing(session, model, moment)
    view = outlook(session, model, at, moment, ratio=ratio, delta_tokens=delta)
    if (restart := restart_of(session, model, at)) is not None:
        view = after_summary(view, session, restart)
    card = book.card(model, at, session.seller_of(model))
    return Foretold(view, input_cost(view, card, fast=is_fast(session, model, card)))


def staying(session: Session, at: float) -> Outlook:
    """The next call on the session's own model, at the moment its log stands at."""
    return outlook(session, session.model, at, _moment_of(session))


def _moment_of(session: Session) -> Moment:
    return Moment.AT_SEND if session.pieces.anything_new else Moment.AT_CHOICE


def answer(
    session: Session,
    model: str,
    at: float,
    book: PriceBook,
    *,
    turns: int = 10,
    waits: LatencyBook = _PUBLISHED,
) -> Answer:
    """Work out one switch.

    Args:
        session: a session with at least one call.
        model: the target; the session's own model gives staying on both sides.
        at: when, UTC epoch seconds.
        book: prices and cache rules.
        turns: horizon in turns.
        waits: what was learnt of waits; without it what is published counts.
    """
    return answers(session, (model,), at, book, turns=turns, waits=waits)[0]


def answers(
    session: Session,
    models: Iterable[str],
    at: float,
    book: PriceBook,
    *,
    turns: int = 10,
    waits: LatencyBook = _PUBLISHED,
) -> list[Answer]:
    """Work out switches to several models; what they have in common is worked out once.

    Args:
        session: a session with at least one call.
        models: the targets.
        at: when, UTC epoch seconds.
        book: prices and cache rules.
        turns: horizon in turns.
        waits: what was learnt of waits; without it what is published counts.
    """
    return finish(answering(session, models, at, book, turns=turns, waits=waits))


def answering(
    session: Session,
    models: Iterable[str],
    at: float,
    book: PriceBook,
    *,
    turns: int = 10,
    waits: LatencyBook = _PUBLISHED,
) -> Steps[list[Answer]]:
    """The same as `answers` in steps of about a millisecond.

    If something is added to the session meanwhile, the rest is of no use.
    """
    asked = _Asked(session, at, book, turns, waits)
    found: list[Answer] = []
    for model in models:
        one = yield from _answer(asked, model)
        found.append(one)
    return found


def situation(
    session: Session, models: Iterable[str], at: float, book: PriceBook
) -> tuple[Hashable, ...]:
    """What of a session's answers the clock, other sessions and price tables may change.

    As long as nothing is added to the session, two answers for the same models are equal if this
    is, but for their time and for what is learnt of waits.

    Args:
        session: a session with at least one call.
        models: whose next call, or price, the answers hold.
        at: when, UTC epoch seconds.
        book: prices.

    Returns:
        One part for each different model, the session's own first.
    """
    return tuple(
        (
            bearing(session, model, at),
            book.card(model, at, session.seller_of(model)),
        )
        for model in dict.fromkeys((session.model, *models))
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What several answers have in common."""

    session: Session
    at: float
    book: PriceBook
    turns: int
    waits: LatencyBook
    known: dict[tuple[str, Moment], Foretold] = field(default_factory=dict)

    def foretell(self, model: str, moment: Moment) -> Foretold:
        if (model, moment) not in self.known:
            found = foretell(self.session, model, self.at, moment, self.book)
            self.known[model, moment] = found
        return self.known[model, moment]


def next_turn_at(session: Session, models: Iterable[str], at: float) -> float | None:
    """When the clock alone will next change a situation, as far as is known; None if never.

    A guide for whoever works answers out ahead: another session, or a new price, may be sooner.
    """
    moments = (when for model in dict.fromkeys(models) for when in turns_at(session, model))
    return min((when for when in moments if when >= at), default=None)


def _answer(asked: _Asked, model: str) -> Steps[Answer]:
    session, at, book, turns = asked.session, asked.at, asked.book, asked.turns
    early, late = Moment.AT_CHOICE, Moment.AT_SEND
    now = _moment_of(session)
    named = session.model if same_model(model, session.model) else model
    stay = asked.foretell(session.model, now)
    yield
    switch = asked.foretell(named, now)
    yield
    choice = asked.foretell(named, early)
    yield
    send = asked.foretell(named, late)
    yield
    stay_side = side_of(session, stay.outlook, book, at)
    switch_side = side_of(session, switch.outlook, book, at)
    yield
    delta = delta_of(session, model)
    if (restart := restart_of(session, named, at)) is not None:
        switch_side = with_compaction_first(switch_side, stay_side, restart)
    context, pace = carried_context(session), pace_of(session)
    trip = Trip(kept_when_dead_tokens=_kept_when_dead(session))
    yield
    estimate = yield from estimating(stay_side, switch_side, context, pace, turns)
    yield
    there_and_back = round_trip(stay_side, switch_side, context=context, pace=pace, trip=trip)
    yield
    requests = requests_of(stay.outlook, switch.outlook)
    wait = wait_after(restart, session, requests, asked.waits)
    yield
    fit = Fit(estimate.fits, switch.outlook.sent_tokens, switch_side.context_window_tokens)
    risk = risk_of(session, model, fit, delta.reasons, book.risk_levels)
    yield
    return Answer(
        session=session,
        model=model,
        at=at,
        stay=stay,
        switch=switch,
        choice=choice,
        send=send,
        stay_side=stay_side,
        switch_side=switch_side,
        pace=pace,
        delta=delta,
        estimate=estimate,
        round_trip=there_and_back,
        wait=wait,
        risk=risk,
        restart=restart,
    )


def _kept_when_dead(session: Session) -> int:
    """Tokens of the shared start that are likely still warm when the session's cache is not."""
    shared = session.caches.shared_start(normalise(session.model).name)
    return shared.tokens if shared.survival >= 0.5 else 0


def sensible_targets(session: Session, book: PriceBook) -> list[str]:
    """Models worth a row when none was named: those used here, and the maker's newest ones."""
    own = normalise(session.model, session.seller_of(session.model))
    targets: list[str] = []
    for model in dict.fromkeys(call.model for call in session.calls.values()):
        _offer(targets, normalise(model).name, own.name)
    members = set(book.models(own.seller))
    if session.agent in _ONE_MAKER:
        members = {name for name in members if maker_of(name) == maker_of(own.name)}
    for family in FAMILIES:
        if FAMILIES[family] and family not in _NOT_FOR_ALL:
            found = book.resolve_target(family, own.seller)
            if not isinstance(found, Unknown) and found.name.name in members:
                _offer(targets, found.name.name, own.name)
    return targets[:_MOST_TARGETS]


def _offer(targets: list[str], name: str, own: str) -> None:
    if name and name != own and name not in targets:
        targets.append(name)
