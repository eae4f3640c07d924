"""OpenCode's messages to records, whichever store and generation they come from.

Stores hand over `Row`s; the fold remembers per session what it needs to tell a switch
from a message that merely repeats the model, and copies in a fork from own calls.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct, field

from switchtax.agents._opencode_content import (
    Spot,
    prompt_records,
    reply_records,
    text_chars,
    ttft_ms,
)
from switchtax.agents._opencode_shapes import Message, ModelRef, message_of, parts_of
from switchtax.records import (
    Call,
    Compaction,
    Content,
    ContentKind,
    Depth,
    EffortChosen,
    Forked,
    ModelChosen,
    SessionInfo,
    Unreadable,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.agents._opencode_shapes import Part, Tokens
    from switchtax.records import Record

__all__ = ["About", "Fold", "Row", "State"]

MOST_TOKENS = 10**9
"""A count above this in one response is not a count; no context window comes near it."""
OPEN_MOST = 50
"""Messages of a session that may wait to be completed; ones cut off by a crash never are."""
_FORK_TITLE = re.compile(r"\(fork #\d+\)$")
"""How V1 names a fork; it keeps no other mark."""


@dataclass(frozen=True, slots=True)
class Row:
    """One message: `type` is V2's row type, empty for V1; `path` the file or database."""

    id: str
    session_id: str
    data: bytes | msgspec.Raw
    type: str = ""
    created_ms: float = 0.0
    line: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a store says of a session itself. `parent_there` only matters for forks."""

    id: str
    directory: str = ""
    title: str = ""
    version: str = ""
    parent_id: str = ""
    fork_of: str = ""
    created_ms: float = 0.0
    parent_there: bool = True
    line: int = 0


class State(Struct):
    """What is remembered of one session between reads."""

    model: str = ""
    effort: str | None = None
    known: bool = False
    """A model was chosen or used, so that a different one is a switch."""
    prompt_ms: float = -1.0
    done_ms: float = -1.0
    """Content up to messages of this time was handed on."""
    open: list[str] = field(default_factory=list)
    """Messages seen while they were still being written."""
    version: str = ""
    born_ms: float = 0.0
    fork: bool = False
    sidechain: bool = False
    about: list[str] = field(default_factory=list)

    def finish(self, id_: str, created_ms: float, *, whole: bool) -> bool:
        """Whether a message is whole now and was not before: its content is told once."""
        if not whole:
            if id_ not in self.open and created_ms > self.done_ms:
                self.open = [*self.open[-OPEN_MOST:], id_]
            return False
        awaited = id_ in self.open
        if awaited:
            self.open.remove(id_)
        fresh = awaited or created_ms > self.done_ms
        self.done_ms = max(self.done_ms, created_ms)
        return fresh


class Fold:
    """Turns rows, in the order of their session, into records."""

    def __init__(
        self, path: str, depth: Depth, parts: Callable[[Row], list[bytes] | msgspec.Raw]
    ) -> None:
        self.out: list[Record] = []
        self.path = path
        self.full = depth is Depth.FULL
        self.parts = parts
        self.sessions: dict[str, State] = {}

    def save(self) -> dict[str, object]:
        """The sessions as plain values."""
        return dict(msgspec.to_builtins(self.sessions))

    def load(self, values: object) -> None:
        """Go on from saved sessions."""
        self.sessions = msgspec.convert(values, dict[str, State])

    def session(self, about: About) -> None:
        """Take in what is said of a session; recorded when it is new or differs."""
        state = self.sessions.setdefault(about.id, State())
        said = [about.directory, str(len(about.title)), about.version, about.parent_id]
        fork = bool(about.fork_of or _FORK_TITLE.search(about.title))
        if fork and not state.fork:
            self.out.append(
                Forked(
                    about.id,
                    about.created_ms / 1000,
                    about.fork_of,
                    bool(about.fork_of) and about.parent_there,
                    about.line,
                )
            )
        state.version, state.born_ms = about.version, about.created_ms
        state.fork, state.sidechain = fork or state.fork, bool(about.parent_id)
        if said == state.about:
            return
        state.about = said
        self.out.append(
            SessionInfo(
                about.id,
                at=about.created_ms / 1000,
                cwd=about.directory,
                title_chars=len(about.title),
                agent_version=about.version,
                parent_id=about.parent_id,
                sidechain=state.sidechain,
                line=about.line,
            )
        )

    def row(self, row: Row) -> None:
        """Take in one message; one that cannot be read is located and passed over."""
        try:
            message = message_of(row.data)
            kind = row.type or message.role or ""
            state = self.sessions.setdefault(row.session_id, State())
            if kind == "assistant":
                self._assistant(row, message, state)
            elif kind == "user":
                self._user(row, message, state)
            elif kind == "model-switched":
                self._switched(row, message, state)
            elif kind == "compaction":
                self._compaction(row, message, state)
            elif self.full and kind in {"synthetic", "system", "skill", "shell"}:
                self._added(row, message, state)
        except (ValueError, RecursionError) as error:
            shape = isinstance(error, msgspec.ValidationError)
            self._unreadable(row, f"unexpected shape: {error}" if shape else "not valid JSON")

    # -- rows -----------------------------------------------------------------------------

    def _user(self, row: Row, message: Message, state: State) -> None:
        """A prompt. In V1 it names the model, a moment before the request."""
        created = _created(row, message)
        if created <= state.prompt_ms or _copied(created, state):
            return
        state.prompt_ms = created
        ref = message.model if isinstance(message.model, ModelRef) else None
        if ref is not None and (ref.modelID or ref.id):
            effort = _effort(ref.variant or message.variant)
            self._chosen(row, created, ref.modelID or ref.id or "", effort, state, "prompt")
        if self.full:
            spot = Spot(row.session_id, created / 1000, row.line)
            parts = [] if row.type else parts_of(self.parts(row))
            self.out += prompt_records(
                spot, row.id, parts, message.text, by_person=not state.sidechain
            )

    def _switched(self, row: Row, message: Message, state: State) -> None:
        """V2's own announcement, committed at the pick. The previous model is named."""
        ref, old = message.model, message.previous
        if not isinstance(ref, ModelRef) or not (ref.id or ref.modelID):
            return
        if isinstance(old, ModelRef) and not state.known:
            state.model, state.known = old.id or old.modelID or "", True
            state.effort = _effort(old.variant)
        created = _created(row, message)
        model, effort = ref.id or ref.modelID or "", _effort(ref.variant)
        self._chosen(row, created, model, effort, state, "model-switched")

    def _chosen(
        self, row: Row, at_ms: float, model: str, effort: str | None, state: State, by: str
    ) -> None:
        at = at_ms / 1000
        if state.known and model != state.model:
            self.out.append(ModelChosen(row.session_id, at, model, state.model, by, line=row.line))
        if state.known and effort != state.effort:
            self.out.append(EffortChosen(row.session_id, at, effort, line=row.line))
        state.model, state.effort, state.known = model, effort, True

    def _assistant(self, row: Row, message: Message, state: State) -> None:
        """An answer. It grows while it streams: its content is handed on once it is whole."""
        created = _created(row, message)
        if _copied(created, state):
            return
        ran = _ran_on(message)
        modes = {message.agent, message.mode}
        summary = bytes(message.summary) == b"true" or "compaction" in modes
        parts: list[Part] = []
        if self.full:
            parts = parts_of(message.content if row.type else self.parts(row))
        call = self._call(row, message, ran, state)
        if call is not None:
            streamed = message.time.streamed
            call = replace(
                call,
                purpose="compaction" if summary else "title" if "title" in modes else "",
                ttft_ms=_span_ms(created, streamed) if row.type else ttft_ms(created, parts),
            )
            self.out.append(call)
        if call is not None and not summary:
            state.model, state.effort, state.known = ran.model, ran.effort, True
        whole = bool(message.time.completed or message.finish or _is_set(message.error))
        if not state.finish(row.id, created, whole=whole):
            return
        if summary and call is not None:
            self._compacted(row, call.at, call.usage.sent_tokens, "")
        if self.full:
            at = (message.time.completed or created) / 1000
            self.out += reply_records(
                Spot(row.session_id, at, row.line, row.id), parts, summary=summary
            )

    def _compaction(self, row: Row, message: Message, state: State) -> None:
        """V2's own row: the call that wrote the summary, and what became of the history."""
        created = _created(row, message)
        if _copied(created, state):
            return
        ran = _ran_on(message)
        call = self._call(row, message, ran if ran.model else Ran(state.model, "", None), state)
        if call is not None:
            self.out.append(replace(call, purpose="compaction"))
        done = message.status in {None, "completed"}
        if not state.finish(row.id, created, whole=done):
            return
        at = (message.time.completed or created) / 1000
        sent = call.usage.sent_tokens if call is not None else None
        self._compacted(row, at, sent, message.reason or "")
        chars = text_chars(message.summary)
        if self.full and chars:
            self.out.append(Content(row.session_id, at, ContentKind.SUMMARY, chars, row.line))

    def _compacted(self, row: Row, at: float, before: int | None, trigger: str) -> None:
        self.out.append(
            Compaction(row.session_id, at, trigger, before_tokens=before, line=row.line)
        )

    def _added(self, row: Row, message: Message, state: State) -> None:
        """What OpenCode itself puts into a V2 conversation."""
        created = _created(row, message)
        if created <= state.prompt_ms or _copied(created, state) or not message.text:
            return
        self.out.append(
            Content(
                row.session_id,
                created / 1000,
                ContentKind.ATTACHMENT,
                len(message.text),
                row.line,
            )
        )

    def _call(self, row: Row, message: Message, ran: Ran, state: State) -> Call | None:
        usage, fault = usage_of(message.tokens)
        if fault:
            self._unreadable(row, fault)
        if usage is None or not (usage.sent_tokens or usage.billed_output_tokens):
            return None
        created, completed = _created(row, message), message.time.completed
        with_tools = "tool" in (message.finish or "")  # then it ends when the tools have run
        return Call(
            row.session_id,
            row.id,
            (completed or created) / 1000,
            ran.model,
            usage,
            line=row.line,
            started_at=created / 1000,
            provider=ran.provider,
            effort=ran.effort,
            duration_ms=None if with_tools else _span_ms(created, completed),
            agent_version=state.version,
        )

    def _unreadable(self, row: Row, reason: str) -> None:
        path = row.path or self.path
        self.out.append(
            Unreadable(row.session_id, path, row.line, reason, at=row.created_ms / 1000)
        )


class Ran(NamedTuple):
    """What an answer was made with."""

    model: str
    provider: str
    effort: str | None


def _ran_on(message: Message) -> Ran:
    ref = message.model if isinstance(message.model, ModelRef) else ModelRef()
    return Ran(
        message.modelID or ref.id or ref.modelID or "",
        message.providerID or ref.providerID or "",
        _effort(message.variant or ref.variant),
    )


def _effort(variant: str | None) -> str | None:
    """A named preset of the model; `default` is none."""
    return None if variant in {None, "", "default"} else variant


def _created(row: Row, message: Message) -> float:
    return float(message.time.created or row.created_ms or 0.0)


def _copied(created_ms: float, state: State) -> bool:
    """Whether a fork took a message from the session it began as a copy of."""
    return state.fork and 0 < created_ms < state.born_ms


def _is_set(raw: msgspec.Raw) -> bool:
    return bytes(raw) not in {b"", b"null"}


def _span_ms(start_ms: float, end_ms: float | None) -> float | None:
    return float(end_ms - start_ms) if end_ms and end_ms > start_ms > 0 else None


def usage_of(tokens: Tokens | None) -> tuple[Usage | None, str]:
    """Buckets as recorded (they are disjoint), and what was wrong with the counts."""
    if tokens is None:
        return None, ""
    cache = tokens.cache
    given = (
        tokens.input or 0,
        (cache.read if cache else 0) or 0,
        (cache.write if cache else 0) or 0,
        tokens.output or 0,
        tokens.reasoning or 0,
    )
    if max(given) > MOST_TOKENS:
        return None, "a token count beyond any context window: the call is not counted"
    kept = [max(0, int(count)) for count in given]
    usage = Usage(
        uncached_tokens=kept[0],
        cache_read_tokens=kept[1],
        cache_write_5m_tokens=kept[2],
        output_tokens=kept[3],
        reasoning_tokens=kept[4],
        reasoning_in_output=False,
    )
    return usage, "token counts that cannot be: clamped" if min(given) < 0 else ""
