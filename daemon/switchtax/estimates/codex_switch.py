"""Codex between models of different compaction hashes: the old model sums the history up first.

The re-read of the whole context on the new model, which any other agent pays, does not happen.
Instead the old model is sent the whole history once more and writes a summary; the new model
starts from its instructions, the last user messages and that summary:

    asked = c + order (- tools outside the history)      old model, from its cache or not
    start = first - opening(first model) + restart(new model) + kept messages + frame
    after = start + summary                              new model

`first` is the session's own first request, so that what a user adds (rules, tools) is in it; the
difference between models is known from Codex (`sessions.codex_facts`). The summary's length is the
one thing that nobody knows beforehand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.estimates.codex_head import Head, head_of
from switchtax.estimates.inputs import NOTHING, CompactionFirst
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.switch_sides import delta_of
from switchtax.sessions.codex_facts import (
    COMPACTED_PROMPTS_CHARS,
    opening_chars,
    restart_chars,
    told_of,
    tools_chars,
)

if TYPE_CHECKING:
    from switchtax.estimates.inputs import Side
    from switchtax.sessions.fold import Session

__all__ = ["SUMMARY_TOKENS", "Restart", "restart_of", "summary_of", "with_compaction_first"]

SUMMARY_TOKENS = Interval(500, 1_500, 4_000)
"""What a compaction answers before one was seen: a guess, wide on purpose. Of OpenAI's own service
two in a recorded session left some 300 to 400 tokens (2026)."""

_SEEN_RATIO = 2.0
"""Beside the summaries so far, the next may be half as long or twice."""

_ORDER_CHARS, _FRAME_CHARS = 450, 400
"""The request for a summary, and what stands around it afterwards, where the model itself writes
it. Source: openai/codex, `templates/compact/prompt.md` and `summary_prefix.md`, 2026-11-21."""

_BESIDE_CHARS = 14_000
"""Skills, permissions, roles and surroundings in a session whose own opening is not known."""

_UNSURE_FIRST, _UNSURE_CHANGE, _UNSURE_BLIND, _UNSURE_KEPT = 0.015, 0.08, 0.2, 0.1


@dataclass(frozen=True, slots=True)
class Restart:
    """A summary on the old model, and what the new one then starts from. Tokens."""

    start_tokens: Interval
    """All that the new model starts from, but the summary itself."""
    summary_tokens: Interval
    head: Head
    """All that an older history on the new model shares with it."""
    asked_tokens: float
    """What the request for the summary has more (or, negative, less) than the context."""
    reads: bool
    """Whether that request reads what is warm on the old model."""
    surely: bool
    """Whether that is known: the effort that comes with the new model may not be chosen yet."""

    @property
    def after_tokens(self) -> Interval:
        """What the new model starts from, summary included."""
        start, summary = self.start_tokens, self.summary_tokens
        mid = start.mid + summary.mid
        below = math.hypot(start.mid - start.low, summary.mid - summary.low)
        above = math.hypot(start.high - start.mid, summary.high - summary.mid)
        return Interval(max(0.0, mid - below), mid, mid + above)

    def sent_tokens(self, context_tokens: float) -> Interval:
        """What the request for the summary sends."""
        return exactly(max(0.0, context_tokens + self.asked_tokens))


def restart_of(session: Session, model: str, at: float) -> Restart | None:
    """What stands between a session and its next call on a model; None where no summary does.

    Args:
        session: all that stands so far.
        model: the model switched to.
        at: when it would be, UTC epoch seconds.
    """
    if session.agent != "codex" or session.current is None:
        return None
    if session.signs.compacted or session.signs.cleared:
        return None
    if delta_of(session, model).compaction_first is not True:
        return None
    old, new, room = normalise(session.model).name, normalise(model).name, session.codex_room()
    density = session.told_density
    outside = 0 if room.is_hosted or told_of(old).inside else tools_chars(old, room)
    reads, surely = _reads(session, new)
    return Restart(
        start_tokens=_start_of(session, new, density),
        summary_tokens=summary_of(session, at),
        head=head_of(session, model, at),
        asked_tokens=(0 if room.is_hosted else _ORDER_CHARS - outside) * density,
        reads=reads,
        surely=surely,
    )


def summary_of(session: Session, at: float) -> Interval:
    """How long a summary gets: as this session's own were, else its user's others, else a guess."""
    seen = sorted(session.summaries(at))
    if not seen:
        return SUMMARY_TOKENS
    mid = (seen[(len(seen) - 1) // 2] + seen[len(seen) // 2]) / 2
    return Interval(mid / _SEEN_RATIO, mid, mid * _SEEN_RATIO)


def _start_of(session: Session, new: str, density: float) -> Interval:
    room, growth, first = session.codex_room(), session.growth_of(session.model), session.first
    if first is not None:
        change = (restart_chars(new, room) - opening_chars(first.room)) * density
        mid = max(0.0, first.tokens + change)
        unsure = math.hypot(_UNSURE_FIRST * mid, _UNSURE_CHANGE * change)
    else:
        mid = (restart_chars(new, room) + _BESIDE_CHARS) * density
        unsure = _UNSURE_BLIND * mid
    most = COMPACTED_PROMPTS_CHARS[room.is_hosted]
    kept = growth.prompt_tokens(min(most, session.prompt_chars), session.prompts)
    kept += 0.0 if room.is_hosted else _FRAME_CHARS * density
    unsure = min(mid, math.hypot(unsure, _UNSURE_KEPT * kept))
    less, more = _elsewhere(session, new, density)
    low = max(0.0, mid + kept - unsure - less)
    return Interval(low, mid + kept, mid + kept + unsure + more)


def _elsewhere(session: Session, new: str, density: float) -> tuple[float, float]:
    """Tokens less, and more, if the session is resumed at a screen or by `codex exec` instead.

    No log tells that before it happens. A model picked where it may ask was picked at a screen.
    """
    room = session.codex_room()
    if session.signs.chosen_model and room.asks:
        return 0.0, 0.0
    change = (restart_chars(new, room.elsewhere) - restart_chars(new, room)) * density
    return max(0.0, -change), max(0.0, change)


def _reads(session: Session, new: str) -> tuple[bool, bool]:
    """Whether the request for a summary reads what is warm, and whether that is sure.

    Without the tools that stand in front of the history it reads nothing. It is made at the
    effort that was picked with the new model: another one is another cache, where the provider
    keeps them apart. Before the pick, somebody at a screen is expected to take what Codex
    proposes; `codex exec` keeps the effort.
    """
    room, rules = session.codex_room(), session.rules(session.model)
    if not (room.is_hosted or told_of(normalise(session.model).name).inside):
        return False, True
    if rules is None or "effort" not in rules.breaks_on:
        return True, True
    own = session.current.effort if session.current else None
    if session.signs.chosen_model or not room.is_on_screen:
        return (session.effort or own) == own, True
    return own in (None, told_of(new).effort), False


def with_compaction_first(switch: Side, stay: Side, restart: Restart) -> Side:
    """The other model as it is after a summary on the current one.

    Args:
        switch: the model switched to, as `restart.after_summary` foretells it.
        stay: the current model, with what its cache holds.
        restart: of the session and that model (`restart_of`).
    """
    warm = stay.alive_tokens
    if isinstance(warm, Interval) and not restart.reads:
        warm = NOTHING if restart.surely else Interval(0, 0, warm.high)
    elif isinstance(warm, Interval) and not restart.surely:
        warm = Interval(0, warm.mid, warm.high)
    on = replace(stay, alive_tokens=warm, delta_tokens=exactly(restart.asked_tokens))
    first = CompactionFirst(on, restart.summary_tokens, restart.after_tokens)
    return replace(switch, compaction=first)
