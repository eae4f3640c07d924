"""What opens a history of Codex after a summary as it opened one before: tools and instructions.

Two recorded requests right after a compaction read 9,600 and 9,728 tokens of 16,560 and 16,879
(0.142.2, OpenAI): the part that is here worked out as 9,088.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from switchtax.catalog.names import normalise
from switchtax.sessions.agent_facts import same_model
from switchtax.sessions.codex_facts import head_chars, told_of

if TYPE_CHECKING:
    from switchtax.sessions.fold import Session

__all__ = ["Head", "head_of"]

_ALIVE = 0.9
"""Of prefixes that were used within their lifetime, so many are read."""


class Head(NamedTuple):
    """Its tokens, and how likely it is read."""

    tokens: float
    alive: float


def head_of(session: Session, model: str, at: float) -> Head:
    """What a request that begins a history anew shares with earlier ones of the session.

    It is warm if the model was sent the same within its cache's lifetime. One whose instructions
    stand inside the history was so only where it opened one.

    Args:
        session: of Codex, with at least one call.
        model: who would answer.
        at: when it would be sent, UTC epoch seconds.
    """
    tokens = head_chars(normalise(model).name, session.codex_room()) * session.told_density
    last = session.caches.prefixes.get(session.identity_on(model))
    if last is None or last.ttl_s is None or at - last.refreshed_at > last.ttl_s:
        return Head(tokens, 0.0)
    opened = _opened_with(session) if told_of(normalise(model).name).inside else {model}
    return Head(tokens, _ALIVE if any(same_model(model, each) for each in opened) else 0.0)


def _opened_with(session: Session) -> set[str]:
    """Models that a history of this session, the first or one after a summary, began on."""
    calls, ends = list(session.calls.values()), [done.at for done in session.compactions]
    after = {
        call.model
        for last, call in pairwise(calls)
        if any(last.at < end <= call.at for end in ends)
    }
    return {calls[0].model, *after}
