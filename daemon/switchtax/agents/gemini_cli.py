"""Gemini CLI: chats under `<home>/.gemini/tmp/<project>/chats/`.

Newer builds append lines (`.jsonl`: header, messages, `$set`, `$rewindTo`), older ones
write one document anew (`.json`); sub-agents have files of their own in a folder named after
the parent session. `cached` is inside `input`, thoughts are beside `output`. A switch shows
before the next call only as the info message "Model set to ..." of the terminal's `/model`.

Source: docs/formats/gemini-cli.md; real client 0.61.0, 2026-11-21.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from switchtax.agents._gemini_chat import Chat, ChatState
from switchtax.agents._gemini_shapes import Document, Line, Message
from switchtax.agents.lines import decode, epoch_s, read_lines
from switchtax.agents.skim import text_after
from switchtax.records import Cursor, Depth, Reading, Record, Resumed, SessionInfo, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "gemini-cli"

_LINE = msgspec.json.Decoder(Line)
_MESSAGE = msgspec.json.Decoder(Message)
_DOCUMENT = msgspec.json.Decoder(Document)
_HEAD = 200
"""Bytes in which a line names its id, time and type."""


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """`.gemini` in `$GEMINI_CLI_HOME` if set, else in the home folder."""
    configured = env.get("GEMINI_CLI_HOME", "").strip()
    return [(Path(configured) if configured else home) / ".gemini"]


def find(root: Path) -> Iterator[Source]:
    """Every chat under a root, a project's folder, or the one file named."""
    if root.is_file():
        stat = root.stat()
        yield _source(str(root), "", stat.st_size, stat.st_mtime_ns)
        return
    tmp = root / "tmp"
    top = tmp if tmp.is_dir() else root
    yield from _walk(str(top), str(root), in_chats="chats" in top.parts[-2:])


def _walk(folder: str, root: str, *, in_chats: bool) -> Iterator[Source]:
    """Files in any `chats` folder; nothing else in `tmp` holds sessions."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if in_chats or entry.name not in ("checkpoints", "tool-outputs"):
                inside = in_chats or entry.name == "chats"
                yield from _walk(entry.path, root, in_chats=inside)
        elif in_chats and entry.name.endswith((".jsonl", ".json")):
            try:
                stat = entry.stat()
            except OSError:
                continue
            yield _source(entry.path, root, stat.st_size, stat.st_mtime_ns)


def _source(path: str, root: str, size: int, mtime_ns: int) -> Source:
    """A file's name holds 8 characters of the session id: the whole id stands in its head."""
    head = b""
    try:
        with Path(path).open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        pass  # `read` will say so
    session_id = text_after(head, b'"sessionId"') or Path(path).stem
    sidechain = bool(_parent_of(path))
    return Source(AGENT_ID, path, session_id, root, sidechain, size, mtime_ns)


def claims(path: Path, head: bytes) -> bool:
    """A root has `tmp/`; a chat's head names its session and the hash of its project."""
    if not head:
        return (path.name == ".gemini" and (path / "tmp").is_dir()) or path.name == "chats"
    return b'"sessionId"' in head and b'"projectHash"' in head


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a chat; a document that changed is read again as a whole.

    Raises:
        OSError: the file cannot be opened.
    """
    if source.path.endswith(".json"):
        return _read_document(source, cursor, depth)
    return read_lines(source, _Parser(source), cursor, depth)


class _Parser:
    """The lines of one chat."""

    def __init__(self, source: Source) -> None:
        self.out: list[Record] = []
        self.source = source
        self.chat = Chat(source.session_id, source.path, self.out)

    def save(self) -> dict[str, object]:
        """The state as plain values."""
        state: dict[str, object] = msgspec.to_builtins(self.chat.state)
        return state

    def load(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        self.chat.state = msgspec.convert(state, ChatState)

    def wants(self, line: bytes) -> bool:
        """All but warnings, errors and patches that only set a time or a title."""
        if line.startswith(b'{"$set"'):
            return b'"messages"' in line
        return (
            line.find(b'"type":"warning"', 0, _HEAD) < 0
            and line.find(b'"type":"error"', 0, _HEAD) < 0
        )

    def feed(self, raw: bytes, number: int, depth: Depth) -> None:
        """Read one line."""
        if depth is Depth.USAGE and self._skim(raw, number):
            return
        line = decode(_LINE, raw)
        chat = self.chat
        if line.patch is not None:
            patch = line.patch
            if patch.messages is not None:
                chat.rebuild(patch.messages, number, epoch_s(patch.lastUpdated), depth)
            if patch.summary:
                self._info(number, epoch_s(patch.lastUpdated), title_chars=len(patch.summary))
        elif line.rewind_to is not None:
            chat.rewind(line.rewind_to, number)
        elif line.sessionId:
            self._header(line, number, depth)
        else:
            self._message(line, number, depth)

    def _message(self, message: Message, number: int, depth: Depth) -> None:
        if self.chat.state.resuming and message.id:
            self.chat.settle(number)
        self.chat.message(message, number, depth)

    def _skim(self, raw: bytes, number: int) -> bool:
        """Take only id and time of a user line: tool results are large and hold no usage."""
        if not raw.startswith(b'{"id"') or not raw.endswith(b"\n"):
            return False
        if raw.find(b'"type":"user"', 0, _HEAD) < 0:
            return False
        identity = text_after(raw, b'"id"', 0, _HEAD)
        time = text_after(raw, b'"timestamp"', 0, _HEAD)
        if not identity or not time:
            return False
        self._message(Message(id=identity, timestamp=time, type="user"), number, Depth.USAGE)
        return True

    def _header(self, line: Line, number: int, depth: Depth) -> None:
        """The first header names the session; each later one is a resume of it."""
        state = self.chat.state
        state.headers += 1
        state.session_id = line.sessionId or state.session_id
        state.sidechain = line.kind == "subagent" or self.source.sidechain
        at = epoch_s(line.startTime)
        if state.headers > 1:
            self.chat.resume()
            self.out.append(Resumed(state.session_id, at, line=number))
        else:
            self._info(number, at, title_chars=len(line.summary or ""))
        if line.messages:
            self.chat.rebuild(line.messages, number, at, depth)

    def _info(self, number: int, at: float, title_chars: int) -> None:
        self.out.append(_about(self.source, self.chat.state, number, at, title_chars))


def _read_document(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read a whole-document chat; positions (`line`) are 1-based places in its messages."""
    path = Path(source.path)
    data = path.read_bytes()
    stat = path.stat()
    identity = (stat.st_dev, stat.st_ino, zlib.crc32(data))
    if cursor is not None and cursor.identity == identity:
        return Reading(cursor=cursor)
    now = Cursor(offset=len(data), identity=identity)
    out: list[Record] = []
    chat = Chat(source.session_id, source.path, out)
    restarted = cursor is not None
    try:
        document = decode(_DOCUMENT, data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        reason = "not a chat document, or still being written: read again when it changes"
        chat.unreadable(1, reason)
        return Reading(out, now, False)
    state = chat.state
    state.session_id = document.sessionId or source.session_id
    state.sidechain = document.kind == "subagent" or source.sidechain
    at = epoch_s(document.startTime)
    out.append(_about(source, state, 0, at, len(document.summary or "")))
    for place, raw in enumerate(document.messages or (), 1):
        try:
            chat.message(decode(_MESSAGE, bytes(raw)), place, depth)
        except (ValueError, RecursionError):
            chat.unreadable(place, "a message of unexpected shape")
    return Reading(out, now, restarted)


def _about(source: Source, state: ChatState, line: int, at: float, title_chars: int) -> SessionInfo:
    return SessionInfo(
        state.session_id,
        at,
        cwd=_project_root(source.path),
        title_chars=title_chars,
        parent_id=_parent_of(source.path),
        sidechain=state.sidechain,
        provider="google",
        line=line,
    )


def _parent_of(path: str) -> str:
    """The parent session of a sub-agent's chat: the folder between it and `chats`."""
    folder = Path(path).parent
    return folder.name if folder.parent.name == "chats" else ""


def _project_root(path: str) -> str:
    """The project's folder, from the marker that newer builds keep beside `chats`."""
    for folder in Path(path).parents:
        if folder.name == "chats":
            try:
                return (folder.parent / ".project_root").read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                return ""
    return ""
