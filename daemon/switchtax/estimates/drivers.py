"""The uncertain inputs of an estimate in one row, and back to numbers at one point of them.

A session drives every model alike: context, calls, new tokens and output are common inputs.
A side adds its own: tokens alive, tokenizer ratio, delta, and what compacting first needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from switchtax.estimates.interval import Interval, average_over, exactly
from switchtax.estimates.request import SideAt, price, send
from switchtax.estimates.spread import Point, Results, evaluate
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from switchtax.estimates.inputs import Pace, Side

__all__ = [
    "LATER_CALL",
    "LATER_TURN",
    "NEXT_CALL",
    "NEXT_TURN",
    "Flow",
    "Row",
    "Span",
    "evaluate_side",
    "row_of",
]

T = TypeVar("T")
_COMMON = 5
_LIKE_ANY_OTHER = exactly(-1)


class Span(NamedTuple):
    """How far to look: a number of turns, or (`turns` 0) of calls.

    `later` means calls after the next ones: every cache holds the whole context by then.
    """

    turns: int = 0
    calls: int = 1
    later: bool = False


NEXT_CALL = Span(calls=1)
NEXT_TURN = Span(turns=1)
LATER_CALL = Span(calls=1, later=True)
LATER_TURN = Span(turns=1, later=True)


class Flow(NamedTuple):
    """A session at one point of the common inputs; whole source tokens per call."""

    context: int
    calls: int
    new: int
    first_new: int
    output: int
    kept: int
    turns: int

    def opens_turn(self, call: int) -> bool:
        """Whether a call, counted from 0, is the first of a turn."""
        turns = self.turns or 1
        return call == 0 or call * turns // self.calls != (call - 1) * turns // self.calls

    def new_at(self, call: int) -> int:
        """New tokens of a call counted from 0: a turn's first call carries the prompt."""
        return self.first_new if self.opens_turn(call) else self.new

    def context_at(self, call: int) -> int:
        """Context before a call counted from 0, in source tokens."""
        turns = self.turns or 1
        opened = (call - 1) * turns // self.calls + 1 if call else 0
        grown = call * (self.new + self.kept) + opened * (self.first_new - self.new)
        return self.context + grown


@dataclass(frozen=True, slots=True)
class Row:
    """All uncertain inputs of some models in one session, and how to read a point of them."""

    inputs: tuple[Interval, ...]
    sides: tuple[Side, ...]
    owned: tuple[tuple[Interval, ...] | Unknown, ...]
    """By model; nothing for one that stands before: it is one and the same, with one cache."""
    first: tuple[int, ...]
    """Where each model stands first among `sides`: against itself nothing is uncertain."""
    pace: Pace
    span: Span

    def at(self, point: Point) -> tuple[Flow, list[SideAt | Unknown]]:
        """The session and its models at one point of `inputs`."""
        return self.each(*[_as_it_is] * len(self.sides))(point)

    def each(
        self, *functions: Callable[[SideAt | Unknown, Flow], T]
    ) -> Callable[[Point], tuple[Flow, list[T]]]:
        """One function per model, of it at a point; worked out once where points agree for it.

        Most points differ in an input of one model alone: the other's result stays.
        """
        flows: dict[Point, Flow] = {}
        known: dict[tuple[Callable[..., T], int, Point, Point], T] = {}

        def at(point: Point) -> tuple[Flow, list[T]]:
            common, start = point[:_COMMON], _COMMON
            flow = flows.get(common)
            if flow is None:
                flow = flows[common] = _flow_at(point, self.pace, self.span)
            own: list[Point] = []
            for owned in self.owned:
                size = 0 if isinstance(owned, Unknown) else len(owned)
                own.append(point[start : start + size])
                start += size
            found: list[T] = []
            for function, index in zip(functions, self.first, strict=True):
                key = (function, index, common, own[index])
                if key not in known:
                    known[key] = function(self._side(index, own[index], flow), flow)
                found.append(known[key])
            return flow, found

        return at

    def _side(self, index: int, own: Point, flow: Flow) -> SideAt | Unknown:
        owned = self.owned[index]
        return owned if isinstance(owned, Unknown) else _side_at(self.sides[index], own, flow)


def _as_it_is(side: SideAt | Unknown, _: Flow) -> SideAt | Unknown:
    return side


def row_of(
    sides: Sequence[Side], *, context: Interval | Unknown, pace: Pace, span: Span
) -> Row | Unknown:
    """Lay out the inputs of a session and of its models.

    Args:
        sides: the models; one with an unknown input is Unknown by itself.
        context: carried context, source tokens; Unknown makes all unknown.
        pace: how the session goes on; what the span needs of it must be known.
        span: how far to look.
    """
    common = _common_inputs(context, pace, span)
    if isinstance(common, Unknown):
        return common
    first = tuple(sides.index(side) for side in sides)
    owned = tuple(
        _side_inputs(side) if first[place] == place else () for place, side in enumerate(sides)
    )
    known = [each for group in owned if not isinstance(group, Unknown) for each in group]
    return Row((*common, *known), tuple(sides), owned, first, pace, span)


def evaluate_side(
    side: Side,
    function: Callable[[Flow, SideAt], T],
    *,
    context: Interval | Unknown,
    pace: Pace,
    span: Span,
) -> Results[T] | Unknown:
    """A function of one model at every point of its inputs; Unknown if one of them is."""
    common = _common_inputs(context, pace, span)
    if isinstance(common, Unknown):
        return common
    owned = _side_inputs(side)
    if isinstance(owned, Unknown):
        return owned

    def at(point: Point) -> T:
        flow = _flow_at(point, pace, span)
        return function(flow, _side_at(side, point[_COMMON:], flow))

    return evaluate(at, (*common, *owned))


def _common_inputs(
    context: Interval | Unknown, pace: Pace, span: Span
) -> tuple[Interval, ...] | Unknown:
    """Context, calls (per turn), new tokens, those of a turn's first call, output.

    A single call is one draw from the session's pace; over many calls the average counts,
    which is why the median rules the next call and the mean a horizon.
    """
    calls = pace.calls_per_turn if span.turns else exactly(span.calls)
    new = pace.new_tokens_per_call
    first = pace.first_new_tokens
    if isinstance(new, Unknown) and first is not None and not span.turns and span.calls == 1:
        new = first
    output = pace.output_per_call
    if isinstance(context, Unknown):
        return context
    if isinstance(calls, Unknown):
        return calls
    if isinstance(new, Unknown):
        return new
    if isinstance(output, Unknown):
        return output
    turns = max(1, span.turns)
    calls = average_over(calls, turns)
    drawn = calls.mid * turns
    opening = _LIKE_ANY_OTHER if first is None else average_over(first, turns)
    return context, calls, average_over(new, drawn), opening, average_over(output, drawn)


def _flow_at(point: Point, pace: Pace, span: Span) -> Flow:
    context, calls, new, first_new, output = point[:_COMMON]
    turns = max(1, span.turns)
    return Flow(
        context=round(context),
        calls=max(turns, round(calls * turns)),
        new=round(new),
        first_new=round(new if first_new < 0 else first_new),
        output=round(output),
        kept=round(output * pace.output_kept_ratio),
        turns=span.turns,
    )


def _side_inputs(side: Side) -> tuple[Interval, ...] | Unknown:
    """Tokens alive, ratio, delta; for compaction first also summary, context after, its model's."""
    alive, ratio, delta = side.alive_tokens, side.token_ratio, side.delta_tokens
    if isinstance(alive, Unknown):
        return alive
    if isinstance(ratio, Unknown):
        return ratio
    if isinstance(delta, Unknown):
        return delta
    first = side.compaction
    if first is None:
        return alive, ratio, delta
    compacting = _side_inputs(first.on)
    if isinstance(compacting, Unknown):
        return compacting
    return alive, ratio, delta, first.summary_tokens, first.context_after_tokens, *compacting


def _side_at(side: Side, point: Point, flow: Flow) -> SideAt:
    """One model at its part of a point: `own tokens = c·ratio + offset`.

    Compaction first replaces the context: `offset = after + delta - c·ratio`, and its request on
    the other model is paid before the first call.
    """
    alive, ratio, delta = point[:3]
    if side.compaction is None:
        return SideAt(side, alive, ratio, delta, 0)
    summary, after = point[3:5]
    on = _side_at(side.compaction.on, point[5:], flow)
    asked = send(on, flow.context, 0, 0, alive=on.alive)._replace(output=round(summary))
    paid = price(on.side, asked)
    return SideAt(side, alive, ratio, after + delta - flow.context * ratio, paid)
