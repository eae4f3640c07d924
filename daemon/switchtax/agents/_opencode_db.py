"""OpenCode's SQLite database, both generations of tables, read beside a running agent.

Opened read-only (see `sqlite_file`): the newest rows may stand in the `-wal` file alone.
Rows are read by `time_updated`, so that a later read brings only what changed.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from switchtax.agents._opencode_fold import About, Fold, Row
from switchtax.agents.sqlite_file import open_read_only
from switchtax.records import Cursor, Depth, Reading, Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["has_tables", "read_database"]

_BUSY_S = 0.25
Seen = dict[str, tuple[float, list[str]]]


def read_database(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read the rows that changed since the cursor; a locked database is left for later.

    With `source.session_id` set, only that session is read.

    Raises:
        OSError: the file cannot be opened.
    """
    path = Path(source.path)
    stat = path.stat()
    identity = (stat.st_dev, stat.st_ino, 0)
    restarted = cursor is not None and bool(cursor.state) and cursor.identity != identity
    if cursor is None or restarted:
        cursor = Cursor(identity=identity)
    try:
        with closing(_connect(path)) as db:
            return _read(source, db, cursor, depth, restarted)
    except sqlite3.Error as error:
        busy = isinstance(error, sqlite3.OperationalError) and "lock" in str(error)
        why = "locked by its agent: nothing new was read" if busy else "not a readable database"
        return Reading([Unreadable(source.session_id, source.path, 0, why)], cursor, restarted)


def _connect(path: Path) -> sqlite3.Connection:
    db = open_read_only(path, wait_s=_BUSY_S)
    try:
        db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.Error:
        db.close()
        raise
    return db


def has_tables(path: Path) -> bool:
    """Whether a database holds OpenCode's tables."""
    try:
        with closing(_connect(path)) as db:
            columns = _columns(db)
    except (sqlite3.Error, OSError):
        return False
    return any("session_id" in columns.get(name, ()) for name in ("message", "session_message"))


def _read(
    source: Source, db: sqlite3.Connection, cursor: Cursor, depth: Depth, restarted: bool
) -> Reading:
    columns = _columns(db)
    state = cursor.state
    seen = msgspec.convert(state.get("seen", {}), Seen)
    fold = Fold(source.path, depth, lambda row: _parts(db, row) if "part" in columns else [])
    fold.load(state.get("sessions", {}))
    for about in _abouts(db, columns, seen, source.session_id):
        fold.session(about)
    for row in _in_order(_rows(db, columns, seen, source.session_id)):
        fold.row(row)
    kept: dict[str, object] = {"seen": dict(seen), "sessions": fold.save()}
    return Reading(fold.out, Cursor(offset=1, identity=cursor.identity, state=kept), restarted)


def _columns(db: sqlite3.Connection) -> dict[str, set[str]]:
    tables = ("session", "session_v2", "message", "session_message", "part")
    found = {table: {r[1] for r in db.execute(f"PRAGMA table_info({table})")} for table in tables}
    return {table: names for table, names in found.items() if "id" in names}


def _changed(
    db: sqlite3.Connection, table: str, fields: str, seen: Seen, session: str, where: str = ""
) -> list[tuple[object, ...]]:
    """Rows of a table that are new or were updated; the first column is the id.

    Rows of the last millisecond seen are asked for again, and left out if known.
    """
    since, ids = seen.get(table, (-1.0, []))
    stamp = "COALESCE(time_updated, time_created, 0)"
    key = "id" if table.startswith("session") and table != "session_message" else "session_id"
    mine = f" AND {key} = ?" if session else ""
    sql = f"SELECT {fields}, {stamp} FROM {table} WHERE {stamp} >= ?{mine}{where}"
    rows = db.execute(sql, (since, session) if session else (since,)).fetchall()
    new = [row[:-1] for row in rows if row[-1] > since or str(row[0]) not in ids]
    if rows:
        last = max(row[-1] for row in rows)
        at_last = [str(row[0]) for row in rows if row[-1] == last]
        seen[table] = (last, at_last)
    return new


def _abouts(
    db: sqlite3.Connection, columns: dict[str, set[str]], seen: Seen, session: str
) -> Iterator[About]:
    """What the session tables say; V2's row of an id stands for both."""
    wanted = ("directory", "title", "version", "parent_id", "fork_session_id", "time_created")
    found: dict[str, About] = {}
    for table in ("session", "session_v2"):
        if table not in columns:
            continue
        fields = ", ".join(["id", *(c if c in columns[table] else "NULL" for c in wanted), "rowid"])
        for row in _changed(db, table, fields, seen, session):
            id_, directory, title, version, parent, fork, created, rowid = row
            found[str(id_)] = About(
                str(id_),
                directory=_text(directory),
                title=_text(title),
                version=_text(version),
                parent_id=_text(parent),
                fork_of=_text(fork),
                created_ms=_number(created),
                parent_there=not fork or _exists(db, columns, _text(fork)),
                line=int(_number(rowid)),
            )
    yield from (found[id_] for id_ in sorted(found, key=lambda i: (found[i].created_ms, i)))


def _exists(db: sqlite3.Connection, columns: dict[str, set[str]], id_: str) -> bool:
    return any(
        db.execute(f"SELECT 1 FROM {table} WHERE id = ?", (id_,)).fetchone()
        for table in ("session", "session_v2")
        if table in columns
    )


def _rows(
    db: sqlite3.Connection, columns: dict[str, set[str]], seen: Seen, session: str
) -> list[Row]:
    """Changed messages of both generations; an id that V2 has taken over is V2's."""
    rows: list[Row] = []
    fields = "id, session_id, CAST(data AS BLOB), time_created, rowid"
    v2 = "session_message" in columns
    if "message" in columns:
        where = " AND id NOT IN (SELECT id FROM session_message)" if v2 else ""
        rows += [
            Row(str(i), str(s), _blob(data), "", _number(created), int(_number(rowid)))
            for i, s, data, created, rowid in _changed(db, "message", fields, seen, session, where)
        ]
        rows.sort(key=lambda row: (row.session_id, row.created_ms, row.id))
    if v2:
        fields += ", type, seq"
        new = _changed(db, "session_message", fields, seen, session)
        new.sort(key=lambda row: (str(row[1]), _number(row[6])))
        rows += [
            Row(str(i), str(s), _blob(data), _text(kind), _number(created), int(_number(rowid)))
            for i, s, data, created, rowid, kind, _seq in new
        ]
    return rows


def _in_order(rows: list[Row]) -> Iterator[Row]:
    """Session by session; within one, V2 rows keep their sequence, V1 rows fall in by time."""
    rows.sort(key=attrgetter("session_id"))  # stable: each generation keeps its order
    for _, group in groupby(rows, key=attrgetter("session_id")):
        of_session = list(group)
        old = [row for row in of_session if not row.type]
        new = [row for row in of_session if row.type]
        at = 0
        for row in new:
            while at < len(old) and old[at].created_ms <= row.created_ms:
                yield old[at]
                at += 1
            yield row
        yield from old[at:]


def _parts(db: sqlite3.Connection, row: Row) -> list[bytes]:
    sql = "SELECT CAST(data AS BLOB) FROM part WHERE message_id = ? ORDER BY id"
    return [_blob(data) for (data,) in db.execute(sql, (row.id,))]


def _blob(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
