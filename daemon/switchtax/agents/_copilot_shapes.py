"""The parts of Copilot CLI's events that are read; everything else is skipped unseen.

Source: events of 1.0.20 to 1.0.102 and the published event types, 2026-11-21.
"""

from __future__ import annotations

from msgspec import Raw, Struct

__all__ = [
    "Answer",
    "CacheState",
    "Checkpoint",
    "CompactionEnd",
    "CompactionStart",
    "Line",
    "ModelChange",
    "ModelMetrics",
    "Shutdown",
    "Started",
    "ToolEnd",
    "ToolRequest",
    "Truncation",
    "UsageRecord",
    "UsageShape",
    "UserMessage",
]


class Line(Struct):
    """The envelope of every event; `agentId` names the sub-agent that it belongs to."""

    type: str | None = None
    data: Raw = Raw()
    id: str | None = None
    timestamp: str | None = None
    agentId: str | None = None  # noqa: N815 (the format's names, here and below)


class Folder(Struct):
    """Where the agent was started."""

    cwd: str | None = None


class Started(Struct):
    """`session.start` and `session.resume`."""

    sessionId: str | None = None  # noqa: N815
    copilotVersion: str | None = None  # noqa: N815
    selectedModel: str | None = None  # noqa: N815
    reasoningEffort: str | None = None  # noqa: N815
    context: Folder | None = None


class ModelChange(Struct):
    """`session.model_change`: at the pick, at a start with another model, or automatic."""

    newModel: str | None = None  # noqa: N815
    previousModel: str | None = None  # noqa: N815
    reasoningEffort: str | None = None  # noqa: N815
    previousReasoningEffort: str | None = None  # noqa: N815
    source: str | None = None
    cause: str | None = None


class UserMessage(Struct):
    """`user.message`: `source` says who it is from, "" or "user" for a person."""

    content: str | None = None
    transformedContent: str | None = None  # noqa: N815
    source: str | None = None
    messageId: str | None = None  # noqa: N815
    parentToolCallId: str | None = None  # noqa: N815


class ToolRequest(Struct):
    """A tool call; `arguments` is an object, or the text of a patch."""

    toolCallId: str | None = None  # noqa: N815
    name: str | None = None
    arguments: Raw = Raw()


class Answer(Struct):
    """`assistant.message`: one request may bring several, with the same `apiCallId`."""

    messageId: str | None = None  # noqa: N815
    apiCallId: str | None = None  # noqa: N815
    model: str | None = None
    content: str | None = None
    outputTokens: float | None = None  # noqa: N815
    toolRequests: list[ToolRequest] | None = None  # noqa: N815
    reasoningText: str | None = None  # noqa: N815
    reasoningOpaque: str | None = None  # noqa: N815
    encryptedContent: str | None = None  # noqa: N815
    parentToolCallId: str | None = None  # noqa: N815


class ToolOutput(Struct):
    """What a tool gave back, or why it failed."""

    content: Raw = Raw()
    message: str | None = None


class ToolEnd(Struct):
    """`tool.execution_complete`."""

    toolCallId: str | None = None  # noqa: N815
    model: str | None = None
    success: bool | None = None
    result: ToolOutput | None = None
    error: ToolOutput | None = None
    parentToolCallId: str | None = None  # noqa: N815


class Accounting(Struct):
    """Which session a usage record was first written in."""

    sourceSessionId: str | None = None  # noqa: N815


class UsageShape(Struct):
    """Usage of one call, or of all calls of a model: cache counts are inside `inputTokens`."""

    model: str | None = None
    inputTokens: float | None = None  # noqa: N815
    outputTokens: float | None = None  # noqa: N815
    cacheReadTokens: float | None = None  # noqa: N815
    cacheWriteTokens: float | None = None  # noqa: N815
    reasoningTokens: float | None = None  # noqa: N815
    duration: float | None = None
    timeToFirstTokenMs: float | None = None  # noqa: N815
    initiator: str | None = None
    interactionType: str | None = None  # noqa: N815
    isByok: bool | None = None  # noqa: N815
    providerType: str | None = None  # noqa: N815
    maxPromptTokens: float | None = None  # noqa: N815
    apiCallId: str | None = None  # noqa: N815
    reasoningEffort: str | None = None  # noqa: N815
    agentId: str | None = None  # noqa: N815
    parentToolCallId: str | None = None  # noqa: N815
    accounting: Accounting | None = None
    # Older names, in `compactionTokensUsed` only.
    input: float | None = None
    output: float | None = None
    cachedInput: float | None = None  # noqa: N815


class UsageRecord(Struct):
    """`session.usage_record`."""

    usage: UsageShape | None = None
    agentId: str | None = None  # noqa: N815
    parentToolCallId: str | None = None  # noqa: N815


class CacheState(Struct):
    """The cache after a model's last call, inside `promptCacheBreakState`."""

    model_call_id: str | None = None
    prompt_tokens: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None
    ttl_seconds: float | None = None


class Conversation(Struct):
    """One conversation's caches by model; `conversation` is "main" for the session's own."""

    conversation: str | None = None
    models: dict[str, CacheState] | None = None


class ModelCache(Struct):
    """When a model's cache entry expires: its last request's start plus the lifetime."""

    modelId: str | None = None  # noqa: N815
    cacheExpiresAt: str | None = None  # noqa: N815
    cacheTtlSeconds: float | None = None  # noqa: N815


class Checkpoint(Struct):
    """`session.usage_checkpoint`, written when the agent stops."""

    modelCacheState: list[ModelCache] | None = None  # noqa: N815
    promptCacheBreakState: Raw = Raw()  # noqa: N815


class CompactionStart(Struct):
    """`session.compaction_start`."""

    trigger: str | None = None
    currentTokens: float | None = None  # noqa: N815
    tokenLimit: float | None = None  # noqa: N815
    model: str | None = None


class CompactionEnd(Struct):
    """`session.compaction_complete`."""

    success: bool | None = None
    preCompactionTokens: float | None = None  # noqa: N815
    postCompactionTokens: float | None = None  # noqa: N815
    compactionTokensUsed: UsageShape | None = None  # noqa: N815
    summaryContent: str | None = None  # noqa: N815
    requestId: str | None = None  # noqa: N815


class Truncation(Struct):
    """`session.truncation`: the oldest messages were dropped."""

    preTruncationTokensInMessages: float | None = None  # noqa: N815
    postTruncationTokensInMessages: float | None = None  # noqa: N815


class Requests(Struct):
    """How many calls a model's totals hold."""

    count: float | None = None


class ModelMetrics(Struct):
    """Totals of one model since the session began, over all resumes."""

    requests: Requests | None = None
    usage: UsageShape | None = None


class Snapshot(Struct):
    """Newer builds keep the totals one level deeper."""

    modelMetrics: dict[str, ModelMetrics] | None = None  # noqa: N815


class Shutdown(Struct):
    """`session.shutdown`."""

    modelMetrics: dict[str, ModelMetrics] | None = None  # noqa: N815
    accountingSnapshot: Snapshot | None = None  # noqa: N815
