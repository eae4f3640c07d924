"""The sentences of ways: what each is called and costs, and the habit a switch belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.advice import Pattern, WayKind
from switchtax.catalog.names import display_name
from switchtax.estimates.interval import exactly
from switchtax.records import Unknown
from switchtax.wording.numbers import counted, money, money_range, signed, tokens
from switchtax.wording.risk import reason_in_short
from switchtax.wording.wait import SHORTEST_S, seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.advice import Recognised, Way
    from switchtax.estimates.for_session import Answer
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
    WayKind.SUB_AGENT: "next request only, in a sub-agent",
    WayKind.NEW_SESSION: "new session with a brief",
    WayKind.THERE_AND_BACK: "one turn there, then back",
    WayKind.POOL: "both in turn, two caches kept",
}
_MOST_IN_SHORT = 2
_WIDTH = 80


def way_name(way: Way) -> str:
    """What a way is called."""
    if way.kind is WayKind.CHORES:
        return f"chores in a sub-agent ({display_name(way.model)})"
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
    """All ways of one target, at 78 columns: total, against staying, the next turn alone.

    And how much later the first word comes, and the risk of the handoff.
    """
    head = f"{'way':<33}{counted(turns, 'turn'):>10}{'vs staying':>11}{'next turn':>10}"
    lines = [f"{head}{'later':>7} risk"]
    for way in ways:
        name = f"{way_name(way)[:33]:<33}"
        if isinstance(way.total, Unknown):
            lines.append(f"{name}   unknown")
            continue
        against = "" if way.kind is WayKind.STAY else _signed(way)
        once = "unknown" if isinstance(way.next_turn, Unknown) else money(way.next_turn.mid)
        row = f"{name}{_cell(money(way.total.mid)):>10}{against:>11}{_cell(once):>10}"
        lines.append(f"{row}{_later(way):>7} {_risk(way)}".rstrip())
    return lines


def _cell(amount: str) -> str:
    return amount.replace("under ", "<")


def _later(way: Way) -> str:
    """Seconds in a cell: "" where it changes nothing, "?" where it is not known."""
    if isinstance(way.extra_wait_s, Unknown):
        return "?"
    return "" if way.extra_wait_s == exactly(0) else seconds(way.extra_wait_s.mid)


def _risk(way: Way) -> str:
    if way.risk is None:
        return ""
    return "?" if isinstance(way.risk, Unknown) else str(way.risk.level)


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
    against = money_range(way.extra, difference=True)
    beside = [f"{rests}in total {total}, {against} against staying", *_wait_and_risk(way)]
    return "\n".join(beside)


def _wait_and_risk(way: Way) -> list[str]:
    wait, risk, lines = way.extra_wait_s, way.risk, []
    if isinstance(wait, Unknown):
        lines.append(f"how much later the first word comes is not known: {wait.reason}")
    elif max(abs(wait.low), abs(wait.high)) >= SHORTEST_S:
        later = "later" if wait.mid >= 0 else "sooner"
        ends = f"{seconds(wait.low)} to {seconds(wait.high)}"
        about = f"first word about {seconds(abs(wait.mid))} {later}"
        lines.append(about + (f" ({ends})" if wait.low != wait.high else ""))
    if isinstance(risk, Unknown):
        lines.append(f"its risk is not known: {risk.reason}")
    elif risk is not None:
        why = ", ".join(reason_in_short(each) for each in risk.reasons)
        lines.append(f"risk {risk.level}" + (f": {why}" if why else ""))
    return lines


def summary_explained(found: Answer) -> str:
    """What a summary that comes first rests on, for `--explain`; "" where none does."""
    restart, rebuilt = found.restart, found.estimate.rebuild
    if restart is None or isinstance(rebuilt, Unknown):
        return ""
    sent = tokens(restart.sent_tokens(found.session.context_tokens).mid)
    old, new = display_name(found.session.model), display_name(found.model)
    return "\n".join(
        (
            f"{old} sums up the session: {money_range(rebuilt.compaction)}",
            f"{sent} sent for it, a summary of {_amount(restart.summary_tokens)} tokens",
            f"{new} starts from that and {_amount(restart.start_tokens)} more",
        )
    )


def _amount(value: Interval) -> str:
    shown, low, high = tokens(value.mid), tokens(value.low), tokens(value.high)
    return shown if low == high else f"{shown} ({low} to {high})"


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
