"""What the first request costs: with the brief in a new session, and with everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from switchtax.advice.scene import start_of
from switchtax.catalog.names import display_name, normalise
from switchtax.estimates.for_session import answer
from switchtax.estimates.fresh import fresh_context
from switchtax.estimates.inputs import NOTHING
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.switch_sides import carried_context, pace_of
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model
from switchtax.wording.brief import DOES_NOT_FIT

if TYPE_CHECKING:
    from switchtax.catalog.book import PriceBook
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.inputs import Side
    from switchtax.estimates.money import Money
    from switchtax.sessions.fold import Session

__all__ = ["Price", "price_of"]


@dataclass(frozen=True, slots=True)
class Price:
    """First requests on `model`, with what they send.

    `ask` is what the session's own model would take to write the brief; `warm`: from its cache.
    """

    model: str
    brief: Money | Unknown
    brief_tokens: float
    carry: Money | Unknown
    carry_tokens: float
    ask: Money | Unknown
    staying: bool
    warm: bool


def price_of(
    session: Session,
    to_model: str,
    at: float,
    book: PriceBook,
    *,
    brief_tokens: int,
    asked_tokens: tuple[int, int],
) -> Price:
    """Price a brief beside carrying everything over, and beside having it written.

    Args:
        session: one without an answered call has no price.
        to_model: who goes on; the session's own model gives a new session on it.
        at: when, UTC epoch seconds.
        book: prices and cache rules.
        brief_tokens: of the brief.
        asked_tokens: of the request that has the warm model write it, and of what it writes.
    """
    if session.current is None:
        why = Unknown("no request of this session is recorded with its size")
        return Price(to_model, why, 0.0, why, 0.0, why, staying=False, warm=False)
    found = answer(session, to_model, at, book)
    staying = same_model(to_model, session.model)
    side = replace(found.switch_side, delta_tokens=NOTHING, compaction=None)
    start = _start(session)
    request, written = asked_tokens
    return Price(
        model=to_model,
        brief=_brief(side, session, start, brief_tokens),
        brief_tokens=0.0 if isinstance(start, Unknown) else start.mid + brief_tokens,
        carry=_carried(found, staying=staying),
        carry_tokens=found.switch.outlook.sent_tokens.mid,
        ask=_one_call(
            found.stay_side, session, carried_context(session), request, exactly(float(written))
        ),
        staying=staying,
        warm=found.stay.outlook.state == "warm",
    )


def _brief(
    side: Side, session: Session, start: Interval | Unknown, brief_tokens: int
) -> Money | Unknown:
    return start if isinstance(start, Unknown) else _one_call(side, session, start, brief_tokens)


def _carried(found: Answer, *, staying: bool) -> Money | Unknown:
    call = found.estimate.next_call
    if not staying and found.estimate.fits is False:
        return Unknown(f"{DOES_NOT_FIT} the window of {display_name(found.model)}")
    return call.stay if staying else call.switch


def _start(session: Session) -> Interval | Unknown:
    """What every session begins with: the shared start, else all that the first request sent.

    Unknown where that was mostly another session's history.
    """
    seen = start_of(session)
    if isinstance(seen, Unknown):
        return seen
    first = next(iter(session.calls.values()))
    known = session.caches.shared_start(normalise(session.model).name).tokens
    sent = first.request_tokens
    return exactly(float(min(known, sent) if known else sent))


def _one_call(
    side: Side, session: Session, context: Interval, new: int, output: Interval | None = None
) -> Money | Unknown:
    pace = replace(pace_of(session), calls_per_turn=exactly(1.0))
    if output is not None:
        pace = replace(pace, output_per_call=output)
    found = fresh_context(side, start=context, brief=exactly(float(new)), pace=pace)
    return found if isinstance(found, Unknown) else found.cost
