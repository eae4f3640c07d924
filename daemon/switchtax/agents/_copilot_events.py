"""Turns Copilot CLI's events into records.

Source: docs/formats/copilot-cli.md; events of 1.0.20 to 1.0.102, 2026-11-21.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct, field

from switchtax.agents import _copilot_shapes as shapes
from switchtax.agents._copilot_content import ContentReader
from switchtax.agents._copilot_host import host_of
from switchtax.agents._copilot_store import store_of
from switchtax.agents._copilot_usage import Ledger, LedgerState, purpose_of, usage_of
from switchtax.agents.lines import decode, epoch_s
from switchtax.agents.numbers import count
from switchtax.agents.skim import last_text, text_after
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Content,
    ContentKind,
    Depth,
    EffortChosen,
    Ended,
    Forked,
    ModelChosen,
    Record,
    Resumed,
    SessionInfo,
    Unreadable,
    Usage,
)

if TYPE_CHECKING:
    from switchtax.records import Source

__all__ = ["EventParser", "EventState"]

_AUTOMATIC = ("rate_limit_auto_switch", "refusal_fallback")
_LINE = msgspec.json.Decoder(shapes.Line)
_STATES = msgspec.json.Decoder(list[shapes.Conversation])
S = TypeVar("S", bound=Struct)
_INPUT = frozenset({"user.message", "tool.execution_complete"})
_OPENING = b'{"type":"'
"""How every build begins a line."""
_READ = _INPUT | frozenset(
    {
        "assistant.message",
        "session.compaction_complete",
        "session.compaction_start",
        "session.context_cleared",
        "session.model_change",
        "session.resume",
        "session.shutdown",
        "session.snapshot_rewind",
        "session.start",
        "session.truncation",
        "session.usage_checkpoint",
        "session.usage_record",
    }
)

_WANTED = re.compile(b"(?:" + b"|".join(re.escape(kind.encode()) for kind in sorted(_READ)) + b')"')


class EventState(Struct):
    """All that must be remembered between two reads."""

    session_id: str = ""
    version: str = ""
    model: str = ""
    effort: str | None = None
    cwd: str = ""
    window: int = 0
    last_at: float = 0.0
    input_at: dict[str, float] = {}
    """Agent ("" for the session's own) to the time of what was put in last."""
    compaction: shapes.CompactionStart = field(default_factory=shapes.CompactionStart)
    compaction_at: float = 0.0
    forked: bool = False
    ledger: LedgerState = field(default_factory=LedgerState)


class EventParser:
    """The events of one session."""

    def __init__(self, source: Source) -> None:
        self.out: list[Record] = []
        self.source = source
        self.state = EventState(session_id=source.session_id)
        store = store_of(Path(source.path))
        self.ledger = Ledger(source.session_id, source.path, store, self.out)
        self.content = ContentReader(source.session_id, self.out)

    def save(self) -> dict[str, object]:
        """The state as plain values."""
        self.state.ledger = self.ledger.state
        state: dict[str, object] = msgspec.to_builtins(self.state)
        return state

    def load(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        self.state = msgspec.convert(state, EventState)
        self.ledger.state = self.state.ledger
        self._name(self.state.session_id)

    def _name(self, session_id: str) -> None:
        self.state.session_id = session_id
        self.ledger.session_id = self.content.session_id = session_id

    def wants(self, line: bytes) -> bool:
        """Events that bring usage, switches or compactions, and the times of what was put in."""
        return _kind(line) in _READ

    def sift(self, block: bytearray, start: int, stop: int) -> bool:
        """The same for a whole line where it lies."""
        if not block.startswith(_OPENING, start):
            return self.wants(bytes(memoryview(block)[start:stop]))
        return _WANTED.match(block, start + len(_OPENING), stop) is not None

    def feed(self, raw: bytes, number: int, depth: Depth) -> None:
        """Read one event."""
        kind = _kind(raw)
        ended = raw.endswith(b"\n")
        if kind not in _READ:
            if not ended:
                msgspec.json.decode(raw)  # a half line must wait for its other half
            return
        if depth is Depth.USAGE and kind in _INPUT and ended and self._skim(raw):
            return
        line = decode(_LINE, raw)
        at = epoch_s(line.timestamp)
        self.state.last_at = at or self.state.last_at
        if kind in _INPUT:
            self._input(kind, line, number, at, depth)
        elif kind == "assistant.message":
            self._answer(line, number, at, depth)
        elif kind == "session.usage_record":
            self._usage(line, number, at)
        else:
            self._session(kind, line, number, at, depth)

    # -- what is put in --------------------------------------------------------------

    def _skim(self, raw: bytes) -> bool:
        """Take only time and agent of an event: tool results are large and hold no usage."""
        time = last_text(raw, b'"timestamp"')
        if not time:
            return False
        agent = last_text(raw, b'"agentId"')
        agent = agent or text_after(raw, b'"parentToolCallId"', 0, len(raw))
        self._put_in(agent, epoch_s(time))
        if not self.state.model and not agent:
            self._named_late(text_after(raw, b'"model"'))
        return True

    def _named_late(self, model: str) -> None:
        """Builds before 1.0.4x name the model in tool results, not in answers."""
        if model and not self.state.model:
            self.state.model = model
            self.ledger.name_model(model)

    def _put_in(self, agent: str, at: float) -> None:
        self.state.last_at = at or self.state.last_at
        if at:
            self.state.input_at[agent] = at

    def _input(self, kind: str, line: shapes.Line, number: int, at: float, depth: Depth) -> None:
        if kind == "user.message":
            said = _data(line, shapes.UserMessage)
            agent = line.agentId or said.parentToolCallId or ""
            self._put_in(agent, at)
            if depth is Depth.FULL:
                self.content.user(said, number, at, side=bool(agent))
            return
        ended = _data(line, shapes.ToolEnd)
        agent = line.agentId or ended.parentToolCallId or ""
        self._put_in(agent, at)
        if not agent:
            self._named_late(ended.model or "")
        if depth is Depth.FULL:
            self.content.result(ended, number, at, side=bool(agent))

    # -- calls -----------------------------------------------------------------------

    def _started(self, agent: str, at: float) -> float:
        started = self.state.input_at.get(agent, 0.0)
        return min(started, at) if at else started

    def _answer(self, line: shapes.Line, number: int, at: float, depth: Depth) -> None:
        data = _data(line, shapes.Answer)
        agent = line.agentId or data.parentToolCallId or ""
        call_id = data.apiCallId or data.messageId or line.id or f"{number}"
        usage = usage_of(shapes.UsageShape(outputTokens=data.outputTokens))
        if usage is None:
            self._unreadable(number, "a token count is negative or absurd")
            usage = Usage()
        known = data.outputTokens is not None
        model = data.model or ("" if agent else self.state.model)
        call = Call(
            session_id=self.state.session_id,
            id=call_id,
            at=at,
            model=model,
            usage=usage,
            line=number,
            started_at=self._started(agent, at),
            provider="github-copilot",
            effort=None if agent else self.state.effort,
            sidechain=bool(agent),
            output_recorded=known,
            sent_recorded=False,
            agent_version=self.state.version,
        )
        call_id = self.ledger.message(call)
        if depth is Depth.FULL:
            self.content.answer(data, call_id, number, at, side=bool(agent))

    def _usage(self, line: shapes.Line, number: int, at: float) -> None:
        data = _data(line, shapes.UsageRecord)
        shape = data.usage
        usage = usage_of(shape) if shape else None
        if shape is None or usage is None:
            self._unreadable(number, "usage is missing, negative or absurd")
            return
        agent = line.agentId or data.agentId or data.parentToolCallId
        agent = agent or shape.agentId or shape.parentToolCallId or ""
        kind = shape.interactionType or ""
        origin = shape.accounting.sourceSessionId if shape.accounting else None
        if origin and origin != self.state.session_id and not self.state.forked:
            self.state.forked = True
            self.out.append(Forked(self.state.session_id, at, origin, True, number))
        window = 0 if agent else count(shape.maxPromptTokens)
        if window and window != self.state.window:
            self.state.window = window
            self._about(number, at)
        self.ledger.record(
            Call(
                session_id=self.state.session_id,
                id=shape.apiCallId or line.id or f"{number}",
                at=at,
                model=shape.model or self.state.model,
                usage=usage,
                line=number,
                started_at=self._started(agent, at),
                provider=(shape.isByok and shape.providerType) or "github-copilot",
                effort=shape.reasoningEffort,
                sidechain=bool(agent) or shape.initiator == "sub-agent" or "subagent" in kind,
                ttft_ms=shape.timeToFirstTokenMs,
                duration_ms=shape.duration,
                agent_version=self.state.version,
                purpose=purpose_of(kind),
            )
        )

    # -- the session itself ----------------------------------------------------------

    def _session(self, kind: str, line: shapes.Line, number: int, at: float, depth: Depth) -> None:
        sid, out = self.state.session_id, self.out
        if kind == "session.start":
            self._start(_data(line, shapes.Started), number, at)
        elif kind == "session.resume":
            out.append(Resumed(sid, at, self.state.version, number))
        elif kind == "session.model_change":
            self._model_change(_data(line, shapes.ModelChange), number, at)
        elif kind == "session.usage_checkpoint":
            self._checkpoint(_data(line, shapes.Checkpoint))
        elif kind == "session.compaction_start":
            self.state.compaction = _data(line, shapes.CompactionStart)
            self.state.compaction_at = at
        elif kind == "session.compaction_complete":
            self._compacted(_data(line, shapes.CompactionEnd), line, number, at, depth)
        elif kind == "session.truncation":
            cut = _data(line, shapes.Truncation)
            before = count(cut.preTruncationTokensInMessages) or None
            after = count(cut.postTruncationTokensInMessages) or None
            out.append(Compaction(sid, at, "truncation", before, after, True, number))
        elif kind == "session.snapshot_rewind":
            out.append(Compaction(sid, at, "rewind", partial=True, line=number))
        elif kind == "session.context_cleared":
            out.append(Cleared(sid, at, number))
        else:
            ended = _data(line, shapes.Shutdown)
            snapshot = ended.accountingSnapshot or shapes.Snapshot()
            metrics = ended.modelMetrics or snapshot.modelMetrics or {}
            self.ledger.shutdown(metrics, at, number)
            out.append(Ended(sid, at, number))

    def _start(self, data: shapes.Started, number: int, at: float) -> None:
        state = self.state
        if data.sessionId:
            self._name(data.sessionId)
        state.version = data.copilotVersion or state.version
        state.model = data.selectedModel or state.model
        state.effort = data.reasoningEffort or state.effort
        state.cwd = (data.context.cwd if data.context else None) or state.cwd
        self._about(number, at)

    def _about(self, number: int, at: float) -> None:
        state = self.state
        self.out.append(
            SessionInfo(
                state.session_id,
                at,
                cwd=state.cwd,
                agent_version=state.version,
                entrypoint=host_of(self.source.path),
                context_window_tokens=state.window or None,
                line=number,
            )
        )

    def _model_change(self, data: shapes.ModelChange, number: int, at: float) -> None:
        """One event serves models and efforts; a pair that is equal is no change."""
        state = self.state
        previous = data.previousModel or state.model or None
        automatic = data.source == "automatic" or data.cause in _AUTOMATIC
        if data.newModel and data.newModel != previous:
            self.out.append(
                ModelChosen(
                    state.session_id,
                    at,
                    data.newModel,
                    previous,
                    data.cause or data.source or "",
                    automatic,
                    number,
                )
            )
        state.model = data.newModel or state.model
        before = data.previousReasoningEffort or state.effort
        if data.reasoningEffort and data.reasoningEffort != before:
            self.out.append(EffortChosen(state.session_id, at, data.reasoningEffort, None, number))
        state.effort = data.reasoningEffort or state.effort

    def _checkpoint(self, data: shapes.Checkpoint) -> None:
        """The format of the second part is internal to the agent: read where it fits."""
        states: dict[str, shapes.CacheState] = {}
        try:
            for one in _STATES.decode(bytes(data.promptCacheBreakState) or b"[]"):
                if one.conversation in (None, "main"):
                    states.update(one.models or {})
        except msgspec.DecodeError:
            states = {}
        self.ledger.checkpoint(data.modelCacheState or [], states)

    def _compacted(
        self, data: shapes.CompactionEnd, line: shapes.Line, number: int, at: float, depth: Depth
    ) -> None:
        state, used = self.state, data.compactionTokensUsed
        start = state.compaction
        usage = usage_of(used) if used else None
        if used and usage and usage.sent_tokens:
            self.ledger.compaction(
                Call(
                    session_id=state.session_id,
                    id=data.requestId or f"{line.id}:compaction",
                    at=at,
                    model=used.model or start.model or state.model,
                    usage=usage,
                    line=number,
                    started_at=min(state.compaction_at, at or state.compaction_at),
                    provider="github-copilot",
                    duration_ms=used.duration,
                    agent_version=state.version,
                    purpose="compaction",
                )
            )
        if data.success is False:
            return
        before = count(data.preCompactionTokens) or count(start.currentTokens) or None
        after = count(data.postCompactionTokens) or None
        trigger = start.trigger or ""
        state.compaction, state.compaction_at = shapes.CompactionStart(), 0.0
        self.out.append(Compaction(state.session_id, at, trigger, before, after, line=number))
        if depth is Depth.FULL and data.summaryContent:
            chars = len(data.summaryContent)
            self.out.append(Content(state.session_id, at, ContentKind.SUMMARY, chars, number))

    def _unreadable(self, line: int, reason: str) -> None:
        self.out.append(Unreadable(self.state.session_id, self.source.path, line, reason))


def _data(line: shapes.Line, shape: type[S]) -> S:
    return msgspec.json.decode(bytes(line.data) or b"{}", type=shape)


def _kind(line: bytes) -> str:
    """The type of an event, from its first bytes."""
    return text_after(line, b'"type"')
