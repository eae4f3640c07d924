"""The size of a conversation's context, out of the editor's own database."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from switchtax.agents.cursor_composer import composer_places, context_of

CONVERSATION = "8a1f"


def _database(root: Path, value: str | bytes | None) -> Path:
    folder = root / "globalStorage"
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "state.vscdb")) as connection, connection:
        connection.execute("CREATE TABLE cursorDiskKV (key TEXT UNIQUE, value BLOB)")
        rows = [("composerData:other", '{"contextTokensUsed":7}')]
        if value is not None:
            rows.append((f"composerData:{CONVERSATION}", value))
        connection.executemany("INSERT INTO cursorDiskKV VALUES (?, ?)", rows)
    return root


@pytest.mark.parametrize(
    ("expected", "row"),
    [
        ((80_448, None), {"promptTokenBreakdown": {"totalUsedTokens": 80_448}}),
        ((80_448, 200_000), {"contextTokensUsed": 80_448, "contextTokenLimit": 200_000}),
        ((9, None), {"promptTokenBreakdown": {"totalUsedTokens": 9}, "contextTokensUsed": 8}),
        ((8, None), {"promptTokenBreakdown": {"totalUsedTokens": 0}, "contextTokensUsed": 8.0}),
        (None, {"contextTokensUsed": 0, "contextTokenLimit": 200_000}),
        (None, {"contextTokensUsed": -3}),
        (None, {"contextTokensUsed": "a text"}),
        (None, {"promptTokenBreakdown": {"categories": []}, "name": "a title"}),
    ],
)
def test_the_number_of_the_context_bar_is_read(
    tmp_path: Path, expected: tuple[int, int | None] | None, row: dict[str, object]
) -> None:
    """The newer place goes before the older; 0 and what is no number are not known."""
    root = _database(tmp_path / "User", json.dumps(row))
    assert expected == context_of([tmp_path / "missing", root], CONVERSATION)


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    """No folder, no row, no JSON, no database, no such table: none of them is an error."""
    assert context_of([], CONVERSATION) is None
    assert context_of([_database(tmp_path / "empty", None)], CONVERSATION) is None
    assert (
        context_of([_database(tmp_path / "torn", '{"contextTokensUsed":5')], CONVERSATION) is None
    )
    for name, content in (("text", b"no database"), ("bare", b"")):
        folder = tmp_path / name / "globalStorage"
        folder.mkdir(parents=True)
        (folder / "state.vscdb").write_bytes(content)
        assert context_of([tmp_path / name], CONVERSATION) is None


def test_a_row_that_is_too_long_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some versions keep the whole conversation in the row: a question does not wait for it."""
    long = json.dumps({"contextTokensUsed": 5, "conversation": ["x" * 2000]})
    root = _database(tmp_path, long)
    assert (5, None) == context_of([root], CONVERSATION)
    monkeypatch.setattr("switchtax.agents.cursor_composer._LONGEST", 1000)
    assert context_of([root], CONVERSATION) is None


def test_the_editor_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it writes, nothing is read; nothing is left beside its database either."""
    monkeypatch.setattr("switchtax.agents.cursor_composer._WAIT_S", 0.0)
    root = _database(tmp_path, '{"contextTokensUsed":5}')
    file = root / "globalStorage" / "state.vscdb"
    with closing(sqlite3.connect(file, isolation_level=None)) as editor:
        editor.execute("BEGIN EXCLUSIVE")
        editor.execute("UPDATE cursorDiskKV SET value = '{\"contextTokensUsed\":6}'")
        assert context_of([root], CONVERSATION) is None
        editor.execute("COMMIT")
    assert (6, None) == context_of([root], CONVERSATION)
    assert ["state.vscdb"] == [each.name for each in file.parent.iterdir()]


def test_where_the_editor_keeps_it() -> None:
    """By system; a portable installation, or VSCODE_APPDATA, moves it."""
    home = Path("/home/dev")
    assert [home / ".config/Cursor/User"] == composer_places({}, home, "linux")
    mac = home / "Library/Application Support/Cursor/User"
    assert [mac] == composer_places({}, home, "darwin")
    windows = composer_places({"APPDATA": "/roaming"}, home, "win32")
    assert [Path("/roaming/Cursor/User")] == windows
    env = {"VSCODE_PORTABLE": "/stick", "VSCODE_APPDATA": "/data"}
    expected = [Path("/stick/user-data/User"), Path("/data/Cursor/User")]
    assert expected == composer_places(env, home, "linux")
