"""A task of Cline (to 3.x) or Roo Code: a folder of documents, turned into records.

`ui_messages.json` has a row for every request, begun before it is sent and completed after the
answer; `api_conversation_history.json` has the messages themselves. Both are told in the order
of their times.

Source: docs/formats/cline.md and docs/formats/roo-code.md, 2026-11-21.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Raw

from switchtax.agents._cline_calls import Calls
from switchtax.agents._cline_content import ContentReader
from switchtax.agents._cline_shapes import Compacted, Message, Metadata, Row
from switchtax.agents._whole import slurp
from switchtax.agents.lines import decode
from switchtax.agents.numbers import count, is_absurd
from switchtax.agents.prompts import rules_in
from switchtax.records import (
    Compaction,
    Content,
    ContentKind,
    Depth,
    Prompt,
    Record,
    Resumed,
    SessionInfo,
    Unreadable,
)

if TYPE_CHECKING:
    from pathlib import Path

    from switchtax.records import Source

__all__ = ["HISTORY", "METADATA", "ROWS", "TaskReader", "decoded", "last_model", "seconds"]

ROWS = "ui_messages.json"
HISTORY = "api_conversation_history.json"
METADATA = "task_metadata.json"

T = TypeVar("T")
_LIST = msgspec.json.Decoder(list[Raw])
_ROW = msgspec.json.Decoder(Row)
_MESSAGE = msgspec.json.Decoder(Message)
_METADATA = msgspec.json.Decoder(Metadata)
_COMPACTED = msgspec.json.Decoder(Compacted)
_ENVIRONMENT = b"<environment_details>"
_MODEL = re.compile(rb"# Current Mode\\n<slug>[^<]*</slug>\\n<name>[^<]*</name>\\n<model>([^<]*)<")
_FOLDER = re.compile(rb"# Current (?:Working|Workspace) Directory \(((?:[^\"\\]|\\.)*?)\) Files")
_RESUMED = ("resume_task", "resume_completed_task")
_SUMS = ("deleted_api_reqs", "api_req_deleted", "subagent_usage")


@dataclass(frozen=True, slots=True)
class _Step:
    """A row or a message, at its time."""

    at: float
    line: int
    row: Row | None = None
    message: Message | None = None
    model: str = ""
    """Picked at this time, as the agent's own documents lead one to expect."""


class TaskReader:
    """All records of one task.

    Args:
        source: its rows, and the documents beside them.
        depth: how much is told.
        about: what the agent's own documents say of the session.
        total_input: the input that rows count holds what was read and written, too.
    """

    def __init__(
        self, source: Source, depth: Depth, about: SessionInfo, *, total_input: bool
    ) -> None:
        """Nothing is read yet."""
        self.source, self.depth, self.about = source, depth, about
        self.out: list[Record] = []
        self.calls = Calls(source, self.out, total_input=total_input)
        self.content = ContentReader(source.session_id, self.out)
        self.picks: list[tuple[float, str]] = []
        """Models that were picked, and when, where something beside the messages says so."""
        self._begun = False
        self._dropped_to = 0.0

    def tell(self, rows: bytes, folder: Path) -> list[Record]:
        """The records, in the order of their times.

        Raises:
            ValueError: the rows are not a document.
        """
        steps = self._rows(_LIST.decode(rows))
        metadata = decoded(_METADATA, slurp(str(folder / METADATA))) or Metadata()
        self.calls.named = [
            (seconds(each.ts), each.model_id or "", each.model_provider_id or "")
            for each in metadata.model_usage or ()
        ]
        history = self._messages(str(folder / HISTORY))
        self.calls.answers_known = bool(history)
        self.out.append(self._info(steps, history, metadata))
        # stable: of one time, the row comes first, as its request is begun before it is sent
        picks = [_Step(at, 0, model=model) for at, model in self.picks]
        for step in sorted(steps + history + picks, key=lambda step: step.at):
            if step.model:
                self.calls.names(step.model, "", step.at, step.line)
            elif step.row is not None:
                self._row(step.row, step.line, step.at)
            elif step.message is not None:
                self._message(step.message, step.line, step.at)
        last = history[-1].message if history else None
        self.calls.end(answered=last is None or last.role == "assistant")
        return self.out

    def _rows(self, raws: list[Raw]) -> list[_Step]:
        """Rows that are complete: one that is still being streamed comes again."""
        found, at = [], 0.0
        for line, raw in enumerate(raws, 1):
            try:
                row = decode(_ROW, bytes(raw))
            except (ValueError, RecursionError):
                self._unreadable(self.source.path, line, "a row of unexpected shape")
                continue
            at = max(at, seconds(row.ts))
            if not row.partial:
                found.append(_Step(at, line, row=row))
        return found

    def _messages(self, path: str) -> list[_Step]:
        """Messages that name their time; older builds wrote none, and tell no sizes."""
        data = slurp(path)
        try:
            raws = _LIST.decode(data) if data else []
        except (ValueError, RecursionError):
            self._unreadable(path, 1, "not a document, or still being written")
            return []
        found, at = [], 0.0
        for line, raw in enumerate(raws, 1):
            try:
                message = decode(_MESSAGE, bytes(raw))
            except (ValueError, RecursionError):
                self._unreadable(path, line, "a message of unexpected shape")
                continue
            if said_at := seconds(message.ts):
                at = max(at, said_at)
                found.append(_Step(at, line, message=message))
        return found

    def _info(self, steps: list[_Step], history: list[_Step], metadata: Metadata) -> SessionInfo:
        built = [each.cline_version for each in metadata.environment_history or ()]
        first = steps[0].row if steps else None
        folders = (_folder_in(step.message) for step in history if step.message is not None)
        return SessionInfo(
            self.source.session_id,
            steps[0].at if steps else 0.0,
            cwd=self.about.cwd or next((folder for folder in folders if folder), ""),
            title_chars=len(first.text or "") if first is not None else 0,
            agent_version=next((each for each in reversed(built) if each), ""),
            parent_id=self.about.parent_id,
        )

    # -- rows ------------------------------------------------------------------------

    def _row(self, row: Row, line: int, at: float) -> None:
        kind = (row.say if row.type == "say" else row.ask) or ""
        if row.type == "say" and (kind == "user_feedback" or not self._begun):
            self._prompt(row, line, at)
        info = row.modelInfo
        if info is not None and info.modelId:
            self.calls.row_names(info.modelId, info.providerId or "", at, line)
        if kind == "api_req_started":
            self._cut(row, line, at)
            self.calls.begins(row.text, at, line)
        elif kind in _SUMS:
            self.calls.sums(row.text, at, line, kind=kind)
        elif kind in _RESUMED:
            self.out.append(Resumed(self.source.session_id, at, line=line))
        else:
            self._compaction(row, kind, line, at)

    def _prompt(self, row: Row, line: int, at: float) -> None:
        """The first row is the task as it was put; what a person says later is feedback."""
        self._begun = True
        if self.depth is Depth.FULL:
            text, identity = row.text or "", str(round(at * 1000))
            self.out.append(
                Prompt(self.source.session_id, at, identity, line, len(text), rules=rules_in(text))
            )

    def _cut(self, row: Row, line: int, at: float) -> None:
        """Cline leaves the oldest messages out once the window is full: each time, more."""
        dropped = row.conversationHistoryDeletedRange
        upto = dropped[1] if dropped and len(dropped) > 1 else 0.0
        if upto > self._dropped_to:
            self._dropped_to = upto
            session = self.source.session_id
            self.out.append(Compaction(session, at, "truncated", partial=True, line=line))

    def _compaction(self, row: Row, kind: str, line: int, at: float) -> None:
        session = self.source.session_id
        if kind == "condense_context" and (done := row.contextCondense) is not None:
            before, after = _tokens(done.prevContextTokens), _tokens(done.newContextTokens)
            self.out.append(Compaction(session, at, "", before, after, line=line))
            if self.depth is Depth.FULL and done.summary:
                size = len(done.summary)
                self.out.append(Content(session, at, ContentKind.SUMMARY, size, line))
        elif kind == "sliding_window_truncation" and (cut := row.contextTruncation) is not None:
            before, after = _tokens(cut.prevContextTokens), _tokens(cut.newContextTokens)
            self.out.append(
                Compaction(session, at, "truncated", before, after, partial=True, line=line)
            )
        elif kind == "compaction":
            told = decoded(_COMPACTED, (row.text or "").encode("utf-8", "replace"))
            if told is not None and told.status == "completed":
                before, after = _tokens(told.tokensBefore), _tokens(told.tokensAfter)
                self.out.append(Compaction(session, at, told.mode or "", before, after, line=line))

    # -- messages --------------------------------------------------------------------

    def _message(self, message: Message, line: int, at: float) -> None:
        if message.isSummary or message.isTruncationMarker:
            return  # its row tells of it
        full = self.depth is Depth.FULL
        try:
            if message.role == "assistant":
                identity = self.calls.answered(at)
                if full:
                    self.content.answer(message.content, identity, line, at)
            elif message.role == "user":
                if model := _model_in(message):
                    self.calls.names(model, "", at, line)
                self.calls.sent(at)
                if full:
                    self.content.put_in(message.content, line, at)
        except (ValueError, RecursionError):
            self._unreadable(self.source.path, line, "a message of unexpected content")

    def _unreadable(self, path: str, line: int, reason: str) -> None:
        self.out.append(Unreadable(self.source.session_id, path, line, reason))


def decoded(decoder: msgspec.json.Decoder[T], data: bytes) -> T | None:
    """A small document; None where it is missing, broken or of another shape."""
    try:
        return decode(decoder, data) if data else None
    except (ValueError, RecursionError):
        return None


def seconds(milliseconds: float | None) -> float:
    """Epoch milliseconds as seconds; 0.0 where missing or not a time."""
    if milliseconds is None or not 0 < milliseconds < 1e14:
        return 0.0
    return milliseconds / 1000.0


def _tokens(value: float | None) -> int | None:
    return None if value is None or is_absurd(value) else count(value)


def last_model(history: bytes) -> tuple[str, float]:
    """The model that the last message of a history names, and when that was sent."""
    messages = decoded(_LIST, history)
    for raw in reversed(messages or []):
        message = decoded(_MESSAGE, bytes(raw))
        if message is not None and (model := _model_in(message)):
            return model, seconds(message.ts)
    return "", 0.0


def _model_in(message: Message) -> str:
    """The model that Roo Code names in what it adds to a message; "" where there is none."""
    found = _in_environment(_MODEL, message)
    return found.strip() if found else ""


def _folder_in(message: Message) -> str:
    """The folder worked in, from the first message that lists its files."""
    return _in_environment(_FOLDER, message)


def _in_environment(pattern: re.Pattern[bytes], message: Message) -> str:
    """What the agent's own last block says: text quoted before it is not looked at."""
    data = bytes(message.content)
    start = data.rfind(_ENVIRONMENT)
    found = pattern.search(data, start) if start >= 0 and message.role == "user" else None
    if found is None:
        return ""
    try:
        return str(msgspec.json.decode(b'"' + found[1] + b'"'))
    except (ValueError, UnicodeDecodeError):
        return ""
