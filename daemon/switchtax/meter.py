"""The meter of one session: model · context · cache clock · spent · cheapest useful switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax import wording
from switchtax.catalog.names import seller_for
from switchtax.estimates.for_session import Answer, answer, sensible_targets, staying
from switchtax.records import Call, Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from switchtax.catalog.book import PriceBook
    from switchtax.sessions.fold import Session

__all__ = [
    "ACTIVE_S",
    "Spending",
    "better",
    "cheapest_useful",
    "chosen",
    "fitted",
    "line",
    "page",
    "saving",
    "spent_usd_micros",
]

ACTIVE_S = 3600.0
"""Seconds after its last record for which a session counts as active."""
_WIDTH = 80


def line(session: Session, book: PriceBook, now: float, *, turns: int = 10) -> str:
    """The meter with the session's short id before it, in at most 80 columns a line.

    Where nothing tells how large the context is, that is said in its place.
    """
    spent = spent_usd_micros(session, book)
    if session.current is None:
        return fitted(session.id, wording.unmeasured_words(session, spent))
    useful = cheapest_useful(session, book, now, turns=turns)
    words = wording.meter_words(session, staying(session, now), spent, useful)
    picked = chosen(session, book, now)
    if picked is not None:
        words[0] = wording.next_words(picked)
    return fitted(session.id, words)


def fitted(session_id: str, words: Sequence[str]) -> str:
    """The pieces of a meter behind the session's short id, on a second line where too long."""
    shown = [wording.short_id(session_id), *words]
    whole = " · ".join(shown)
    return whole if len(whole) <= _WIDTH else " · ".join(shown[:-1]) + f"\n{'':<9}{shown[-1]}"


def page(own: str, meters: Mapping[str, str]) -> str:
    r"""The file of a session: the meter of its own model, then each model's after its id and a tab.

    Right after `/model` a status line is run with the new model's name, before anything was sent
    to it: that model's meter must be in the file by then.

    >>> page("a", {"a": "a · 1", "b": "b"})
    'a · 1\na\ta · 1\nb\tb\n'
    """
    lines = [meters[own], *(f"{model}\t{line}" for model, line in meters.items())]
    return "".join(" ".join(line.splitlines()) + "\n" for line in lines)


def chosen(session: Session, book: PriceBook, at: float) -> Answer | None:
    """The switch to a model that was chosen for the next call, if it is another one."""
    if not session.signs.chosen_model:
        return None
    target = book.resolve_target(session.signs.chosen_model, session.seller_of(session.model))
    if isinstance(target, Unknown) or same_model(target.name.name, session.model):
        return None
    return answer(session, target.name.name, at, book)


def cheapest_useful(
    session: Session, book: PriceBook, now: float, *, turns: int = 10
) -> Answer | None:
    """The switch that saves most over the horizon, if any surely saves."""
    best: Answer | None = None
    for model in sensible_targets(session, book):
        best = better(best, answer(session, model, now, book, turns=turns))
    return best


def better(best: Answer | None, found: Answer) -> Answer | None:
    """The one of two switches that saves more; what does not surely save is none."""
    horizon = found.estimate.horizon
    if isinstance(horizon, Unknown) or isinstance(horizon.extra, Unknown):
        return best
    if found.estimate.verdict.word != "switch" or found.estimate.fits is not True:
        return best
    return found if best is None or saving(found) < saving(best) else best


def saving(found: Answer) -> int:
    """What a switch costs more over the horizon, micro-dollars; negative where it saves."""
    horizon = found.estimate.horizon
    if isinstance(horizon, Unknown) or isinstance(horizon.extra, Unknown):
        return 0
    return horizon.extra.mid


def spent_usd_micros(
    session: Session, book: PriceBook, beside: Iterable[Call] = ()
) -> int | Unknown:
    """What all calls of a session cost, sub-agents included; unknown if any has no price.

    `beside` are calls of sub-agents that stand in files of their own.
    """
    return Spending(book).of(session, beside)


class Spending:
    """What one session has cost so far; a call that was priced before is not priced again.

    Prices are those of a call's own time. Where the book itself changes, begin anew.
    """

    def __init__(self, book: PriceBook) -> None:
        """Nothing is priced yet."""
        self._book = book
        self._priced: dict[str, tuple[Call, int | Unknown]] = {}

    def of(self, session: Session, beside: Iterable[Call] = ()) -> int | Unknown:
        """See `spent_usd_micros`."""
        total, known = 0, self._priced
        for call in (*session.calls.values(), *session.side_calls.values(), *beside):
            found = known.get(call.id)
            if found is None or found[0] is not call:
                found = known[call.id] = (call, self._price(session, call))
            cost = found[1]
            if isinstance(cost, Unknown):
                return cost
            total += cost
        return total

    def _price(self, session: Session, call: Call) -> int | Unknown:
        seller = seller_for(call.provider or session.provider, call.model)
        card = self._book.card(call.model, call.started_at or call.at, seller)
        return card if isinstance(card, Unknown) else card.call_usd_micros(call)
