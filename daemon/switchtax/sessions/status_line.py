"""Takes up in a session what its agent's status line told: plan limits, and a shorter cache clock.

The agent's clock is believed only where it speaks of the request that the log ends with: the
same model, none other chosen since, the same tokens to the last one. It may then shorten our
clock or stand in where we have none; it never lengthens it: ours begins when the request was
sent, as the provider's does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from switchtax.sessions.agent_facts import same_model

if TYPE_CHECKING:
    from switchtax.agents.claude_status_line import CacheTold, StatusLine
    from switchtax.sessions.fold import Session

__all__ = ["take_up"]

_SAME_S = 2.0
"""The agent's clock is in whole seconds."""


def take_up(session: Session, told: StatusLine) -> bool:
    """Add what a status line was told; returns whether the cache clock changed."""
    if told.limits is not None and (
        session.rate_limits is None or session.rate_limits.at < told.limits.at
    ):
        session.rate_limits = told.limits
        session.limits_seen.append(told.limits)
    return (
        told.cache is not None
        and _agrees(session, told, told.cache)
        and _shorten(session, told.cache)
    )


def _agrees(session: Session, told: StatusLine, cache: CacheTold) -> bool:
    """Whether it speaks of the session's last request on the session's own model."""
    if session.current is None or not same_model(told.model, session.model):
        return False
    chosen, usage = session.signs.chosen_model, session.current.usage
    if chosen and not same_model(chosen, session.model):
        return False
    return (cache.uncached_tokens, cache.cache_read_tokens, cache.cache_write_tokens) == (
        usage.uncached_tokens, usage.cache_read_tokens, usage.cache_write_tokens,
    )  # fmt: skip


def _shorten(session: Session, cache: CacheTold) -> bool:
    identity = session.identity_on(session.model)
    held = session.caches.held(identity)
    if held is None:
        return False
    ttl_s = held.ttl_s or cache.ttl_s
    if ttl_s is None:
        return False
    if held.expires_at is not None and cache.expires_at > held.expires_at - _SAME_S:
        return False
    session.caches.hold(replace(held, ttl_s=ttl_s, refreshed_at=cache.expires_at - ttl_s))
    return True
