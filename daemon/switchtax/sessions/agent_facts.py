"""Facts about agents that a session's own log does not tell, each with its source."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from switchtax.catalog.names import normalise

__all__ = ["Outside", "outlives", "outside_input_tokens", "same_model"]


class Outside(NamedTuple):
    """Tokens of a request that an agent's log never shows, and how far they may be off.

    `tools_tokens` are those beside the history whose length a compaction record tells.
    """

    tokens: float
    unsure_tokens: float
    tools_tokens: float


_OUTSIDE_INPUT = (
    ("gpt-5.6", Outside(500.0, 150.0, 430.0)),
    ("gpt-6", Outside(500.0, 150.0, 430.0)),
    ("gpt-5", Outside(8_300.0, 500.0, 3_990.0)),
)
"""Codex: tools and instructions that its log does not hold, by model. From gpt-5.6 on they are
messages of the log. Source: requests of Codex 0.169.0, 2026-11-21."""


def outside_input_tokens(agent: str, model: str) -> Outside | None:
    """What an agent's log never shows of a request; None where not known beforehand."""
    if agent != "codex":
        return None
    return next((found for name, found in _OUTSIDE_INPUT if model.startswith(name)), None)


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
