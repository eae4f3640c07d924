"""The folder of status lines: what is new in it, and what goes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from switchtax.service.status_lines import StatusLines, told_of

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_000_000.0


def write(folder: Path, name: str, ago_s: float = 1.0, *, session: str = "") -> Path:
    """A file of that age."""
    path = folder / name
    given = {"session_id": session or path.stem, "model": {"id": "claude-opus-5-5"}}
    path.write_text(json.dumps(given))
    os.utime(path, (NOW - ago_s, NOW - ago_s))
    return path


def test_what_is_new(tmp_path: Path) -> None:
    """Each writing once; nothing where there is no folder."""
    lines = StatusLines(tmp_path)
    assert [] == lines.look(NOW)
    write(tmp_path, "a.json", 9)
    write(tmp_path, "b.json", 8)
    assert ["b", "a"] == [each.session_id for each in lines.look(NOW)]
    assert [] == lines.look(NOW)
    write(tmp_path, "a.json", 7)
    assert ["a"] == [each.session_id for each in lines.look(NOW)]
    assert {"a", "b"} == set(lines.told)
    assert [] == StatusLines(tmp_path / "none").look(NOW)


def test_what_is_not_as_written_by_the_script(tmp_path: Path) -> None:
    """Another session's id, a giant, a broken one, a name that is no file's."""
    write(tmp_path, "a.json", session="b")
    (tmp_path / "big.json").write_text(" " * 300_000)
    (tmp_path / "broken.json").write_text("{")
    assert [] == StatusLines(tmp_path).look(NOW)
    assert told_of(tmp_path, "a") is None
    assert told_of(tmp_path, "../a") is None
    assert told_of(tmp_path, "") is None
    write(tmp_path, "c.json")
    found = told_of(tmp_path, "c")
    assert found is not None
    assert ("c", NOW - 1) == (found.session_id, found.at)


def test_old_and_unfinished_files_go(tmp_path: Path) -> None:
    """And those of sessions that ended."""
    lines = StatusLines(tmp_path)
    write(tmp_path, "old.json", 7_300)
    write(tmp_path, ".a.123", 61)
    write(tmp_path, ".b.124", 5)
    write(tmp_path, "a.json", 5)
    lines.look(NOW)
    assert {".b.124", "a.json"} == {path.name for path in tmp_path.iterdir()}
    lines.forget("nobody")
    lines.forget("a")
    assert {".b.124"} == {path.name for path in tmp_path.iterdir()}
    assert {} == lines.told


def test_never_more_than_500(tmp_path: Path) -> None:
    """The oldest go."""
    for number in range(503):
        write(tmp_path, f"s{number}.json", number + 1)
    StatusLines(tmp_path).look(NOW)
    left = {path.name for path in tmp_path.iterdir()}
    assert 500 == len(left)
    assert {"s500.json", "s501.json", "s502.json"}.isdisjoint(left)
