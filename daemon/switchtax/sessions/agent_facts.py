"""Facts about agents that a session's own log does not tell, each with its source."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from switchtax.catalog.names import maker_of, normalise
from switchtax.sessions.codex_facts import head_chars, told_of, tools_chars

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.catalog.cards import CacheRules
    from switchtax.sessions.codex_facts import Room

__all__ = [
    "Outside",
    "as_sent_by",
    "fast_goes_along",
    "outlives",
    "outside_input_tokens",
    "same_model",
    "thinks_by_budget",
]


class Outside(NamedTuple):
    """Tokens of a request that an agent's log never shows, and how far they may be off.

    `tools_tokens` are those beside the history whose length a compaction record tells; `chars` the
    characters of all of it, 0 where it is next to nothing.
    """

    tokens: float
    unsure_tokens: float
    tools_tokens: float
    chars: int = 0


_INSIDE = Outside(500.0, 150.0, 430.0)
_BEFORE = Outside(8_300.0, 500.0, 3_990.0, 33_200)
_FRAME_TOKENS, _ITEMS_TOKENS = 150.0, 400.0
"""Around instructions and tools; around the pieces of a history after a summary."""
_TOKENS_PER_CHAR = 0.25


def fast_goes_along(agent: str) -> bool:
    """Whether fast mode is the session's, and goes along to another model.

    In Cursor it is part of the model that was picked. Source: docs/formats/cursor.md.
    """
    return agent != "cursor"


def outside_input_tokens(agent: str, model: str, room: Room) -> Outside | None:
    """What an agent's log never shows of a request; None where not known beforehand.

    Codex: from gpt-5.6 on tools and instructions are messages of the log.
    Source: requests of Codex 0.169.0, 2026-11-21.
    """
    if agent != "codex" or not model.startswith(("gpt-5", "gpt-6")):
        return None
    told = told_of(model)
    if told.inside:
        return _INSIDE
    if not told.name:
        return _BEFORE
    tools, head = tools_chars(model, room), head_chars(model, room)
    return Outside(
        _TOKENS_PER_CHAR * head + _FRAME_TOKENS,
        250.0,
        _TOKENS_PER_CHAR * tools + _ITEMS_TOKENS,
        head,
    )


def as_sent_by(agent: str, rules: CacheRules) -> CacheRules:
    """Rules as they hold for the requests of an agent: of efforts not all agents tell alike.

    Anthropic keeps a cache where a new effort stands in a message, as Claude Code writes it for
    the models that take it so. Copilot CLI, OpenCode and pi name it at the head of the request,
    which starts the cache over. Source: platform.claude.com, "Effort" and "Thinking and prompt
    caching", 2026-10; requests of the real clients, 2026-11-22.
    """
    if agent == "claude-code" or rules.provider != "anthropic" or "effort" in rules.breaks_on:
        return rules
    return _by_effort(rules)


@lru_cache(maxsize=64)
def _by_effort(rules: CacheRules) -> CacheRules:
    return replace(rules, breaks_on=(*rules.breaks_on, "effort"))


_ADAPTIVE_IN_PI = frozenset({
    "amazon-bedrock", "anthropic", "azure", "cloudflare-ai-gateway", "github-copilot",
    "google-vertex", "opencode", "openrouter", "radius", "vercel-ai-gateway",
})  # fmt: skip
"""pi's own sellers of Claude models: it knows which of these are told an effort, no budget."""


def thinks_by_budget(
    agent: str, provider: str, model: str, sent_an_effort: Iterable[str] = ()
) -> bool:
    """Whether a level of thinking goes out as a budget, on which the cache of messages depends.

    pi does that with Claude models of one's own (`models.json`), unless their settings there say
    otherwise: a change of level then re-reads all but tools and system prompt.
    Source: pi 1.5.2, docs/models-configuration.md (`forceAdaptiveThinking`); the real client
    against a provider of our own, 2026-11-21.

    Args:
        agent: who records the session.
        provider: as the log names it; "" is not known.
        model: the name of a model.
        sent_an_effort: of the user's own models those whose settings say so, `provider/model`.
    """
    own = agent == "pi" and provider != "" and provider not in _ADAPTIVE_IN_PI
    if not own or maker_of(normalise(model).name) != "anthropic":
        return False
    told = (each.partition("/") for each in sent_an_effort)
    return not any(who == provider and same_model(name, model) for who, _, name in told)


def same_model(one: str, other: str) -> bool:
    """Whether two spellings name one model.

    >>> same_model("claude-opus-4-5", "claude-opus-4-5-20251101")
    True
    """
    return one == other or normalise(one).name == normalise(other).name


@lru_cache(maxsize=256)
def outlives(agent_version: str) -> bool:
    """Whether this build of Claude Code marks its system prompt for a cache shared by all.

    Builds from about 2.1.30 (February 2026) read the same 8–41k tokens again after an hour
    and more; before, a cold request read nothing (recorded sessions, 2026-01 to 2026-07).
    """
    parts = agent_version.split(".")
    try:
        return tuple(int(part) for part in parts[:3]) >= (2, 1, 30)
    except ValueError:
        return False
