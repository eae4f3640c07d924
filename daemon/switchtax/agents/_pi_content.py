"""Sizes of what stands in pi's messages: characters by kind, no text kept.

Source: sessions of 0.8 to 1.5.2, 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from switchtax.agents._pi_shapes import Message, Part
from switchtax.agents.commands import act_of
from switchtax.agents.lines import decode
from switchtax.agents.prompts import rules_in
from switchtax.records import Act, Content, ContentKind, Prompt, Record, ToolUse

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ContentReader"]


class _Arguments(Struct):
    path: str | None = None
    file_path: str | None = None
    command: str | None = None


_PARTS = msgspec.json.Decoder(str | list[Part | str] | None)
_ARGUMENTS = msgspec.json.Decoder(_Arguments)
_ANY = msgspec.json.Decoder()


class ContentReader:
    """Measures the content of one session's messages."""

    def __init__(self, session_id: str, out: list[Record]) -> None:
        self.session_id, self.out = session_id, out

    def message(self, message: Message, entry_id: str, line: int, at: float) -> None:
        """What a message other than an answer puts into the context."""
        role = message.role
        if role == "user":
            chars = self._input(ContentKind.PROMPT, message.content, line, at)
            rules = sum(rules_in(part.text or "") for part in _parts(message.content))
            self.out.append(Prompt(self.session_id, at, entry_id, line, chars, rules=rules))
        elif role == "toolResult":
            tool_id = message.toolCallId or ""
            self._input(ContentKind.TOOL_RESULT, message.content, line, at, tool_id)
            self.out.append(
                ToolUse(self.session_id, at, "", tool_id, line=line, ok=not message.isError)
            )
        elif role == "bashExecution" and not message.excludeFromContext:
            chars = len(message.command or "") + len(message.output or "")
            self._add(ContentKind.ATTACHMENT, chars, line, at)
        elif role == "custom":
            self.attached(message.content, line, at)

    def attached(self, content: Raw, line: int, at: float) -> None:
        """What an extension put into the context."""
        self._input(ContentKind.ATTACHMENT, content, line, at)

    def summary(self, text: str | None, line: int, at: float) -> None:
        """A summary that stands for what is no longer in the context."""
        self._add(ContentKind.SUMMARY, len(text or ""), line, at)

    def answer(self, message: Message, call_id: str, line: int, at: float) -> None:
        """What the model thought, said and asked for."""
        for part in _parts(message.content):
            if part.type == "thinking":
                self._add(ContentKind.REASONING, len(part.thinking or ""), line, at, call_id)
                sealed = len(part.thinkingSignature or "")
                self._add(ContentKind.SEALED_REASONING, sealed, line, at, call_id)
            elif part.type == "toolCall":
                self._tool(part, call_id, line, at)
            else:
                self._add(ContentKind.TEXT, len(part.text or ""), line, at, call_id)

    def _tool(self, part: Part, call_id: str, line: int, at: float) -> None:
        name = part.name or "?"
        chars = len(name) + _compact_chars(part.arguments)
        self._add(ContentKind.TOOL_CALL, chars, line, at, call_id)
        path, act = _asked(part.arguments)
        self.out.append(
            ToolUse(self.session_id, at, name, part.id or "", path, line, call_id, act=act)
        )

    def _input(
        self, kind: ContentKind, content: Raw, line: int, at: float, tool_id: str = ""
    ) -> int:
        """Texts and images that were put in; returns the characters."""
        chars = images = 0
        for part in _parts(content):
            if part.type == "image":
                images += 1
            else:
                chars += len(part.text or "")
        if chars or tool_id:
            self.out.append(Content(self.session_id, at, kind, chars, line, tool_id=tool_id))
        if images:
            self.out.append(Content(self.session_id, at, ContentKind.IMAGE, 0, line, items=images))
        return chars

    def _add(self, kind: ContentKind, chars: int, line: int, at: float, call_id: str = "") -> None:
        if chars:
            self.out.append(Content(self.session_id, at, kind, chars, line, call_id))


def _parts(content: Raw) -> Iterator[Part]:
    data = bytes(content)
    value = decode(_PARTS, data) if data else None
    if isinstance(value, str):
        yield Part(type="text", text=value)
        return
    for part in value or ():
        yield Part(type="text", text=part) if isinstance(part, str) else part


def _compact_chars(raw: Raw) -> int:
    data = bytes(raw)
    return len(msgspec.json.encode(_ANY.decode(data)).decode()) if data else 0


def _asked(raw: Raw) -> tuple[str | None, Act]:
    """The file a tool named, and what its command does."""
    try:
        arguments = _ARGUMENTS.decode(bytes(raw))
    except msgspec.DecodeError:
        return None, Act.OTHER
    return arguments.path or arguments.file_path, act_of(arguments.command or "")
