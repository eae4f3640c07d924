"""The parts of Cline's and Roo Code's documents that are read; the rest is skipped unseen.

Source: cline/cline at 3.85.0 and 4.1.13 (messages contract v1), RooCodeInc/Roo-Code at 3.52.1,
read 2026-11-21; real client Cline CLI 3.0.65, 2026-11-21.
"""

from __future__ import annotations

from msgspec import Raw, Struct

__all__ = [
    "Block",
    "Compacted",
    "Condensed",
    "Fork",
    "HistoryItem",
    "Manifest",
    "Message",
    "Metadata",
    "Metrics",
    "ModelInfo",
    "Request",
    "Row",
    "SessionDocument",
    "ToolInput",
    "Truncated",
]


class ModelInfo(Struct):
    """Who answers: `modelId` and `providerId` in a task, `id` and `provider` in a session."""

    modelId: str | None = None  # noqa: N815 (the format's names, here and below)
    providerId: str | None = None  # noqa: N815
    mode: str | None = None
    id: str | None = None
    provider: str | None = None


class Condensed(Struct):
    """Roo Code: the history was summed up."""

    prevContextTokens: float | None = None  # noqa: N815
    newContextTokens: float | None = None  # noqa: N815
    summary: str | None = None


class Truncated(Struct):
    """Roo Code: the oldest messages are no longer sent."""

    prevContextTokens: float | None = None  # noqa: N815
    newContextTokens: float | None = None  # noqa: N815


class Row(Struct):
    """A row of `ui_messages.json`: what is shown; `text` is JSON where it tells of a request."""

    ts: float | None = None
    type: str | None = None
    ask: str | None = None
    say: str | None = None
    text: str | None = None
    partial: bool | None = None
    modelInfo: ModelInfo | None = None  # noqa: N815
    conversationHistoryDeletedRange: list[float] | None = None  # noqa: N815
    contextCondense: Condensed | None = None  # noqa: N815
    contextTruncation: Truncated | None = None  # noqa: N815


class Request(Struct):
    """What a row says of a request: counts stand there once it has been answered."""

    tokensIn: float | None = None  # noqa: N815
    tokensOut: float | None = None  # noqa: N815
    cacheWrites: float | None = None  # noqa: N815
    cacheReads: float | None = None  # noqa: N815
    cancelReason: str | None = None  # noqa: N815
    streamingFailedMessage: str | None = None  # noqa: N815


class Compacted(Struct):
    """What a row says of a compaction."""

    status: str | None = None
    mode: str | None = None
    tokensBefore: float | None = None  # noqa: N815
    tokensAfter: float | None = None  # noqa: N815


class Used(Struct):
    """An entry of `model_usage`."""

    ts: float | None = None
    model_id: str | None = None
    model_provider_id: str | None = None


class Built(Struct):
    """An entry of `environment_history`."""

    cline_version: str | None = None


class Metadata(Struct):
    """Cline's `task_metadata.json`."""

    model_usage: list[Used] | None = None
    environment_history: list[Built] | None = None


class HistoryItem(Struct):
    """Roo Code's `history_item.json`."""

    parentTaskId: str | None = None  # noqa: N815
    workspace: str | None = None
    apiConfigName: str | None = None  # noqa: N815


class Metrics(Struct):
    """Usage of one answer of a session: cache reads and writes are inside the input."""

    inputTokens: float | None = None  # noqa: N815
    outputTokens: float | None = None  # noqa: N815
    cacheReadTokens: float | None = None  # noqa: N815
    cacheWriteTokens: float | None = None  # noqa: N815
    reasoningTokenCount: float | None = None  # noqa: N815


class Message(Struct):
    """A message as it is sent, with what is kept beside it."""

    id: str | None = None
    role: str | None = None
    ts: float | None = None
    content: Raw = Raw()
    modelInfo: ModelInfo | None = None  # noqa: N815
    metrics: Raw = Raw()
    isSummary: bool | None = None  # noqa: N815
    isTruncationMarker: bool | None = None  # noqa: N815


class Block(Struct):
    """One block of a message's content."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    thoughtSignature: str | None = None  # noqa: N815
    encrypted_content: str | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = Raw()
    tool_use_id: str | None = None
    content: Raw = Raw()
    is_error: bool | None = None


class _File(Struct):
    path: str | None = None


class ToolInput(Struct):
    """Arguments that name a file or a command."""

    path: str | None = None
    file_path: str | None = None
    files: list[_File | str] | None = None
    command: str | None = None
    commands: list[Raw] | None = None


class Fork(Struct):
    """Where a session was copied from."""

    forkedFromSessionId: str | None = None  # noqa: N815
    forkedAt: str | None = None  # noqa: N815


class SessionMetadata(Struct):
    """What a session's manifest says beside its facts."""

    title: str | None = None
    fork: Fork | None = None


class Manifest(Struct):
    """A session's `<id>.json`. Its `model` is the first one and stays so."""

    source: str | None = None
    provider: str | None = None
    cwd: str | None = None
    workspace_root: str | None = None
    parent_session_id: str | None = None
    metadata: SessionMetadata | None = None


class Origin(Struct):
    """The program that wrote a session."""

    source: str | None = None
    version: str | None = None


class SessionDocument(Struct):
    """A session's `<id>.messages.json`."""

    agent: str | None = None
    sessionId: str | None = None  # noqa: N815
    origin: Origin | None = None
    messages: list[Raw] | None = None
