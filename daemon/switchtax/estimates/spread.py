"""From uncertain inputs to an uncertain result, without worst-case subtraction.

Stay and switch share their uncertain inputs (context, new tokens, output, calls per turn). Their
intervals must not be subtracted end from end: a long turn is long on both sides. So the whole
result, difference included, is evaluated at one point of all inputs at a time: all at their
mids, then each input alone at its low and at its high. The swings from the mid are taken as
independent and add as the root of the sum of squares: 10th and 90th percentiles in, about 10th
and 90th out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from switchtax.estimates.interval import Interval
from switchtax.estimates.money import Swing
from switchtax.estimates.steps import Steps, finish
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Point",
    "Results",
    "count",
    "evaluate",
    "evaluating",
    "extremes",
    "middle_of",
    "points_of",
    "swing",
]

Point = tuple[float, ...]
T = TypeVar("T")
Results = list[list[T]]
"""What a function gave: `[[at the mids], [input 1 low, high], ...]`."""


def middle_of(inputs: Sequence[Interval]) -> Point:
    """The point of all mids."""
    return tuple(each.mid for each in inputs)


def points_of(inputs: Sequence[Interval]) -> Results[Point]:
    """Where to evaluate: `[[all mids], [input 1 at its low, at its high], ...]`.

    Inputs that are known exactly give no points.
    """
    mids = middle_of(inputs)
    groups: Results[Point] = [[mids]]
    for index, each in enumerate(inputs):
        if each.low != each.high:
            before, after = mids[:index], mids[index + 1 :]
            groups.append([(*before, each.low, *after), (*before, each.high, *after)])
    return groups


def evaluate(function: Callable[[Point], T], inputs: Sequence[Interval]) -> Results[T]:
    """A function's results at every point of its inputs, so that several numbers share them."""
    return finish(evaluating(function, inputs))


def evaluating(function: Callable[[Point], T], inputs: Sequence[Interval]) -> Steps[Results[T]]:
    """The same as `evaluate`, an input a step."""
    results: Results[T] = []
    for group in points_of(inputs):
        results.append([function(point) for point in group])
        yield
    return results


def swing(results: Results[T], number: Callable[[T], int | Unknown]) -> Swing | Unknown:
    """One whole number of the results: `below = √Σ max(0, f - f_i)²`, `above` alike.

    Args:
        results: from `evaluate`.
        number: picks the number, in any unit; Unknown at one point makes the whole unknown.
    """
    numbers: Results[int] = []
    for group in results:
        known = []
        for result in group:
            value = number(result)
            if isinstance(value, Unknown):
                return value
            known.append(value)
        numbers.append(known)
    return _swing(numbers)


def _swing(numbers: Results[int]) -> Swing:
    mid = numbers[0][0]
    below = sum(max(0, mid - min(group)) ** 2 for group in numbers[1:])
    above = sum(max(0, max(group) - mid) ** 2 for group in numbers[1:])
    return Swing(mid, math.isqrt(below), math.isqrt(above))


def count(results: Results[T], number: Callable[[T], int]) -> Interval:
    """A number of tokens or calls in the results, never below zero."""
    found = _swing([[number(result) for result in group] for group in results])
    return Interval(max(0, found.mid - found.below), found.mid, found.mid + found.above)


def extremes(results: Results[T], number: Callable[[T], float]) -> Interval:
    """One number of the results with its smallest and largest value; it may be infinite."""
    values = [number(result) for group in results for result in group]
    return Interval(min(values), values[0], max(values))
