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
    lines = StatusLines(tmp_path, lambda: NOW)
    assert [] == lines.look(NOW)
    write(tmp_path, "a.json", 9)
    write(tmp_path, "b.json", 8)
    assert ["b", "a"] == [each.session_id for each in lines.look(NOW)]
    assert [] == lines.look(NOW)
    write(tmp_path, "a.json", 7)
    assert ["a"] == [each.session_id for each in lines.look(NOW)]
    assert {"a", "b"} == set(lines.told)
    assert [] == StatusLines(tmp_path / "none", lambda: NOW).look(NOW)


def test_what_is_not_as_written_by_the_script(tmp_path: Path) -> None:
    """Another session's id, a giant, a broken one, a name that is no file's."""
    write(tmp_path, "a.json", session="b")
    (tmp_path / "big.json").write_text(" " * 300_000)
    (tmp_path / "broken.json").write_text("{")
    assert [] == StatusLines(tmp_path, lambda: NOW).look(NOW)
    assert told_of(tmp_path, "a") is None
    assert told_of(tmp_path, "../a") is None
    assert told_of(tmp_path, "") is None
    write(tmp_path, "c.json")
    found = told_of(tmp_path, "c")
    assert found is not None
    assert ("c", NOW - 1) == (found.session_id, found.at)


def test_old_and_unfinished_files_go(tmp_path: Path) -> None:
    """And those of sessions that ended."""
    lines = StatusLines(tmp_path, lambda: NOW)
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
    StatusLines(tmp_path, lambda: NOW).look(NOW)
    left = {path.name for path in tmp_path.iterdir()}
    assert 500 == len(left)
    assert {"s500.json", "s501.json", "s502.json"}.isdisjoint(left)


class Desk:
    """A folder of status lines and a clock."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 1_000.0
        self.lines = StatusLines(folder, lambda: self.now)

    def write(self, at: float, model: object, session: str = "s1") -> None:
        """What the script was told then."""
        path = self.folder / f"{session}.json"
        given = {"session_id": session, "model": {"id": model, "display_name": "x"}}
        path.write_text(json.dumps(given))
        os.utime(path, (at, at))


def test_the_model_of_the_next_request_without_the_mark_of_a_long_context(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(1_001, "claude-opus-5-5[1m]")
    assert "claude-opus-5-5" == desk.lines.next_model("s1")
    assert "" == desk.lines.next_model("s2")
    assert "" == desk.lines.next_model("../s1")


def test_what_an_earlier_run_was_told_says_nothing_of_the_next_request(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(900, "a")
    assert "" == desk.lines.next_model("s1")
    desk.write(1_001, "b")
    desk.now = 1_100
    desk.lines.started("s1")
    assert "" == desk.lines.next_model("s1")
    desk.write(1_101, "c")
    assert "c" == desk.lines.next_model("s1")


def test_a_model_that_is_no_text_is_not_known(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write(1_001, 7)
    assert "" == desk.lines.next_model("s1")


def test_starts_are_remembered_up_to_a_number(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for number in range(3_000):
        desk.lines.started(str(number))
    assert 2_000 == len(desk.lines._started)
