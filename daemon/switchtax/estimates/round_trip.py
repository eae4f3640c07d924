"""There for some turns and back: each leg at its own context, the old prefix alive or dead."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from switchtax.estimates.drivers import NEXT_TURN, Flow, Span, row_of
from switchtax.estimates.money import Money, difference_of, money_of
from switchtax.estimates.schedule import summed_calls
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

    def at(point: Point) -> _Costs:
        flow, (one, other) = row.at(point)
        return _costs(one, other, flow, trip)

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


def _costs(stay: SideAt | Unknown, away: SideAt | Unknown, flow: Flow, trip: Trip) -> _Costs:
    calls = flow.calls + trip.calls_back
    if isinstance(stay, Unknown):
        return _Costs(flow.calls, stay, stay, stay)
    alone = summed_calls((stay,), repeat(0, calls), flow)
    if isinstance(away, Unknown):
        return _Costs(flow.calls, alone, away, away)
    held = min(stay.alive, stay.tokens(flow.context))
    back = stay._replace(alive=held, offset=stay.offset + trip.back_delta_tokens)
    lost = back._replace(alive=trip.kept_when_dead_tokens)
    order = list(chain(repeat(0, flow.calls), repeat(1, trip.calls_back)))
    return _Costs(
        flow.calls,
        alone,
        summed_calls((away, back), order, flow),
        summed_calls((away, lost), order, flow),
    )
