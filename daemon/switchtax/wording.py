"""Every sentence and number format that a person reads, for all surfaces.

Plain words: re-read, turn, cheaper, about. Amounts are micro-dollars, times epoch seconds;
times are shown in local time.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

from switchtax.catalog.names import display_name
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.interval import Interval
    from switchtax.estimates.money import Money
    from switchtax.records import Call

__all__ = [
    "ago",
    "cache_words",
    "clock",
    "counted",
    "day",
    "dialog",
    "money",
    "money_range",
    "popup",
    "short_id",
    "signed",
    "span",
    "switched_silently",
    "tokens",
]

_NEXT_TO_NOTHING = 1000
"""Tokens: less than this to re-read is not worth a number."""
_LONGEST_NAME = 24
WIDTH = 74
"""Characters of a line of a popup: what Claude Code's dialog shows at 80 columns."""


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

    >>> short_id("ses_e02e0b4c5ffesHcbFhBDxJg6Tl"), short_id("5a3f1e00-0000-4000-8000")
    ('e02e0b4c', '5a3f1e00')
    """
    return session_id.removeprefix("ses_")[:8]


def day(at: float) -> str:
    """Local date and time."""
    if at <= 0:
        return "unknown time"
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")


def cache_words(found: Answer) -> str:
    """Until when the session's own cache lasts, or that it is cold: one clause."""
    view = found.stay.outlook
    if view.state == "warm":
        promised = not view.evidence.startswith("kept as long as the provider pleases")
        if view.warm_until_at is not None and promised:
            return f"its cache lasts until {clock(view.warm_until_at)}"
        return "its cache is probably warm (kept as the provider pleases)"
    if view.state == "partial":
        return f"its cache has expired; only the first {tokens(view.read_tokens.mid)} are kept"
    if view.state == "unknown":
        return "whether its cache is warm is not known"
    if view.evidence.startswith("no request"):
        return "this session's requests are not cached"
    return "its cache is cold"


def break_even_words(found: Answer) -> str:
    """From which turn switching is cheaper; "" on the way to a dearer model."""
    estimate = found.estimate
    broken, verdict = estimate.break_even, estimate.verdict
    if isinstance(broken, Unknown) or not verdict.mentions_break_even:
        return ""
    horizon = estimate.horizon
    turns = counted(1 if isinstance(horizon, Unknown) else horizon.turns, "turn")
    if verdict.word == "even":
        return f"about even over {turns}"
    if verdict.word != "switch" or math.isinf(broken.turns.mid):
        return f"not cheaper within {turns}"
    if broken.calls.mid <= 1:
        return "cheaper at once"
    turn, extra = round(broken.turns.mid), estimate.next_turn.extra
    if turn <= 1 and not isinstance(extra, Unknown) and extra.mid > 0:
        turn = 2  # on the average of many turns; the next one, with usual calls, does not do it
    return f"cheaper from turn {turn} on" if turn > 1 else "cheaper within that turn"


def popup(found: Answer) -> list[str]:
    """At most three lines of 74 characters: what must be re-read, what it costs, when it pays."""
    if same_model(found.model, found.session.model):
        return [f"This session is on {_name(found.model)} already: nothing to switch."]
    window = found.switch_side.context_window_tokens
    if found.estimate.fits is False and isinstance(window, int):
        name, size = _name(found.model), tokens(found.switch.outlook.sent_tokens.mid)
        return [
            f"It does not fit: {size} tokens, and {name} holds {tokens(window)}.",
            "Compact first, or choose a model with a larger window.",
        ]
    return [line for line in (_re_read(found), _next_turn(found), _remark(found)) if line]


def dialog(found: Answer) -> list[str]:
    """The reason in Claude Code's own dialog: the lines of the popup, the amount first.

    The dialog cuts each line; what is at the start of the first one is seen in any terminal.
    """
    lines = popup(found)
    rebuilt = found.estimate.rebuild
    if isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown):
        return lines
    name, size = _name(found.model), tokens(rebuilt.tokens.mid)
    rest = f"once: {name} must re-read {size} tokens."
    first = _fitting(
        f"About {money_range(rebuilt.cost)} {rest}",
        f"{money_range(rebuilt.cost)} {rest}",
        f"About {money(rebuilt.cost.mid)} {rest}",
    )
    return [line[:WIDTH] for line in (first, *lines[1:])]


def switched_silently(call: Call, usd_micros: int) -> list[str]:
    """A switch that nobody was asked about, told after its first request.

    `usd_micros` is what that request's uncached and written tokens cost.
    """
    size = tokens(call.usage.uncached_tokens + call.usage.cache_write_tokens)
    return [
        f"{money(usd_micros)} went to a switch that was not announced.",
        f"{_name(call.model)} answered, and had to re-read {size} tokens.",
    ]


def _name(model: str) -> str:
    """A model's name, shortened where a line would not hold it."""
    name = display_name(model) or "A model without a name"
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _fitting(*spelled: str) -> str:
    """The first that fits a line of a popup; the last one does."""
    return next((line for line in spelled if len(line) <= WIDTH), spelled[-1])


def _re_read(found: Answer) -> str:
    name, rebuilt = _name(found.model), found.estimate.rebuild
    if isinstance(rebuilt, Unknown):
        return f"What {name} must re-read is not known."
    size = tokens(rebuilt.tokens.mid)
    if isinstance(rebuilt.cost, Unknown) or isinstance(rebuilt.compaction, Unknown):
        return f"{name} must re-read {size} tokens; its price is not known."
    if found.delta.compaction_first is True and rebuilt.compaction.mid:
        once = money(rebuilt.cost.mid + rebuilt.compaction.mid)
        return f"{_name(found.session.model)} must sum up this session first ({once} once)."
    if rebuilt.tokens.mid < _NEXT_TO_NOTHING:
        return f"{name} has nearly all of this cached: nothing to re-read."
    return f"{name} must re-read {size} tokens ({money(rebuilt.cost.mid)} once)."


def _next_turn(found: Answer) -> str:
    estimate = found.estimate
    turn, later = estimate.next_turn.extra, estimate.warm_turn.extra
    if isinstance(turn, Unknown):
        return ""
    pays = break_even_words(found)
    if estimate.verdict.direction == "dearer" and not isinstance(later, Unknown):
        rest = f", then about {signed(later.mid)} a turn."
    else:
        rest = f"; {pays}." if pays else "."
    ranged, plain = money_range(turn, difference=True), signed(turn.mid)
    return _fitting(f"Next turn about {ranged}{rest}", f"Next turn about {plain}{rest}")


def _remark(found: Answer) -> str:
    window = found.switch_side.context_window_tokens
    if isinstance(window, Unknown) and not isinstance(found.switch_side.card, Unknown):
        return f"Whether it fits is not known: no window of {_name(found.model)} is recorded."
    state = found.stay.outlook.state
    if state in ("none", "partial") and found.session.caching_seen:
        return "Staying must re-read too: the cache here is cold already."
    return ""
