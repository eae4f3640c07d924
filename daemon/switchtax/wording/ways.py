"""The sentences of ways: what each is called and costs, and the habit a switch belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.advice import Pattern, WayKind
from switchtax.catalog.names import display_name
from switchtax.records import Unknown
from switchtax.wording.numbers import counted, money, money_range, signed, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.advice import Recognised, Way
    from switchtax.estimates.interval import Interval

__all__ = [
    "pattern_words",
    "sub_agent_offer",
    "sub_agent_words",
    "way_explained",
    "way_name",
    "ways_in_short",
    "ways_table",
]

_NAMES = {
    WayKind.STAY: "stay",
    WayKind.SWITCH: "switch now",
    WayKind.FINISH_FIRST: "finish this turn, then switch",
    WayKind.COMPACT_FIRST: "compact first, then switch",
    WayKind.SUB_AGENT: "only the next request, in a sub-agent",
    WayKind.NEW_SESSION: "new session with a brief",
    WayKind.THERE_AND_BACK: "one turn there, then back",
    WayKind.POOL: "both in turn, two caches kept",
}
_MOST_IN_SHORT = 2
_WIDTH = 80


def way_name(way: Way) -> str:
    """What a way is called."""
    if way.kind is WayKind.CHORES:
        return f"chores in a sub-agent on {display_name(way.model)}"
    return _NAMES[way.kind]


def sub_agent_words(way: Way | None) -> str:
    """The offer of a sub-agent in one line of a popup; "" where it has no price."""
    if way is None or isinstance(way.next_turn, Unknown):
        return ""
    amount = money(way.next_turn.mid)
    return f"Only this question in a sub-agent: about {amount}, this cache kept."


def sub_agent_offer(way: Way) -> str:
    """What the agent itself is told after the user has declined a switch; "" without a price."""
    if isinstance(way.next_turn, Unknown):
        return ""
    name, amount = display_name(way.model), money(way.next_turn.mid)
    return (
        f"The user considered switching this session to {name} and did not. If this request "
        f"is what {name} was wanted for, it can be done by a sub-agent on {name} (about "
        f"{amount}), which keeps this session's prompt cache. Offer that once, in one sentence; "
        "if the user does not want it, carry on as usual."
    )


def ways_table(ways: Sequence[Way], turns: int) -> list[str]:
    """All ways of one target, at 80 columns: total, against staying, the next turn alone."""
    head = f"{'way':<40}{counted(turns, 'turn'):>11}{'vs staying':>13}{'next turn':>12}"
    lines = [head]
    for way in ways:
        if isinstance(way.total, Unknown):
            lines.append(f"{way_name(way)[:39]:<40}    unknown")
            continue
        against = "" if way.kind is WayKind.STAY else _signed(way)
        once = "unknown" if isinstance(way.next_turn, Unknown) else money(way.next_turn.mid)
        lines.append(f"{way_name(way)[:39]:<40}{money(way.total.mid):>11}{against:>13}{once:>12}")
    return lines


def ways_in_short(ways: Sequence[Way], model: str) -> str:
    """The cheapest ways to one target in one line of 80; "" where none has a price.

    Switching and staying are in the table above it already.
    """
    others = [
        way
        for way in ways
        if way.kind not in (WayKind.STAY, WayKind.SWITCH, WayKind.CHORES)
        and not isinstance(way.extra, Unknown)
    ]
    if not others:
        return ""
    line = f"{display_name(model)[:17]:<18}"
    for way in others[:_MOST_IN_SHORT]:
        part = f"{way_name(way)} {_signed(way)}"
        if len(line) + len(part) + 2 > _WIDTH:
            break
        line += part + "; "
    return line.rstrip("; ")


def _signed(way: Way) -> str:
    return "unknown" if isinstance(way.extra, Unknown) else signed(way.extra.mid)


_ASSUMED = {
    "start_tokens": "begins with {} tokens",
    "order_tokens": "is told {} tokens",
    "brief_tokens": "a brief of {} tokens",
    "files_read_again": "{} files read again",
    "tokens_a_file": "{} tokens a file",
    "result_tokens": "brings {} tokens back",
    "calls": "{} calls",
    "calls_left": "{} more calls here first",
    "summary_tokens": "a summary of {} tokens",
    "context_after_tokens": "{} tokens left after it",
}


def way_explained(way: Way) -> str:
    """The amounts a way rests on, and its sum: one or two sentences for `--explain`."""
    if isinstance(way.total, Unknown):
        return f"not known: {way.total.reason}"
    parts = [_ASSUMED[name].format(_amount(value)) for name, value in way.assumes
             if name in _ASSUMED]  # fmt: skip
    kept = dict(way.assumes).get("cache_kept_on_return")
    if kept is not None:
        parts.append("the cache here is " + ("kept" if kept.mid else "lost") + " meanwhile")
    rests = f"{'; '.join(parts)}\n" if parts else ""
    total = money_range(way.total)
    if way.kind is WayKind.STAY:
        return f"{rests}in total {total}"
    return f"{rests}in total {total}, {money_range(way.extra, difference=True)} against staying"


def _amount(value: Interval) -> str:
    shown = tokens(value.mid)
    if value.low == value.high:
        return shown
    return f"{shown} ({tokens(value.low)} to {tokens(value.high)})"


def pattern_words(found: Recognised | None) -> str:
    """The habit that a switch belongs to, in one line of a popup; "" where it is none."""
    if found is None:
        return ""
    if found.pattern is Pattern.FIRST_SENTENCE:
        return "At the start of a session a switch costs next to nothing: choose now."
    if found.pattern is Pattern.AFTER_WARM_UP:
        return "Early in the session: a switch costs little now, and more every turn."
    if found.pattern is Pattern.DETOUR:
        calls = counted(found.calls_away, "call")
        return f"There and back after {calls}: plan in one go, then stay on one model."
    return f"Back and forth {found.switches} times: each change re-reads. Keep to one model."
