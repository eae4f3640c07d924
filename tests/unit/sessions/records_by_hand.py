"""Records and rules with round numbers, for sessions told by hand."""

from typing import Any

from switchtax.catalog.cards import CacheKind, CacheRules
from switchtax.records import Call, Content, ContentKind, Usage
from switchtax.sessions.cache_map import Identity
from switchtax.sessions.fold import Session

__all__ = ["HAIKU", "OPUS", "T", "call", "content", "identity", "rules", "session"]

T = 1_795_000_000.0
OPUS, HAIKU = "claude-opus-5-5", "claude-haiku-5-5"


def rules(**changes: Any) -> CacheRules:
    """A cache that is asked for, lives five minutes, and belongs to a model."""
    facts: dict[str, Any] = {
        "provider": "anthropic",
        "model_prefix": "",
        "kind": CacheKind.EXPLICIT,
        "ttl_s": 300,
        "refreshed_by_use": True,
        "minimum_tokens": 1024,
        "block_tokens": 1,
        "lookback_blocks": 20,
        "writes_billed": True,
        "breaks_on": ("model",),
        "source": "by hand",
        "source_date": "2026-11-21",
    }
    return CacheRules(**(facts | changes))


def session(agent: str = "claude-code", **changes: Any) -> Session:
    """A new session under such rules."""
    given = rules(**changes)
    return Session(agent, "s", rules_for=lambda model, seller: given)


def call(
    id_: str,
    second: float,
    *,
    plain: int = 0,
    read: int = 0,
    five: int = 0,
    hour: int = 0,
    out: int = 100,
    took: float = 5.0,
    **more: Any,
) -> Call:
    """A call sent at a second, and answered some seconds later."""
    facts: dict[str, Any] = {
        "session_id": "s",
        "at": T + second + took,
        "started_at": T + second,
        "model": OPUS,
        "usage": Usage(plain, read, five, hour, out),
        "line": int(second),
        "agent_version": "2.1.299",
    }
    return Call(id=id_, **(facts | more))


def identity(model: str = OPUS, effort: str = "", *, fast: bool = False) -> Identity:
    """What these rules key a prefix on."""
    return Identity("anthropic", model, effort, fast)


def content(kind: ContentKind, chars: int, second: float = 0, **more: object) -> Content:
    """So many characters of a kind, some seconds in."""
    return Content("s", T + second, kind, chars, **more)  # type: ignore[arg-type]


# -- what it is now -------------------------------------------------------------------
