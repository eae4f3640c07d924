"""What each way costs over one and the same horizon, worked out at common points.

A way is a few legs (see `estimates.legs`) on the models of a switch. All ways of an answer are
evaluated together, at one point of all uncertain inputs at a time, so that a long turn is long
for each of them and their differences are not blurred.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from switchtax.advice.kinds import WayKind
from switchtax.estimates.drivers import Flow, Span, row_of
from switchtax.estimates.legs import calls_that_fit, leg
from switchtax.estimates.money import Money, Swing, difference_of, money_of
from switchtax.estimates.spread import Point, Results, evaluating, middle_of, swing
from switchtax.estimates.switching import minus
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.request import SideAt
    from switchtax.estimates.steps import Steps

__all__ = ["Models", "Priced", "Scene", "price_ways"]

Picos = int | Unknown


@dataclass(frozen=True, slots=True)
class Models:
    """The models of the ways, each as it would be for its first call there.

    `fresh` is the other model at the start of a new context. `compacted` is the other model
    after a summary written by the current one; `cheap` the one for chores. None where a way
    does not exist for this agent.
    """

    stay: Side
    switch: Side
    fresh: Side
    compacted: Side | None = None
    cheap: Side | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the session stands, and what goes to a fresh context and comes back; source tokens."""

    start: Interval
    """Tools and instructions that open a new session."""
    sub_start: Interval
    """The same of a sub-agent."""
    brief: Interval
    """The hand-over to a new session."""
    order: Interval
    """What a sub-agent is told."""
    result: Interval
    """What it brings back into the long conversation."""
    files: Interval
    """How many files a fresh context must read again."""
    file_tokens: float
    chores: Interval
    """Calls of the work at the end of a task."""
    calls_left: int = 0
    """Calls that the turn now running still takes; 0 between turns."""
    dead_on_return: bool = False
    """The current model's cache is not read any more after a turn away."""
    kept_tokens: int = 0
    """Of its prefix, what is warm even then."""


class _At(NamedTuple):
    """One point: the flow, the models, and the scene in whole tokens."""

    flow: Flow
    stay: SideAt | Unknown
    switch: SideAt | Unknown
    fresh: SideAt | Unknown
    compacted: SideAt | Unknown
    cheap: SideAt | Unknown
    start: int
    sub_start: int
    brief: int
    order: int
    result: int
    files: int
    chores: int
    scene: Scene
    known: dict[tuple[int, float | None, Flow], tuple[Picos, int, float]]
    """Legs worked out so far: most points differ in what most ways do not depend on."""

    @property
    def turn(self) -> int:
        """Calls of one turn."""
        return max(1, round(self.flow.calls / max(1, self.flow.turns)))


@dataclass(frozen=True, slots=True)
class Priced:
    """One way over the horizon: `extra = total - stay`."""

    total: Money | Unknown
    extra: Money | Unknown


def price_ways(
    models: Models,
    scene: Scene,
    kinds: tuple[WayKind, ...],
    context: Interval | Unknown,
    pace: Pace,
    turns: int,
) -> Steps[dict[WayKind, Priced]]:
    """Each way over the same turns; a window that is full ends the horizon for all of them.

    Args:
        models: who takes part.
        scene: where the session stands.
        kinds: which ways; staying is always worked out.
        context: carried context, source tokens.
        pace: how the session goes on.
        turns: horizon in turns.
    """
    asked = tuple(dict.fromkeys((WayKind.STAY, *kinds)))
    known = [models.stay, models.switch, models.fresh, models.compacted, models.cheap]
    sides = [side for side in known if side is not None]
    row = row_of(sides, context=context, pace=pace, span=Span(turns=max(1, turns)))
    if isinstance(row, Unknown):
        return dict.fromkeys(asked, Priced(row, row))
    drawn = (
        scene.start, scene.sub_start, scene.brief, scene.order, scene.result, scene.files,
        scene.chores,
    )  # fmt: skip

    inputs = (*row.inputs, *drawn)
    middle = middle_of(inputs)
    legs: dict[tuple[int, float | None, Flow], tuple[Picos, int, float]] = {}
    exact = row.each(*[_as_it_is] * len(sides))
    roomy = row.each(*[_as_it_is] * 2, *[_in(_without_end(side)) for side in sides[2:]])

    def at(point: Point) -> dict[WayKind, Picos]:
        flow, found = (exact if point == middle else roomy)(point[: len(row.inputs)])
        named = iter(found)
        stay, switch, fresh, compacted, cheap = (
            _MISSING if side is None else next(named) for side in known
        )
        start, sub_start, brief, order, result, files, chores = (
            round(each) for each in point[len(row.inputs) :]
        )
        here = _At(
            flow, stay, switch, fresh, compacted, cheap,
            start, sub_start, brief, order, result, files, chores, scene, legs,
        )  # fmt: skip
        carried = (stay, switch) if WayKind.SWITCH in asked else (stay,)
        here = here._replace(flow=_as_far_as_it_fits(here, carried))
        return {kind: _PLANS[kind](here) for kind in asked}

    results = yield from evaluating(at, inputs)
    stay = money_of(swing(results, lambda found: found[WayKind.STAY]))
    return {kind: _priced(results, kind, stay) for kind in asked}


def _as_it_is(side: SideAt | Unknown, _: Flow) -> SideAt | Unknown:
    return side


def _in(roomy: Side) -> Callable[[SideAt | Unknown, Flow], SideAt | Unknown]:
    return lambda side, _: side if isinstance(side, Unknown) else side._replace(side=roomy)


def _without_end(side: Side) -> Side:
    """A short context that fills its window only if all goes long is priced as if it did not."""
    return replace(side, window_tokens=_NO_END)


_NO_END = 1 << 40
_MISSING = Unknown("this agent has no such way")


def _priced(results: Results[dict[WayKind, Picos]], kind: WayKind, stay: Money | Unknown) -> Priced:
    total = money_of(swing(results, lambda found: found[kind]))
    more: Swing | Unknown = swing(results, lambda found: minus(found[kind], found[WayKind.STAY]))
    return Priced(total, difference_of(total, stay, more))


def _as_far_as_it_fits(here: _At, carried: tuple[SideAt | Unknown, ...]) -> Flow:
    """The calls that fit both windows, so that all ways are compared over the same work.

    With room for what a sub-agent brings back; the first call is always made.
    """
    flow = here.flow
    spare = here.result + 3 * (max(flow.first_new, flow.new) + flow.kept)
    for side in carried:
        if not isinstance(side, Unknown):
            roomy = flow._replace(context=flow.context + spare)
            calls = max(1, calls_that_fit(side, roomy))
            if calls < flow.calls:
                flow = flow._replace(calls=calls, turns=max(1, flow.turns * calls // flow.calls))
    return flow


# -- legs -------------------------------------------------------------------------------


def _on(
    here: _At, side: SideAt | Unknown, flow: Flow, alive: float | None = None
) -> tuple[Picos, int, float]:
    if isinstance(side, Unknown):
        return side, flow.context, 0.0
    key = (id(side), alive, flow)  # the row that made it keeps each side, so that its id is its own
    found = here.known.get(key)
    if found is None:
        found = leg(side if alive is None else side._replace(alive=alive, before=0), flow)
        here.known[key] = found
    return found


def _plus(*costs: Picos) -> Picos:
    total = 0
    for cost in costs:
        if isinstance(cost, Unknown):
            return cost
        total += cost
    return total


def _stay(here: _At) -> Picos:
    return _on(here, here.stay, here.flow)[0]


def _switch(here: _At) -> Picos:
    return _on(here, here.switch, here.flow)[0]


def _compact_first(here: _At) -> Picos:
    return _on(here, here.compacted, here.flow)[0]


def _finish_first(here: _At) -> Picos:
    """The rest of this turn on the current model, the turns after it on the other."""
    left = min(here.scene.calls_left, here.flow.calls)
    first, context, _ = _on(here, here.stay, here.flow._replace(calls=left, turns=1))
    rest = here.flow._replace(context=context, calls=here.flow.calls - left)
    return _plus(first, _on(here, here.switch, rest._replace(turns=min(rest.turns, rest.calls)))[0])


def _there_and_back(here: _At) -> Picos:
    """One turn on the other model, then on with the current one."""
    turn = min(here.turn, here.flow.calls)
    away, context, _ = _on(here, here.switch, here.flow._replace(calls=turn, turns=1))
    back = here.flow._replace(
        context=context, calls=here.flow.calls - turn, turns=max(1, here.flow.turns - 1)
    )
    return _plus(away, _on(here, here.stay, _whole(back), _held_on_return(here))[0])


def _held_on_return(here: _At) -> float:
    if isinstance(here.stay, Unknown):
        return 0.0
    held = min(here.stay.alive, here.stay.tokens(here.flow.context))
    return min(held, here.scene.kept_tokens) if here.scene.dead_on_return else held


def _pool(here: _At) -> Picos:
    """Turns taken by both models one after the other, each with a cache of its own."""
    sides, alive = (here.switch, here.stay), [None, _held_on_return(here)]
    costs: list[Picos] = []
    flow, left = here.flow, here.flow.calls
    for number in range(max(1, here.flow.turns)):
        calls = left if number == here.flow.turns - 1 else min(here.turn, left)
        which = number % 2
        cost, context, held = _on(
            here, sides[which], flow._replace(calls=calls, turns=1), alive[which]
        )
        dead = here.scene.dead_on_return
        alive[which] = min(held, here.scene.kept_tokens) if dead else held
        costs.append(cost)
        flow, left = flow._replace(context=context), left - calls
    return _plus(*costs)


def _elsewhere(here: _At, calls: int, work: Picos) -> Picos:
    """Some of the work done in a sub-agent: the long conversation makes two calls of them.

    The first launches it, the second takes the result; then it goes on as before.
    """
    two = here.flow._replace(calls=2, turns=1, new=here.result)
    asked, context, held = _on(here, here.stay, two)
    rest = here.flow.calls - min(calls, here.flow.calls)
    turns = max(1, here.flow.turns - (calls >= here.turn))
    after = here.flow._replace(context=context, calls=rest, turns=turns)
    return _plus(asked, work, _on(here, here.stay, _whole(after), held)[0])


def _whole(flow: Flow) -> Flow:
    """No more turns than calls."""
    return flow._replace(turns=max(1, min(flow.turns, flow.calls)))


def _sub_agent(here: _At) -> Picos:
    work = _piece(here, here.fresh, here.sub_start, here.order)
    return _elsewhere(here, here.turn, _plus(*work[:1]))


def _chores(here: _At) -> Picos:
    """The formatters, tests and commit at the end of a task, on the cheap model."""
    calls = max(1, min(here.chores, here.flow.calls))
    flow = here.flow._replace(context=here.sub_start, calls=calls, turns=1, first_new=here.order)
    return _elsewhere(here, calls, _on(here, here.cheap, flow)[0])


def _new_session(here: _At) -> Picos:
    """All of the horizon in a new session: its start, the brief, files read again, the work."""
    if isinstance(here.fresh, Unknown):
        return here.fresh
    reading, context, held = _reading(here, here.fresh, here.start, here.brief)
    work = here.flow._replace(context=context)
    return _plus(reading, _on(here, here.fresh, work, held)[0])


def _piece(here: _At, side: SideAt | Unknown, start: int, order: int) -> tuple[Picos, int]:
    """One turn's work from a fresh context."""
    reading, context, held = _reading(here, side, start, order)
    flow = here.flow._replace(context=context, calls=here.turn, turns=1, first_new=here.flow.new)
    work, context, _ = _on(here, side, flow, held)
    return _plus(reading, work), context


def _reading(here: _At, side: SideAt | Unknown, start: int, told: int) -> tuple[Picos, int, float]:
    """The first request of a fresh context, and one for each file that it must read again."""
    flow = here.flow._replace(
        context=start,
        calls=1 + max(0, here.files),
        turns=1,
        first_new=told,
        new=round(here.scene.file_tokens),
    )
    return _on(here, side, flow)


_PLANS: dict[WayKind, Callable[[_At], Picos]] = {
    WayKind.STAY: _stay,
    WayKind.SWITCH: _switch,
    WayKind.FINISH_FIRST: _finish_first,
    WayKind.COMPACT_FIRST: _compact_first,
    WayKind.SUB_AGENT: _sub_agent,
    WayKind.NEW_SESSION: _new_session,
    WayKind.THERE_AND_BACK: _there_and_back,
    WayKind.POOL: _pool,
    WayKind.CHORES: _chores,
}
