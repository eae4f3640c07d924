"""Habits of switching, recognised in a running session by its switches alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.sessions.fold import Session

__all__ = ["Pattern", "Recognised", "is_flapping", "legs_of", "recognise", "switch_backs"]

_WARM_UP_TURNS = 6
_WARM_UP_TOKENS = 45_000
"""A session has 30k to 60k tokens by its third or fourth prompt; half of them is its start."""
_FLAPS = 2
"""From the second switch back on it is a habit."""
_DETOUR_CALLS = 30
"""A planning turn is shorter: nine turns in ten have at most 29 calls (recorded sessions)."""


class Pattern(StrEnum):
    """The four habits, from the cheapest to the dearest."""

    FIRST_SENTENCE = "first_sentence"
    """At the beginning: there is next to nothing to read again."""
    AFTER_WARM_UP = "after_warm_up"
    """After a few prompts: modest."""
    DETOUR = "detour"
    """To another model for a turn, and back."""
    FLAPPING = "flapping"
    """To and fro, each time paid again."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A habit, with the numbers that its sentence names."""

    pattern: Pattern
    switches: int
    """Switches back to a model that was used before, this one included where it is one."""
    calls_away: int = 0
    """Detour: calls since the session left the model that it would return to."""


def legs_of(session: Session) -> list[tuple[str, int]]:
    """The models in the order they were used, each with its number of calls.

    Only since the last compaction or clearing: what was before it is lost for every model.
    """
    since = max((c.at for c in session.compactions if not c.partial), default=0.0)
    legs: list[tuple[str, int]] = []
    for call in session.calls.values():
        if call.at < since:
            continue
        name = normalise(call.model).name
        if legs and legs[-1][0] == name:
            legs[-1] = name, legs[-1][1] + 1
        else:
            legs.append((name, 1))
    return legs


def switch_backs(legs: list[tuple[str, int]]) -> int:
    """How often a model was returned to.

    >>> switch_backs([("a", 1), ("b", 1), ("a", 2), ("b", 1)])
    2
    """
    seen: set[str] = set()
    back = 0
    for name, _ in legs:
        back += name in seen
        seen.add(name)
    return back


def is_flapping(session: Session) -> bool:
    """Whether the session has gone to and fro twice, each time for a short while."""
    legs = legs_of(session)
    short = sum(calls <= _DETOUR_CALLS for _, calls in legs[1:])
    return switch_backs(legs) >= _FLAPS and short >= _FLAPS


def recognise(session: Session, model: str) -> Recognised | None:
    """The habit that a switch to this model would belong to; None where it is none.

    Args:
        session: a session with at least one call.
        model: the target; the session's own model asks what has been going on so far.
    """
    legs = legs_of(session)
    if not legs:
        return None
    moving = not same_model(model, session.model)
    if moving:
        legs = [*legs, (normalise(model).name, 0)]
    back = switch_backs(legs)
    if back >= _FLAPS and sum(calls <= _DETOUR_CALLS for _, calls in legs[1:]) >= _FLAPS:
        return Recognised(Pattern.FLAPPING, back)
    away = _detour(legs)
    if away:
        return Recognised(Pattern.DETOUR, back, away)
    if not moving or session.forked_from is not None or session.compactions:
        return None
    if session.turns <= 1 and len(session.calls) <= 1:
        return Recognised(Pattern.FIRST_SENTENCE, back)
    if session.turns <= _WARM_UP_TURNS and session.context_tokens <= _WARM_UP_TOKENS:
        return Recognised(Pattern.AFTER_WARM_UP, back)
    return None


def _detour(legs: list[tuple[str, int]]) -> int:
    """Calls away, where the last model of the legs is the one that was left before; else 0."""
    if len(legs) < 3 or legs[-3][0] != legs[-1][0] or legs[-2][1] > _DETOUR_CALLS:
        return 0
    return legs[-2][1]
