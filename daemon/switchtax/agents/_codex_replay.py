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
        held = self._by_place(row.ordinal)
        if held is None:
            held = s.replaying = self._goes_on(row)
        return held

    def holds_count(self, row: shapes.CountLine) -> bool:
        """Whether a token_count of a fork was copied; if so, it is kept as `keep` does."""
        s, info = self.host.s, row.payload.info
        held = self._by_place(row.ordinal)
        if held is None:
            held = s.replaying = self._count_goes_on(info)
        if held:
            self._drop_marks()
            self._keep_count(info)
        return held

    def _by_place(self, ordinal: int | None) -> bool | None:
        """What a row's ordinal or time says; None where only the row itself can tell."""
        s = self.host.s
        if s.boundary is not None and ordinal is not None:
            return ordinal < s.boundary
        if self.host.at and self.host.at < s.born_at - _BURST_S:
            return True
        return None if s.replaying else False

    def _goes_on(self, row: shapes.Line) -> bool:
        s = self.host.s
        if row.type == "token_usage_record":
            thread = decode_payload(shapes.UsageRecord, row.payload).thread_id
            return thread != s.session_id if thread else True
        kind = kind_of(row) if row.type == "event_msg" else b""
        if row.type == "turn_context" or kind == b"task_started":
            turn_at = uuid7_s(decode_payload(shapes.Started, row.payload).turn_id)
            return not turn_at or turn_at < s.born_at
        if kind != b"token_count":
            return True
        return self._count_goes_on(decode_payload(shapes.TokenCount, row.payload).info)

    def _count_goes_on(self, info: shapes.TokenInfo | None) -> bool:
        s = self.host.s
        if uuid7_s(s.turn) or info is None or info.total_token_usage is None:
            return True
        if s.parent_path is not None:
            if self._totals is None:
                self._totals = replayed_totals(s.parent_path)
            return info.total_token_usage.vector() in self._totals
        return bool(self.host.at) and self.host.at - s.born_at < _BURST_S

    def keep(self, row: shapes.Line) -> None:
        """Of a copied row, keep what later rows are measured against, silently."""
        s = self.host.s
        self._drop_marks()
        if row.type == "turn_context":
            it = decode_payload(shapes.Context, row.payload)
            s.take_context(it.turn_id, it.model, it.effort, it.comp_hash)
            s.chosen_model = s.used_model = it.model or s.used_model
            s.chosen_effort, s.chosen_known = it.effort, True
        elif row.type == "event_msg" and kind_of(row) == b"task_started":
            s.turn = decode_payload(shapes.Started, row.payload).turn_id or ""
        elif row.type == "event_msg" and kind_of(row) == b"token_count":
            self._keep_count(decode_payload(shapes.TokenCount, row.payload).info)

    def _keep_count(self, info: shapes.TokenInfo | None) -> None:
        if info is not None and info.total_token_usage is not None:
            self.host.s.seen = info.total_token_usage.vector()

    def _drop_marks(self) -> None:
        """What a copied request left behind belongs to no call of this thread."""
        s = self.host.s
        s.request = s.output = ""
        s.searches = 0


def kind_of(row: shapes.Line) -> bytes:
    """The `type` inside a row's payload, wherever it stands."""
    return decode_payload(shapes.Text, row.payload).type.encode()
