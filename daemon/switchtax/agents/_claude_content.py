"""Sizes of what stands in Claude Code's messages: characters by kind, no text kept.

Source: transcripts of 1.0.120 to 2.1.329; which attachments are sent to the model was told
from their contents and from the growth of the next request, 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from switchtax.agents._claude_shapes import Block, Message, ToolInput
from switchtax.agents.commands import MOST_LINES, act_of, lines_asked
from switchtax.agents.prompts import rules_in
from switchtax.agents.todos import TODO_TOOLS, todo_record
from switchtax.records import Act, Content, ContentKind, Record, ToolUse

if TYPE_CHECKING:
    from msgspec import Raw

__all__ = ["ContentReader", "results_size"]

_BLOCKS = msgspec.json.Decoder(list[Block | str])
_TEXT = msgspec.json.Decoder(str)
_INPUT = msgspec.json.Decoder(ToolInput)
_ANY = msgspec.json.Decoder()
_PICTURE = b'"type":"base64"'
_PICTURE_CHARS = 5_000
"""A picture counts as about 1,300 tokens, whatever its file's size."""
_NOT_SENT = frozenset(
    {
        "hook_success",
        "hook_system_message",
        "hook_cancelled",
        "hook_non_blocking_error",
        "command_permissions",
        "goal_status",
        "auto_mode",
        "prompt_snapshot",
    }
)
_SENT_FIELDS = ("content", "addedLines", "addedBlocks", "snippet", "prompt", "text", "stdout")


def results_size(content: Raw) -> int:
    """Characters of a message with results of tools, as JSON; 0 for any other."""
    raw = bytes(content)
    if not raw.startswith(b"[") or b'"tool_result"' not in raw:
        return 0
    blocks = [block for block in _blocks(content) if block.type == "tool_result"]
    if blocks and _PICTURE in raw:
        sizes = [_result_size(bytes(block.content)) for block in blocks]
        return sum(chars + images * _PICTURE_CHARS for chars, images in sizes)
    return len(raw) if blocks else 0


class ContentReader:
    """Measures the content of one transcript's messages."""

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.rules = 0
        """How many rules the last user line stated."""

    def answer(
        self, message: Message, call_id: str, line: int, at: float, *, side: bool, out: list[Record]
    ) -> None:
        """Content and tool uses of one assistant line."""
        for block in _blocks(message.content):
            kind, chars = _answer_size(block)
            if kind is None:
                continue
            out.append(Content(self.session_id, at, kind, chars, line, call_id, 1, side))
            if block.type == "tool_use":
                path, asked, act = _asked(block.input)
                if block.name in TODO_TOOLS and not side:
                    given = bytes(block.input)
                    todo = todo_record(block.name, given, self.session_id, at, line)
                    out += [todo] if todo else []
                out.append(
                    ToolUse(
                        self.session_id,
                        at,
                        block.name or "?",
                        block.id or "",
                        path,
                        line,
                        call_id,
                        side,
                        asked,
                        act=act,
                    )
                )

    def input(
        self, message: Message, line: int, at: float, *, summary: bool, out: list[Record]
    ) -> int:
        """Content of one user line; returns the characters a person typed (0 for tools)."""
        raw = bytes(message.content)
        self.rules = 0
        if raw.startswith(b'"'):
            text = _TEXT.decode(raw)
            self.rules = 0 if summary else rules_in(text)
            kind = ContentKind.SUMMARY if summary else ContentKind.PROMPT
            out.append(Content(self.session_id, at, kind, len(text), line))
            return len(text)
        typed = 0
        for block in _blocks(message.content):
            kind_, chars, images = _input_size(block)
            if summary:
                kind_ = ContentKind.SUMMARY
            if chars or block.tool_use_id:
                tool_id = block.tool_use_id or ""
                out.append(Content(self.session_id, at, kind_, chars, line, tool_id=tool_id))
            if images:
                out.append(Content(self.session_id, at, ContentKind.IMAGE, 0, line, items=images))
            if kind_ is ContentKind.PROMPT:
                typed += chars or 1
                self.rules += rules_in(block.text or "")
            if block.type == "tool_result" and block.tool_use_id:
                out.append(
                    ToolUse(
                        self.session_id,
                        at,
                        "",
                        block.tool_use_id,
                        line=line,
                        ok=not block.is_error,
                    )
                )
        return typed

    def attachment(
        self, raw: Raw, rendered: Raw, line: int, at: float, *, out: list[Record]
    ) -> str:
        """Content of what the agent attached; returns the hook it tells of, if any.

        Builds from 2.1.329 on also tell the very words that were sent (`rendered`).
        """
        try:
            shape = _ANY.decode(bytes(raw))
        except msgspec.DecodeError:
            return ""
        if not isinstance(shape, dict):
            return ""
        kind = str(shape.get("type") or "")
        hook = str(shape.get("hookName") or "")
        if kind in _NOT_SENT:
            return hook
        sent = _ANY.decode(bytes(rendered))
        chars = _text_chars(sent) or sum(_text_chars(shape.get(name)) for name in _SENT_FIELDS)
        out.append(Content(self.session_id, at, ContentKind.ATTACHMENT, chars, line))
        return hook


def _blocks(content: Raw) -> list[Block]:
    raw = bytes(content)
    if not raw.startswith(b"["):
        return []
    return [
        Block(type="text", text=block) if isinstance(block, str) else block
        for block in _BLOCKS.decode(raw)
    ]


def _answer_size(block: Block) -> tuple[ContentKind | None, int]:
    if block.type == "text":
        return ContentKind.TEXT, len(block.text or "")
    if block.type in ("tool_use", "server_tool_use"):
        return ContentKind.TOOL_CALL, len(block.name or "") + _length(bytes(block.input))
    if block.type == "thinking":
        if block.thinking:
            return ContentKind.REASONING, len(block.thinking)
        return ContentKind.SEALED_REASONING, len(block.signature or "")
    if block.type == "redacted_thinking":
        return ContentKind.SEALED_REASONING, len(block.data or "")
    if block.type:
        return ContentKind.TOOL_RESULT, _length(bytes(block.content))
    return None, 0


def _input_size(block: Block) -> tuple[ContentKind, int, int]:
    if block.type == "text":
        return ContentKind.PROMPT, len(block.text or ""), 0
    if block.type in ("image", "document"):
        return ContentKind.PROMPT, 0, 1
    chars, images = _result_size(bytes(block.content))
    return ContentKind.TOOL_RESULT, chars, images


def _result_size(raw: bytes) -> tuple[int, int]:
    """Characters and images of a tool result: text, or a list of blocks."""
    if raw.startswith(b'"'):
        return _length(raw), 0
    if not raw.startswith(b"["):
        return 0, 0
    chars = images = 0
    for block in _BLOCKS.decode(raw):
        if isinstance(block, str):
            chars += len(block)
        elif block.type in ("image", "document"):
            images += 1
        else:
            chars += len(block.text or "") or len(block.name or "")
    return chars, images


def _length(raw: bytes) -> int:
    """Characters of a JSON value: of its text if it is one, of its compact form if not."""
    if raw == b"null":
        return 0
    value = _ANY.decode(raw)
    if isinstance(value, str):
        return len(value)
    return len(msgspec.json.encode(value).decode())


def _text_chars(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list):
        return sum(_text_chars(item) + 1 for item in value)
    if isinstance(value, dict):
        return sum(_text_chars(item) for item in value.values())
    return 0


def _asked(raw: Raw) -> tuple[str | None, int | None, Act]:
    """The file a tool named, the lines it asked for at most, and what its command does."""
    try:
        shape = _INPUT.decode(bytes(raw))
    except msgspec.DecodeError:
        return None, None, Act.OTHER
    path = shape.file_path or shape.path or shape.notebook_path
    limit = shape.limit or shape.head_limit
    command = shape.command or ""
    act = act_of(command) if command else Act.OTHER
    if isinstance(limit, int | float) and 0 < limit < MOST_LINES:
        return path, int(limit), act
    return path, lines_asked(command), act
