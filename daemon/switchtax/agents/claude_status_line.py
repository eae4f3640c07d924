"""What Claude Code hands to a status line and writes to no log: plan limits, its cache clock.

`rate_limits` is there on a subscription alone. `prompt_cache` describes the cache of the last
answered request, `context_window.current_usage` that request; right after `/model` both are
still the old model's, while `model` is the new one already.

**Source:** code.claude.com/docs/en/statusline, and the inputs of Claude Code 2.1.329 in
`tests/hooks/fixtures`, read 2026-11-21.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from switchtax.agents.json_keys import at_keys
from switchtax.records import RateLimits

__all__ = ["CacheTold", "StatusLine", "read_status_line"]

_WINDOWS = ("five_hour", "seven_day")
_LIFETIMES_S = {"5m": 300, "1h": 3600}


@dataclass(frozen=True, slots=True)
class CacheTold:
    """The agent's own clock of the cache that one request left.

    `expires_at` in epoch seconds; the tokens are those of the request, disjoint.
    """

    expires_at: float
    ttl_s: int | None
    uncached_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One input of a status line; `limits` and `cache` are None where it holds none."""

    session_id: str
    at: float
    model: str
    limits: RateLimits | None
    cache: CacheTold | None


def read_status_line(raw: bytes, at: float) -> StatusLine | None:
    """The facts of one input; None where it is not what Claude Code writes.

    Args:
        raw: the JSON as it came.
        at: when it came, UTC epoch seconds.
    """
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    session_id, model = at_keys(given, "session_id"), at_keys(given, "model", "id")
    if not isinstance(session_id, str) or not isinstance(model, str) or not session_id:
        return None
    return StatusLine(session_id, at, model, _limits(given, session_id, at), _cache(given))


def _limits(given: Any, session_id: str, at: float) -> RateLimits | None:
    used, resets = [], []
    for window in _WINDOWS:
        percent = _number(given, "rate_limits", window, "used_percentage")
        until = _number(given, "rate_limits", window, "resets_at")
        if percent is not None and 0 <= percent <= 1000:
            used.append((window, percent))
            if until is not None:
                resets.append((window, until))
    return RateLimits(session_id, at, tuple(used), tuple(resets)) if used else None


def _cache(given: Any) -> CacheTold | None:
    end = _number(given, "prompt_cache", "expires_at")
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    tokens = [_number(given, "context_window", "current_usage", name) for name in names]
    if (
        end is None
        or None in tokens
        or at_keys(given, "prompt_cache", "caching_observed") is not True
    ):
        return None
    ttl = at_keys(given, "prompt_cache", "ttl")
    uncached, read, written = (round(each or 0) for each in tokens)
    known = _LIFETIMES_S.get(ttl) if isinstance(ttl, str) else None
    return CacheTold(end, known, uncached, read, written)


def _number(given: Any, *keys: str) -> float | None:
    found = at_keys(given, *keys)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 4e9:
        return None
    return float(found)
