"""From totals to one word (switch, stay, even, unknown), and which model is the cheaper one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from switchtax.estimates.money import Money
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.horizon import Horizon
    from switchtax.estimates.switching import Comparison

__all__ = ["EVEN_PERCENT", "EVEN_USD_MICROS", "Direction", "Verdict", "VerdictWord", "verdict_of"]

EVEN_PERCENT = 2
EVEN_USD_MICROS = 5_000


class VerdictWord(StrEnum):
    """Which total over the horizon is smaller."""

    SWITCH = "switch"
    STAY = "stay"
    EVEN = "even"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """The other model's price for the same calls, both caches warm."""

    CHEAPER = "cheaper"
    DEARER = "dearer"
    SAME = "same"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word, why it is unknown if it is, and whether the range agrees with it.

    To a dearer model the word still compares totals, but break-even is not to be mentioned:
    whoever goes there wants the capability.
    """

    word: VerdictWord
    direction: Direction
    sure: bool = False
    """Low and high of the difference give the same word as its mid."""
    reason: str = ""

    @property
    def mentions_break_even(self) -> bool:
        """Only on the way to a cheaper model does "from when does it pay" have a meaning."""
        return self.direction is Direction.CHEAPER


def verdict_of(horizon: Horizon | Unknown, warm: Comparison) -> Verdict:
    """Compare totals: even where `|switch - stay| <= max(2 % of stay, half a cent)`.

    Args:
        horizon: both models summed.
        warm: the same calls with both caches warm, which gives the direction.
    """
    direction = _direction(warm)
    if isinstance(horizon, Unknown):
        return Verdict(VerdictWord.UNKNOWN, direction, reason=horizon.reason)
    if isinstance(horizon.stay, Unknown):
        return Verdict(VerdictWord.UNKNOWN, direction, reason=horizon.stay.reason)
    if isinstance(horizon.extra, Unknown):
        return Verdict(VerdictWord.UNKNOWN, direction, reason=horizon.extra.reason)
    stay, extra = horizon.stay.mid, horizon.extra
    word = _word(extra.mid, stay)
    sure = word is _word(extra.low, stay) is _word(extra.high, stay)
    return Verdict(word, direction, sure)


def _word(extra: int, stay: int) -> VerdictWord:
    if _even(extra, stay):
        return VerdictWord.EVEN
    return VerdictWord.STAY if extra > 0 else VerdictWord.SWITCH


def _even(extra: int, stay: int) -> bool:
    return abs(extra) <= EVEN_USD_MICROS or abs(extra) * 100 <= stay * EVEN_PERCENT


def _direction(warm: Comparison) -> Direction:
    """Cheaper or dearer for the same calls; the same within 2 %, however small the amounts."""
    if not isinstance(warm.extra, Money) or not isinstance(warm.stay, Money):
        return Direction.UNKNOWN
    more = warm.extra.mid
    if abs(more) * 100 <= warm.stay.mid * EVEN_PERCENT:
        return Direction.SAME
    return Direction.DEARER if more > 0 else Direction.CHEAPER
