"""The parts of Claude Code's transcript lines that we decode, and nothing more.

Source: formats seen in builds 1.0.120 to 2.1.329, re-checked 2026-11-21 against the real
client. Unknown fields are skipped by the decoder; whatever may be text, a list or missing
stays `Raw` until it is needed.
"""

from __future__ import annotations

from msgspec import Raw, Struct

__all__ = ["Answer", "Block", "Line", "Message", "UsageShape"]

_RAW_NONE = Raw(b"null")


class CacheCreation(Struct, gc=False):
    """Cache writes by lifetime."""

    ephemeral_5m_input_tokens: int | float | None = 0
    ephemeral_1h_input_tokens: int | float | None = 0


class OutputDetails(Struct, gc=False):
    """What part of the output was thinking."""

    thinking_tokens: int | float | None = 0


class ServerTools(Struct, gc=False):
    """Server-side tool requests."""

    web_search_requests: int | float | None = 0


class Iteration(Struct, gc=False):
    """One of several server-side passes of a response."""

    input_tokens: int | float | None = 0
    cache_read_input_tokens: int | float | None = 0
    cache_creation_input_tokens: int | float | None = 0


class UsageShape(Struct, gc=False):
    """`message.usage`; the three input counters are disjoint."""

    input_tokens: int | float | None = 0
    cache_creation_input_tokens: int | float | None = 0
    cache_read_input_tokens: int | float | None = 0
    output_tokens: int | float | None = 0
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputDetails | None = None
    server_tool_use: ServerTools | None = None
    speed: str | None = None
    iterations: list[Iteration] | None = None


class AnswerMessage(Struct):
    """`message` of an assistant line, without what was said."""

    id: str | None = None
    model: str | None = None
    usage: UsageShape | None = None
    stop_reason: str | None = None


class Message(AnswerMessage):
    """`message` of a user or assistant line."""

    content: Raw = _RAW_NONE


class Answer(Struct):
    """What a scan reads of an assistant line; any other line is told by its type."""

    type: str | None = None
    timestamp: str | None = None
    uuid: str | None = None
    version: str | None = None
    requestId: str | None = None  # noqa: N815
    effort: str | None = None
    isSidechain: bool | None = None  # noqa: N815
    message: AnswerMessage | None = None


class ProgressMessage(Struct):
    """The line of a sub-agent carried inside a progress line."""

    type: str | None = None
    message: Message | None = None
    timestamp: str | None = None
    requestId: str | None = None  # noqa: N815


class ProgressData(Struct):
    """`data` of a progress line."""

    type: str | None = None
    message: Raw = _RAW_NONE
    hookName: str | None = None  # noqa: N815


class CompactMetadata(Struct):
    """Sizes around a compaction."""

    trigger: str | None = None
    preTokens: float | None = None  # noqa: N815
    postTokens: float | None = None  # noqa: N815
    tokensSaved: float | None = None  # noqa: N815


class ForkedFrom(Struct):
    """Where a forked session came from."""

    sessionId: str | None = None  # noqa: N815


class Effort(Struct):
    """`output_config` of a request."""

    effort: str | None = None


class Params(Struct):
    """`params` of an api-request record: the model and the effort asked for."""

    model: str | None = None
    output_config: Effort | None = None


class Line(Answer):
    """One line of a transcript, whatever its type."""

    subtype: str | None = None
    sessionId: str | None = None  # noqa: N815
    cwd: str | None = None
    entrypoint: str | None = None
    isMeta: bool | None = None  # noqa: N815
    isCompactSummary: bool | None = None  # noqa: N815
    isApiErrorMessage: bool | None = None  # noqa: N815
    promptId: str | None = None  # noqa: N815
    promptSource: str | None = None  # noqa: N815
    message: Message | None = None
    content: Raw = _RAW_NONE
    attachment: Raw = _RAW_NONE
    rendered: Raw = _RAW_NONE
    data: Raw = _RAW_NONE
    compactMetadata: CompactMetadata | None = None  # noqa: N815
    microcompactMetadata: CompactMetadata | None = None  # noqa: N815
    forkedFrom: ForkedFrom | None = None  # noqa: N815
    id: str | None = None
    querySource: str | None = None  # noqa: N815
    shapeHash: str | None = None  # noqa: N815
    params: Params | None = None
    base: str | None = None
    keep: float | None = None
    tail: list[str] | None = None
    shape: Raw = _RAW_NONE
    hash: str | None = None
    cacheControl: Raw = _RAW_NONE  # noqa: N815


class ToolInput(Struct):
    """The file a tool was given, under the names tools use, and how much of it was asked for."""

    file_path: str | None = None
    path: str | None = None
    notebook_path: str | None = None
    limit: float | str | None = None
    head_limit: float | str | None = None
    command: str | None = None


class Block(Struct):
    """One content block of a message."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = _RAW_NONE
    content: Raw = _RAW_NONE
    tool_use_id: str | None = None
    is_error: bool | None = None
