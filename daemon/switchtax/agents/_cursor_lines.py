"""Turns the lines of a recording into records: a turn of Cursor's is one call.

Its hooks tell the sum over all requests of a turn, with what was read from the cache and written
to it inside the input. Where these two are more than the input the counts are strange: they
are kept as told, and nothing is left for plain input. The sum is not the context: that comes
with lines of its own, sometimes before the turn's end is told, sometimes after.

Source: docs/formats/cursor.md, 2026-11-22.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from switchtax.agents.cursor_models import Model, is_same, model_of
from switchtax.agents.cursor_recording import STATUS_LINE, VERSION, Line
from switchtax.agents.lines import decode
from switchtax.agents.numbers import AbsurdCount, count, is_absurd
from switchtax.records import (
    Call,
    Compaction,
    Depth,
    EffortChosen,
    Ended,
    ModelChosen,
    Prompt,
    Record,
    SessionInfo,
    Usage,
)

if TYPE_CHECKING:
    from switchtax.records import Source

__all__ = ["PROVIDER", "RecordingParser"]

PROVIDER = "cursor"
_LINE = msgspec.json.Decoder(Line)
_LATEST = 4e9
"""Epoch seconds of times that can be."""
_OPEN_MOST, _ENDED_MOST = 16, 64
"""Prompts whose end is awaited, and generations whose ends are remembered, at most."""


class _State(Struct):
    """All that must be remembered between two reads."""

    model: str = ""
    effort: str | None = None
    fast: bool = False
    about: list[str | int] = []
    """Folder, version and window, as told last."""
    open: dict[str, float] = {}
    """Prompts without an end, by generation: when each came."""
    is_open: bool = False
    stops: dict[str, list[list[int]]] = {}
    """By generation, the marks of its ends: it may have several."""
    context: int | None = None
    """The context as told last."""
    meanwhile: int | None = None
    """The context as told since the open turn began."""
    before: list[int] = []
    """Sizes of the context before the last turn, or before its last compaction."""
    last: Call | None = None
    picked: str = ""
    """The model that was picked while a turn was open."""


class RecordingParser:
    """The lines of one conversation."""

    def __init__(self, source: Source) -> None:
        """Nothing is read yet."""
        self.out: list[Record] = []
        self.source = source
        self.state = _State()

    def save(self) -> dict[str, object]:
        """The state as plain values."""
        state: dict[str, object] = msgspec.to_builtins(self.state)
        return state

    def load(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        self.state = msgspec.convert(state, _State)

    def wants(self, line: bytes) -> bool:
        """Every line: they are few and short."""
        return True

    def feed(self, raw: bytes, number: int, depth: Depth) -> None:
        """Read one line; those of other versions, and unknown events, are passed over.

        Raises:
            AbsurdCount: it counts what cannot be.
        """
        line = decode(_LINE, raw)
        if line.v != VERSION:
            return
        if is_absurd(line.context_tokens, line.window_tokens, *_counts(line)):
            raise AbsurdCount("a token count is negative or absurd")
        at = line.at if line.at is not None and 0 < line.at < _LATEST else 0.0
        match line.event:
            case "prompt":
                self._prompt(line, number, at, depth)
            case "turn":
                self._turn(line, number, at)
            case "context":
                self._about(line, number, at)
                self._context(line)
            case "chosen":
                self._choose(model_of(line.model or ""), "picker", number, at)
            case "compact":
                self._compact(line, number, at)
            case "end":
                self.out.append(Ended(self.source.session_id, at, number))
            case _:
                pass

    def _prompt(self, line: Line, number: int, at: float, depth: Depth) -> None:
        """A prompt; one that was refused begins no turn, but its model was picked."""
        state, session, identity = self.state, self.source.session_id, line.generation or ""
        self._about(line, number, at)
        self._choose(_model(line), "prompt", number, at)
        if line.refused:
            return
        state.is_open, state.meanwhile = True, None
        if identity in state.stops:  # an agent of a program: one generation for all its turns
            state.stops[identity] = [[] for _ in state.stops[identity]]
        state.open[identity] = at
        while len(state.open) > _OPEN_MOST:
            del state.open[next(iter(state.open))]
        if depth is Depth.FULL:
            self.out.append(Prompt(session, at, identity, number))

    def _turn(self, line: Line, number: int, at: float) -> None:
        """The end of a turn; one that used nothing, or was left before it did, is no call."""
        state, model = self.state, _model(line)
        begun = state.open.pop(line.generation or "", 0.0)
        state.is_open = False
        told, state.meanwhile = state.meanwhile, None
        split, usage = _usage(line)
        used = usage.sent_tokens or usage.output_tokens
        was_told = any(value is not None for value in _counts(line))
        if not used and (was_told or line.status != "completed"):
            state.context = told or state.context
            return
        identity = self._identity(line, number)
        if not identity:
            return
        state.model = model.name or state.model
        state.before = [state.context] if state.context else state.before
        state.context = told
        call = Call(
            session_id=self.source.session_id,
            id=identity,
            at=at,
            model=state.model or "unknown",
            usage=usage,
            line=number,
            started_at=begun if 0 < begun <= at else at,
            provider=PROVIDER,
            effort=model.effort,
            fast=model.fast,
            output_recorded=line.output_tokens is not None,
            sent_recorded=split,
            summed=True,
            last_pass_tokens=told,
        )
        state.last = call
        self.out.append(call)
        picked, state.picked = state.picked, ""
        if picked:
            self._choose(Model(picked), "picker", number, at)

    def _identity(self, line: Line, number: int) -> str:
        """An id for the turn: its generation, and which end of it this is.

        It is "" for an end that was told before (two files may name the same hook).
        """
        session, generation = self.source.session_id, line.generation or ""
        if not generation:
            return f"{session}:{number}"
        mark = [count(line.loop), zlib.crc32(repr(_counts(line)).encode())]
        ends = self.state.stops.setdefault(generation, [])
        while len(self.state.stops) > _ENDED_MOST:
            del self.state.stops[next(iter(self.state.stops))]
        if mark in ends:
            return ""
        ends.append(mark)
        return f"{session}:{generation}" + (f"#{len(ends)}" if len(ends) > 1 else "")

    def _context(self, line: Line) -> None:
        """How large the context is: now, in the open turn, or as the last one left it.

        The editor writes its database a little later: right after a turn the number may be the
        one from before it.
        """
        state, tokens = self.state, count(line.context_tokens)
        if not tokens:
            return
        if state.is_open and line.source == STATUS_LINE:
            if tokens != state.context and tokens not in state.before:
                state.meanwhile = tokens
            return
        last = state.last
        if last is None:
            state.context = tokens
            return
        if tokens in state.before or tokens == last.last_pass_tokens:
            return
        state.context = tokens
        state.last = replace(last, last_pass_tokens=tokens)
        self.out.append(state.last)

    def _compact(self, line: Line, number: int, at: float) -> None:
        """The history is about to be summed up: what the context was is over."""
        state = self.state
        self._about(line, number, at)
        before = count(line.context_tokens) or None
        session = self.source.session_id
        self.out.append(Compaction(session, at, line.trigger or "", before, line=number))
        state.before = [each for each in (before, state.context, state.meanwhile) if each]
        state.context = state.meanwhile = None
        if state.last is not None:
            state.last = replace(state.last, last_pass_tokens=None)

    def _choose(self, model: Model, source: str, number: int, at: float) -> None:
        """A model that is not the one before is a switch, told before its first call."""
        state, session = self.state, self.source.session_id
        if not model.name:
            return
        if not is_same(model.name, state.model):
            if state.model:
                self.out.append(
                    ModelChosen(session, at, model.name, state.model, source, line=number)
                )
            state.model = model.name
            state.picked = model.name if state.is_open and source == "picker" else ""
        elif (model.effort, model.fast) != (state.effort, state.fast) and source == "prompt":
            self.out.append(EffortChosen(session, at, model.effort, model.fast, number))
        if source == "prompt":
            state.effort, state.fast = model.effort, model.fast

    def _about(self, line: Line, number: int, at: float) -> None:
        """Folder, version and window; told again when one of them is another."""
        known = self.state.about or ["", "", 0]
        window = count(line.window_tokens) or known[2]
        about = [line.cwd or known[0], line.version or known[1], window]
        if about == known:
            return
        self.state.about = about
        self.out.append(
            SessionInfo(
                self.source.session_id,
                at,
                cwd=str(about[0]),
                agent_version=str(about[1]),
                context_window_tokens=int(window) or None,
                provider=PROVIDER,
                line=number,
            )
        )


def _model(line: Line) -> Model:
    return model_of(line.model or "", line.params, line.model_id or "")


def _counts(line: Line) -> tuple[float | None, ...]:
    return line.input_tokens, line.output_tokens, line.cache_read_tokens, line.cache_write_tokens


def _usage(line: Line) -> tuple[bool, Usage]:
    """Disjoint buckets, and whether what was sent is known: without its parts it is not."""
    sent, output, read, wrote = (count(value) for value in _counts(line))
    if line.input_tokens is None or line.cache_read_tokens is None:
        return False, Usage(output_tokens=output)
    return True, Usage(max(0, sent - read - wrote), read, wrote, output_tokens=output)
