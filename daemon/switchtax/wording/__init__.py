"""Every sentence and number format that a person reads, for all surfaces.

Plain words: re-read, turn, cheaper, about. Amounts are micro-dollars, times epoch seconds;
times are shown in local time.
"""

from switchtax.wording.numbers import (
    ago,
    clock,
    counted,
    day,
    is_wide,
    money,
    money_range,
    short_id,
    signed,
    span,
    tokens,
)
from switchtax.wording.switches import (
    WIDTH,
    break_even_words,
    cache_words,
    dialog,
    popup,
    switched_silently,
)

__all__ = [
    "WIDTH",
    "ago",
    "break_even_words",
    "cache_words",
    "clock",
    "counted",
    "day",
    "dialog",
    "is_wide",
    "money",
    "money_range",
    "popup",
    "short_id",
    "signed",
    "span",
    "switched_silently",
    "tokens",
]
