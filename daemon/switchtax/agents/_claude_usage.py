"""Claude Code's usage: disjoint buckets, and who sold the call, told from its ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from switchtax.agents.numbers import MOST_TOKENS, AbsurdCount, count
from switchtax.records import Usage

if TYPE_CHECKING:
    from switchtax.agents._claude_shapes import Iteration, UsageShape

__all__ = ["provider_of", "sent_tokens", "usage_of"]

_FIRST_PARTY = re.compile(r"msg_01[A-Za-z0-9]{20,}$")


def usage_of(shape: UsageShape) -> Usage:
    """Disjoint buckets; a write without a split counts as 5m (the agent's default).

    Raises:
        AbsurdCount: a count is negative or absurd.
    """
    sent = shape.input_tokens or 0
    read = shape.cache_read_input_tokens or 0
    wrote = shape.cache_creation_input_tokens or 0
    output = shape.output_tokens or 0
    if not (
        0 <= sent <= MOST_TOKENS
        and 0 <= read <= MOST_TOKENS
        and 0 <= wrote <= MOST_TOKENS
        and 0 <= output <= MOST_TOKENS
    ):
        raise AbsurdCount("a token count is negative or absurd")
    written = five = int(wrote)
    hour = 0
    split = shape.cache_creation
    if split is not None:
        hour = int(split.ephemeral_1h_input_tokens or 0)
        five = int(split.ephemeral_5m_input_tokens or 0)
        if hour + five != written or hour < 0 or five < 0:
            hour = max(0, min(hour, written))
            five = written - hour
    details = shape.output_tokens_details
    return Usage(
        int(sent),
        int(read),
        five,
        hour,
        int(output),
        count(details.thinking_tokens) if details else 0,
    )


def sent_tokens(one: Iteration) -> int:
    """What one of several server-side passes sent."""
    return (
        count(one.input_tokens)
        + count(one.cache_read_input_tokens)
        + count(one.cache_creation_input_tokens)
    )


def provider_of(model: str, message_id: str) -> str:
    """Not recorded: told from the shape of the ids; "" for a gateway or a stand-in.

    >>> provider_of("claude-opus-5", "msg_01XFDUDYJgAACzvnptvVoYEL")
    'anthropic'
    >>> provider_of("claude-opus-5", "msg_4f1c09d2")
    ''
    """
    if message_id.startswith("msg_bdrk") or model.startswith(("arn:aws", "us.anthropic", "eu.an")):
        return "aws-bedrock"
    if message_id.startswith("msg_vrtx") or "@" in model:
        return "google-vertex"
    return "anthropic" if _FIRST_PARTY.match(message_id) else ""
