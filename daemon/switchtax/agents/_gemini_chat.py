"""Folds Gemini CLI's messages into records: the last record of an id wins, nothing twice.

The chat file is a log of upserts. The same id returns when usage, tool calls or results
arrive; whole histories are appended again at each resume. What was already told is kept in
`ChatState`, so a message that returns adds only what is new in it.

Source: docs/formats/gemini-cli.md; real client 0.61.0, 2026-11-21.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from switchtax.agents._gemini_parts import asked, compact_chars, parts_of, response_chars
from switchtax.agents._gemini_resume import sent_again
from switchtax.agents._gemini_shapes import Message, Part, Tokens, ToolCall
from switchtax.agents.lines import decode, epoch_s
from switchtax.agents.numbers import count, is_absurd
from switchtax.agents.prompts import rules_in
from switchtax.agents.todos import TODO_TOOLS, todo_record
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Content,
    ContentKind,
    Depth,
    ModelChosen,
    Prompt,
    Record,
    ToolUse,
    Unreadable,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Chat", "ChatState"]

_MESSAGE = msgspec.json.Decoder(Message)
_MODEL_SET = "Model set to "
_CONTEXT_ID = "d04923d38bb0f6017037e74183378ef4"
"""Every chat's first message, the session context, has this id (0.5x to 0.61)."""
_ENDED = {"success": True, "error": False, "cancelled": False}


class Answer(Struct):
    """What was told of one answer: to compare with when its id returns."""

    numbers: list[int]
    """input, output, cached, thoughts, tool."""
    started_at: float
    model: str


class ChatState(Struct):
    """All that a chat's reader must remember between two reads."""

    session_id: str = ""
    sidechain: bool = False
    headers: int = 0
    last_input_at: float = 0.0
    last_at: float = 0.0
    open_id: str = ""
    """The newest answer, and when what it answers was put in."""
    open_input_at: float = 0.0
    model: str = ""
    order: list[str] = []
    """Ids of the messages now in the conversation, oldest first."""
    told: dict[str, int] = {}
    """Every id ever seen, with the characters of its text already told."""
    answers: dict[str, Answer] = {}
    tools: dict[str, str] = {}
    """Tool call id to the last status told."""
    results: dict[str, int] = {}
    """Ids of the tool results already told, and how often each is in the conversation."""
    resuming: list[str] = []
    """The conversation before a resume, until the agent has written it again."""


class Chat:
    """Turns the messages of one chat into records."""

    def __init__(self, session_id: str, path: str, out: list[Record]) -> None:
        self.path, self.out = path, out
        self.state = ChatState(session_id=session_id)

    def message(self, message: Message, line: int, depth: Depth) -> None:
        """Tell what a message brings that is not known yet."""
        if not message.id or not message.type:
            return
        state = self.state
        at = epoch_s(message.timestamp)
        state.last_at = at or state.last_at
        new = message.id not in state.told
        if new:
            state.told[message.id] = 0
        if new or message.id not in state.order:  # an upsert keeps its place
            state.order.append(message.id)
        if message.type == "gemini":
            if new:
                state.open_id, state.open_input_at = message.id, state.last_input_at
            self._answer(message, line, at, depth)
        elif new and message.type == "user":
            self.input_at(at)
            if depth is Depth.FULL:
                self._user(message, line, at)
        elif new and message.type == "info":
            self._info(message, line, at)

    def input_at(self, at: float) -> None:
        """Something was put in: the next request starts from here."""
        self.state.last_input_at = at or self.state.last_input_at

    def rebuild(self, messages: Sequence[Raw], line: int, at: float, depth: Depth) -> None:
        """The conversation is replaced by these messages (resume, compression, rollback)."""
        shapes = []
        for raw in messages:
            try:
                shapes.append(decode(_MESSAGE, bytes(raw)))
            except ValueError:
                self.unreadable(line, "a message of unexpected shape in a rebuilt history")
        state = self.state
        ids = [shape.id for shape in shapes if shape.id]
        kept = set(ids)
        lost = [i for i in state.resuming or state.order if i not in kept and i in state.answers]
        head = next((i for i in ids if i != _CONTEXT_ID), "")
        compacted = bool(lost) and bool(head) and head not in state.told
        at = at or next((t for s in shapes if (t := epoch_s(s.timestamp))), state.last_at)
        if compacted:
            self.out.append(Compaction(state.session_id, at, line=line))
            if depth is Depth.FULL:
                self._summary(shapes, line, at)
        state.order = []
        for shape in shapes:
            self.message(shape, line, depth)
        if lost and not compacted and not state.resuming:
            self._rewound(line, at)
        if state.resuming and not lost and depth is Depth.FULL:
            self._sent_again(shapes, line, at)
        if compacted or not lost:
            state.resuming = []

    def resume(self) -> None:
        """The agent starts anew: it writes an empty history first, then the whole one."""
        self.state.resuming = self.state.resuming or list(self.state.order)

    def settle(self, line: int) -> None:
        """The conversation goes on: what a resume has not written again is lost."""
        state = self.state
        lost = any(i in state.answers and i not in state.order for i in state.resuming)
        state.resuming = []
        if lost:
            self._rewound(line, state.last_at)

    def rewind(self, target: str, line: int) -> None:
        """The message named and all after it leave the conversation (unknown id: all do)."""
        order = self.state.order
        start = order.index(target) if target in order else 0
        lost = any(i in self.state.answers for i in order[start:])
        del order[start:]
        if lost:
            self._rewound(line, self.state.last_at)

    def unreadable(self, line: int, reason: str) -> None:
        """Say that something at this place was skipped."""
        self.out.append(Unreadable(self.state.session_id, self.path, line, reason))

    # -- answers ---------------------------------------------------------------------

    def _answer(self, message: Message, line: int, at: float, depth: Depth) -> None:
        if message.tokens is not None:
            self._usage(message, message.tokens, line, at)
        if depth is Depth.FULL:
            self._text(message, line, at)
        for call in message.toolCalls or ():
            self.input_at(max(epoch_s(call.timestamp), self.state.last_input_at))
            if depth is Depth.FULL:
                self._tool(call, message.id or "", line, at)

    def _usage(self, message: Message, tokens: Tokens, line: int, at: float) -> None:
        """One call, told again only where its id returns with other counts."""
        values = (tokens.input, tokens.output, tokens.cached, tokens.thoughts, tokens.tool)
        if is_absurd(*values):
            self.unreadable(line, "a token count is negative or absurd")
            return
        numbers = [count(value) for value in values]
        if not any(numbers):
            return
        state, identity = self.state, message.id or ""
        known = state.answers.get(identity)
        model = message.model or (known.model if known else "") or state.model or "unknown"
        if known and known.numbers == numbers and known.model == model:
            return
        asked = state.open_input_at if identity == state.open_id else state.last_input_at
        started = known.started_at if known else min(asked, at or asked)
        state.answers[identity] = Answer(numbers, started, model)
        state.model = model
        if numbers[2] > numbers[0]:
            self.unreadable(line, "more cached tokens than input: counted as all cached")
        self.out.append(
            Call(
                session_id=state.session_id,
                id=identity,
                at=at,
                model=model,
                usage=_usage_of(*numbers),
                line=line,
                started_at=started,
                provider="google",
                sidechain=state.sidechain,
            )
        )

    def _text(self, message: Message, line: int, at: float) -> None:
        """The answer's own text. Thoughts are shown, never sent again: they have no size here."""
        identity = message.id or ""
        chars = sum(len(part.text or "") for part in parts_of(message.content))
        more = chars - self.state.told[identity]
        if more > 0:
            self.state.told[identity] = chars
            self._content(ContentKind.TEXT, more, line, at, identity)

    def _tool(self, call: ToolCall, identity: str, line: int, at: float) -> None:
        state = self.state
        name, call_id = call.name or "?", call.id or f"{identity}:{call.name}"
        status = call.status or ""
        if call_id not in state.tools:
            chars = len(name) + compact_chars(call.args)
            self._content(ContentKind.TOOL_CALL, chars, line, at, identity)
            if name in TODO_TOOLS and not state.sidechain:
                todo = todo_record(name, bytes(call.args), state.session_id, at, line)
                self.out += [todo] if todo else []
        if state.tools.get(call_id) != status:
            state.tools[call_id] = status
            path, act = asked(call.args)
            self.out.append(
                ToolUse(
                    state.session_id,
                    at,
                    name,
                    call_id,
                    path,
                    line,
                    identity,
                    sidechain=state.sidechain,
                    ok=_ENDED.get(status),
                    act=act,
                )
            )
        for part in parts_of(call.result):
            self._result(part, line, epoch_s(call.timestamp) or at)

    def _result(self, part: Part, line: int, at: float) -> None:
        response = part.functionResponse
        if response is None:
            return
        identity = response.id or f"{line}:{response.name}"
        if identity in self.state.results:
            return
        self.state.results[identity] = 1
        self.out.append(
            Content(
                self.state.session_id,
                at,
                ContentKind.TOOL_RESULT,
                response_chars(response.response),
                line,
                sidechain=self.state.sidechain,
                tool_id=identity,
            )
        )

    # -- what is put in --------------------------------------------------------------

    def _user(self, message: Message, line: int, at: float) -> None:
        """A prompt, tool results, or what the agent puts in by itself."""
        parts = parts_of(message.content)
        for part in parts:
            self._result(part, line, at)
        images = sum(1 for part in parts if bytes(part.inlineData) or bytes(part.fileData))
        if images:
            self.out.append(
                Content(self.state.session_id, at, ContentKind.IMAGE, 0, line, items=images)
            )
        texts = [part.text for part in parts if part.text]
        chars = sum(map(len, texts))
        if not chars:
            return
        head = texts[0]
        if message.id == _CONTEXT_ID or head.startswith("<session_context>"):
            self._content(ContentKind.ATTACHMENT, chars, line, at)
        elif "<state_snapshot>" in head:
            pass  # told with the compaction it belongs to
        elif not head.startswith(("/", "?")):  # the agent's own commands are never sent
            shown = sum(len(part.text or "") for part in parts_of(message.displayContent))
            typed = min(chars, shown) if shown else chars
            self._content(ContentKind.PROMPT, typed, line, at)
            if chars > typed:
                self._content(ContentKind.ATTACHMENT, chars - typed, line, at)
            told = Prompt(self.state.session_id, at, message.id or "", line, typed)
            self.out.append(replace(told, rules=sum(map(rules_in, texts))))

    def _info(self, message: Message, line: int, at: float) -> None:
        text = "".join(part.text or "" for part in parts_of(message.content))
        if not text.startswith(_MODEL_SET):
            return
        words = text[len(_MODEL_SET) :].split()
        model = words[0].rstrip(".,;") if words else ""
        if model and model != self.state.model:
            self.out.append(
                ModelChosen(
                    self.state.session_id,
                    at,
                    model,
                    self.state.model or None,
                    source="command",
                    line=line,
                )
            )
            self.state.model = model

    # -- the conversation as a whole -------------------------------------------------

    def _rewound(self, line: int, at: float) -> None:
        """A rewind shortens the context to what its last answer left of it, or ends it."""
        state = self.state
        last = next((state.answers[i] for i in reversed(state.order) if i in state.answers), None)
        if last is None:
            self.out.append(Cleared(state.session_id, at, line))
            return
        after = last.numbers[0] + last.numbers[1]
        self.out.append(
            Compaction(state.session_id, at, "rewind", None, after, partial=True, line=line)
        )

    def _sent_again(self, shapes: Sequence[Message], line: int, at: float) -> None:
        """A resumed history that holds tool results once more is another one from there on."""
        state = self.state
        again = sent_again(shapes, state.results)
        if again is None or again.answer not in state.answers:
            return
        state.results.update(again.copies)
        before = state.answers[again.answer].numbers[0]
        self.out.append(
            Compaction(state.session_id, at, "resume", None, before, partial=True, line=line)
        )
        self._content(ContentKind.ATTACHMENT, again.chars, line, at)

    def _summary(self, shapes: Sequence[Message], line: int, at: float) -> None:
        for shape in shapes:
            if shape.type == "user" and shape.id != _CONTEXT_ID:
                chars = sum(len(part.text or "") for part in parts_of(shape.content))
                self._content(ContentKind.SUMMARY, chars, line, at)
                return

    def _content(
        self, kind: ContentKind, chars: int, line: int, at: float, call_id: str = ""
    ) -> None:
        state = self.state
        self.out.append(
            Content(state.session_id, at, kind, chars, line, call_id, sidechain=state.sidechain)
        )


def _usage_of(sent: int, output: int, cached: int, thoughts: int, tool: int) -> Usage:
    """Disjoint buckets; `tool` (prompt tokens of server-side tools) is sent beside `sent`."""
    cached = min(cached, sent)
    return Usage(
        uncached_tokens=sent - cached + tool,
        cache_read_tokens=cached,
        output_tokens=output,
        reasoning_tokens=thoughts,
        reasoning_in_output=False,
    )
