"""The sentences of a switch: in a popup, in a dialog, in a status report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from switchtax.advice import Pattern, recognise, sub_agent_way
from switchtax.catalog.names import display_name
from switchtax.estimates.billing import BillingKind, billing_of
from switchtax.estimates.drift import Level, Risk
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model
from switchtax.wording.numbers import clock, counted, money, money_range, signed, tokens
from switchtax.wording.quota import quota_words
from switchtax.wording.risk import risk_words
from switchtax.wording.times import no_times
from switchtax.wording.wait import wait_words
from switchtax.wording.ways import pattern_words, sub_agent_words

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.records import Call

__all__ = [
    "WIDTH",
    "break_even_words",
    "cache_words",
    "dialog",
    "popup",
    "switched_silently",
]

_NEXT_TO_NOTHING = 1000
"""Tokens: less than this to re-read is not worth a number."""
_TODAY_S = 43_200
_LONGEST_NAME = 24
WIDTH = 74
"""Characters of a line of a popup: what Claude Code's dialog shows at 80 columns."""


def cache_words(found: Answer) -> str:
    """Until when the session's own cache lasts, or that it is cold: one clause."""
    view = found.stay.outlook
    if no_times(found.session):
        return "whether its cache is warm is not known"
    if view.state == "warm":
        promised = not view.evidence.startswith("kept as long as the provider pleases")
        if view.warm_until_at is not None and promised:
            return f"its cache lasts until {clock(view.warm_until_at)}"
        return "its cache is probably warm, kept as the provider pleases"
    if view.state == "partial":
        return f"{_gone(found)}; only the first {tokens(view.read_tokens.mid)} are kept"
    if view.state == "unknown":
        return "whether its cache is warm is not known"
    if view.evidence.startswith("no request"):
        return "this session's requests are not cached"
    return _gone(found)


def _gone(found: Answer) -> str:
    """Since when a cache is no longer there; the time of day only where it is of this day."""
    expired_at = found.stay.outlook.expired_at
    if isinstance(expired_at, Unknown):
        return "its cache is cold"
    if found.at - expired_at < _TODAY_S:
        return f"its cache expired at {clock(expired_at)}"
    return "its cache has expired"


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
    """At most three lines of 74 characters: what must be re-read, what it costs, what else.

    To a cheaper model the second line says from when it pays. To a dearer one, which is wanted
    for what it can do, it offers the same in a sub-agent.
    """
    fixed = _nothing_to_weigh(found)
    if fixed:
        return fixed
    offer = _offer(found)
    if offer:
        lines = [_re_read(found, and_then=True), offer, _third(found)]
    else:
        lines = [_re_read(found), _next_turn(found), _third(found)]
    return [line for line in lines if line]


def dialog(found: Answer) -> list[str]:
    """The reason in Claude Code's own dialog: at most four lines, the amount first.

    The dialog cuts each line; what is at the start of the first one is seen in any terminal.
    """
    rebuilt = found.estimate.rebuild
    same = same_model(found.model, found.session.model)
    if same or isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown):
        return popup(found)
    name, size = _name(found.model), tokens(rebuilt.tokens.mid)
    rest = f"{name} must re-read {size} tokens."
    if is_flat(found):
        first = _fitting(
            f"≈ {money_range(rebuilt.cost)} at API prices, once: {rest}",
            f"≈ {money(rebuilt.cost.mid)} at API prices, once: {rest}",
        )
    else:
        first = _fitting(
            f"About {money_range(rebuilt.cost)} once: {rest}",
            f"{money_range(rebuilt.cost)} once: {rest}",
            f"About {money(rebuilt.cost.mid)} once: {rest}",
        )
    beside = _nothing_to_weigh(found) or [_next_turn(found), _offer(found), _third(found)]
    lines = [first, *beside]
    return [line[:WIDTH] for line in lines if line]


def is_flat(found: Answer) -> bool:
    """Whether the session itself tells that it is paid for by a plan, not by the token."""
    session = found.session
    limits = session.rate_limits is not None
    billing = billing_of(session.agent, rate_limits_seen=limits, plan=session.plan)
    return billing.kind is BillingKind.SUBSCRIPTION


def _nothing_to_weigh(found: Answer) -> list[str]:
    """What to say where there is no switch, or none that is possible."""
    if same_model(found.model, found.session.model):
        return [f"This session is on {_name(found.model)} already: nothing to switch."]
    window = found.switch_side.context_window_tokens
    if found.estimate.fits is False and isinstance(window, int):
        name, size = _name(found.model), tokens(found.switch.outlook.sent_tokens.mid)
        return [
            f"It does not fit: {size} tokens, and {name} holds {tokens(window)}.",
            "Compact first, or choose a model with a larger window.",
        ]
    return []


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


def _re_read(found: Answer, *, and_then: bool = False) -> str:
    """The one-off; with `and_then` also the more per turn, where the line holds both."""
    name, rebuilt = _name(found.model), found.estimate.rebuild
    if isinstance(rebuilt, Unknown):
        return f"What {name} must re-read is not known."
    size = tokens(rebuilt.tokens.mid)
    if isinstance(rebuilt.cost, Unknown) or isinstance(rebuilt.compaction, Unknown):
        return f"{name} must re-read {size} tokens; its price is not known."
    if found.delta.compaction_first is True and rebuilt.compaction.mid:
        once = _once(found, rebuilt.cost.mid + rebuilt.compaction.mid)
        return f"{_name(found.session.model)} must sum up this session first ({once})."
    if rebuilt.tokens.mid < _NEXT_TO_NOTHING:
        return f"{name} has nearly all of this cached: nothing to re-read."
    line = f"{name} must re-read {size} tokens ({_once(found, rebuilt.cost.mid)})"
    later = found.estimate.warm_turn.extra
    if not and_then or isinstance(later, Unknown):
        return f"{line}."
    more = signed(later.mid)
    return _fitting(
        f"{line}, then about {more} a turn.", f"{line}, then {more} a turn.", f"{line}."
    )


def _once(found: Answer, usd_micros: int) -> str:
    amount = money(usd_micros)
    return f"≈ {amount} at API prices" if is_flat(found) else f"{amount} once"


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


def _offer(found: Answer) -> str:
    """The same from a sub-agent: on the way to a dearer model, while there is a cache to keep."""
    estimate = found.estimate
    if estimate.verdict.direction != "dearer" or found.stay.outlook.state != "warm":
        return ""
    way, turn = sub_agent_way(found), estimate.next_turn.switch
    if way is None or isinstance(way.next_turn, Unknown) or isinstance(turn, Unknown):
        return ""
    return sub_agent_words(way) if way.next_turn.mid < turn.mid else ""


def _third(found: Answer) -> str:
    """What else there is to know: the window, a great risk, a cold cache, flapping, the wait."""
    window = found.switch_side.context_window_tokens
    if isinstance(window, Unknown) and not isinstance(found.switch_side.card, Unknown):
        return f"Whether it fits is not known: no window of {_name(found.model)} is recorded."
    if isinstance(found.risk, Risk) and found.risk.level in (Level.HIGH, Level.SEVERE):
        return _risk_and_wait(found)
    state = found.stay.outlook.state
    if no_times(found.session):
        return ""
    if state in ("none", "partial") and found.session.caching_seen:
        return "Staying must re-read too: the cache here is cold already."
    return _habit(found) or _of_the_plan(found)


def _of_the_plan(found: Answer) -> str:
    """On a plan: the share of its window, where one was learnt, before risk and wait."""
    share, rest = quota_words(found.quota) if is_flat(found) else "", _risk_and_wait(found)
    if not share:
        return rest
    line = f"The next call takes {share}."
    return _fitting(f"{line} {rest}".strip(), line)


def _habit(found: Answer) -> str:
    """Flapping, where this change too re-reads."""
    habit, rebuilt = recognise(found.session, found.model), found.estimate.rebuild
    if habit is None or habit.pattern is not Pattern.FLAPPING or isinstance(rebuilt, Unknown):
        return ""
    return pattern_words(habit) if rebuilt.tokens.mid >= _NEXT_TO_NOTHING else ""


def _risk_and_wait(found: Answer) -> str:
    """Both in one line, the wait without its upper end, or the risk alone."""
    risk, wait = risk_words(found), wait_words(found.wait)
    later = f"{wait[:1].upper()}{wait[1:]}." if wait else ""
    shorter = f"{later.partition(' (')[0]}." if " (" in later else later
    return _fitting(f"{risk} {later}".strip(), f"{risk} {shorter}".strip(), risk)
