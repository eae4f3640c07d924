"""What is said in OpenCode's sessions: its database (both generations), storage, and exports.

Source: docs/formats/opencode.md; databases of 1.18.33, exports of 1.0 to 1.4, 2026-11-21.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.agents.sqlite_file import open_read_only
from switchtax.brief.reading import json_value, texts
from switchtax.brief.said import Kind, Place, Said, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.records import Source

__all__ = ["said"]

_MAGIC = b"SQLite format 3\x00"
_WAIT_S = 0.5
Row = tuple[Place, str, dict[str, Any], list[dict[str, Any]]]
"""Where a message stands, whose it is, the message, and its parts."""


def said(source: Source, session_id: str) -> Iterator[Said]:
    """A session, message by message.

    Raises:
        OSError: the source cannot be opened, or its agent keeps it locked.
    """
    path = Path(source.path)
    if path.is_dir():
        rows = _folder(path)
    else:
        with path.open("rb") as file:
            database = file.read(len(_MAGIC)) == _MAGIC
        rows = _database(path, session_id) if database else _export(path)
    for place, role, message, parts in rows:
        for part in parts:
            yield from _part(part, role, place)
        if role == "user" and not parts and message.get("text"):
            yield Said(Kind.PROMPT, place, str(message["text"]))


def _export(path: Path) -> Iterator[Row]:
    document = json_value(path.read_bytes())
    messages = document.get("messages") if isinstance(document, dict) else None
    for number, each in enumerate(messages or (), 1):
        if isinstance(each, dict) and isinstance(each.get("info"), dict):
            info, parts = each["info"], each.get("parts")
            place = Place(str(path), number, str(info.get("id") or ""))
            yield place, str(info.get("role")), info, _dicts(parts)


def _folder(path: Path) -> Iterator[Row]:
    found = []
    for file in path.glob("*.json"):
        info = json_value(file.read_bytes())
        if isinstance(info, dict):
            when = info.get("time")
            found.append((when.get("created") or 0 if isinstance(when, dict) else 0, file, info))
    for _, file, info in sorted(found, key=lambda each: (each[0], each[1].name)):
        parts = path.parent.parent / "part" / file.stem
        held = [json_value(part.read_bytes()) for part in sorted(parts.glob("*.json"))]
        yield Place(str(file), 0, file.stem), str(info.get("role")), info, _dicts(held)


def _database(path: Path, session_id: str) -> Iterator[Row]:
    try:
        with closing(open_read_only(path, wait_s=_WAIT_S)) as db:
            yield from _rows(db, path, session_id)
    except sqlite3.Error as error:
        raise OSError(f"the database cannot be read ({error})") from error


def _rows(db: sqlite3.Connection, path: Path, session_id: str) -> Iterator[Row]:
    tables = {str(name) for (name,) in db.execute("SELECT name FROM sqlite_master")}
    newer: list[tuple[Any, ...]] = []
    if "session_message" in tables:
        newer = db.execute(
            "SELECT id, type, data FROM session_message WHERE session_id = ? ORDER BY seq",
            (session_id,),
        ).fetchall()
    known = {id_ for id_, *_ in newer}
    if "message" in tables:
        sql = "SELECT id, data FROM message WHERE session_id = ? ORDER BY time_created, id"
        for id_, data in db.execute(sql, (session_id,)).fetchall():
            info = json_value(data)
            if id_ not in known and isinstance(info, dict):
                sql = "SELECT data FROM part WHERE message_id = ? ORDER BY id"
                parts = [json_value(part) for (part,) in db.execute(sql, (id_,))]
                yield Place(str(path), 0, str(id_)), str(info.get("role")), info, _dicts(parts)
    for id_, kind, data in newer:
        info = json_value(data)
        if isinstance(info, dict):
            yield Place(str(path), 0, str(id_)), str(kind), info, _dicts(info.get("content"))


def _dicts(values: object) -> list[dict[str, Any]]:
    return (
        [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
    )


def _part(part: dict[str, Any], role: str, place: Place) -> Iterator[Said]:
    if part.get("type") == "text" and not part.get("synthetic") and not part.get("ignored"):
        kind = {"user": Kind.PROMPT, "assistant": Kind.TEXT}.get(role)
        if kind is not None and part.get("text"):
            yield Said(kind, place, str(part["text"]))
    elif part.get("type") == "tool":
        yield from _tool(part, place)


def _tool(part: dict[str, Any], place: Place) -> Iterator[Said]:
    state = part.get("state")
    state = state if isinstance(state, dict) else {}
    given, id_ = state.get("input"), str(part.get("callID") or part.get("id") or "")
    name = str(part.get("tool") or part.get("name") or "")
    yield Said(
        Kind.TOOL, place, tool=name, tool_id=id_, given=given if isinstance(given, dict) else {}
    )
    status = state.get("status")
    if status not in ("completed", "error"):
        return
    about = state.get("metadata")
    code = about.get("exit") if isinstance(about, dict) else None
    error = state.get("error")
    text = str(state.get("output") or texts(state.get("content")) or error or "")
    ok = status == "completed" and code in (None, 0)
    yield Said(Kind.RESULT, place, shortened(text), tool_id=id_, ok=ok)
