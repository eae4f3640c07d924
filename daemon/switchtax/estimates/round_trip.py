"""There for some turns and back: each leg at its own context, the old prefix alive or dead."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

from switchtax.estimates.drivers import NEXT_TURN, Flow, Span, row_of
from switchtax.estimates.money import Money, difference_of, money_of
from switchtax.estimates.schedule import alone, summed, walk
from switchtax.estimates.spread import Point, count, evaluate, swing
from switchtax.estimates.switching import minus
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.request import SideAt

__all__ = ["RoundTrip", "Trip", "round_trip"]


@dataclass(frozen=True, slots=True)
class Trip:
    """How long away, and what the way back meets.

    `span` is the time on the other model (turns, or calls), then `calls_back` calls on the old one.
    `back_delta_tokens` is what the way back adds to the context, `kept_when_dead_tokens` what
    of the prefix is warm even if the old cache has died (the shared start).
    """

    span: Span = NEXT_TURN
    calls_back: int = 1
    back_delta_tokens: int = 0
    kept_when_dead_tokens: int = 0


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Staying for all the calls, against the trip with the old cache alive or dead on return."""

    calls_away: Interval
    calls_back: int
    stay: Money | Unknown
    alive: Money | Unknown
    dead: Money | Unknown
    extra_alive: Money | Unknown
    extra_dead: Money | Unknown


class _Costs(NamedTuple):
    away: int
    stay: int | Unknown
    alive: int | Unknown
    dead: int | Unknown


def round_trip(
    stay: Side, away: Side, *, context: Interval | Unknown, pace: Pace, trip: Trip
) -> RoundTrip | Unknown:
    """What going there and back costs: each leg's calls, the way back with p = the old prefix or 0.

    Args:
        stay: the current model, which is also the one returned to.
        away: the other one.
        context: carried context on leaving, source tokens.
        pace: how the session goes on.
        trip: how long, and what the way back meets.
    """
    row = row_of((stay, away), context=context, pace=pace, span=trip.span)
    if isinstance(row, Unknown):
        return row

    legs = row.each(
        lambda side, flow: _stay_and_back(side, flow, trip),
        lambda side, flow: (_there(side, flow),),
    )

    def at(point: Point) -> _Costs:
        flow, ((stays, alive, dead), (there,)) = legs(point)
        return _Costs(flow.calls, stays, _both(there, alive), _both(there, dead))

    results = evaluate(at, row.inputs)
    stays = money_of(swing(results, lambda costs: costs.stay))
    alive = money_of(swing(results, lambda costs: costs.alive))
    dead = money_of(swing(results, lambda costs: costs.dead))
    more_alive = swing(results, lambda costs: minus(costs.alive, costs.stay))
    more_dead = swing(results, lambda costs: minus(costs.dead, costs.stay))
    return RoundTrip(
        calls_away=count(results, lambda costs: costs.away),
        calls_back=trip.calls_back,
        stay=stays,
        alive=alive,
        dead=dead,
        extra_alive=difference_of(alive, stays, more_alive),
        extra_dead=difference_of(dead, stays, more_dead),
    )


def _stay_and_back(side: SideAt | Unknown, flow: Flow, trip: Trip) -> tuple[int | Unknown, ...]:
    """The model that is left: all calls on it, and the calls back, its old cache alive or dead."""
    if isinstance(side, Unknown):
        return side, side, side
    calls = flow.calls + trip.calls_back
    together = _whole(side, alone(side, flow, calls), calls)
    held = min(side.alive, side.tokens(flow.context))
    back = side._replace(alive=held, offset=side.offset + trip.back_delta_tokens)
    lost = back._replace(alive=trip.kept_when_dead_tokens)
    return together, _back(back, flow, trip), _back(lost, flow, trip)


def _back(side: SideAt, flow: Flow, trip: Trip) -> int | Unknown:
    costs = list(walk((side,), repeat(0, trip.calls_back), flow, begin=flow.calls))
    return _whole(side, costs, trip.calls_back, before=flow.calls)


def _there(side: SideAt | Unknown, flow: Flow) -> int | Unknown:
    if isinstance(side, Unknown):
        return side
    return _whole(side, alone(side, flow, flow.calls), flow.calls)


def _whole(
    side: SideAt, costs: list[int | Unknown], wanted: int, *, before: int = 0
) -> int | Unknown:
    """The sum, unless the window was full before all calls were made."""
    if len(costs) == wanted:
        return summed(costs)
    calls = before + len(costs)
    return Unknown(f"the context window of {side.side.model} is full after {calls} calls")


def _both(there: int | Unknown, back: int | Unknown) -> int | Unknown:
    if isinstance(there, Unknown):
        return there
    return back if isinstance(back, Unknown) else there + back
