"""A session of Cline (CLI, and VS Code from 4.0): one document of messages, as records.

`<id>.messages.json` is written anew after each message; `<id>.json` beside it tells where and
from what it began, `<id>.compaction.json` what was summed up last. Sub-agents have documents of
their own in the folder of the session that started them.

Source: docs/formats/cline.md; real client (CLI) 3.0.65, 2026-11-21.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct

from switchtax.agents._cline_calls import UNKNOWN_MODEL, seller_of
from switchtax.agents._cline_content import ContentReader, blocks_of
from switchtax.agents._cline_shapes import Manifest, Message, Metrics, SessionDocument
from switchtax.agents._cline_task import decoded, seconds
from switchtax.agents._whole import measured, slurp
from switchtax.agents.lines import decode, epoch_s
from switchtax.agents.numbers import count, is_absurd
from switchtax.agents.prompts import rules_in
from switchtax.records import (
    Call,
    Compaction,
    Depth,
    Forked,
    Prompt,
    Record,
    SessionInfo,
    Source,
    Unreadable,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MESSAGES", "SessionReader", "sessions_at"]

MESSAGES = ".messages.json"

_DOCUMENT = msgspec.json.Decoder(SessionDocument)
_MESSAGE = msgspec.json.Decoder(Message)
_METRICS = msgspec.json.Decoder(Metrics)
_MANIFEST = msgspec.json.Decoder(Manifest)
_MIGRATED = "unknown"
"""The provider named on totals that a task took along when it became a session."""


class _Compacted(Struct):
    updated_at: str | None = None
    source_message_count: int | None = None


_COMPACTED = msgspec.json.Decoder(_Compacted)


def sessions_at(root: Path, agent: str) -> Iterator[Source]:
    """Every session at a path: one document, a session's folder, or the folder of all."""
    if root.is_file():
        if root.name.endswith(MESSAGES):
            yield _source(root, "", agent)
        return
    sessions = root / "sessions" if (root / "sessions").is_dir() else root
    for folder in [root] if _is_session(root) else _folders(sessions):
        try:
            names = sorted(os.listdir(folder))  # noqa: PTH208 - a scan notes which are listed
        except OSError:
            continue
        for name in names:
            if name.endswith(MESSAGES):
                yield _source(folder / name, str(root), agent)


def _is_session(folder: Path) -> bool:
    """A session's folder holds the document that is named after it."""
    return (folder / f"{folder.name}{MESSAGES}").is_file()


def _folders(sessions: Path) -> list[Path]:
    try:
        entries = list(os.scandir(sessions))
    except OSError:
        return []
    folders = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return [folder for folder in folders if _is_session(folder)]


def _source(path: Path, root: str, agent: str) -> Source:
    """The session that a folder is named after, or a sub-agent of it."""
    stem = path.name.removesuffix(MESSAGES)
    own = path.parent.name
    sidechain = stem != own and _is_session(path.parent)
    beside = _beside(str(path))
    size, mtime_ns = measured(str(path), *beside)
    session = own if sidechain else stem
    return Source(agent, str(path), session, root, sidechain, size, mtime_ns, beside)


def _beside(path: str) -> tuple[str, str]:
    """The manifest, and what was compacted last."""
    stem = path.removesuffix(MESSAGES)
    return f"{stem}.json", f"{stem}.compaction.json"


class SessionReader:
    """All records of one session.

    Args:
        source: its document.
        depth: how much is told.
    """

    def __init__(self, source: Source, depth: Depth) -> None:
        """Nothing is read yet."""
        self.source, self.depth = source, depth
        self.out: list[Record] = []
        self.content = ContentReader(source.session_id, self.out, sidechain=source.sidechain)
        self._asked_at = 0.0
        self._summed: set[int] = set()
        """Answers whose counts are those of a whole turn."""

    def tell(self, data: bytes) -> list[Record]:
        """The records, in the order of the messages.

        Raises:
            ValueError: it is not such a document.
        """
        document = decode(_DOCUMENT, data)
        messages = list(self._messages(document.messages or []))
        manifest_path, compaction_path = _beside(self.source.path)
        manifest = decoded(_MANIFEST, slurp(manifest_path)) or Manifest()
        first_at = next((at for m in messages if (at := seconds(m.ts))), 0.0)
        self._about(document, manifest, first_at)
        copied_to = self._fork(manifest, first_at)
        compacted = decoded(_COMPACTED, slurp(compaction_path)) or _Compacted()
        summed_at = epoch_s(compacted.updated_at)
        self._summed = _sums(messages)
        for line, message in enumerate(messages, 1):
            at = seconds(message.ts) or self._asked_at
            known = line > (compacted.source_message_count or 0) and at > summed_at
            if summed_at and known:
                self.out.append(Compaction(self.source.session_id, summed_at, line=line))
                summed_at = 0.0
            if at > copied_to:
                self._message(message, line, at)
        if summed_at:
            self.out.append(Compaction(self.source.session_id, summed_at, line=len(messages)))
        return self.out

    def _messages(self, raws: list[Raw]) -> Iterator[Message]:
        for line, raw in enumerate(raws, 1):
            try:
                yield decode(_MESSAGE, bytes(raw))
            except (ValueError, RecursionError):
                self._unreadable(line, "a message of unexpected shape")
                yield Message()

    # -- the session itself ----------------------------------------------------------

    def _about(self, document: SessionDocument, manifest: Manifest, at: float) -> None:
        origin, metadata = document.origin, manifest.metadata
        title = metadata.title if metadata is not None else None
        self.out.append(
            SessionInfo(
                self.source.session_id,
                at,
                cwd=manifest.cwd or manifest.workspace_root or "",
                title_chars=len(title or ""),
                agent_version=(origin.version if origin is not None else "") or "",
                entrypoint=manifest.source or "",
                parent_id=manifest.parent_session_id or "",
                sidechain=self.source.sidechain,
                provider=seller_of(manifest.provider or ""),
            )
        )

    def _fork(self, manifest: Manifest, at: float) -> float:
        """Until when messages are copies that the first session tells; -1.0 if it is no copy."""
        fork = manifest.metadata.fork if manifest.metadata is not None else None
        parent = fork.forkedFromSessionId if fork is not None else None
        if fork is None or not parent or "/" in parent or os.sep in parent:
            return -1.0
        sessions = Path(self.source.path).parent.parent
        there = (sessions / parent / f"{parent}{MESSAGES}").is_file()
        self.out.append(Forked(self.source.session_id, at, parent, there))
        return epoch_s(fork.forkedAt) if there else -1.0

    # -- messages --------------------------------------------------------------------

    def _message(self, message: Message, line: int, at: float) -> None:
        full = self.depth is Depth.FULL
        try:
            if message.role == "assistant":
                identity = message.id or f"{self.source.session_id}:{line}"
                self._call(message, identity, line, at)
                if full:
                    self.content.answer(message.content, identity, line, at)
            elif message.role == "user":
                self._asked_at = at
                typed = self.content.put_in(message.content, line, at) if full else 0
                if typed and not self.source.sidechain:
                    rules = rules_in(_typed_text(message))
                    session, identity = self.source.session_id, message.id or ""
                    self.out.append(Prompt(session, at, identity, line, typed, rules=rules))
        except (ValueError, RecursionError):
            self._unreadable(line, "a message of unexpected content")

    def _call(self, message: Message, identity: str, line: int, at: float) -> None:
        """One call, or the sum of a turn's where older builds kept only that."""
        info = message.modelInfo
        provider = (info.provider or "") if info is not None else ""
        usage = self._usage(message, line) if provider != _MIGRATED else None
        if usage is None:
            return
        whole_turn = line in self._summed
        self.out.append(
            Call(
                session_id=self.source.session_id,
                id=identity,
                at=at,
                model=(info.id if info is not None else "") or UNKNOWN_MODEL,
                usage=usage,
                line=line,
                started_at=min(self._asked_at or at, at),
                provider=seller_of(provider),
                sidechain=self.source.sidechain or whole_turn,
                purpose="totals" if whole_turn else "",
            )
        )

    def _usage(self, message: Message, line: int) -> Usage | None:
        """Disjoint buckets; None where nothing was used, or counts are broken."""
        data = bytes(message.metrics)
        metrics = decode(_METRICS, data) if data else Metrics()
        given = (
            metrics.inputTokens,
            metrics.outputTokens,
            metrics.cacheReadTokens,
            metrics.cacheWriteTokens,
            metrics.reasoningTokenCount,
        )
        if is_absurd(*given):
            self._unreadable(line, "a token count is negative or absurd")
            return None
        sent, output, read, wrote, thought = (count(value) for value in given)
        if not (sent or output or read or wrote):
            return None
        if sent >= read + wrote:  # a few handlers count only what was not cached
            sent -= read + wrote
        return Usage(sent, read, wrote, 0, output, min(thought, output))

    def _unreadable(self, line: int, reason: str) -> None:
        self.out.append(Unreadable(self.source.session_id, self.source.path, line, reason))


def _sums(messages: list[Message]) -> set[int]:
    """Places of answers that count for their whole turn.

    Older builds counted a turn only on its last answer. Where any turn has counts on two
    answers, each counts for itself.
    """
    found: set[int] = set()
    counted = uncounted = 0
    for line, message in enumerate(messages, 1):
        if message.role == "user" and b'"tool_result"' not in bytes(message.content):
            counted = uncounted = 0
        elif message.role == "assistant":
            if not bytes(message.metrics):
                uncounted += 1
                continue
            counted += 1
            if counted > 1:
                return set()
            if uncounted:
                found.add(line)
    return found


def _typed_text(message: Message) -> str:
    """The text of a prompt, without the tag around it."""
    text = "\n".join(block.text or "" for block in blocks_of(message.content))
    start = text.find("<user_input")
    return text[text.find(">", start) + 1 :] if start >= 0 else text
