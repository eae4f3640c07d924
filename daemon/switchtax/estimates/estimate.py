"""The one estimate: what a switch costs now, for the next turn, over a horizon, there and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.estimates.cost import CallCost, cost_of_next_call
from switchtax.estimates.drivers import LATER_CALL, LATER_TURN, NEXT_CALL, NEXT_TURN
from switchtax.estimates.horizon import DEFAULT_TURNS, BreakEven, Horizon, summing
from switchtax.estimates.steps import Steps, finish
from switchtax.estimates.switching import Comparison, Rebuild, compare, rebuild
from switchtax.estimates.verdict import Verdict, verdict_of
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Pace, Side
    from switchtax.estimates.interval import Interval

__all__ = ["Estimate", "estimate_switch", "estimating"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What switching costs against staying; every number with its range, or why it is not known."""

    from_model: str
    to_model: str
    context_tokens: Interval | Unknown
    """Carried context, tokens of the current model."""
    stay_call: CallCost | Unknown
    switch_call: CallCost | Unknown
    next_call: Comparison
    next_turn: Comparison
    warm_turn: Comparison
    """A later turn at today's context, both caches warm: the more, or the less, per turn."""
    rebuild: Rebuild | Unknown
    stay_rebuild: Rebuild | Unknown
    """The same for staying: not zero where the cache is cold already."""
    horizon: Horizon | Unknown
    fits: bool | Unknown
    """Whether the next call fits the other model's window, at the middle of the inputs."""
    verdict: Verdict

    @property
    def break_even(self) -> BreakEven | Unknown:
        """From which call on the switch has paid."""
        return self.horizon if isinstance(self.horizon, Unknown) else self.horizon.break_even


def estimate_switch(
    stay: Side,
    switch: Side,
    *,
    context: Interval | Unknown,
    pace: Pace,
    turns: int = DEFAULT_TURNS,
) -> Estimate:
    """Estimate a switch from one model to another in the middle of a session.

    Args:
        stay: the current model, its cache as it will be when the prompt is sent.
        switch: the other model, likewise.
        context: carried context, tokens of the current model.
        pace: how the session goes on, tokens of the current model.
        turns: horizon in turns.

    Returns:
        Every part of the estimate; a part that needs something unknown is Unknown by itself.
    """
    return finish(estimating(stay, switch, context, pace, turns))


def estimating(
    stay: Side, switch: Side, context: Interval | Unknown, pace: Pace, turns: int
) -> Steps[Estimate]:
    """The same in steps of half a millisecond."""
    horizon = yield from summing(stay, switch, context, pace, turns)
    yield
    compared = []
    for span in (LATER_CALL, NEXT_CALL, LATER_TURN, NEXT_TURN):
        compared.append(compare(stay, switch, context=context, pace=pace, span=span))
        yield
    warm_call, next_call, warm_turn, next_turn = compared
    switch_call = cost_of_next_call(switch, context=context, pace=pace)
    fits = _fits(switch_call, switch.context_window_tokens)
    no_room = Unknown(f"the context does not fit the window of {switch.model}")
    return Estimate(
        from_model=stay.model,
        to_model=switch.model,
        context_tokens=context,
        stay_call=cost_of_next_call(stay, context=context, pace=pace),
        switch_call=switch_call,
        next_call=next_call,
        next_turn=next_turn,
        warm_turn=warm_turn,
        rebuild=rebuild(switch, context=context, pace=pace),
        stay_rebuild=rebuild(stay, context=context, pace=pace),
        horizon=horizon,
        fits=fits,
        verdict=verdict_of(no_room if fits is False else horizon, warm_call),
    )


def _fits(call: CallCost | Unknown, window: int | Unknown) -> bool | Unknown:
    if isinstance(call, Unknown):
        return call
    if isinstance(window, Unknown):
        return window
    buckets = (call.read_tokens, call.written_tokens, call.plain_tokens, call.output_tokens)
    return sum(each.mid for each in buckets) <= window
