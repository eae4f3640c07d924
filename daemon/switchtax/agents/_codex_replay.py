"""Telling the rows that a forked Codex thread copied from its parent from its own.

Builds differ in what they copy and how they mark it, so several signs are asked in turn:
an ordinal the file names, times older than the thread, turn ids that carry a time, the
parent's own counts, and last the burst in which a copy is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from switchtax.agents import _codex_shapes as shapes
from switchtax.agents._codex_forks import replayed_totals, uuid7_s
from switchtax.agents._codex_shapes import decode_payload

if TYPE_CHECKING:
    from switchtax.agents._codex_forks import Vector
    from switchtax.agents._codex_state import State

__all__ = ["Replay", "kind_of"]

_BURST_S = 1.0
"""A copy is written at once; no response returns within this of a fork's creation."""


class _Host(Protocol):
    s: State
    at: float


class Replay:
    """The copied rows of one thread."""

    def __init__(self, host: _Host) -> None:
        self.host = host
        self._totals: frozenset[Vector] | None = None
        """What stands in the parent's file, once it was looked at."""

    def holds(self, row: shapes.Line) -> bool:
        """Whether a row was copied."""
        s = self.host.s
        if not s.parent_id:
            return False
        if s.boundary is not None and row.ordinal is not None:
            return row.ordinal < s.boundary
        if self.host.at and self.host.at < s.born_at - _BURST_S:
            return True
        if s.replaying:
            s.replaying = self._goes_on(row)
        return s.replaying

    def _goes_on(self, row: shapes.Line) -> bool:
        s = self.host.s
        if row.type == "token_usage_record":
            thread = decode_payload(shapes.UsageRecord, row.payload).thread_id
            return thread != s.session_id if thread else True
        kind = kind_of(row) if row.type == "event_msg" else b""
        if row.type == "turn_context" or kind == b"task_started":
            turn_at = uuid7_s(decode_payload(shapes.Started, row.payload).turn_id)
            return not turn_at or turn_at < s.born_at
        if kind != b"token_count" or uuid7_s(s.turn):
            return True
        info = decode_payload(shapes.TokenCount, row.payload).info
        if info is None or info.total_token_usage is None:
            return True
        if s.parent_path is not None:
            if self._totals is None:
                self._totals = replayed_totals(s.parent_path)
            return info.total_token_usage.vector() in self._totals
        return bool(self.host.at) and self.host.at - s.born_at < _BURST_S

    def keep(self, row: shapes.Line) -> None:
        """Of a copied row, keep what later rows are measured against, silently."""
        s = self.host.s
        s.request = s.output = ""
        s.searches = 0
        if row.type == "turn_context":
            it = decode_payload(shapes.Context, row.payload)
            s.take_context(it.turn_id, it.model, it.effort, it.comp_hash)
            s.chosen_model = s.used_model = it.model or s.used_model
            s.chosen_effort, s.chosen_known = it.effort, True
        elif row.type == "event_msg" and kind_of(row) == b"task_started":
            s.turn = decode_payload(shapes.Started, row.payload).turn_id or ""
        elif row.type == "event_msg" and kind_of(row) == b"token_count":
            info = decode_payload(shapes.TokenCount, row.payload).info
            if info is not None and info.total_token_usage is not None:
                s.seen = info.total_token_usage.vector()


def kind_of(row: shapes.Line) -> bytes:
    """The `type` inside a row's payload, wherever it stands."""
    return decode_payload(shapes.Text, row.payload).type.encode()
