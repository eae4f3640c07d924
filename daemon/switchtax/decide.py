"""Which of some models for the next call, or for the next turns: a router's question, pure.

For each candidate what it costs from a cold cache, from a warm one, and as its cache is now;
for all of them the same calls. What cannot be said has a reason.

>>> from switchtax.decide import decide
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from switchtax.advice.tasks import ModelClass, Task
from switchtax.catalog.cards import PriceCard
from switchtax.estimates.codex_switch import with_compaction_first
from switchtax.estimates.drift import Fit, Level, Risk, risk_of
from switchtax.estimates.drivers import NEXT_CALL, Flow, Span, row_of
from switchtax.estimates.for_session import foretell
from switchtax.estimates.interval import Interval
from switchtax.estimates.latency import Wait, wait_of
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.legs import calls_that_fit, leg
from switchtax.estimates.money import Money, money_of
from switchtax.estimates.outlook import Moment, Outlook
from switchtax.estimates.spread import evaluate, middle_of, swing
from switchtax.estimates.switch_sides import carried_context, delta_of, pace_of, side_of
from switchtax.estimates.verdict import EVEN_PERCENT, EVEN_USD_MICROS
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.catalog.book import PriceBook
    from switchtax.config.keys import RiskPoints
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.request import SideAt
    from switchtax.sessions.fold import Session

__all__ = ["FIRST_CONTEXT", "Candidate", "Decision", "Why", "decide"]

_NO_TASK = Task(None)
_PUBLISHED = LatencyBook()
_NO_END = 1 << 40
_NO_CALL = Unknown("the session has not been answered yet")
FIRST_CONTEXT = Interval(8_000, 25_000, 60_000)
"""What a new session begins with: recorded first requests, mostly (2026-01 to 2026-07)."""


class Why(StrEnum):
    """Why a candidate is recommended, or none is."""

    CHEAPEST = "cheapest"
    NOT_WORTH_IT = "not_worth_it"
    """Another is cheaper by too little to change models for."""
    TASK = "task"
    ONLY_KNOWN = "only_known"
    """No other has a known price and room for the context."""
    NOTHING_KNOWN = "nothing_known"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model over the calls that are asked about.

    `cold` and `warm` are the cost if nothing, or all, of the context is in its cache; `expected`
    is the cost as things stand. `view` says how they stand, and why.
    """

    model: str
    current: bool
    cold: Money | Unknown
    warm: Money | Unknown
    expected: Money | Unknown
    fits: bool | Unknown
    view: Outlook
    wait: Wait | Unknown
    risk: Risk | Unknown
    price: PriceCard | Unknown
    window_tokens: int | Unknown


@dataclass(frozen=True, slots=True)
class Decision:
    """All candidates in the order asked, and the one to take.

    `turns` 0 means the next call alone; `calls` is how many were counted. `extra` is what the
    recommended one costs more than the session's own model, or than the cheapest candidate
    where that is not asked about.
    """

    turns: int
    calls: int
    candidates: tuple[Candidate, ...]
    recommended: str | Unknown
    why: Why
    extra: Money | Unknown
    task: Task = _NO_TASK


def decide(
    session: Session,
    models: Sequence[str],
    at: float,
    book: PriceBook,
    *,
    turns: int = 10,
    task: Task = _NO_TASK,
    waits: LatencyBook = _PUBLISHED,
) -> Decision:
    """Weigh models for the next call or turns of a session.

    Args:
        session: the session; one without a call stands for a new one, at the usual pace.
        models: names of at least one candidate; the session's own may be among them.
        at: when, UTC epoch seconds.
        book: prices and cache rules.
        turns: how far to look; 0 means the next call alone.
        task: what is to be done, where that is known.
        waits: what was learnt of waits.

    Raises:
        ValueError: no candidate.
    """
    if not models:
        raise ValueError("no candidate")
    moment = Moment.AT_SEND if session.pieces.anything_new else Moment.AT_CHOICE
    own = foretell(session, session.model, at, moment, book).outlook
    own_side = side_of(session, own, book, at)
    views, sides = [], []
    for model in models:
        view, side = own, own_side
        if not same_model(model, session.model):
            view = foretell(session, model, at, moment, book).outlook
            side = side_of(session, view, book, at)
            if delta_of(session, model).compaction_first is True and not session.signs.compacted:
                side = with_compaction_first(side, own_side)
        views.append(view)
        sides.append(side)
    context = carried_context(session) if session.current is not None else FIRST_CONTEXT
    costs = _costs(tuple(sides), context, pace_of(session), turns)
    candidates = tuple(
        Candidate(
            model=view.model,
            current=same_model(view.model, session.model),
            cold=cost.cold,
            warm=cost.warm,
            expected=cost.expected,
            fits=cost.fits,
            view=view,
            wait=_NO_CALL if session.current is None else wait_of(session, own, view, waits),
            risk=_risk(session, view, cost, side, book.risk_levels),
            price=side.card,
            window_tokens=side.context_window_tokens,
        )
        for view, side, cost in zip(views, sides, costs.each, strict=True)
    )
    return _chosen(candidates, turns, costs.calls, task)


def _risk(
    session: Session, view: Outlook, cost: _Cost, side: Side, levels: RiskPoints | None
) -> Risk | Unknown:
    fit = Fit(cost.fits, view.sent_tokens, side.context_window_tokens)
    return risk_of(session, view.model, fit, delta_of(session, view.model).reasons, levels)


# -- what each costs ------------------------------------------------------------------


class _Cost(NamedTuple):
    cold: Money | Unknown
    warm: Money | Unknown
    expected: Money | Unknown
    fits: bool | Unknown


class _Costs(NamedTuple):
    calls: int
    each: tuple[_Cost, ...]


_Three = tuple[int | Unknown, int | Unknown, int | Unknown]


@lru_cache(1024)
def _costs(sides: tuple[Side, ...], context: Interval, pace: Pace, turns: int) -> _Costs:
    """Every candidate over the same calls, at common points of what is uncertain."""
    span = Span(turns=turns) if turns > 0 else NEXT_CALL
    row = row_of(sides, context=context, pace=pace, span=span)
    if isinstance(row, Unknown):
        return _Costs(0, (_Cost(row, row, row, row),) * len(sides))
    middle = middle_of(row.inputs)
    flow, found = row.at(middle)
    rooms = [_calls_in_window(side, flow) for side in found]
    full = [room for room in rooms if isinstance(room, int) and 0 < room < flow.calls]
    cap = min(full, default=_NO_END)

    def three(side: SideAt | Unknown, flow: Flow) -> _Three:
        if isinstance(side, Unknown):
            return side, side, side
        calls = min(flow.calls, cap)
        turns = max(1, min(flow.turns, flow.turns * calls // flow.calls))
        shorter = flow._replace(calls=calls, turns=turns)
        roomy = side._replace(side=_roomy(side.side))
        return (
            leg(roomy._replace(alive=0.0), shorter).cost,
            leg(roomy._replace(alive=float("inf")), shorter).cost,
            leg(roomy, shorter).cost,
        )

    results = evaluate(row.each(*[three] * len(sides)), row.inputs)
    each = []
    for index, (side, room) in enumerate(zip(sides, rooms, strict=True)):
        if room == 0:
            no = Unknown(f"the context does not fit the window of {side.model}")
            each.append(_Cost(no, no, no, False))
            continue
        own = [[found[1][index] for found in group] for group in results]
        each.append(
            _Cost(
                money_of(swing(own, lambda three: three[0])),
                money_of(swing(own, lambda three: three[1])),
                money_of(swing(own, lambda three: three[2])),
                room if isinstance(room, Unknown) else True,
            )
        )
    return _Costs(min(flow.calls, cap), tuple(each))


def _calls_in_window(side: SideAt | Unknown, flow: Flow) -> int | Unknown:
    """How many of the calls fit; Unknown where no window is recorded."""
    if isinstance(side, Unknown):
        return side
    window = side.side.context_window_tokens
    return window if isinstance(window, Unknown) else calls_that_fit(side, flow)


@lru_cache(256)
def _roomy(side: Side) -> Side:
    """The window has been asked about already."""
    return replace(side, window_tokens=_NO_END)


# -- which one ------------------------------------------------------------------------


def _chosen(candidates: tuple[Candidate, ...], turns: int, calls: int, task: Task) -> Decision:
    known = [each for each in candidates if isinstance(each.expected, Money)]
    known = [each for each in known if not _severe(each)] or known
    if not known:
        first = candidates[0].expected
        no = first if isinstance(first, Unknown) else Unknown("no candidate has a price")
        return Decision(turns, calls, candidates, no, Why.NOTHING_KNOWN, no, task)
    by_cost = sorted(known, key=_mid)
    cheapest = by_cost[0]
    own = next((each for each in known if each.current), None)
    chosen, why = cheapest, Why.CHEAPEST
    fitting = _for_task(by_cost, task)
    if fitting is not None:
        chosen, why = fitting, Why.TASK
    elif len(known) == 1 and len(candidates) > 1:
        why = Why.ONLY_KNOWN
    elif own is not None and own is not cheapest and _even(_mid(own) - _mid(cheapest), _mid(own)):
        chosen, why = own, Why.NOT_WORTH_IT
    return Decision(
        turns, calls, candidates, chosen.model, why, _more(chosen, own or cheapest), task
    )


def _severe(candidate: Candidate) -> bool:
    """Too risky to be recommended where there is another."""
    return isinstance(candidate.risk, Risk) and candidate.risk.level is Level.SEVERE


def _mid(candidate: Candidate) -> int:
    return candidate.expected.mid if isinstance(candidate.expected, Money) else 0


def _even(more: int, own: int) -> bool:
    return more <= EVEN_USD_MICROS or more * 100 <= own * EVEN_PERCENT


def _more(one: Candidate, other: Candidate) -> Money | Unknown:
    """The difference of the middles, as wide as the wider of both: they share their causes."""
    if not isinstance(one.expected, Money) or not isinstance(other.expected, Money):
        return Unknown("a price is missing")
    mid = one.expected.mid - other.expected.mid
    if one is other:
        return Money(0, 0, 0)
    ends = sorted((one.expected.low - other.expected.low, one.expected.high - other.expected.high))
    return Money(min(mid, ends[0]), mid, max(mid, ends[1]))


def _for_task(by_cost: list[Candidate], task: Task) -> Candidate | None:
    """The candidate of the class that a task wants, cheapest first within it."""
    wants = task.wants
    if wants is None:
        return None
    if wants is ModelClass.SMALL:
        return by_cost[0]
    if wants is ModelClass.ROOMY:
        return max(by_cost, key=lambda each: (_window(each), -_mid(each)))
    by_size = sorted(by_cost, key=_size)
    return by_size[-1] if wants is ModelClass.LARGE else by_size[(len(by_size) - 1) // 2]


def _window(candidate: Candidate) -> int:
    window = candidate.window_tokens
    return 0 if isinstance(window, Unknown) else window


def _size(candidate: Candidate) -> int:
    """The price of output stands for a model's size."""
    card = candidate.price
    rate = card.rates.output if isinstance(card, PriceCard) else 0
    return rate if isinstance(rate, int) else 0
