"""Weighted values: their quantiles, and the shortest interval that holds most of them."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from switchtax.estimates.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["quantile", "shortest"]


def shortest(
    weighted: Iterable[tuple[float, float]], mid: float, starts: tuple[float, ...]
) -> Interval:
    """The shortest of the intervals that hold 80 %, beginning at one of the shares `starts`.

    Where a rare miss would cost ten times as much, the 90th percentile is that miss; an
    interval that leaves it out, and takes in as much on the cheap side, promises the same.
    """
    ordered = _Ordered(weighted)
    low, high = min(
        ((ordered.quantile(a), ordered.quantile(a + 0.8)) for a in starts),
        key=lambda ends: ends[1] - ends[0],
    )
    return Interval(min(low, mid), mid, max(high, mid))


def quantile(weighted: Iterable[tuple[float, float]], share: float) -> float:
    """The weighted quantile, interpolated between the middles of the weights."""
    return _Ordered(weighted).quantile(share)


class _Ordered:
    """Weighted values in order, for any number of quantiles: they are sorted but once."""

    def __init__(self, weighted: Iterable[tuple[float, float]]) -> None:
        ordered = sorted([(value, weight) for weight, value in weighted])
        self.values = [value for value, _ in ordered]
        self.places: list[float] = []
        before = 0.0
        for _, weight in ordered:
            self.places.append(before + weight / 2)
            before += weight
        self.total = before

    def quantile(self, share: float) -> float:
        target = share * self.total
        after = bisect_left(self.places, target)
        if after == len(self.places):
            return self.values[-1]
        value, place = self.values[after], self.places[after]
        last_value, last_place = self.values[0], 0.0
        if after:
            last_value, last_place = self.values[after - 1], self.places[after - 1]
        return last_value + (value - last_value) * (target - last_place) / (place - last_place)
