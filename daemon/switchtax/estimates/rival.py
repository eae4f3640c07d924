"""One of several models over the same calls: what it costs cold, warm, and as its cache is now.

A router compares models that all answer the same calls. What one of them costs depends on the
others in one respect only: the first window that is full ends the calls for all. So each is
worked out by itself, for the number of calls that are left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from switchtax.estimates.drivers import NEXT_CALL, Flow, Row, Span, row_of
from switchtax.estimates.legs import calls_that_fit, leg
from switchtax.estimates.money import Money, money_of
from switchtax.estimates.spread import evaluating, middle_of, swing
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.request import SideAt
    from switchtax.estimates.steps import Steps

__all__ = ["Cost", "Rival", "rival_of"]

_NO_END = 1 << 40
_Three = tuple[int | Unknown, int | Unknown, int | Unknown]


class Cost(NamedTuple):
    """If nothing, or all, of the context is in its cache; and as things stand."""

    cold: Money | Unknown
    warm: Money | Unknown
    expected: Money | Unknown
    fits: bool | Unknown


@dataclass(frozen=True, slots=True)
class Rival:
    """One model in one session over so many calls.

    `calls` is how many there are to be; `room` how many of them its window holds, 0 where not
    even the next one fits.
    """

    side: Side
    row: Row | Unknown
    calls: int
    room: int | Unknown

    @property
    def full_after(self) -> int | None:
        """Calls after which its window is full, where that ends them for all."""
        return self.room if isinstance(self.room, int) and 0 < self.room < self.calls else None

    def costing(self, most: int | None = None) -> Steps[Cost]:
        """What the calls cost, in steps.

        Args:
            most: after so many of them some rival's window is full; None where none is.
        """
        if isinstance(self.row, Unknown):
            return Cost(self.row, self.row, self.row, self.row)
        if self.room == 0:
            no = Unknown(f"the context does not fit the window of {self.side.model}")
            return Cost(no, no, no, False)
        three = _over(_NO_END if most is None else most)
        results = yield from evaluating(self.row.each(three), self.row.inputs)
        each = [[found[1][0] for found in group] for group in results]
        return Cost(
            money_of(swing(each, lambda three: three[0])),
            money_of(swing(each, lambda three: three[1])),
            money_of(swing(each, lambda three: three[2])),
            self.room if isinstance(self.room, Unknown) else True,
        )


def rival_of(side: Side, context: Interval | Unknown, pace: Pace, turns: int) -> Rival:
    """One model over the next turns of a session.

    Args:
        side: the model.
        context: carried context, source tokens.
        pace: how the session goes on.
        turns: how far to look; 0 means the next call alone.
    """
    span = Span(turns=turns) if turns > 0 else NEXT_CALL
    row = row_of((side,), context=context, pace=pace, span=span)
    if isinstance(row, Unknown):
        return Rival(side, row, 0, row)
    flow, (found,) = row.at(middle_of(row.inputs))
    return Rival(side, row, flow.calls, _room(found, flow))


def _room(side: SideAt | Unknown, flow: Flow) -> int | Unknown:
    """How many of the calls fit; Unknown where no window is recorded."""
    if isinstance(side, Unknown):
        return side
    window = side.side.context_window_tokens
    return window if isinstance(window, Unknown) else calls_that_fit(side, flow)


def _over(most: int) -> Callable[[SideAt | Unknown, Flow], _Three]:
    """The three sums of at most so many calls, at one point."""

    def three(side: SideAt | Unknown, flow: Flow) -> _Three:
        if isinstance(side, Unknown):
            return side, side, side
        calls = min(flow.calls, most)
        turns = max(1, min(flow.turns, flow.turns * calls // flow.calls))
        shorter = flow._replace(calls=calls, turns=turns)
        roomy = side._replace(side=_roomy(side.side))
        return (
            leg(roomy._replace(alive=0.0), shorter).cost,
            leg(roomy._replace(alive=float("inf")), shorter).cost,
            leg(roomy, shorter).cost,
        )

    return three


@lru_cache(256)
def _roomy(side: Side) -> Side:
    """The window has been asked about already."""
    return replace(side, window_tokens=_NO_END)
