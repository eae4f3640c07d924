"""The requests of a task of Cline or Roo Code, and which model each went to.

A row is begun before the request is sent and gets its counts after the answer. Cline names the
model in every row (older builds in `task_metadata.json`), Roo Code only in what it adds to each
message. Either stands there before the request: a switch is told then.

Source: docs/formats/cline.md and docs/formats/roo-code.md, 2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from switchtax.agents._cline_shapes import Request
from switchtax.agents.numbers import count, is_absurd
from switchtax.records import Call, ModelChosen, Record, Unreadable, Usage

if TYPE_CHECKING:
    from switchtax.records import Source

__all__ = ["UNKNOWN_MODEL", "Calls", "seller_of"]

UNKNOWN_MODEL = "unknown"
"""Where a document names no model: no price is known for that."""

_REQUEST = msgspec.json.Decoder(Request)
_ABSURD = "a token count is negative or absurd"
_SLACK_S = 1.0
"""`model_usage` is written just before the row."""
_SELLERS = {
    "openai-native": "openai",
    "openai-codex": "openai",
    "openai": "openai-compatible",
    "claude-code": "anthropic",
    "vscode-lm": "github-copilot",
}
"""Cline's providers that others call otherwise; its "openai" is any server that speaks like it."""


def seller_of(provider: str) -> str:
    """A provider as other agents' logs name it."""
    return _SELLERS.get(provider, provider)


@dataclass(slots=True)
class _Open:
    """A request that was begun."""

    row_at: float
    line: int
    request: Request
    started_at: float
    model: str
    provider: str


class Calls:
    """Tells the calls of one task, and the switches between them.

    Args:
        source: the task.
        out: where records go.
        total_input: counted input holds what was read and written, too.
    """

    def __init__(self, source: Source, out: list[Record], *, total_input: bool) -> None:
        """Nothing was asked yet."""
        self.source, self.out, self.total_input = source, out, total_input
        self.named: list[tuple[float, str, str]] = []
        """`model_usage`: since when, model, provider."""
        self.answers_known = False
        """Whether messages tell when a request was answered; else its counts do."""
        self._open: _Open | None = None
        self._closed = ""
        """The call told last, until its answer was."""
        self._now = ("", "")
        """Model and provider that were named last."""
        self._told = ("", "")
        """Those that the records told so far lead one to expect of the next call."""
        self._models: dict[str, None] = {}
        self._in_rows = False

    def names(self, model: str, provider: str, at: float, line: int) -> None:
        """A message names who will answer it: another one than before is a switch."""
        self._in_rows = True
        self._named(model, seller_of(provider), at, line)

    def row_names(self, model: str, provider: str, at: float, line: int) -> None:
        """A row names who is chosen now, maybe while the request before it is still answered."""
        if (model, seller_of(provider)) != self._told and self._has_counts():
            self._close(0.0)
        self.names(model, provider, at, line)

    def _named(self, model: str, provider: str, at: float, line: int) -> None:
        self._now = (model, provider)
        before = self._told[0]
        if before and self._now != self._told:
            session = self.source.session_id
            self.out.append(ModelChosen(session, at, model, before, source="picker", line=line))
            self._told = self._now

    def begins(self, text: str | None, at: float, line: int) -> None:
        """A row of a request; it holds counts already where the request is over."""
        self._close(0.0)
        try:
            request = _REQUEST.decode((text or "{}").encode())
        except (msgspec.DecodeError, UnicodeEncodeError):
            self._unreadable(line, "a request of unexpected shape")
            return
        if not self._in_rows:
            known = [each for each in self.named if each[0] <= at + _SLACK_S and each[1]]
            if known:
                self._named(known[-1][1], seller_of(known[-1][2]), at, line)
        self._open = _Open(at, line, request, at, *self._now)
        if not self.answers_known and self._has_counts():
            self._close(0.0)

    def sent(self, at: float) -> None:
        """A message was made for the request: it is sent now."""
        if self._open is not None:
            self._open.started_at = at
            self._open.model, self._open.provider = self._now

    def answered(self, at: float) -> str:
        """The answer was kept; returns the id of its call, "" where no request is known."""
        if self._open is not None:
            self._close(at)
        identity, self._closed = self._closed, ""
        return identity

    def end(self, *, answered: bool) -> None:
        """No more rows: a request that is still being answered is not told yet."""
        last = self._open
        if last is None:
            return
        failed = last.request.cancelReason or last.request.streamingFailedMessage
        if answered or failed:
            self._close(0.0)

    def sums(self, text: str | None, at: float, line: int, *, kind: str) -> None:
        """Counts of requests that have no rows: deleted ones, or a sub-agent's."""
        try:
            request = _REQUEST.decode((text or "{}").encode())
        except (msgspec.DecodeError, UnicodeEncodeError):
            self._unreadable(line, "a request of unexpected shape")
            return
        usage = self._usage(request, line)
        if usage is None:
            return
        if self._has_counts():
            self._close(0.0)
        model, provider = self._now
        if kind != "subagent_usage" and len(self._models) > 1:
            model, provider = UNKNOWN_MODEL, ""
        self.out.append(
            Call(
                session_id=self.source.session_id,
                id=f"{self.source.session_id}:{int(at * 1000)}:{kind}",
                at=at,
                model=model or UNKNOWN_MODEL,
                usage=usage,
                line=line,
                started_at=at,
                provider=provider,
                sidechain=True,
                purpose="totals",
            )
        )

    def _has_counts(self) -> bool:
        return self._open is not None and bool(self._open.request.tokensOut)

    def _close(self, at: float) -> None:
        """Tell the request that was begun, if anything was used for it."""
        done, self._open = self._open, None
        if done is None:
            return
        self._closed = self._id(done)
        usage = self._usage(done.request, done.line)
        if usage is None:
            return
        model = done.model or UNKNOWN_MODEL
        self._models[model] = None
        self._told = (model, done.provider)
        self.out.append(
            Call(
                session_id=self.source.session_id,
                id=self._id(done),
                at=max(at, done.started_at),
                model=model,
                usage=usage,
                line=done.line,
                started_at=done.started_at,
                provider=done.provider,
            )
        )

    def _id(self, done: _Open) -> str:
        return f"{self.source.session_id}:{round(done.row_at * 1000)}"

    def _usage(self, request: Request, line: int) -> Usage | None:
        """Disjoint buckets; None where nothing was used, or counts are broken."""
        given = (request.tokensIn, request.tokensOut, request.cacheReads, request.cacheWrites)
        if is_absurd(*given):
            self._unreadable(line, _ABSURD)
            return None
        sent, output, read, wrote = (count(value) for value in given)
        if not (sent or output or read or wrote):
            return None
        if self.total_input and sent >= read + wrote:
            sent -= read + wrote
        return Usage(sent, read, wrote, 0, output)

    def _unreadable(self, line: int, reason: str) -> None:
        self.out.append(Unreadable(self.source.session_id, self.source.path, line, reason))
