"""What a session tells of a fresh context, of a way back and of compacting it.

Where the session tells nothing yet the amounts are guesses, wide on purpose.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from switchtax.advice.plans import Scene
from switchtax.catalog.names import normalise
from switchtax.estimates.inputs import NOTHING, CompactionFirst
from switchtax.estimates.interval import Interval, exactly
from switchtax.records import Unknown
from switchtax.sessions.calibration import Z80
from switchtax.sessions.rhythm import tool_class

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.inputs import Side
    from switchtax.sessions.fold import Session

__all__ = ["after_compaction", "fresh_side", "scene_of", "start_of"]

_BRIEF = Interval(1_000, 2_000, 3_000)
"""A ticket: `switchtax brief` keeps within 2,000 tokens."""
_ORDER = Interval(200, 600, 1_500)
"""What a sub-agent is told, one request's worth."""
_CHORES = Interval(3, 6, 12)
"""Format, test, commit, push: a call or two each."""
_SUMMARY = Interval(1_000, 3_000, 7_000)
"""What a compaction answers."""
_KEPT_AFTER = Interval(2_000, 6_000, 20_000)
"""Summary and files attached again, above the start. Source: recorded compactions left 13k to
15k tokens in all (Codex) and up to 40k (Claude Code), 2026-01 to 2026-07."""
_SUB_START = Interval(0.4, 0.65, 0.95)
"""A sub-agent's first request beside the first one of its session: 0.52, 0.58 and 0.69 in the
recorded Claude Code sessions that tell it (2026-01 to 2026-07)."""
_LONGEST_FIRST = 80_000
"""Recorded sessions opened with 2k to 66k tokens; one with 149k was a copy of another."""
_LOOKED_AT = 40
"""Tool uses, from the last one back, whose files a fresh context is likely to need."""
_MOST_FILES = 8


def start_of(session: Session) -> Interval | Unknown:
    """Tools and instructions that open a session of this agent, source tokens.

    Between the shared start that was seen and the first request, which held a prompt too. The
    first request of a fork, or a very long one, is mostly another session's history.
    """
    first = next((c.request_tokens for c in session.calls.values() if c.request_tokens), 0)
    shared = max((each.tokens for each in session.caches.shared.values()), default=0)
    if session.forked_from is not None or not 0 < first <= _LONGEST_FIRST:
        if not shared:
            return Unknown("what a new session of this agent begins with was not seen")
        return Interval(shared, shared, 1.5 * shared)
    low = min(float(shared) or 0.4 * first, first)
    return Interval(low, max(low, 0.75 * first), first)


def scene_of(found: Answer, start: Interval) -> Scene:
    """Where the session of an answer stands."""
    session = found.session
    files = _files(session)
    agent = session.rhythm.of("agent")
    dead, kept = _on_return(found)
    return Scene(
        start=start,
        sub_start=_sub_start(session, start),
        brief=_BRIEF,
        order=_ORDER,
        result=Interval(agent.quantile(-Z80), agent.quantile(0), agent.quantile(Z80)),
        files=Interval(0, min(2, files), files),
        file_tokens=round(session.rhythm.of("read").quantile(0)),
        chores=_CHORES,
        calls_left=_calls_left(found),
        dead_on_return=dead,
        kept_tokens=kept,
    )


def fresh_side(switch: Side, start: Interval) -> Side:
    """The other model at the start of a new context: at most that start is in its cache."""
    alive = switch.alive_tokens
    if isinstance(alive, Interval):
        low, mid, high = (min(each, start.low) for each in (alive.low, alive.mid, alive.high))
        alive = Interval(low, mid, high)
    return replace(switch, alive_tokens=alive, delta_tokens=NOTHING, compaction=None)


def after_compaction(found: Answer, start: Interval) -> Side | None:
    """The other model after the current one has summed up; None where that is no way.

    It is one where the current cache is warm, much longer than what a compaction leaves, and
    the agent does not compact by itself when the model changes.
    """
    session, switch = found.session, found.switch_side
    after = _left_after(session, start)
    small = session.context_tokens < 1.5 * after.mid
    if switch.compaction is not None or small or found.stay.outlook.state != "warm":
        return None
    ratio = switch.token_ratio if isinstance(switch.token_ratio, Interval) else exactly(1)
    own = Interval(after.low * ratio.low, after.mid * ratio.mid, after.high * ratio.high)
    first = CompactionFirst(found.stay_side, _SUMMARY, own)
    return replace(fresh_side(switch, start), compaction=first)


def _left_after(session: Session, start: Interval) -> Interval:
    seen = [c.after_tokens for c in session.compactions if c.after_tokens and not c.partial]
    if seen:
        return Interval(0.8 * seen[-1], seen[-1], 1.3 * seen[-1])
    return Interval(
        start.low + _KEPT_AFTER.low, start.mid + _KEPT_AFTER.mid, start.high + _KEPT_AFTER.high
    )


def _sub_start(session: Session, start: Interval) -> Interval:
    seen = [
        call.usage.sent_tokens
        for call in session.side_calls.values()
        if call.sidechain and not call.purpose and call.usage.sent_tokens
    ]
    if seen:
        least = float(min(seen))
        return Interval(0.7 * least, least, 1.3 * least)
    return Interval(*(start.high * share for share in (_SUB_START.low, _SUB_START.mid, 0.95)))


def _files(session: Session) -> int:
    """Files that the last tool uses named."""
    last = [use for use in session.tool_uses if use.name and not use.sidechain][-_LOOKED_AT:]
    named = {use.path for use in last if use.path and tool_class(use.name) in _ABOUT_FILES}
    return min(_MOST_FILES, len(named))


_ABOUT_FILES = ("read", "edit", "write")


def _calls_left(found: Answer) -> int:
    """Calls that the turn now running still takes, by this session's usual length."""
    pace = found.pace.calls_per_turn
    if not found.session.asked_for or isinstance(pace, Unknown):
        return 0
    return max(1, round(pace.mid) - found.session.calls_this_turn)


def _on_return(found: Answer) -> tuple[bool, int]:
    """Whether the current cache is dead after a turn away, and what of it is warm even then."""
    session, rhythm = found.session, found.session.rhythm
    shared = session.caches.shared_start(normalise(session.model).name)
    calls = rhythm.calls_per_turn.quantile(0)
    away_s = calls * rhythm.gap_s.quantile(0) + rhythm.turn_gap_s.quantile(0)
    ttl_s = found.stay_side.ttl_s
    if ttl_s is not None and away_s > ttl_s:
        return True, shared.tokens if shared.survival >= 0.5 else 0
    rules = session.rules(session.model)
    blocks = calls * session.blocks / max(1, len(session.calls))
    if rules is not None and 0 < rules.lookback_blocks < blocks:
        return True, shared.tokens
    return False, shared.tokens
