"""What happens to a session, each thing once: switches, cold sends, settings, compactions.

A switch may stand in a log twice, announced (`ModelChosen`) and then seen in the next call; it
becomes one event, at the call, with the announcement as its cause. Without one it was silent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.backtest import observed_cost
from switchtax.catalog.names import seller_for
from switchtax.ledger.store import Event
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    EffortChosen,
    ModelChosen,
    Resumed,
    Unknown,
)
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.catalog.book import PriceBook
    from switchtax.records import Record

__all__ = ["EventReader"]

_WORTH_TOKENS = 5_000
"""A request below this is above no provider's minimum for sure: not read says nothing."""


@dataclass(slots=True)
class EventReader:
    """Turns the records of one session, in order, into events."""

    agent: str
    book: PriceBook
    _last: Call | None = None
    _chosen: ModelChosen | None = None
    _effort: EffortChosen | None = None
    _broken_by: str = ""
    _calls: set[str] = field(default_factory=set)

    def read(self, records: Iterable[Record]) -> list[Event]:
        """The events that these records complete."""
        found: list[Event] = []
        for record in records:
            match record:
                case Call() if not (record.sidechain or record.purpose):
                    found += self._call(record)
                case Compaction() if not record.partial:
                    self._broken_by = "compaction"
                    cause = record.trigger or "compaction"
                    found.append(self._event(record, "compaction", cause, key=f"{record.at:.3f}"))
                case Cleared():
                    self._broken_by = "cleared"
                case Resumed():
                    self._broken_by = self._broken_by or "resumed"
                case ModelChosen():
                    self._chosen = record
                case EffortChosen():
                    self._effort = record
                case _:
                    pass
        return found

    def _call(self, call: Call) -> list[Event]:
        if call.id in self._calls:
            return []
        self._calls.add(call.id)
        last, self._last = self._last, call
        found: list[Event] = []
        if last is not None:
            if not same_model(last.model, call.model):
                found.append(self._priced(call, "switch", self._cause(call), last.model))
            else:
                found += self._settings(last, call)
                found += self._cold(last, call)
        self._chosen = self._effort = None
        self._broken_by = ""
        return found

    def _cause(self, call: Call) -> str:
        chosen = self._chosen
        if chosen is None:
            return self._broken_by or "silent"
        return "fallback" if chosen.automatic else chosen.source or "chosen"

    def _settings(self, last: Call, call: Call) -> list[Event]:
        found = []
        cause = "chosen" if self._effort else "silent"
        if last.effort != call.effort and last.effort and call.effort:
            found.append(
                self._event(call, "effort", cause, key=call.id, change=(last.effort, call.effort))
            )
        if last.fast != call.fast:
            change = ("fast" if last.fast else "normal", "fast" if call.fast else "normal")
            found.append(self._event(call, "fast", cause, key=call.id, change=change))
        return found

    def _cold(self, last: Call, call: Call) -> list[Event]:
        if not call.is_one_request:
            return []  # what the first of them read is not told
        sent, read = last.request_tokens, call.usage.cache_read_tokens
        cached = last.usage.cache_read_tokens + last.usage.cache_write_tokens
        if sent < _WORTH_TOKENS or read >= 0.5 * sent or cached < 0.5 * sent:
            return []
        if self._broken_by in ("compaction", "cleared"):
            return []
        gap_s = (call.started_at or call.at) - last.at
        cause = self._broken_by or ("expired" if gap_s > 300 else "lost")
        return [self._priced(call, "cold", cause, last.model)]

    def _priced(self, call: Call, kind: str, cause: str, before: str) -> Event:
        cost = observed_cost(call, self.book, seller_for(call.provider, call.model))
        usd_micros = None if isinstance(cost, Unknown) else cost
        return self._event(
            call, kind, cause, key=call.id, change=(before, call.model), usd_micros=usd_micros
        )

    def _event(
        self,
        record: Record,
        kind: str,
        cause: str,
        *,
        key: str,
        change: tuple[str, str] = ("", ""),
        usd_micros: int | None = None,
    ) -> Event:
        session = record.session_id
        return Event(
            f"{session}:{kind}:{key}", session, self.agent, kind, cause[:40], record.at, *change,
            usd_micros,
        )  # fmt: skip
