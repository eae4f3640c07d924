"""Sizes of what stands in Cline's and Roo Code's messages: characters by kind, no text kept.

Both keep the blocks of Anthropic's Messages API, whoever answers. Builds without native tool
calls write calls and results as text: a result begins with `[tool for …] Result:`, a call is
part of the answer's text and has no record of its own.

Source: docs/formats/cline.md and docs/formats/roo-code.md, 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from switchtax.agents._cline_shapes import Block, ToolInput
from switchtax.agents.commands import act_of
from switchtax.agents.lines import decode
from switchtax.agents.todos import TODO_TOOLS, todo_record
from switchtax.records import Act, Content, ContentKind, Record, ToolUse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msgspec import Raw

__all__ = ["ContentReader", "blocks_of"]

_BLOCKS = msgspec.json.Decoder(str | list[Block | str] | None)
_INPUT = msgspec.json.Decoder(ToolInput)
_ANY = msgspec.json.Decoder()
_HEAD = 300
_ENVIRONMENT = "<environment_details>"
_AROUND = (
    _ENVIRONMENT,
    "<mode_notice>",
    "<hook_context",
    "<explicit_instructions",
    "Warning: this is a legacy conversation",
)
_TYPED = ("<task>", "<feedback>", "<user_message>", "<user_input", "<answer>")


class ContentReader:
    """Measures the messages of one session."""

    def __init__(self, session_id: str, out: list[Record], *, sidechain: bool = False) -> None:
        self.session_id, self.out, self.sidechain = session_id, out, sidechain

    def put_in(self, content: Raw, line: int, at: float) -> int:
        """What a message puts into the context; returns how much of it a person typed."""
        typed = 0
        in_result = False
        for block in blocks_of(content):
            if block.type == "tool_result":
                self._result(block, line, at)
            elif block.type in ("image", "document"):
                self.out.append(
                    Content(self.session_id, at, ContentKind.IMAGE, 0, line,
                            sidechain=self.sidechain)
                )  # fmt: skip
            else:
                text = (block.text or "").lstrip()
                kind, in_result = _kind_of(text, in_result=in_result)
                self._add(kind, len(block.text or ""), line, at)
                typed += len(text) if kind is ContentKind.PROMPT else 0
        return typed

    def answer(self, content: Raw, call_id: str, line: int, at: float) -> None:
        """What the model thought, said and asked for."""
        for block in blocks_of(content):
            sealed = (
                len(block.signature or "")
                + len(block.data or "")
                + len(block.encrypted_content or "")
                + len(block.thoughtSignature or "")
            )
            self._add(ContentKind.SEALED_REASONING, sealed, line, at, call_id)
            if block.type == "tool_use":
                self._tool(block, call_id, line, at)
            elif block.type in ("thinking", "reasoning"):
                thought = len(block.thinking or block.text or "")
                self._add(ContentKind.REASONING, thought, line, at, call_id)
            else:
                self._add(ContentKind.TEXT, len(block.text or ""), line, at, call_id)

    def _tool(self, block: Block, call_id: str, line: int, at: float) -> None:
        name, given = block.name or "?", bytes(block.input)
        chars = len(name) + (len(msgspec.json.encode(_ANY.decode(given)).decode()) if given else 0)
        self._add(ContentKind.TOOL_CALL, chars, line, at, call_id)
        path, act = _asked(given)
        self.out.append(
            ToolUse(self.session_id, at, name, block.id or "", path, line, call_id,
                    sidechain=self.sidechain, act=act)
        )  # fmt: skip
        if name in TODO_TOOLS and not self.sidechain:
            todo = todo_record(name, given, self.session_id, at, line)
            self.out += [todo] if todo else []

    def _result(self, block: Block, line: int, at: float) -> None:
        tool_id = block.tool_use_id or ""
        chars = sum(len(part.text or "") for part in blocks_of(block.content))
        self.out.append(
            Content(self.session_id, at, ContentKind.TOOL_RESULT, chars, line,
                    sidechain=self.sidechain, tool_id=tool_id)
        )  # fmt: skip
        self.out.append(
            ToolUse(self.session_id, at, "", tool_id, line=line, sidechain=self.sidechain,
                    ok=not block.is_error)
        )  # fmt: skip

    def _add(self, kind: ContentKind, chars: int, line: int, at: float, call_id: str = "") -> None:
        if chars:
            self.out.append(
                Content(self.session_id, at, kind, chars, line, call_id, sidechain=self.sidechain)
            )


def blocks_of(content: Raw) -> list[Block]:
    """A message's content as blocks: it may be a text, or a list of either.

    Raises:
        ValueError: it is neither.
    """
    data = bytes(content)
    if data[:1] == b"{":  # a tool's result may be any value
        return [Block(type="text", text=data.decode("utf-8", "replace"))]
    value = decode(_BLOCKS, data) if data else None
    if isinstance(value, str):
        return [Block(type="text", text=value)]
    return [Block(type="text", text=b) if isinstance(b, str) else b for b in value or ()]


def _kind_of(text: str, *, in_result: bool) -> tuple[ContentKind, bool]:
    """What a text block of the user's side is, and whether a tool's result goes on after it."""
    if text.startswith(_AROUND):
        return ContentKind.ATTACHMENT, False
    if text.startswith("[") and "] Result:" in text[:_HEAD]:
        return ContentKind.TOOL_RESULT, True
    if in_result and not text.startswith(_TYPED):
        return ContentKind.TOOL_RESULT, True
    return ContentKind.PROMPT, False


def _asked(given: bytes) -> tuple[str | None, Act]:
    """The file a tool named, and what its command does."""
    try:
        asked = _INPUT.decode(given)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, Act.OTHER
    path = asked.path or asked.file_path
    if not path and asked.files:
        first = asked.files[0]
        path = first if isinstance(first, str) else first.path
    return path, act_of(asked.command or _first_text(asked.commands or ()))


def _first_text(values: Iterable[Raw]) -> str:
    """The first of these that is a text: a command may be an object, too."""
    for value in values:
        if bytes(value)[:1] == b'"':
            return str(_ANY.decode(bytes(value)))
    return ""
