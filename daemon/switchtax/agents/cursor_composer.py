"""How full a conversation's context is, as Cursor's editor has it in its own database.

The editor has no status line. What its context bar shows stands in `state.vscdb`, in the
conversation's row: `promptTokenBreakdown.totalUsedTokens`, in some versions `contextTokensUsed`
and `contextTokenLimit`. That database may have gigabytes, and the row the conversation's texts:
one row is asked for by its key, and SQLite hands over the numbers alone.

Source: public readers of the database of Cursor 2.3 to 3.24, read 2026-11-22.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from switchtax.agents._vscode_folders import product_folders
from switchtax.agents.numbers import told_count
from switchtax.agents.sqlite_file import open_read_only

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["composer_places", "context_of"]

_DATABASE = ("globalStorage", "state.vscdb")
_WAIT_S = 0.05
"""How long a lock of the editor's is waited for."""
_LONGEST = 16 << 20
"""Bytes of a row; a longer one is left alone, it would take too long."""
_USED = ("$.promptTokenBreakdown.totalUsedTokens", "$.contextTokensUsed")
_LIMIT = "$.contextTokenLimit"
_QUERY = (
    "SELECT json_extract(value, ?), json_extract(value, ?), json_extract(value, ?) "
    "FROM cursorDiskKV WHERE key = ?"
)


def composer_places(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """The folders `User` of Cursor's editor on this machine; they need not exist.

    Args:
        env: `VSCODE_PORTABLE` and `VSCODE_APPDATA` move them.
        home: the user's home.
        platform: `sys.platform`.
    """
    return product_folders(env, home, platform, "Cursor")


def context_of(
    user_data_roots: Iterable[Path], conversation_id: str
) -> tuple[int, int | None] | None:
    """Tokens of a conversation's context, and of its window where that is told.

    Args:
        user_data_roots: as `composer_places` gives them.
        conversation_id: as the hooks name it.

    Returns:
        None where no database has the conversation, or none can be read at once. The number is
        as of the editor's last writing: right after a turn it may be the one before it.
    """
    for root in user_data_roots:
        found = _asked(root.joinpath(*_DATABASE), conversation_id)
        if found is not None:
            return found
    return None


def _asked(database: Path, conversation_id: str) -> tuple[int, int | None] | None:
    if not database.is_file():
        return None
    try:
        with closing(open_read_only(database, wait_s=_WAIT_S)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
            asked = (*_USED, _LIMIT, f"composerData:{conversation_id}")
            row = connection.execute(_QUERY, asked).fetchone()
    except (sqlite3.Error, OSError):
        return None
    if row is None:
        return None
    used = told_count(row[0]) or told_count(row[1])
    return None if used is None else (used, told_count(row[2]))
