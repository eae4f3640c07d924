"""The parts of Gemini CLI's chat records that are read; everything else is skipped unseen.

Source: chats of 0.24 to 0.61.0 and the recorder of 0.61.0, 2026-11-21.
"""

from __future__ import annotations

from msgspec import Raw, Struct, field

__all__ = [
    "Document",
    "FunctionResponse",
    "Line",
    "Message",
    "Part",
    "Patch",
    "Tokens",
    "ToolArgs",
    "ToolCall",
]


class Tokens(Struct):
    """Usage of one answer: `cached` is inside `input`; `thoughts` and `tool` are beside both."""

    input: float | None = None
    output: float | None = None
    cached: float | None = None
    thoughts: float | None = None
    tool: float | None = None


class FunctionResponse(Struct):
    """What a tool gave back; `response` is an object, most often `{"output": text}`."""

    id: str | None = None
    name: str | None = None
    response: Raw = Raw()


class Part(Struct):
    """One part of a message as it is sent."""

    text: str | None = None
    functionResponse: FunctionResponse | None = None  # noqa: N815 (the format's name)
    inlineData: Raw = Raw()  # noqa: N815
    fileData: Raw = Raw()  # noqa: N815


class ToolArgs(Struct):
    """Arguments that name a file."""

    file_path: str | None = None
    absolute_path: str | None = None
    command: str | None = None


class ToolCall(Struct):
    """A tool call, kept inside the answer that asked for it."""

    id: str | None = None
    name: str | None = None
    args: Raw = Raw()
    result: Raw = Raw()
    status: str | None = None
    timestamp: str | None = None


class Message(Struct):
    """A message of a chat: `type` is user, gemini, info, warning or error."""

    id: str | None = None
    timestamp: str | None = None
    type: str | None = None
    content: Raw = Raw()
    displayContent: Raw = Raw()  # noqa: N815
    tokens: Tokens | None = None
    model: str | None = None
    toolCalls: list[ToolCall] | None = None  # noqa: N815


class Patch(Struct):
    """A change to the chat as a whole; `messages` replaces all that stood before."""

    messages: list[Raw] | None = None
    summary: str | None = None
    lastUpdated: str | None = None  # noqa: N815


class Line(Message):
    """One line: a header (`sessionId`), a message (`id`), a patch or a rewind."""

    sessionId: str | None = None  # noqa: N815
    startTime: str | None = None  # noqa: N815
    kind: str | None = None
    messages: list[Raw] | None = None
    summary: str | None = None
    patch: Patch | None = field(default=None, name="$set")
    rewind_to: str | None = field(default=None, name="$rewindTo")


class Document(Struct):
    """A chat of the older kind: one JSON document, written anew after each message."""

    sessionId: str | None = None  # noqa: N815
    startTime: str | None = None  # noqa: N815
    kind: str | None = None
    summary: str | None = None
    messages: list[Raw] | None = None
