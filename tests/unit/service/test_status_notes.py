"""What a session's status line says of the model that comes next."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from switchtax.service.status_notes import StatusNotes

if TYPE_CHECKING:
    from pathlib import Path

STARTED = 1_000.0


class Desk:
    """A folder of notes and a clock."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, STARTED
        self.notes = StatusNotes(folder, lambda: self.now)

    def write(self, at: float, text: str, session: str = "s1") -> None:
        """A note as the script leaves it."""
        path = self.folder / f"{session}.json"
        path.write_text(text)
        os.utime(path, (at, at))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nothing noted yet."""
    return Desk(tmp_path)


def named(model: object) -> str:
    """The part of a status line's input that counts."""
    return json.dumps({"model": {"id": model, "display_name": "x"}})


def test_the_model_of_the_next_request(desk: Desk) -> None:
    """Without the mark of a long context."""
    desk.write(1_001, named("claude-opus-5-5[1m]"))
    assert "claude-opus-5-5" == desk.notes.model("s1")
    assert "" == desk.notes.model("s2")


def test_a_note_of_an_earlier_run_says_nothing(desk: Desk) -> None:
    """Written before the daemon started, or before the session was resumed."""
    desk.write(900, named("a"))
    assert "" == desk.notes.model("s1")
    desk.write(1_001, named("b"))
    desk.now = 1_100
    desk.notes.started("s1")
    assert "" == desk.notes.model("s1")
    desk.write(1_101, named("c"))
    assert "c" == desk.notes.model("s1")


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"model": "x"}', '{"model": {}}', named(7), "x" * 70_000, "[" * 9_999],
)
def test_nonsense_says_nothing(desk: Desk, text: str) -> None:
    """Whatever stands there."""
    desk.write(1_001, text)
    assert "" == desk.notes.model("s1")


def test_only_plain_ids_name_files(desk: Desk) -> None:
    """No way out of the folder."""
    desk.write(1_001, named("a"))
    inside = StatusNotes(desk.folder / "deeper", lambda: STARTED)
    for session in ("../s1", "", "x/y", "a" * 200):
        assert "" == inside.model(session)
        inside.forget(session)
    assert "a" == desk.notes.model("s1")


def test_forgotten(desk: Desk) -> None:
    """The file too; and memory is bounded."""
    desk.write(1_001, named("a"))
    desk.notes.forget("s1")
    assert not (desk.folder / "s1.json").exists()
    for number in range(3_000):
        desk.notes.started(str(number))
    assert 2_000 == len(desk.notes._started)
