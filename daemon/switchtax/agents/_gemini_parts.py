"""What stands in the parts of Gemini CLI's messages: their sizes, and what tools were asked for."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from switchtax.agents._gemini_shapes import Part, ToolArgs
from switchtax.agents.commands import act_of
from switchtax.agents.lines import decode
from switchtax.records import Act

__all__ = ["asked", "compact_chars", "parts_of", "response_chars"]

_CONTENT = msgspec.json.Decoder(str | list[Part | str] | Part | None)
_ARGS = msgspec.json.Decoder(ToolArgs)
_ANY = msgspec.json.Decoder()


def parts_of(raw: Raw) -> list[Part]:
    """A message's content as parts: it may be a text, one part, or a list of either."""
    data = bytes(raw)
    content = decode(_CONTENT, data) if data else None
    if content is None:
        return []
    if isinstance(content, str):
        return [Part(text=content)]
    if isinstance(content, Part):
        return [content]
    return [Part(text=part) if isinstance(part, str) else part for part in content]


def compact_chars(raw: Raw) -> int:
    """Characters of a value, written without spaces."""
    data = bytes(raw)
    return len(msgspec.json.encode(_ANY.decode(data)).decode()) if data else 0


def response_chars(raw: Raw) -> int:
    """Characters of a tool's response: its text where it is only that."""
    data = bytes(raw)
    value = _ANY.decode(data) if data else ""
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    return len(value) if isinstance(value, str) else len(msgspec.json.encode(value).decode())


def asked(raw: Raw) -> tuple[str | None, Act]:
    """The file a tool named, and what its command does."""
    try:
        args = _ARGS.decode(bytes(raw))
    except msgspec.DecodeError:
        return None, Act.OTHER
    return args.file_path or args.absolute_path, act_of(args.command or "")
