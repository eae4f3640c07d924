"""The parts of pi's session entries that are read; everything else is skipped unseen.

Source: sessions of 0.8 (version 1) to 1.5.2 (version 3) and their documentation, 2026-11-21.
"""

from __future__ import annotations

from msgspec import Raw, Struct

__all__ = ["Entry", "Message", "Part", "UsageShape"]


class UsageShape(Struct):
    """Disjoint counts, but for `cacheWrite1h` (inside `cacheWrite`) and `reasoning` (output)."""

    input: float | None = None
    output: float | None = None
    cacheRead: float | None = None  # noqa: N815 (the format's names, here and below)
    cacheWrite: float | None = None  # noqa: N815
    cacheWrite1h: float | None = None  # noqa: N815
    reasoning: float | None = None


class Part(Struct):
    """One part of a message's content."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    thinkingSignature: str | None = None  # noqa: N815
    id: str | None = None
    name: str | None = None
    arguments: Raw = Raw()


class Message(Struct):
    """A message; `timestamp` is when it was begun, in milliseconds."""

    role: str | None = None
    content: Raw = Raw()
    timestamp: float | None = None
    # assistant
    provider: str | None = None
    model: str | None = None
    responseId: str | None = None  # noqa: N815
    thinkingLevel: str | None = None  # noqa: N815
    usage: UsageShape | None = None
    # toolResult
    toolCallId: str | None = None  # noqa: N815
    isError: bool | None = None  # noqa: N815
    # bashExecution: a command of the person's own
    command: str | None = None
    output: str | None = None
    excludeFromContext: bool | None = None  # noqa: N815


class Entry(Struct):
    """A line: the header (`type` session), a message, a choice or a summary."""

    type: str | None = None
    id: str | None = None
    parentId: str | None = None  # noqa: N815
    timestamp: str | None = None
    message: Message | None = None
    # session
    cwd: str | None = None
    parentSession: str | None = None  # noqa: N815
    branchedFrom: str | None = None  # noqa: N815
    # model_change, usage, and the header of version 1
    provider: str | None = None
    modelId: str | None = None  # noqa: N815
    thinkingLevel: str | None = None  # noqa: N815
    # usage, compaction, branch_summary
    kind: str | None = None
    model: str | None = None
    usage: UsageShape | None = None
    summary: str | None = None
    tokensBefore: float | None = None  # noqa: N815
    # session_info, custom_message
    name: str | None = None
    content: Raw = Raw()
