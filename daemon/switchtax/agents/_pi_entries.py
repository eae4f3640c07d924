"""Turns pi's entries into records, and follows the tree that they form.

Entries are appended to one file; each names its parent. Where an entry's parent is not the
entry before it, the person went back in the tree: the context is again what it was there.

Source: docs/formats/pi.md; sessions of 0.8 to 1.5.2, 2026-11-21.
"""

from __future__ import annotations

from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from switchtax.agents._pi_content import ContentReader
from switchtax.agents._pi_models import sent_an_effort
from switchtax.agents._pi_shapes import Entry, Message, UsageShape
from switchtax.agents.lines import decode, epoch_s
from switchtax.agents.numbers import count, is_absurd
from switchtax.agents.skim import text_after
from switchtax.records import (
    Call,
    Compaction,
    Depth,
    EffortChosen,
    Forked,
    ModelChosen,
    Record,
    SessionInfo,
    Unreadable,
    Usage,
)

if TYPE_CHECKING:
    from switchtax.records import Source

__all__ = ["EntryParser", "session_of"]

_ENTRY = msgspec.json.Decoder(Entry)
_HEAD = 300
"""Bytes in which an entry names type, id, parent and role."""
_UNKNOWN = -1
"""Tokens of a context that was not measured since a compaction."""
_PURPOSES = {"cache_warm": "warm"}


def session_of(path: str) -> str:
    """The session id in a file's name (`<time>_<id>.jsonl`), as written by any system."""
    return PureWindowsPath(path).name.removesuffix(".jsonl").rpartition("_")[2]


class _State(Struct):
    """All that must be remembered between two reads."""

    session_id: str = ""
    provider: str = ""
    model: str = ""
    effort: str | None = None
    cwd: str = ""
    last_input_at: float = 0.0
    tip: str = ""
    """The entry that the next one follows, unless a person goes back."""
    contexts: dict[str, int] = {}
    """Entry id to the tokens of the context after it."""


class EntryParser:
    """The entries of one session."""

    def __init__(self, source: Source) -> None:
        self.out: list[Record] = []
        self.source = source
        self.state = _State(session_id=source.session_id)
        self.content = ContentReader(source.session_id, self.out)

    def save(self) -> dict[str, object]:
        """The state as plain values."""
        state: dict[str, object] = msgspec.to_builtins(self.state)
        return state

    def load(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        self.state = msgspec.convert(state, _State)
        self.content.session_id = self.state.session_id

    def wants(self, line: bytes) -> bool:
        """Every entry has its place in the tree; those without usage are only skimmed."""
        return True

    def sift(self, block: bytearray, start: int, stop: int) -> bool:
        """All but what a person or a tool put in: it may be large, and holds no usage.

        Going back in the tree to such an entry then goes unnoticed in a scan; nothing is
        billed for that.
        """
        role = block.find(b'"role":"', start, min(start + _HEAD, stop))
        if role < 0 or not block.startswith(b'{"type":"message"', start):
            return True
        return block.startswith(b'assistant"', role + 8)

    def feed(self, raw: bytes, number: int, depth: Depth) -> None:
        """Read one entry."""
        if depth is Depth.USAGE and self._skim(raw, number):
            return
        entry = decode(_ENTRY, raw)
        at = epoch_s(entry.timestamp)
        if entry.type == "session":
            self._header(entry, number, at, depth)
            return
        self._follow(entry.id or "", entry.parentId or "", number, at)
        if entry.type == "message" and entry.message is not None:
            self._message(entry, entry.message, number, at, depth)
        else:
            self._choice(entry, number, at, depth)

    # -- the tree --------------------------------------------------------------------

    def _skim(self, raw: bytes, number: int) -> bool:
        """Take only place and time of what a person or a tool put in: it may be large."""
        role = raw.find(b'"role":"', 0, _HEAD)
        if role < 0 or raw.startswith(b'"assistant"', role + 7) or not raw.endswith(b"\n"):
            return False
        if not raw.startswith(b'{"type":"message"'):
            return False
        at = epoch_s(text_after(raw, b'"timestamp"', 0, role))
        entry, parent = text_after(raw, b'"id"', 0, role), text_after(raw, b'"parentId"', 0, role)
        self._follow(entry, parent, number, at)
        self.state.last_input_at = at or self.state.last_input_at
        return True

    def _follow(self, entry: str, parent: str, number: int, at: float) -> None:
        """Take an entry's place in the tree; entries of version 1 have none."""
        state = self.state
        if not entry:
            return
        if state.tip and parent != state.tip and (not parent or parent in state.contexts):
            tokens = state.contexts.get(parent, 0)
            if state.contexts[state.tip] != tokens:
                after = None if tokens == _UNKNOWN else tokens
                self.out.append(
                    Compaction(
                        state.session_id, at, "branch", None, after, partial=True, line=number
                    )
                )
        known = parent if parent in state.contexts else state.tip if parent else ""
        state.contexts[entry] = state.contexts.get(known, 0)
        state.tip = entry

    # -- messages --------------------------------------------------------------------

    def _message(
        self, entry: Entry, message: Message, number: int, at: float, depth: Depth
    ) -> None:
        if message.role == "assistant":
            self._answer(entry, message, number, at, depth)
            return
        self.state.last_input_at = at or self.state.last_input_at
        if depth is Depth.FULL:
            self.content.message(message, entry.id or "", number, at)

    def _answer(self, entry: Entry, message: Message, number: int, at: float, depth: Depth) -> None:
        """One call. Its own time is when the request was made, the entry's when it ended."""
        state = self.state
        begun = _seconds(message.timestamp)
        call_id = message.responseId or self._made_up(entry, message.timestamp, number)
        usage = self._usage(message.usage, number)
        if usage is not None:
            started = begun or state.last_input_at
            ended = at >= started > 0
            self.out.append(
                Call(
                    state.session_id,
                    call_id,
                    at or begun,
                    message.model or state.model,
                    usage,
                    number,
                    started if ended or not at else at,
                    message.provider or state.provider,
                    message.thinkingLevel or state.effort,
                    duration_ms=round((at - begun) * 1000.0) if begun and at >= begun else None,
                )
            )
            state.provider = message.provider or state.provider
            state.model = message.model or state.model
            if entry.id:
                state.contexts[entry.id] = usage.sent_tokens + usage.output_tokens
        if depth is Depth.FULL:
            self.content.answer(message, call_id, number, at)

    def _usage(self, shape: UsageShape | None, number: int) -> Usage | None:
        """Disjoint buckets; None where nothing was used (an aborted call) or counts are broken."""
        if shape is None:
            return None
        sent, output, read, wrote = shape.input, shape.output, shape.cacheRead, shape.cacheWrite
        if is_absurd(sent, output, read, wrote, shape.cacheWrite1h, shape.reasoning):
            reason = "a token count is negative or absurd"
            session_id, path = self.state.session_id, self.source.path
            self.out.append(Unreadable(session_id, path, number, reason))
            return None
        if not (sent or output or read or wrote):
            return None
        written = count(wrote)
        hour = min(count(shape.cacheWrite1h), written)
        five = written - hour
        return Usage(count(sent), count(read), five, hour, count(output), count(shape.reasoning))

    def _made_up(self, entry: Entry, timestamp: float | None, number: int) -> str:
        """An id for a call without one; a fork copies entries with their ids and times."""
        if entry.id:
            return f"{entry.id}@{int(timestamp or 0) or entry.timestamp}"
        return f"{self.state.session_id}:{int(timestamp or 0) or number}"

    # -- choices, summaries, calls beside the conversation ----------------------------

    def _choice(self, entry: Entry, number: int, at: float, depth: Depth) -> None:
        kind, session_id = entry.type, self.state.session_id
        if kind == "model_change":
            self._model_change(entry, number, at)
        elif kind == "thinking_level_change":
            if entry.thinkingLevel and entry.thinkingLevel != self.state.effort:
                self.state.effort = entry.thinkingLevel
                self.out.append(EffortChosen(session_id, at, entry.thinkingLevel, None, number))
        elif kind == "usage":
            purpose = _PURPOSES.get(entry.kind or "", entry.kind or "usage")
            self._beside(entry, purpose, number, at)
        elif kind in ("compaction", "branch_summary"):
            self._beside(entry, "compaction", number, at)
            if kind == "compaction":
                before = count(entry.tokensBefore) or None
                self.out.append(Compaction(session_id, at, "", before, line=number))
                self.state.contexts[entry.id or ""] = _UNKNOWN
            if depth is Depth.FULL:
                self.content.summary(entry.summary, number, at)
        elif kind == "context_edit":
            self.out.append(Compaction(session_id, at, "context_edit", partial=True, line=number))
        elif kind == "session_info":
            self._about(number, at, len(entry.name or ""))
        elif kind == "custom_message" and depth is Depth.FULL:
            self.content.attached(entry.content, number, at)

    def _model_change(self, entry: Entry, number: int, at: float) -> None:
        """Written at each pick, also at one of the same model: such a pair is no change."""
        state = self.state
        if not entry.modelId:
            return
        new, old = (entry.provider or "", entry.modelId), (state.provider, state.model)
        if new != old:
            self.out.append(
                ModelChosen(
                    state.session_id,
                    at,
                    entry.modelId,
                    state.model or None,
                    source="command" if state.model else "startup",
                    line=number,
                )
            )
        state.provider, state.model = new

    def _beside(self, entry: Entry, purpose: str, number: int, at: float) -> None:
        """A call that is billed but not part of the conversation: warming, summarising."""
        usage = self._usage(entry.usage, number)
        if usage is None:
            return
        state = self.state
        self.out.append(
            Call(
                session_id=state.session_id,
                id=self._made_up(entry, None, number),
                at=at,
                model=entry.model or state.model,
                usage=usage,
                line=number,
                started_at=at,
                provider=entry.provider or state.provider,
                sidechain=True,
                purpose=purpose,
            )
        )

    # -- the session itself ----------------------------------------------------------

    def _header(self, entry: Entry, number: int, at: float, depth: Depth) -> None:
        state = self.state
        state.session_id = self.content.session_id = entry.id or state.session_id
        state.cwd = entry.cwd or state.cwd
        state.provider = entry.provider or state.provider
        state.model = entry.modelId or state.model
        state.effort = entry.thinkingLevel or state.effort
        parent = entry.parentSession or entry.branchedFrom
        told = sent_an_effort(Path(self.source.path)) if depth is Depth.FULL else ()
        self._about(number, at, told=told)
        if parent:
            there = Path(parent).is_file()
            self.out.append(Forked(state.session_id, at, session_of(parent), there, number))

    def _about(
        self, number: int, at: float, title_chars: int = 0, told: tuple[str, ...] = ()
    ) -> None:
        state = self.state
        self.out.append(
            SessionInfo(
                state.session_id,
                at,
                cwd=state.cwd,
                title_chars=title_chars,
                sent_an_effort=told,
                line=number,
            )
        )


def _seconds(milliseconds: float | None) -> float:
    """Epoch milliseconds as seconds; 0.0 where missing or not a time."""
    if milliseconds is None or not 0 < milliseconds < 1e14:
        return 0.0
    return milliseconds / 1000.0
