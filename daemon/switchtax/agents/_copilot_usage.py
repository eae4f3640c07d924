"""What Copilot CLI's calls used, from whichever place a build recorded it.

Best first: `session.usage_record` (one per call); the database's rows, which are the
`assistant.message` events in order but carry no id of theirs; the state of the cache after a
model's last call (`session.usage_checkpoint`); the output alone (`assistant.message`); and, for
what none of these named, the totals of `session.shutdown`. Those are cumulative over resumes.

Source: docs/formats/copilot-cli.md; real client 1.0.102, 2026-11-21.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import Struct

from switchtax.agents._copilot_shapes import ModelMetrics, UsageShape
from switchtax.agents._copilot_store import Row, rows_after
from switchtax.agents.lines import epoch_s
from switchtax.agents.numbers import count, is_absurd
from switchtax.records import Call, Record, Unreadable, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from switchtax.agents._copilot_shapes import CacheState, ModelCache

__all__ = ["Ledger", "LedgerState", "purpose_of", "usage_of"]

_REMEMBERED = 100
"""Calls or rows kept for a partner that may still come."""
_PROVIDER = "github-copilot"


class Orphan(Struct):
    """A row told before its message was read."""

    row: int
    side: bool
    output: int


class LedgerState(Struct):
    """What must be known of a session's calls between two reads."""

    has_records: bool = False
    last_row: int = 0
    waiting: list[Call] = []
    """Calls told without a row of the database, which may still come."""
    orphans: list[Orphan] = []
    recent: list[tuple[str, int, int]] = []
    """Id, sent and output of the calls told last."""
    last: dict[str, Call] = {}
    """Model to its last call of the session's own conversation."""
    sums: dict[str, list[int]] = {}
    """Model to sent, output, read, write, calls told."""
    totals: dict[str, Call] = {}
    """Model to the session's own totals, and (`rests`) what of them was told as such."""
    rests: dict[str, Usage] = {}


class Ledger:
    """Tells each call once, from the best source that has it."""

    def __init__(self, session_id: str, path: str, store: Path | None, out: list[Record]) -> None:
        self.session_id, self.path, self.store, self.out = session_id, path, store, out
        self.state = LedgerState()
        self._rows: list[Row] | None = None

    # -- from the events -------------------------------------------------------------

    def record(self, call: Call) -> None:
        """A call with full usage, as newer builds write it."""
        self.state.has_records = True
        orphan = self._orphan(call)
        self._tell(replace(call, id=self._row_id(orphan.row)) if orphan else call)

    def compaction(self, call: Call) -> None:
        """A compaction's own count of its tokens, unless its call is recorded as well."""
        counts = (call.usage.sent_tokens, call.usage.output_tokens)
        if any((sent, output) == counts for _, sent, output in self.state.recent):
            return
        for row in [] if self.state.has_records else self.rows():
            if (count(row.input_tokens), count(row.output_tokens)) == counts:
                self._take(row)
                call = self._from_row(row, call)
                break
        self._tell(call)

    def message(self, call: Call) -> str:
        """An answer, with its output if that was recorded; returns the id of its call."""
        state = self.state
        if state.has_records:
            return call.id
        waiting = [w.id for w in state.waiting]
        if call.id in waiting:
            known = waiting.index(call.id)
            if call.usage.output_tokens > state.waiting[known].usage.output_tokens:
                self._untell(state.waiting[known])
                state.waiting[known] = replace(call, started_at=state.waiting[known].started_at)
                self._tell(state.waiting[known])
            return call.id
        if call.id in [told for told, _, _ in state.recent]:
            return call.id
        orphan = self._orphan(call)
        if orphan is not None:
            return self._row_id(orphan.row)
        row = self._partner(call)
        if row is not None:
            self._tell(self._from_row(row, call))
        else:
            state.waiting = [*state.waiting, call][-_REMEMBERED:]
            self._tell(call)
        return call.id

    def checkpoint(self, caches: list[ModelCache], states: Mapping[str, CacheState]) -> None:
        """The cache after each model's last call: lifetime, start, and what was sent."""
        for cache in caches:
            call = self.state.last.get(cache.modelId or "")
            if call is None or is_absurd(cache.cacheTtlSeconds):
                continue
            ttl = count(cache.cacheTtlSeconds) or None
            started = epoch_s(cache.cacheExpiresAt) - (ttl or 0)
            if not ttl or not 0 < started <= call.at:
                started = call.started_at
            self._again(call, replace(call, cache_ttl_s=ttl, started_at=started))
        for model, state in states.items():
            call = self.state.last.get(model)
            if call is None or call.sent_recorded or call.id != state.model_call_id:
                continue
            shape = UsageShape(
                inputTokens=state.prompt_tokens,
                outputTokens=call.usage.output_tokens,
                cacheReadTokens=state.cache_read,
                cacheWriteTokens=state.cache_write,
            )
            usage = usage_of(shape)
            if usage is not None and usage.sent_tokens:
                self._again(call, replace(call, usage=usage, sent_recorded=True))

    def shutdown(self, metrics: Mapping[str, ModelMetrics], at: float, line: int) -> None:
        """The session's own totals: whatever they hold beyond the calls told."""
        self.flush(at, last=True)
        for model, metric in metrics.items():
            shape = metric.usage or UsageShape()
            calls = count(metric.requests.count) if metric.requests else 0
            total = usage_of(shape, calls=max(1, calls))
            if total is None:
                self._unreadable(line, "a total is negative or absurd")
                continue
            if len(metrics) == 1:
                self.name_model(model)
            told = self.state.sums.get(model, [0] * 5)
            alone = [w for w in self.state.waiting if w.model == model and not w.sent_recorded]
            if calls == told[4] == len(alone) == 1 and total.sent_tokens:
                self._again(alone[0], replace(alone[0], usage=total, sent_recorded=True))
                continue
            self.state.totals[model] = Call(
                session_id=self.session_id,
                id=f"{self.session_id}:totals:{model}",
                at=at,
                model=model,
                usage=total,
                line=line,
                provider=_PROVIDER,
                sidechain=True,
                purpose="totals",
            )
        self._tell_totals()

    def _tell_totals(self) -> None:
        """What totals hold beyond the calls; told again when calls become known later."""
        for model, whole in self.state.totals.items():
            rest = _beyond(whole.usage, self.state.sums.get(model, [0] * 5))
            if rest != self.state.rests.get(model, Usage()):
                self.state.rests[model] = rest
                self.out.append(replace(whole, usage=rest))

    def name_model(self, model: str) -> None:
        """Older builds leave the model out of answers: a later event names it."""
        for call in [w for w in self.state.waiting if not w.model]:
            self._again(call, replace(call, model=model))

    # -- from the database -----------------------------------------------------------

    def flush(self, until: float, *, last: bool = False) -> None:
        """Tell the rows up to a time that no message stands for: helpers and sub-agents."""
        if self.state.has_records:
            return
        before = self.state.last_row
        for row in list(self.rows()):
            if row.at > until and row.id > self.state.last_row and not last:
                break
            self._take(row)
            waiting = next((w for w in self.state.waiting if _match(row, w)), None)
            if waiting is not None:
                self._again(waiting, self._from_row(row, waiting), kept=False)
                continue
            orphan = Orphan(row.id, bool(row.agent), count(row.output_tokens))
            self.state.orphans = [*self.state.orphans, orphan][-_REMEMBERED:]
            blank = Call(self.session_id, self._row_id(row.id), row.at, row.resolved_model, Usage())
            call = self._from_row(row, blank)
            if call.usage.sent_tokens or call.usage.output_tokens:
                self._tell(call)
        if self.state.last_row != before:
            self._tell_totals()

    def rows(self) -> list[Row]:
        """The session's rows not told yet, read from the database once per reading."""
        if self._rows is None:
            self._rows = []
            try:
                self._rows = rows_after(self.store, self.session_id, self.state.last_row)
            except sqlite3.Error:
                self._unreadable(0, "session-store.db cannot be read now; tried again next time")
            usable = [row for row in self._rows if not is_absurd(*_counts(row))]
            if len(usable) < len(self._rows):
                self._unreadable(0, "a token count in session-store.db is negative or absurd")
            self._rows = usable
        return self._rows

    def _partner(self, call: Call) -> Row | None:
        """The first row left that can be this answer's; those before it wait for theirs."""
        row = next((row for row in self.rows() if _match(row, call)), None)
        if row is not None:
            self._take(row)
        return row

    def _take(self, row: Row) -> None:
        """Rows before the last one taken are told at the end of the reading (`flush`)."""
        self.rows().remove(row)
        self.state.last_row = max(self.state.last_row, row.id)

    def _orphan(self, call: Call) -> Orphan | None:
        for orphan in self.state.orphans:
            same = orphan.output == call.usage.output_tokens or not call.output_recorded
            if orphan.side == call.sidechain and same:
                self.state.orphans = [o for o in self.state.orphans if o is not orphan]
                return orphan
        return None

    def _row_id(self, row: int) -> str:
        return f"{self.session_id}:row:{row}"

    def _from_row(self, row: Row, call: Call) -> Call:
        shape = UsageShape(
            inputTokens=row.input_tokens,
            outputTokens=row.output_tokens,
            cacheReadTokens=row.cache_read_tokens,
            cacheWriteTokens=row.cache_write_tokens,
            reasoningTokens=row.reasoning_tokens,
        )
        started = row.at - row.duration_ms / 1000 if row.duration_ms and row.at else 0.0
        return replace(
            call,
            model=call.model or row.resolved_model,
            usage=usage_of(shape) or call.usage,
            started_at=call.started_at or max(0.0, started),
            provider=_PROVIDER,
            effort=row.reasoning_effort or call.effort,
            sidechain=call.sidechain or bool(row.agent) or row.initiator == "sub-agent",
            output_recorded=True,
            sent_recorded=True,
            ttft_ms=row.time_to_first_token_ms,
            duration_ms=row.duration_ms,
        )

    # -- telling ---------------------------------------------------------------------

    def _tell(self, call: Call) -> None:
        self.out.append(call)
        self._count(call, 1)
        told = (call.id, call.usage.sent_tokens, call.usage.output_tokens)
        self.state.recent = [*self.state.recent, told][-_REMEMBERED:]
        if not call.sidechain and not call.purpose:
            self.state.last[call.model] = call

    def _untell(self, call: Call) -> None:
        self._count(call, -1)

    def _again(self, old: Call, new: Call, *, kept: bool = True) -> None:
        """A call told before, now known better; it waits on for its row unless this was it."""
        self._untell(old)
        newest = dict(self.state.last)
        if newest.get(old.model) == old:
            del newest[old.model]
            newest[new.model] = new
        self._tell(new)
        self.state.last = newest
        waiting = [new if w.id == old.id else w for w in self.state.waiting]
        self.state.waiting = [w for w in waiting if kept or w.id != old.id]

    def _count(self, call: Call, sign: int) -> None:
        use = call.usage
        sums = self.state.sums.setdefault(call.model, [0] * 5)
        sums[0] += sign * use.sent_tokens
        sums[1] += sign * use.output_tokens
        sums[2] += sign * use.cache_read_tokens
        sums[3] += sign * use.cache_write_tokens
        sums[4] += sign

    def _unreadable(self, line: int, reason: str) -> None:
        self.out.append(Unreadable(self.session_id, self.path, line, reason))


def usage_of(shape: UsageShape, *, calls: int = 1) -> Usage | None:
    """Disjoint buckets of so many calls; None where a count is negative or absurd."""
    sent = shape.inputTokens if shape.inputTokens is not None else shape.input
    output = shape.outputTokens if shape.outputTokens is not None else shape.output
    read = shape.cacheReadTokens if shape.cacheReadTokens is not None else shape.cachedInput
    values = (sent, output, read, shape.cacheWriteTokens, shape.reasoningTokens)
    if is_absurd(*(values if calls == 1 else [(value or 0) / calls for value in values])):
        return None
    inside = min(count(read), count(sent))
    written = min(count(shape.cacheWriteTokens), count(sent) - inside)
    return Usage(
        uncached_tokens=count(sent) - inside - written,
        cache_read_tokens=inside,
        cache_write_5m_tokens=written,
        output_tokens=count(output),
        reasoning_tokens=count(shape.reasoningTokens),
    )


def _beyond(total: Usage, told: list[int]) -> Usage:
    """A model's totals less what its calls hold; empty where nothing is left."""
    sent, output = total.sent_tokens - told[0], total.output_tokens - told[1]
    if sent <= 0 and output <= 0:
        return Usage()
    read = max(0, total.cache_read_tokens - told[2])
    write = max(0, total.cache_write_tokens - told[3])
    return Usage(
        uncached_tokens=max(0, sent - read - write),
        cache_read_tokens=read,
        cache_write_5m_tokens=write,
        output_tokens=max(0, output),
    )


def _match(row: Row, call: Call) -> bool:
    """Whether a row can be an answer's: same side, same model, same output where known."""
    if bool(row.agent) != call.sidechain:
        return False
    if call.model and row.resolved_model and call.model != row.resolved_model:
        return False
    return not call.output_recorded or count(row.output_tokens) == call.usage.output_tokens


def _counts(row: Row) -> tuple[float | None, ...]:
    return (
        row.input_tokens,
        row.output_tokens,
        row.cache_read_tokens,
        row.cache_write_tokens,
        row.reasoning_tokens,
    )


def purpose_of(kind: str) -> str:
    """Why a call was made, from its kind of interaction."""
    for purpose in ("compaction", "title"):
        if purpose in kind:
            return purpose
    return ""
