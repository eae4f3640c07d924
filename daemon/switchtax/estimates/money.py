"""An amount of money that is not known exactly: integers all the way.

Inside `estimates` money is counted in pico-dollars, because tokens times a card's rate
(micro-dollars per million tokens) are exactly that; at the border it is micro-dollars.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from switchtax.records import Unknown

__all__ = ["PICOS", "ZERO", "Money", "Swing", "difference_of", "money_of"]

PICOS = 1_000_000
"""Pico-dollars in a micro-dollar."""


class Swing(NamedTuple):
    """A whole number at the middle of its inputs, and how far they move it down and up."""

    mid: int
    below: int
    above: int


@dataclass(frozen=True, slots=True)
class Money:
    """`low <= mid <= high`, integer micro-dollars; a saving is negative."""

    low: int
    mid: int
    high: int

    def __post_init__(self) -> None:
        """Refuse a disordered amount: it would be a bug of the caller.

        Raises:
            ValueError: not low <= mid <= high.
        """
        if not self.low <= self.mid <= self.high:
            raise ValueError(f"not an amount: {self.low} <= {self.mid} <= {self.high}")


ZERO = Money(0, 0, 0)


def money_of(picos: Swing | Unknown) -> Money | Unknown:
    """A cost, from pico-dollars to micro-dollars: each rounded once, none below zero."""
    if isinstance(picos, Unknown):
        return picos
    found = _around(_micros(picos.mid), picos)
    return Money(max(found.low, min(0, found.mid)), found.mid, found.high)


def difference_of(
    switch: Money | Unknown, stay: Money | Unknown, picos: Swing | Unknown
) -> Money | Unknown:
    """`switch - stay`, so that the three rounded mids add up; the spread is the difference's own.

    Args:
        switch: what switching costs.
        stay: what staying costs over the same calls.
        picos: the difference as evaluated at common points, in pico-dollars.
    """
    if isinstance(switch, Unknown):
        return switch
    if isinstance(stay, Unknown):
        return stay
    if isinstance(picos, Unknown):
        return picos
    return _around(switch.mid - stay.mid, picos)


def _around(mid: int, picos: Swing) -> Money:
    return Money(mid - _micros(picos.below), mid, mid + _micros(picos.above))


def _micros(picos: int) -> int:
    return (picos + PICOS // 2) // PICOS
