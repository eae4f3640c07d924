"""How numbers, times and lengths are written for people.

Amounts are micro-dollars, times epoch seconds; times are shown in local time.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.money import Money

__all__ = [
    "ago",
    "clipped",
    "clock",
    "counted",
    "day",
    "is_wide",
    "money",
    "money_range",
    "short_id",
    "signed",
    "span",
    "tokens",
]


def money(usd_micros: float) -> str:
    """Dollars, with as many places as say something.

    >>> money(360_000), money(4_250), money(120), money(12_345_678), money(0)
    ('$0.36', '$0.004', 'under $0.001', '$12.35', '$0')
    """
    dollars = abs(usd_micros) / 1e6
    if dollars == 0:
        return "$0"
    if dollars < 0.001:
        return "under $0.001"
    if dollars < 0.0995:
        return f"${dollars:.3f}"
    return f"${dollars:,.2f}"


def signed(usd_micros: float) -> str:
    """A difference: with its sign.

    >>> signed(317_500), signed(-130_000), signed(0)
    ('+$0.32', '-$0.13', '±$0')
    """
    if abs(usd_micros) < 500:
        return "±$0"
    return ("-" if usd_micros < 0 else "+") + money(max(abs(usd_micros), 1_000))


def money_range(amount: Money | Unknown, *, difference: bool = False) -> str:
    """An amount, with its range where that is wide (beyond a tenth to either side)."""
    if isinstance(amount, Unknown):
        return "unknown"
    show = signed if difference else money
    if not is_wide(amount):
        return show(amount.mid)
    return f"{show(amount.mid)} ({show(amount.low)} to {show(amount.high)})"


def is_wide(amount: Money | Interval) -> bool:
    """Whether a range says more than its middle."""
    return amount.high - amount.low > 0.2 * max(abs(amount.mid), 1)


def tokens(count: float) -> str:
    """Tokens for people.

    >>> tokens(152_431), tokens(9_870), tokens(412), tokens(1_200_000)
    ('152k', '9.9k', '412', '1.2M')
    """
    if count >= 999_500:
        return f"{count / 1e6:.1f}M"
    if count >= 10_000:
        return f"{count / 1e3:.0f}k"
    if count >= 1_000:
        return f"{count / 1e3:.1f}k"
    return f"{count:.0f}"


def span(seconds: float) -> str:
    """A length of time.

    >>> span(42), span(180), span(7300), span(200_000)
    ('42 s', '3 min', '2.0 h', '2.3 days')
    """
    if seconds >= 864_000:
        return f"{seconds / 86_400:,.0f} days"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 129_600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86_400:.1f} days"


def ago(at: float, now: float) -> str:
    """How long ago, or in how long."""
    if at <= 0:
        return "at an unknown time"
    return f"{span(now - at)} ago" if at <= now else f"in {span(at - now)}"


def clock(at: float) -> str:
    """Local time of day."""
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M")


def counted(count: int, thing: str, plural: str = "") -> str:
    """A number of things.

    >>> counted(1, "turn"), counted(1_200, "turn"), counted(2, "switch", "switches")
    ('1 turn', '1,200 turns', '2 switches')
    """
    return f"{count:,} {thing if count == 1 else plural or thing + 's'}"


def short_id(session_id: str) -> str:
    """The start of a session's id, which names it well enough.

    Ids that are a time in milliseconds (Cline) begin alike for years: their first digits are
    left out.

    >>> short_id("ses_e02e0b4c5ffesHcbFhBDxJg6Tl"), short_id("5a3f1e00-0000-4000-8000")
    ('e02e0b4c', '5a3f1e00')
    >>> short_id("1795249079432_zqevh")
    '49079432'
    """
    if len(session_id) >= 13 and session_id[:13].isdigit():
        return session_id[5:13]
    return session_id.removeprefix("ses_")[:8]


def clipped(text: str, most: int) -> str:
    """A text that fits into so many characters; what is left out shows.

    >>> clipped("codex", 11), clipped("notebook-agent", 11)
    ('codex', 'notebook-a…')
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def day(at: float) -> str:
    """Local date and time."""
    if at <= 0:
        return "unknown time"
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
