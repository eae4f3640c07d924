"""Turns the lines of Copilot Chat's log into records.

Cached tokens are inside `inputTokens`; builds before summer 2026 did not log them: what was sent
is then not split, and only the output is told. Cache writes and reasoning are never logged.
Texts are cut at 5,000 characters: sizes of content are not told.

Source: docs/formats/vscode-copilot.md, 2026-11-21.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from switchtax.agents.commands import act_of
from switchtax.agents.lines import decode
from switchtax.agents.numbers import AbsurdCount, count, is_absurd
from switchtax.agents.prompts import rules_in
from switchtax.records import (
    Act,
    Call,
    Compaction,
    Depth,
    Prompt,
    Record,
    Resumed,
    SessionInfo,
    ToolUse,
    Usage,
)

if TYPE_CHECKING:
    from switchtax.records import Source

__all__ = ["LogParser"]

_PROVIDER = "github-copilot"
_HEAD = 300
"""Bytes in which a line names its type."""
_LONGEST_MS = 86_400_000.0
_WANTED = (b'"llm_request"', b'"session_start"')


class Attrs(Struct):
    """What a line says of its event; prompts and answers are skipped unseen."""

    model: str | None = None
    inputTokens: float | None = None  # noqa: N815 (the format's names, here and below)
    outputTokens: float | None = None  # noqa: N815
    cachedTokens: float | None = None  # noqa: N815
    ttft: float | None = None
    debugName: str | None = None  # noqa: N815
    requestOptions: str | None = None  # noqa: N815
    copilotVersion: str | None = None  # noqa: N815
    content: str | None = None
    args: str | None = None


class Line(Struct):
    """One event: `ts` is when it began, `dur` how long it took, both in milliseconds."""

    ts: float | None = None
    dur: float | None = None
    type: str | None = None
    name: str | None = None
    spanId: str | None = None  # noqa: N815
    status: str | None = None
    attrs: Attrs | None = None


class _Reasoning(Struct):
    effort: str | None = None


class _Options(Struct):
    reasoning: _Reasoning | None = None


class _Arguments(Struct):
    filePath: str | None = None  # noqa: N815
    path: str | None = None
    command: str | None = None


class _Workspace(Struct):
    folder: str | None = None


class _State(Struct):
    """All that must be remembered between two reads."""

    starts: int = 0
    last_call: str = ""


_LINE = msgspec.json.Decoder(Line)
_OPTIONS = msgspec.json.Decoder(_Options)
_ARGUMENTS = msgspec.json.Decoder(_Arguments)
_WORKSPACE = msgspec.json.Decoder(_Workspace)


class LogParser:
    """The lines of one log."""

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
        """Requests, and what opens the log."""
        return any(line.find(each, 0, _HEAD) >= 0 for each in _WANTED)

    def feed(self, raw: bytes, number: int, depth: Depth) -> None:
        """Read one line.

        Raises:
            AbsurdCount: it counts what cannot be.
        """
        line = decode(_LINE, raw)
        attrs = line.attrs or Attrs()
        at = _seconds(line.ts)
        if line.type == "session_start":
            self._start(attrs, number, at)
        elif line.type == "llm_request":
            self._request(line, attrs, number, at)
        elif depth is Depth.FULL and not self.source.sidechain:
            if line.type == "user_message":
                self._prompt(line, attrs, number, at)
            elif line.type == "tool_call":
                self._tool(line, attrs, number, at)

    def _start(self, attrs: Attrs, number: int, at: float) -> None:
        """The first names the builds; a later one is written when VS Code was started again."""
        session, version = self.source.session_id, attrs.copilotVersion or ""
        self.state.starts += 1
        if self.state.starts > 1:
            self.out.append(Resumed(session, at, version, number))
            return
        self.out.append(
            SessionInfo(
                session,
                at,
                cwd=_folder_of(self.source.path),
                agent_version=version,
                entrypoint="vscode",
                sidechain=self.source.sidechain,
                provider=_PROVIDER,
                line=number,
            )
        )

    def _request(self, line: Line, attrs: Attrs, number: int, at: float) -> None:
        """One request that is over; one that failed has no counts."""
        given = (attrs.inputTokens, attrs.outputTokens, attrs.cachedTokens)
        if is_absurd(*given):
            raise AbsurdCount("a token count is negative or absurd")
        sent, output, cached = (count(value) for value in given)
        if not (sent or output):
            return
        session = self.source.session_id
        beside, purpose = _why(attrs.debugName or "")
        sidechain = self.source.sidechain or beside
        took = _took_ms(line)
        split = attrs.cachedTokens is not None
        usage = Usage(max(0, sent - cached), min(cached, sent), output_tokens=output)
        identity = f"{session}:{line.spanId or number}"
        self.out.append(
            Call(
                session_id=session,
                id=identity,
                at=at + took / 1000.0,
                model=attrs.model or "unknown",
                usage=usage if split else Usage(output_tokens=output),
                line=number,
                started_at=at,
                provider=_PROVIDER,
                effort=_effort(attrs.requestOptions),
                sidechain=sidechain,
                ttft_ms=attrs.ttft if attrs.ttft and 0 < attrs.ttft <= took else None,
                duration_ms=took or None,
                sent_recorded=split,
                purpose=purpose,
            )
        )
        if not sidechain:
            self.state.last_call = identity
        elif purpose == "compaction" and not self.source.sidechain:
            self.out.append(Compaction(session, at + took / 1000.0, line=number))

    def _prompt(self, line: Line, attrs: Attrs, number: int, at: float) -> None:
        text, identity = attrs.content or "", line.spanId or ""
        session = self.source.session_id
        self.out.append(Prompt(session, at, identity, number, len(text), rules=rules_in(text)))

    def _tool(self, line: Line, attrs: Attrs, number: int, at: float) -> None:
        """A use, and how it ended: both are known once it is over."""
        session, identity = self.source.session_id, line.spanId or f"{number}"
        path, act = _asked(attrs.args)
        called = self.state.last_call
        self.out.append(
            ToolUse(session, at, line.name or "?", identity, path, number, called, act=act)
        )
        done_at = at + _took_ms(line) / 1000.0
        ok = line.status != "error"
        self.out.append(ToolUse(session, done_at, "", identity, line=number, ok=ok))


def _why(name: str) -> tuple[bool, str]:
    """Whether a request stands beside the conversation, and its purpose, by Copilot's name of it.

    Builds before summer 2026 wrote no name, and kept helpers out of the session's log.

    >>> _why("retry-panel/editAgent"), _why("title"), _why("backgroundTodoAgent")
    ((False, ''), (True, 'title'), (True, ''))
    """
    name = name.removeprefix("retry-")
    if not name or name.startswith("panel/"):
        return False, ""
    if name.startswith("summarizeConversationHistory"):
        return True, "compaction"
    return True, "title" if name == "title" else ""


def _effort(options: str | None) -> str | None:
    """The effort asked for, where the options of the request name one."""
    try:
        found = _OPTIONS.decode(options or "{}").reasoning
    except msgspec.DecodeError:
        return None
    return found.effort if found is not None else None


def _asked(args: str | None) -> tuple[str | None, Act]:
    """The file a tool named, and what its command does; arguments may be cut short."""
    try:
        found = _ARGUMENTS.decode(args or "{}")
    except msgspec.DecodeError:
        return None, Act.OTHER
    return found.filePath or found.path, act_of(found.command or "")


def _folder_of(log: str) -> str:
    """The folder that a workspace has open: its storage names it as a URI."""
    parents = Path(log).parents
    if len(parents) < 4:
        return ""
    try:
        uri = _WORKSPACE.decode((parents[3] / "workspace.json").read_bytes()).folder or ""
        return unquote(urlsplit(uri).path)
    except (OSError, ValueError):
        return ""


def _took_ms(line: Line) -> float:
    """How long an event took; 0.0 where that is missing or absurd."""
    return line.dur if line.dur is not None and 0 < line.dur < _LONGEST_MS else 0.0


def _seconds(milliseconds: float | None) -> float:
    """Epoch milliseconds as seconds; 0.0 where missing or not a time."""
    if milliseconds is None or not 0 < milliseconds < 1e14:
        return 0.0
    return milliseconds / 1000.0
