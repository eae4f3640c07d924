"""Folds an agent's records, in order, into what a session is now.

The main chain is the calls of the conversation itself: sidechains, titles and compaction
calls are billed but are not part of the prefix. Everything known before a call is learnt
before it is added, so a fold of a transcript cut before a call knows just what stood there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Content,
    ContentKind,
    EffortChosen,
    Ended,
    Forked,
    ModelChosen,
    Prompt,
    RateLimits,
    Record,
    RequestStarted,
    Resumed,
    SessionInfo,
    Todos,
    TodoStep,
    ToolUse,
    Unreadable,
)
from switchtax.sessions.agent_facts import outlives, same_model
from switchtax.sessions.codex_facts import tools_chars
from switchtax.sessions.growth import Pieces
from switchtax.sessions.learning import Learner, answer_told
from switchtax.sessions.rhythm import tool_class
from switchtax.sessions.state import Signs
from switchtax.sessions.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Session", "Signs", "outlives", "same_model"]


@dataclass(slots=True)
class Session(Learner):
    """One session as its log tells it, up to the last record added."""

    def add_all(self, records: Iterable[Record]) -> None:
        """Add records in order."""
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Add one record."""
        self._dispatch(record)
        if record.at > 0.0:
            self.started_at = self.started_at or record.at
            self.last_at = max(self.last_at, record.at)

    def _dispatch(self, record: Record) -> None:
        match record:
            case Call():
                self._call(record)
            case Content():
                self._content(record)
            case ToolUse():
                self._tool_use(record)
            case Prompt():
                self._prompt(record)
            case Todos() | TodoStep():
                self.work.planned(record)
            case Unreadable():
                self.unreadable.append(record)
            case SessionInfo():
                self._info(record)
            case _:
                self._event(record)

    def _event(self, record: Record) -> None:
        signs = self.signs
        match record:
            case Compaction():
                self._compaction(record)
            case Cleared():
                if self.current is not None:
                    signs.cleared = True
                    self.work = Work(is_told=self.work.is_told)
                    self._begin_anew()
            case Resumed():
                signs.resumed = True
                version = record.agent_version
                if self.current is not None and version not in ("", self.current.agent_version):
                    signs.version_changed = True
            case Ended():
                signs.ended = True
            case ModelChosen():
                self.chosen.append(record)
                signs.chosen_model = record.model
            case EffortChosen():
                signs.chosen_effort = record.effort or signs.chosen_effort
                signs.chosen_fast = signs.chosen_fast if record.fast is None else record.fast
            case RateLimits():
                self.rate_limits = record
                self.limits_seen.append(record)
            case Forked():
                self.forked_from = record
            case RequestStarted():
                if record.main:
                    self.request = record
                    self.opening = record.starts or self.opening
            case _:
                pass

    def _info(self, record: SessionInfo) -> None:
        self.cwd = self.cwd or record.cwd
        self.agent_version = record.agent_version or self.agent_version
        if record.entrypoint not in {"", self.entrypoint}:
            self._moved(record.entrypoint)
        self.parent_id = record.parent_id or self.parent_id
        self.sidechain = record.sidechain or self.sidechain
        self.provider = record.provider or self.provider
        self.plan = record.plan or self.plan
        self.comp_hash = record.comp_hash or self.comp_hash
        self.asks = self.asks if record.asks is None else record.asks
        self.context_window_tokens = record.context_window_tokens or self.context_window_tokens
        self.sent_an_effort = record.sent_an_effort or self.sent_an_effort

    def _moved(self, entrypoint: str) -> None:
        """A session goes on elsewhere. Codex then puts other tools in front of some histories."""
        before, self.entrypoint = self.codex_room(), entrypoint
        if self.agent == "codex" and self.current is not None:
            name = normalise(self.model).name
            if tools_chars(name, before) != tools_chars(name, self.codex_room()):
                self.caches.forget(name)

    def _compaction(self, record: Compaction) -> None:
        self.compactions.append(record)
        if self.current is not None and self.current.summed and not record.partial:
            self._lose(self.current)
        self.signs.tokens_before = record.before_tokens
        self.signs.tokens_after = record.after_tokens
        if record.partial:
            self.signs.micro_compacted = True
        else:
            self.signs.compacted = True
            self.signs.by_person = record.trigger == "manual"
            self.work.summed_up()
            self._begin_anew()

    def _begin_anew(self) -> None:
        """The history is gone: nothing of it opens the next request."""
        self.caches.break_history()
        self.pieces = Pieces()
        self.asked_for = []
        self._results = []

    def _prompt(self, record: Prompt) -> None:
        if self.current is not None or self._turn_calls or not self.rhythm.turns:
            if self._turn_calls:
                self.rhythm.calls_per_turn.observe(self._turn_calls)
                if record.at > self.last_call_at > 0:
                    self.rhythm.turn_gap_s.observe(record.at - self.last_call_at)
            if self._turn_calls or not self.rhythm.turns:
                self.rhythm.turns += 1
            self._turn_calls = 0
        self.signs.prompted = True
        self.work.prompted(record)

    def _content(self, record: Content) -> None:
        if record.sidechain:
            return
        self.blocks += record.items
        p, kind = self.pieces, record.kind
        if record.call_id:
            self.work.said(record)
            if kind is ContentKind.TEXT:
                p.text_chars += record.chars
            elif kind is ContentKind.TOOL_CALL:
                p.call_chars += record.chars
            elif kind is ContentKind.REASONING:
                p.reasoning_chars += record.chars
            elif kind is ContentKind.SEALED_REASONING:
                p.sealed_chars += record.chars
            else:
                p.result_chars += record.chars
            return
        if kind is ContentKind.TOOL_RESULT:
            p.result_chars += record.chars
            p.results += record.items
            self._results.append((record.tool_id, record.chars))
        elif kind is ContentKind.IMAGE:
            p.images += record.items
        elif kind is ContentKind.SWITCH_TEXT:
            p.attachment_chars += record.chars
            self.signs.switch_text = True
        elif kind is ContentKind.ATTACHMENT:
            p.attachment_chars += record.chars
            p.attachments += record.items
        elif kind is ContentKind.SUMMARY:
            p.summary_chars += record.chars
        else:
            p.prompt_chars += record.chars
            self.prompts += record.items
            self.prompt_chars += record.chars

    def _tool_use(self, record: ToolUse) -> None:
        self.tool_uses.append(record)
        self.work.used(record)
        if record.name and not record.sidechain:
            key = tool_class(record.name)
            self._tools[record.id] = (key, record.asked_lines)
            if record.call_id and self.current is not None and record.call_id == self.current.id:
                self.asked_for.append((key, record.asked_lines))

    def _call(self, call: Call) -> None:
        if call.summed and not self._is_measured(call):
            return
        if call.sidechain or call.purpose or not call.sent_recorded:
            self.calls.pop(call.id, None)
            known = self.side_calls.get(call.id)
            if known is None or call.usage.output_tokens >= known.usage.output_tokens:
                self.side_calls[call.id] = call
            return
        known = self.calls.get(call.id)
        if known is not None:
            self._complete(known, call)
            return
        call = call if call.summed else replace(call, started_at=self.start_of(call))
        requests = self._learn_turn(call) if call.summed else self._learn(call)
        if self.current is not None and not same_model(call.model, self.current.model):
            self.switches.append(call)
        self.calls[call.id] = call
        self.work.called()
        self.previous, self.current = self.current, call
        self.sent_chars = self.request.sent_chars if self.request else 0
        self._learn_start(self.request)
        self.request = None
        self.sent_blocks = self.blocks
        self._hold(call)
        self._turn_calls += requests
        self.rhythm.calls += requests
        self.pieces = Pieces(answer_told(call), call.output_recorded)
        self.signs = Signs()
        self.asked_for = []
        self._results = []

    def _complete(self, known: Call, call: Call) -> None:
        """A later line of the same response: the larger output wins, the first times stay."""
        if call.usage.output_tokens < known.usage.output_tokens:
            return
        merged = replace(
            call, at=known.at, started_at=call.started_at or known.started_at, line=known.line
        )
        self.calls[call.id] = merged
        if self.current is known:
            self.current = merged
            if call.cache_ttl_s or call.started_at:
                self._hold(merged)
            self.pieces.output_tokens = answer_told(call)
            self.pieces.output_recorded = call.output_recorded

    # -- turns of which only the sum is told ------------------------------------------------

    @property
    def answered_by(self) -> str:
        """The model of the last answer, also where nothing tells how large the context is since."""
        return self.model or (self.unmeasured.model if self.unmeasured else "")

    def _is_measured(self, turn: Call) -> bool:
        """Whether the context after a turn is known; a turn without is billed, and no more."""
        known = self.unmeasured
        if turn.last_pass_tokens is None or not turn.sent_recorded:
            if known is None or known.id != turn.id:
                self._turn_calls += 1
                self._lose(turn)
                self.signs, self.pieces = Signs(), Pieces()
            self.side_calls[turn.id] = turn
            return False
        if known is None or known.id != turn.id:
            self.unmeasured = None
            return True
        self._find(turn)
        return False

    def _lose(self, turn: Call) -> None:
        self.unmeasured = turn
        self.previous, self.current = self.current, None

    def _find(self, turn: Call) -> None:
        """The context after the last turn is told late: what came since stays."""
        signs, pieces, turn_calls = self.signs, self.pieces, self._turn_calls
        self.unmeasured, self.current = None, self.previous
        if self.side_calls.pop(turn.id, None) is not None:
            self._call(turn)
            if signs.compacted:
                self.caches.break_history()
        else:
            self.calls[turn.id] = self.current = turn
        if signs.prompted:
            self._turn_calls = turn_calls
        self.signs, self.pieces = signs, pieces
