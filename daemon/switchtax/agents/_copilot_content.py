"""Sizes of what stands in Copilot CLI's events: characters by kind, no text kept.

Source: events of 1.0.20 to 1.0.102, 2026-11-21.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from switchtax.agents.commands import act_of
from switchtax.agents.prompts import rules_in
from switchtax.agents.todos import TODO_TOOLS, todo_record
from switchtax.records import Act, Content, ContentKind, Prompt, Record, ToolUse

if TYPE_CHECKING:
    from switchtax.agents._copilot_shapes import Answer, ToolEnd, ToolRequest, UserMessage

__all__ = ["ContentReader"]

_ANY = msgspec.json.Decoder()
_PATCHED = re.compile(r"\*\*\* (?:Add|Update|Delete) File: ([^\n\\\"]+)")


class _Arguments(Struct):
    path: str | None = None
    file_path: str | None = None
    command: str | None = None


_ARGUMENTS = msgspec.json.Decoder(_Arguments)


class ContentReader:
    """Measures the content of one session's events."""

    def __init__(self, session_id: str, out: list[Record]) -> None:
        self.session_id, self.out = session_id, out

    def user(self, data: UserMessage, line: int, at: float, *, side: bool) -> None:
        """A prompt and what the agent put around it, or what the agent put in by itself."""
        text = data.content or ""
        chars = len(data.transformedContent or text)
        source = data.source or "user"
        person = source == "user" and not text.startswith("<system_notification>")
        if side or source.startswith("agent-"):
            self._add(ContentKind.PROMPT, chars, line, at, side=True)
            return
        if person or source == "autopilot":
            self._add(ContentKind.PROMPT, len(text), line, at)
            self._add(ContentKind.ATTACHMENT, chars - len(text), line, at)
            rules = rules_in(text) if person else 0
            self.out.append(
                Prompt(self.session_id, at, data.messageId or "", line, len(text), person, rules)
            )
            return
        self._add(ContentKind.ATTACHMENT, chars, line, at)

    def answer(self, data: Answer, call_id: str, line: int, at: float, *, side: bool) -> None:
        """What the model said, thought and asked for."""
        sealed = len(data.reasoningOpaque or "") + len(data.encryptedContent or "")
        for kind, chars in (
            (ContentKind.REASONING, len(data.reasoningText or "")),
            (ContentKind.SEALED_REASONING, sealed),
            (ContentKind.TEXT, len(data.content or "")),
        ):
            self._add(kind, chars, line, at, call_id, side=side)
        for request in data.toolRequests or ():
            self._tool(request, call_id, line, at, side=side)

    def result(self, data: ToolEnd, line: int, at: float, *, side: bool) -> None:
        """What a tool gave back, or the error that stands in its place."""
        output = data.result or data.error
        chars = 0
        if output is not None:
            chars = _chars(output.content) or len(output.message or "")
        tool_id = data.toolCallId or ""
        self.out.append(
            Content(
                self.session_id,
                at,
                ContentKind.TOOL_RESULT,
                chars,
                line,
                sidechain=side,
                tool_id=tool_id,
            )
        )
        self.out.append(
            ToolUse(self.session_id, at, "", tool_id, line=line, sidechain=side, ok=data.success)
        )

    def _tool(
        self, request: ToolRequest, call_id: str, line: int, at: float, *, side: bool
    ) -> None:
        name = request.name or "?"
        chars = len(name) + _chars(request.arguments)
        self._add(ContentKind.TOOL_CALL, chars, line, at, call_id, side=side)
        id_ = request.toolCallId or ""
        paths, act = _asked(request.arguments)
        for number, path in enumerate(paths or [None]):
            one = id_ if number == 0 else f"{id_}#{number + 1}"
            self.out.append(
                ToolUse(
                    self.session_id, at, name, one, path, line, call_id, sidechain=side, act=act
                )
            )
        if name in TODO_TOOLS and not side:
            todo = todo_record(name, bytes(request.arguments), self.session_id, at, line)
            self.out += [todo] if todo else []

    def _add(
        self,
        kind: ContentKind,
        chars: int,
        line: int,
        at: float,
        call_id: str = "",
        *,
        side: bool = False,
    ) -> None:
        if chars > 0:
            self.out.append(
                Content(self.session_id, at, kind, chars, line, call_id, sidechain=side)
            )


def _chars(raw: Raw) -> int:
    """Characters of a JSON value: of its text if it is one, of its compact form if not."""
    data = bytes(raw)
    if not data or data == b"null":
        return 0
    value = _ANY.decode(data)
    return len(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _asked(raw: Raw) -> tuple[list[str | None], Act]:
    """The files a tool named (all those of a patch), and what its command does."""
    data = bytes(raw)
    if data.startswith(b'"'):
        patched = _PATCHED.findall(data.decode("utf-8", "replace"))
        return [path.strip() for path in dict.fromkeys(patched)], Act.OTHER
    try:
        arguments = _ARGUMENTS.decode(data)
    except msgspec.DecodeError:
        return [], Act.OTHER
    return [arguments.path or arguments.file_path], act_of(arguments.command or "")
