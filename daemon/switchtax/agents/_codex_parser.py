"""Codex rollout lines to records: calls, switches, compactions, forks.

Usage rows name no model. A row belongs to the model of its own turn's `turn_context`;
before that is written, to the last model that returned usage (a compaction at a switch is
made by the old model). See docs/formats/codex.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from switchtax.agents import _codex_shapes as shapes
from switchtax.agents._codex_content import ContentReader, compacted_chars
from switchtax.agents._codex_forks import parent_file, spawn_of, uuid7_s
from switchtax.agents._codex_heads import Heads, is_count, kind_in
from switchtax.agents._codex_replay import Replay, kind_of
from switchtax.agents._codex_shapes import decode_count, decode_line, decode_payload
from switchtax.agents._codex_state import State, both, since, span_ms, usage_of
from switchtax.agents.lines import epoch_s
from switchtax.records import (
    Call,
    Compaction,
    Content,
    ContentKind,
    Depth,
    EffortChosen,
    Forked,
    ModelChosen,
    Resumed,
    SessionInfo,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.agents._codex_forks import Vector
    from switchtax.records import Record, Source

__all__ = ["RolloutParser"]

_FAST_TIERS = frozenset({"priority", "fast"})


class RolloutParser:
    """Reads one rollout line by line (a `LineParser`)."""

    def __init__(self, source: Source) -> None:
        self.out: list[Record] = []
        self.source = source
        self.s = State(session_id=source.session_id)
        self.content = ContentReader(self)
        self.replay = Replay(self)
        self.at = 0.0
        self.line = 0
        self._events: dict[bytes, Callable[[shapes.Line], None]] = {
            b"token_count": self._token_count,
            b"thread_settings_applied": self._settings,
            b"task_started": self._task_started,
            b"turn_started": self._task_started,
            b"task_complete": self._task_complete,
            b"turn_complete": self._task_complete,
            b"turn_aborted": self._turn_aborted,
        }
        self.heads = Heads(self)
        self.wants, self.sift = self.heads.wants, self.heads.sift
        self._tops: dict[str, Callable[[shapes.Line], None]] = {
            "session_meta": self._session_meta,
            "turn_context": self._turn_context,
            "token_usage_record": self._usage_record,
            "compacted": self._compacted,
        }

    def feed(self, line: bytes, number: int, depth: Depth) -> None:
        """Read one line.

        Raises:
            ValueError: the line cannot be read.
        """
        full = depth is Depth.FULL
        if not full and is_count(line):
            count = decode_count(line)
            if count is not None:
                self.line, self.at = number, epoch_s(count.timestamp)
                if not (self.s.parent_id and self.replay.holds_count(count)):
                    self._count(count.payload.info, count.timestamp)
                return
        row = decode_line(line)
        if row.type == "response_item":
            self.heads.note(line)
        self.line, self.at = number, epoch_s(row.timestamp)
        top = self._tops.get(row.type)
        if top is self._session_meta:
            top(row)
        elif self.replay.holds(row):
            self.replay.keep(row)
        elif top is not None:
            top(row)
            if full and row.type == "compacted":
                self.s.summary = compacted_chars(decode_payload(shapes.Compacted, row.payload))
        elif row.type == "event_msg":
            kind = kind_in(line) or kind_of(row)
            if full:
                self.content.event(kind, row)
            handle = self._events.get(kind)
            if handle is not None:
                handle(row)
        elif full and row.type == "response_item":
            self.content.item(row)

    def save(self) -> dict[str, object]:
        """The state as plain values."""
        return self.s.save()

    def load(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        self.s = State.of(state)

    # -- what a line may be ---------------------------------------------------------------

    def _session_meta(self, row: shapes.Line) -> None:
        meta = decode_payload(shapes.Meta, row.payload)
        s = self.s
        own = meta.id or meta.session_id or ""
        if s.known:
            if own and own != s.session_id and not s.parent_id:
                self._fork(own)
            elif own == s.session_id:
                self.out.append(Resumed(s.session_id, self.at, meta.cli_version or "", self.line))
            return
        s.known = True
        s.session_id = own or s.session_id
        s.provider = meta.model_provider or ""
        s.version = meta.cli_version or ""
        s.entrypoint = meta.source if isinstance(meta.source, str) else meta.originator or ""
        s.runs_in = s.entrypoint
        spawned_by, spawned = spawn_of(meta.source)
        s.sidechain = spawned or meta.thread_source == "subagent"
        s.born_at = uuid7_s(own) or epoch_s(meta.timestamp) or self.at
        s.boundary = meta.subagent_history_start_ordinal
        if s.boundary is None and meta.history_base is not None:
            s.boundary = meta.history_base.end_ordinal_exclusive
        parent = meta.forked_from_id or meta.parent_thread_id or spawned_by
        self.out.append(
            SessionInfo(
                s.session_id,
                at=self.at,
                cwd=meta.cwd or "",
                agent_version=s.version,
                entrypoint=s.entrypoint,
                parent_id=parent,
                sidechain=s.sidechain,
                provider=s.provider,
                line=self.line,
            )
        )
        if parent and (meta.forked_from_id or s.boundary):
            self._fork(parent)

    def _fork(self, parent: str) -> None:
        s = self.s
        source = self.source
        s.parent_id, s.replaying = parent, True
        s.parent_path = parent_file(source.path, parent, source.mtime_ns)
        self.out.append(Forked(s.session_id, self.at, parent, s.parent_path is not None, self.line))

    def _turn_context(self, row: shapes.Line) -> None:
        context = decode_payload(shapes.Context, row.payload)
        s = self.s
        again = bool(context.turn_id) and context.turn_id == s.context_turn
        s.take_context(context.turn_id, context.model, context.effort, context.comp_hash)
        self._asks(context.approval_policy)
        if not again:
            self._chosen(context.model, context.effort, s.fast, "turn_context")
        s.trigger = row.timestamp or s.trigger

    def _settings(self, row: shapes.Line) -> None:
        settings = decode_payload(shapes.Settings, row.payload).thread_settings
        self.s.provider = settings.model_provider_id or self.s.provider
        self._asks(settings.approval_policy)
        fast = settings.service_tier in _FAST_TIERS
        self._chosen(settings.model, settings.reasoning_effort, fast, "settings")

    def _chosen(self, model: str | None, effort: str | None, fast: bool | None, by: str) -> None:
        """A model, effort or tier for the requests to come; said once per change."""
        s = self.s
        if model and s.chosen_model and model != s.chosen_model:
            self.out.append(
                ModelChosen(s.session_id, self.at, model, s.chosen_model, by, line=self.line)
            )
        turned = fast if s.fast is not None and fast is not None and fast != s.fast else None
        if s.chosen_known and (effort != s.chosen_effort or turned is not None):
            self.out.append(EffortChosen(s.session_id, self.at, effort, turned, self.line))
        s.chosen_model = model or s.chosen_model
        s.chosen_effort, s.chosen_known = effort, True
        s.fast = fast if fast is not None else s.fast

    def _task_started(self, row: shapes.Line) -> None:
        started = decode_payload(shapes.Started, row.payload)
        s = self.s
        self.close_compaction()
        self.content.flush("")
        cause = started.turn_attribution
        moved = s.turns_in(cause.turn_trigger if cause is not None else None)
        if s.turns and (moved or s.runs_in == "exec"):  # one process a turn
            self.out.append(Resumed(s.session_id, self.at, s.version, self.line))
        if moved:
            self._info()
        s.turn = started.turn_id or ""
        s.turn_at, s.turns, s.answered, s.first_call = self.at, s.turns + 1, False, None
        s.request = s.output = ""
        s.trigger = row.timestamp or s.trigger
        self._window(started.model_context_window)

    def _task_complete(self, row: shapes.Line) -> None:
        done = decode_payload(shapes.Complete, row.payload)
        s = self.s
        self.close_compaction()
        self.content.flush("")
        call, ttft_ms = s.first_call, done.time_to_first_token_ms
        s.first_call = None
        if call is None or ttft_ms is None or done.turn_id not in {None, s.turn}:
            return
        if call.started_at and s.turn_at:  # counted from the start of the turn, not the request
            ttft_ms -= 1000 * (call.started_at - s.turn_at)
        if ttft_ms > 0:
            self.out.append(replace(call, ttft_ms=round(ttft_ms, 3)))

    def _turn_aborted(self, _row: shapes.Line) -> None:
        self.close_compaction()
        self.content.flush("")
        self.s.first_call = None

    def _token_count(self, row: shapes.Line) -> None:
        self._count(decode_payload(shapes.TokenCount, row.payload).info, row.timestamp)

    def _count(self, info: shapes.TokenInfo | None, time: str | None) -> None:
        if info is None:
            return
        self._window(info.model_context_window)
        total, last = info.total_token_usage, info.last_token_usage
        if total is None and last is None:
            return
        if self.s.pending and last and not any(last.vector()) and last.total_tokens > 0:
            self.close_compaction(last.total_tokens)
        s = self.s
        recent = last.vector() if last is not None else None
        if total is None:
            added = recent
        else:
            vector = total.vector()
            added = since(vector, s.seen, recent)
            s.seen = vector
        if added is not None and any(added):
            self._call(time, added, f"{s.session_id}:{self.line}", s.turn)

    def _usage_record(self, row: shapes.Line) -> None:
        record = decode_payload(shapes.UsageRecord, row.payload)
        s = self.s
        if record.thread_id and s.known and record.thread_id != s.session_id:
            return  # a parent's row, copied
        counts = record.usage.vector()
        thread = record.thread_token_usage
        if thread is not None:
            if s.seen == thread.vector() and any(s.seen):
                return  # its token_count stood before it and was counted
            s.seen = thread.vector()
        else:
            s.seen = both(s.seen, counts)
        id_ = record.response_id or f"{s.session_id}:{self.line}"
        self._call(row.timestamp, counts, id_, record.turn_id or s.turn)

    def _compacted(self, row: shapes.Line) -> None:
        """The history was replaced; the call that wrote the summary stands just before."""
        done = decode_payload(shapes.Compacted, row.payload)
        s = self.s
        self.close_compaction()
        call = s.last_call
        wrote = call is not None and (
            call.id == done.compaction_response_id
            if done.compaction_response_id
            else s.last_bare and not s.request
        )
        before: int | None = None
        if call is not None:
            before = call.usage.sent_tokens + (0 if wrote else call.usage.output_tokens)
        if call is not None and wrote:
            self._was_compaction(call, done)
        switched = bool(s.used_model and s.chosen_model and s.used_model != s.chosen_model)
        s.pending = Compaction(
            s.session_id,
            self.at,
            trigger="model-switch" if switched and wrote else "",
            before_tokens=before,
            line=self.line,
        )
        s.trigger, s.last_bare = row.timestamp or s.trigger, False

    def _was_compaction(self, call: Call, done: shapes.Compacted) -> None:
        s = self.s
        said = done.resume_metadata and done.resume_metadata.previous_turn_settings
        model = call.model
        if not s.answered or (s.first_call is not None and s.first_call.id == call.id):
            model = s.base_model or (said and said.model) or call.model
            s.answered = False
        s.first_call = None
        s.used_model = model
        s.last_call = replace(call, model=model, effort=None, purpose="compaction")
        self.out.append(s.last_call)

    # -- what several lines lead to -------------------------------------------------------

    def _call(self, time: str | None, counts: Vector, id_: str, turn: str) -> None:
        s = self.s
        usage, fault = usage_of(counts)
        if fault:
            self._unreadable(fault)
        started = s.request or s.trigger
        started_at, output_at = epoch_s(started), epoch_s(s.output)
        bare, searches = not s.request, s.searches
        if s.trigger <= started:
            s.trigger = time or s.trigger
        s.request, s.output, s.searches = "", "", 0
        if usage is None:
            self.content.flush("")
            return
        model, effort = s.model_of(turn)
        call = Call(
            s.session_id,
            id_,
            self.at,
            model,
            usage,
            self.line,
            min(started_at, self.at) if self.at else started_at,
            s.provider,
            effort,
            bool(s.fast),
            duration_ms=span_ms(started_at, output_at),
            agent_version=s.version,
            web_searches=searches,
        )
        if s.context_hash != s.info_hash and model == s.context_model:
            s.info_hash = s.context_hash
            self._info(comp_hash=s.context_hash)
        if s.pending is not None:
            self.close_compaction()
        s.first_call = None if s.answered else call
        s.base_model, s.used_model = s.used_model, model
        s.last_call, s.last_bare, s.answered = call, bare, True
        self.out.append(call)
        self.content.flush(id_)

    def close_compaction(self, after_tokens: int | None = None) -> None:
        """Hand on a compaction, with its new size if that was recorded."""
        s = self.s
        if s.pending is not None:
            self.out.append(replace(s.pending, after_tokens=after_tokens))
            if s.summary is not None:
                self.out.append(
                    Content(
                        s.session_id, s.pending.at, ContentKind.SUMMARY, s.summary, s.pending.line
                    )
                )
        s.pending, s.summary = None, None

    def _window(self, tokens: int | None) -> None:
        if tokens and tokens > 0 and tokens != self.s.window:
            self.s.window = tokens
            self._info()

    def _asks(self, policy: object) -> None:
        if self.s.may_ask(policy):
            self._info()

    def _info(self, comp_hash: str = "") -> None:
        s = self.s
        self.out.append(
            SessionInfo(
                s.session_id,
                at=self.at,
                agent_version=s.version,
                entrypoint=s.runs_in,
                sidechain=s.sidechain,
                context_window_tokens=s.window,
                provider=s.provider,
                comp_hash=comp_hash,
                asks=s.asks,
                line=self.line,
            )
        )

    def _unreadable(self, reason: str) -> None:
        source = self.source
        self.out.append(Unreadable(self.s.session_id, source.path, self.line, reason, at=self.at))
