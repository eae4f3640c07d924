"""The shared start: tools and system prompt, which may be read where the conversation is not.

It is warm while any request that opened alike was sent to the model within the cache's lifetime,
by this session or another one. Where the agent tells what its requests open with, that is known by
content; elsewhere by the build; after a summary of Codex by what Codex tells each model. A length
that no bill told is inferred, and spread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from switchtax.catalog.cards import CacheKind
from switchtax.catalog.names import normalise
from switchtax.estimates.codex_head import head_of
from switchtax.estimates.interval import exactly
from switchtax.sessions.agent_facts import outlives, thinks_by_budget
from switchtax.sessions.calibration import Z80
from switchtax.sessions.starts import Length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.estimates.interval import Interval
    from switchtax.sessions.fold import Session

__all__ = ["Shared", "ends_of_starts", "shared_start"]

_ALIVE = 0.97
"""Of requests that begin within the lifetime of a start, so many read it."""
_THIRDS = (-1.09, 0.0, 1.09)
"""Middles of the equally likely thirds of a standard normal."""
_OF_OPENING = Length(0.7, 0.2)
"""Share of what a session of Claude Code opens with that is tools and system prompt, where its log
does not tell: 0.70 in the middle, 0.43 to 0.85 in thirteen recorded sessions (2026)."""
_OF_ALL = Length(1.0, 0.01)
"""The same of pi, whose log shows all but these two (the real client 1.5.2, 2026-11-21)."""
_LONGEST_OPENING = 60_000
"""Tokens; what begins with more was begun elsewhere (12,000 to 50,000 in recorded sessions)."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Equally likely lengths of what is read in a model's tokens, and how likely that is.

    `inferred`: no bill has told the length yet.
    """

    tokens: tuple[float, ...] = (0.0,)
    alive: float = 0.0
    inferred: bool = False


def shared_start(session: Session, model: str, at: float, ratio: Interval | None = None) -> Shared:
    """What of its start a request would read at a time if nothing else.

    Args:
        session: all that stood before the request.
        model: who would answer it.
        at: when it would be sent, UTC epoch seconds.
        ratio: the model's tokens per token of the session's model (1 within a family).
    """
    if session.agent == "codex" and session.signs.compacted:
        head = head_of(session, model, at)
        return Shared((head.tokens,), head.alive)
    ratio = ratio or exactly(1.0)
    for start in reversed(session.opening):
        if session.start_ends_at(model, start, at) < at:
            continue
        length = session.start_length(model, start, at)
        if length is None and (own := session.start_length(session.model, start, at)):
            length = _in_tokens_of(own, ratio)
        rules = session.rules(model)
        if length is not None and rules is not None and length.tokens >= rules.minimum_tokens:
            return _spread(length)
    return _by_build(session, model, at, ratio)


def ends_of_starts(session: Session, model: str) -> Iterator[float]:
    """Times at which a start of this session runs out on a model, as far as known now."""
    for start in session.opening:
        if ends := session.start_ends_at(model, start, math.inf):
            yield ends
    own = session.caches.shared_start(normalise(model).name)
    if (ttl := own.ttl_s or session.ttl_of(model)) is not None:
        yield max(own.refreshed_at, _of_others(session, model, math.inf)[1]) + ttl


def _in_tokens_of(length: Length, ratio: Interval) -> Length:
    """The same start in another model's tokens."""
    unsure = (ratio.high - ratio.low) / (2 * Z80 * ratio.mid)
    return Length(length.tokens * ratio.mid, math.hypot(length.unsure_ratio, unsure))


def _spread(length: Length) -> Shared:
    if not length.unsure_ratio:
        return Shared((length.tokens,), _ALIVE)
    points = tuple(length.tokens * max(0.0, 1 + z * length.unsure_ratio) for z in _THIRDS)
    return Shared(points, _ALIVE, inferred=True)


def _by_build(session: Session, model: str, at: float, ratio: Interval) -> Shared:
    """Where no request tells its start: sessions of one build open alike."""
    own = session.caches.shared_start(normalise(model).name)
    others_tokens, others_at = _of_others(session, model, at)
    ttl, used_at = own.ttl_s or session.ttl_of(model), max(own.refreshed_at, others_at)
    alive = not session.opening and ttl is not None and used_at > 0 and at - used_at <= ttl
    if tokens := own.tokens or others_tokens:
        if alive:
            return Shared((float(tokens),), _ALIVE, own.told)
        return Shared((float(own.tokens),), own.survival, own.told)
    if session.opening or ttl is None or at - max(_sent_alike_at(session, model), others_at) > ttl:
        return Shared()
    return _of_opening(session, model, ratio)


def _of_opening(session: Session, model: str, ratio: Interval) -> Shared:
    """The usual share of what a session opens with."""
    opening, rules = session.opening_tokens(session.model), session.rules(model)
    share = _OF_ALL if _thinks_by_budget(session, model) else _OF_OPENING
    usual = session.agent == "claude-code" or share is _OF_ALL
    if not usual or not 0 < opening <= _LONGEST_OPENING or rules is None:
        return Shared()
    length = _in_tokens_of(share._replace(tokens=share.tokens * opening), ratio)
    if rules.kind is not CacheKind.EXPLICIT or length.tokens < rules.minimum_tokens:
        return Shared()
    return _spread(length)


def _thinks_by_budget(session: Session, model: str) -> bool:
    told = session.sent_an_effort
    return thinks_by_budget(session.agent, session.provider_told, model, told)


def _sent_alike_at(session: Session, model: str) -> float:
    """When this session last sent the model a request with the settings now in force."""
    if session.signs.version_changed:
        return 0.0
    identity = session.identity_of(model, effort=session.effort, fast=session.fast_on(model))
    if _thinks_by_budget(session, model):  # tools and system prompt do not depend on a budget
        any_effort = (replace(each, effort=identity.effort) for each in session.caches.prefixes)
        prefixes = session.caches.prefixes.values()
        alike = zip(any_effort, prefixes, strict=True)
        return max((held.refreshed_at for each, held in alike if each == identity), default=0.0)
    held = session.caches.prefixes.get(identity)
    return held.refreshed_at if held is not None else 0.0


def _of_others(session: Session, model: str, at: float) -> tuple[float, float]:
    """What other sessions of the build keep warm; nothing where starts are known by content."""
    if session.opening:
        return 0.0, 0.0
    tokens, used_at = session.shared_by_others(model, at)
    known = tokens > 0 or (session.current is not None and outlives(session.current.agent_version))
    return (tokens, used_at) if known else (0.0, 0.0)
