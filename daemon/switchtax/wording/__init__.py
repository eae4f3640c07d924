"""Every sentence and number format that a person reads, for all surfaces.

Plain words: re-read, turn, cheaper, about. Amounts are micro-dollars, times epoch seconds;
times are shown in local time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from switchtax.wording.asked import KEPT_AS_CHOSEN, keep_words
    from switchtax.wording.decisions import decision_table, decision_words
    from switchtax.wording.meter import meter_words, next_words, unmeasured_words
    from switchtax.wording.numbers import (
        ago,
        clipped,
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
    from switchtax.wording.quota import quota_words, share_words
    from switchtax.wording.risk import evidence_words, reason_line, risk_words
    from switchtax.wording.switches import (
        WIDTH,
        break_even_words,
        cache_words,
        dialog,
        is_flat,
        popup,
        switched_silently,
    )
    from switchtax.wording.times import times_words
    from switchtax.wording.wait import WAITS_FORGOTTEN, seconds, wait_words, waits_words
    from switchtax.wording.watch import (
        HOW_TO_END,
        LOOKING,
        NO_DAEMON,
        NO_LONGER_LIVE,
        NO_SESSION,
        OTHER_HOMES,
        WATCHING_AGAIN,
        cache_left,
        event_words,
        useful_words,
    )
    from switchtax.wording.ways import (
        pattern_words,
        sub_agent_offer,
        sub_agent_words,
        summary_explained,
        way_explained,
        way_name,
        ways_in_short,
        ways_table,
    )

__all__ = [
    "HOW_TO_END",
    "KEPT_AS_CHOSEN",
    "LOOKING",
    "NO_DAEMON",
    "NO_LONGER_LIVE",
    "NO_SESSION",
    "OTHER_HOMES",
    "WAITS_FORGOTTEN",
    "WATCHING_AGAIN",
    "WIDTH",
    "ago",
    "break_even_words",
    "cache_left",
    "cache_words",
    "clipped",
    "clock",
    "counted",
    "day",
    "decision_table",
    "decision_words",
    "dialog",
    "event_words",
    "evidence_words",
    "is_flat",
    "is_wide",
    "keep_words",
    "meter_words",
    "money",
    "money_range",
    "next_words",
    "pattern_words",
    "popup",
    "quota_words",
    "reason_line",
    "risk_words",
    "seconds",
    "share_words",
    "short_id",
    "signed",
    "span",
    "sub_agent_offer",
    "sub_agent_words",
    "summary_explained",
    "switched_silently",
    "times_words",
    "tokens",
    "unmeasured_words",
    "useful_words",
    "wait_words",
    "waits_words",
    "way_explained",
    "way_name",
    "ways_in_short",
    "ways_table",
]

_PARTS = (
    "numbers", "times", "quota", "wait", "watch", "asked", "meter", "risk", "ways", "switches",
    "decisions",
)  # fmt: skip
"""Modules whose names stand here too, from those that need little to those that need much."""


def __getattr__(name: str) -> Any:
    """Read a part when something of it is first used: an editor's server needs few of them."""
    for part in _PARTS if name in __all__ else ():
        module = import_module(f"{__name__}.{part}")
        if hasattr(module, name):
            found = globals()[name] = getattr(module, name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
