"""The words of a meter: model, context, cache clock, spent, and what a switch would save."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.catalog.names import display_name
from switchtax.records import Unknown
from switchtax.wording.numbers import clock, counted, is_wide, money, tokens

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.outlook import Outlook
    from switchtax.sessions.fold import Session

__all__ = ["meter_words", "next_words", "unmeasured_words"]

_LONGEST_NAME = 24
_NEXT_TO_NOTHING = 1000
"""Tokens: from here on what a chosen model must re-read is worth a word."""


def meter_words(
    session: Session, view: Outlook, spent: int | Unknown, useful: Answer | None
) -> list[str]:
    """What a meter says, piece by piece; the last one only where a switch surely saves.

    Args:
        session: the session.
        view: its next call on its own model.
        spent: micro-dollars so far.
        useful: the switch that saves most, if any surely saves.
    """
    found = [
        display_name(session.model)[:_LONGEST_NAME],
        f"{tokens(session.context_tokens)} context",
        _clock(view),
        "spent unknown" if isinstance(spent, Unknown) else f"{money(spent)} spent",
    ]
    if useful is not None:
        horizon = useful.estimate.horizon
        turns = counted(1 if isinstance(horizon, Unknown) else horizon.turns, "turn")
        found.append(f"{display_name(useful.model)} saves {_saved(useful)} in {turns}")
    return found


def unmeasured_words(session: Session, spent: int | Unknown) -> list[str]:
    """What is left of a meter where nothing tells how large the context is."""
    return [
        display_name(session.answered_by)[:_LONGEST_NAME],
        "context ?",
        "spent unknown" if isinstance(spent, Unknown) else f"{money(spent)} spent",
    ]


def next_words(found: Answer) -> str:
    """A model chosen for the next call, and what it must re-read."""
    rebuilt, name = found.estimate.rebuild, display_name(found.model)[:_LONGEST_NAME]
    if isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown):
        return f"next: {name}"
    if rebuilt.tokens.mid < _NEXT_TO_NOTHING:
        return f"next: {name}, cached"
    return f"next: {name} re-reads {tokens(rebuilt.tokens.mid)} ({money(rebuilt.cost.mid)})"


def _saved(useful: Answer) -> str:
    """The saving over the horizon: its range, or its middle where that says as much."""
    horizon = useful.estimate.horizon
    extra = horizon if isinstance(horizon, Unknown) else horizon.extra
    if isinstance(extra, Unknown):
        return "an unknown amount"
    if not is_wide(extra):
        return f"about {money(extra.mid)}"
    return f"{money(min(0, extra.high))} to {money(extra.low)}"


def _clock(view: Outlook) -> str:
    if view.state == "warm":
        until = view.warm_until_at
        return "cache warm" if until is None else f"cache until {clock(until)}"
    if view.state == "unknown":
        return "cache unknown"
    if isinstance(view.expired_at, Unknown):
        return "cache cold"
    return f"cache expired at {clock(view.expired_at)}"
