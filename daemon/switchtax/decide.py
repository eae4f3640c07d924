"""Which of some models for the next call, or for the next turns: a router's question, pure.

For each candidate what it costs from a cold cache, from a warm one, and as its cache is now;
for all of them the same calls. What cannot be said has a reason.

>>> from switchtax.decide import decide
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from switchtax.advice.tasks import ModelClass, Task
from switchtax.catalog.cards import PriceCard
from switchtax.estimates.codex_switch import restart_of, with_compaction_first
from switchtax.estimates.drift import Fit, Level, Risk, risk_of
from switchtax.estimates.for_session import foretell
from switchtax.estimates.interval import Interval
from switchtax.estimates.latency import work_of
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.money import Money
from switchtax.estimates.outlook import Moment
from switchtax.estimates.restart import wait_after
from switchtax.estimates.rival import rival_of
from switchtax.estimates.steps import finish
from switchtax.estimates.switch_sides import carried_context, delta_of, pace_of, side_of
from switchtax.estimates.verdict import EVEN_PERCENT, EVEN_USD_MICROS
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.codex_switch import Restart
    from switchtax.estimates.inputs import Side
    from switchtax.estimates.latency import Requests, Wait
    from switchtax.estimates.latency_fit import Work
    from switchtax.estimates.outlook import Outlook
    from switchtax.estimates.rival import Cost, Rival
    from switchtax.estimates.steps import Steps
    from switchtax.sessions.fold import Session

    Request = tuple[str, list[tuple[float, Work]]]

__all__ = [
    "FIRST_CONTEXT",
    "Candidate",
    "Decision",
    "Own",
    "Weighed",
    "Why",
    "decide",
    "decided",
    "first_full",
    "own_of",
    "weighing",
]

_NO_TASK = Task(None)
_PUBLISHED = LatencyBook()
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
    own = own_of(session, at, book)
    each = [finish(weighing(own, model, turns)) for model in models]
    return decided(each, turns, task, waits)


# -- one by one -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Own:
    """A session at one time, and its own model's next call."""

    session: Session
    at: float
    book: PriceBook
    view: Outlook
    side: Side
    request: Request


def own_of(session: Session, at: float, book: PriceBook) -> Own:
    """What all candidates of a session have in common."""
    view = foretell(session, session.model, at, _moment(session), book).outlook
    request = view.model, work_of(view)
    return Own(session, at, book, view, side_of(session, view, book, at), request)


def _moment(session: Session) -> Moment:
    return Moment.AT_SEND if session.pieces.anything_new else Moment.AT_CHOICE


@dataclass(slots=True)
class Weighed:
    """One candidate by itself: what depends neither on the others nor on what is learnt of waits.

    It may be kept as long as nothing is added to its session and the situation is the same (see
    `estimates.for_session.situation`); of the next call it holds no single cases.
    """

    session: Session
    view: Outlook
    rival: Rival
    requests: Requests
    restart: Restart | None
    risk: Risk | Unknown
    costs: dict[int | None, Cost] = field(default_factory=dict)
    """By the number of calls after which the first window is full."""
    waited: tuple[LatencyBook, int, Wait | Unknown] | None = None
    """The wait, by what was learnt when it was worked out."""

    def cost(self, most: int | None) -> Cost:
        """What the calls cost, if a window is full after so many of them."""
        if most not in self.costs:
            self.costs[most] = finish(self.rival.costing(most))
        return self.costs[most]

    def wait(self, waits: LatencyBook) -> Wait | Unknown:
        """The wait for the next answer on this model."""
        if self.session.current is None:
            return _NO_CALL
        known = self.waited
        if known is None or known[0] is not waits or known[1] != waits.revision:
            found = wait_after(self.restart, self.session, self.requests, waits)
            self.waited = known = waits, waits.revision, found
        return known[2]


def weighing(own: Own, model: str, turns: int) -> Steps[Weighed]:
    """Work out one candidate, in steps.

    Args:
        own: the session (`own_of`).
        model: the candidate, in any spelling.
        turns: how far to look; 0 means the next call alone.
    """
    session, at, book = own.session, own.at, own.book
    view, side, request, restart = own.view, own.side, own.request, None
    if not same_model(model, session.model):
        view = foretell(session, model, at, _moment(session), book).outlook
        yield
        request = view.model, work_of(view)
        side = side_of(session, view, book, at)
        if (restart := restart_of(session, model, at)) is not None:
            side = with_compaction_first(side, own.side, restart)
    context = carried_context(session) if session.current is not None else FIRST_CONTEXT
    rival = rival_of(side, context, pace_of(session), turns)
    yield
    cost = yield from rival.costing()
    fit = Fit(cost.fits, view.sent_tokens, side.context_window_tokens)
    changes = delta_of(session, view.model).reasons
    risk = risk_of(session, view.model, fit, changes, book.risk_levels)
    light = replace(view, cases=())
    return Weighed(session, light, rival, (own.request, request), restart, risk, {None: cost})


def first_full(each: Iterable[Weighed]) -> int | None:
    """After how many calls the first of their windows is full; None where none is."""
    return min((n for one in each if (n := one.rival.full_after) is not None), default=None)


def decided(
    each: Sequence[Weighed], turns: int, task: Task = _NO_TASK, waits: LatencyBook = _PUBLISHED
) -> Decision:
    """The decision between candidates that were weighed one by one, over the same turns.

    Args:
        each: at least one, of one session.
        turns: as they were weighed.
        task: what is to be done, where that is known.
        waits: what was learnt of waits.

    Raises:
        ValueError: no candidate.
    """
    if not each:
        raise ValueError("no candidate")
    most = first_full(each)
    calls = each[0].rival.calls if most is None else most
    return _chosen(tuple(_candidate(one, most, waits) for one in each), turns, calls, task)


def _candidate(one: Weighed, most: int | None, waits: LatencyBook) -> Candidate:
    cost, view, side = one.cost(most), one.view, one.rival.side
    return Candidate(
        model=view.model,
        current=same_model(view.model, one.session.model),
        cold=cost.cold,
        warm=cost.warm,
        expected=cost.expected,
        fits=cost.fits,
        view=view,
        wait=one.wait(waits),
        risk=one.risk,
        price=side.card,
        window_tokens=side.context_window_tokens,
    )


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
