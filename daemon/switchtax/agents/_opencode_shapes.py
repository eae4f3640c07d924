"""The parts of OpenCode's messages that are read, as typed partial shapes.

One shape serves both generations: V1 (`message`, JSON storage) names the model in
`modelID`/`providerID`, V2 (`session_message`) in `model{id, providerID, variant}`.
Times are epoch milliseconds. Source: docs/formats/opencode.md (2026-11-21).
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct, field

__all__ = [
    "Cache",
    "Message",
    "ModelRef",
    "Part",
    "PartState",
    "SessionFile",
    "Times",
    "Tokens",
    "message_of",
    "parts_of",
    "session_of",
]

Number = int | float | None


class Times(Struct):
    """Epoch milliseconds; `streamed` is V2's first output, `start` a part's."""

    created: Number = None
    completed: Number = None
    streamed: Number = None
    start: Number = None
    updated: Number = None


class Cache(Struct):
    """Tokens read from and written to the provider's cache."""

    read: Number = None
    write: Number = None


class Tokens(Struct):
    """Disjoint counts: nothing is inside anything else, reasoning least of all."""

    input: Number = None
    output: Number = None
    reasoning: Number = None
    cache: Cache | None = None


class ModelRef(Struct):
    """A model as chosen: V1 `modelID`, V2 `id`."""

    id: str | None = None
    modelID: str | None = None  # noqa: N815 - the file's own name
    providerID: str | None = None  # noqa: N815
    variant: str | None = None


class Message(Struct):
    """A message of V1, or the `data` of a V2 row."""

    id: str | None = None
    sessionID: str | None = None  # noqa: N815
    role: str | None = None
    agent: str | None = None
    mode: str | None = None
    modelID: str | None = None  # noqa: N815
    providerID: str | None = None  # noqa: N815
    variant: str | None = None
    model: ModelRef | str | None = None
    previous: ModelRef | str | None = None
    tokens: Tokens | None = None
    time: Times = field(default_factory=Times)
    finish: str | None = None
    error: Raw = Raw(b"")
    summary: Raw = Raw(b"")
    status: str | None = None
    reason: str | None = None
    text: str | None = None
    content: Raw = Raw(b"")


class Block(Struct):
    """One block of a V2 tool result."""

    type: str = ""
    text: str | None = None


class PartState(Struct):
    """How a tool call stands."""

    status: str | None = None
    input: Raw = Raw(b"")
    output: str | None = None
    error: object = None
    content: list[Block] | None = None


class Part(Struct):
    """A part of a V1 message, or a content item of a V2 one."""

    type: str = ""
    id: str | None = None
    text: str | None = None
    synthetic: bool | None = None
    ignored: bool | None = None
    tool: str | None = None
    name: str | None = None
    callID: str | None = None  # noqa: N815
    state: PartState | None = None
    metadata: Raw = Raw(b"")
    native: Raw = Raw(b"")
    mime: str | None = None
    time: Times | None = None
    auto: bool | None = None


class SessionFile(Struct):
    """What a session says of itself (JSON storage and exports)."""

    id: str | None = None
    directory: str | None = None
    title: str | None = None
    version: str | None = None
    parentID: str | None = None  # noqa: N815
    time: Times = field(default_factory=Times)


_message = msgspec.json.Decoder(Message)
_part = msgspec.json.Decoder(Part)
_parts = msgspec.json.Decoder(list[Part])
_session = msgspec.json.Decoder(SessionFile)


def message_of(data: bytes | Raw) -> Message:
    """Decode a message.

    Raises:
        ValueError: it is not JSON, or not of this shape.
    """
    return _message.decode(data)


def parts_of(data: list[bytes] | Raw) -> list[Part]:
    """Decode parts: one document each (V1), or one list of all (V2).

    Raises:
        ValueError: one is not JSON, or not of this shape.
    """
    if isinstance(data, list):
        return [_part.decode(part) for part in data]
    return _parts.decode(data) if len(bytes(data)) else []


def session_of(data: bytes | Raw) -> SessionFile:
    """Decode a session.

    Raises:
        ValueError: it is not JSON, or not of this shape.
    """
    return _session.decode(data)
