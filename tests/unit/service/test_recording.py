"""What the daemon keeps of Cursor's conversations, and what it never keeps."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from switchtax.agents.cursor_status_line import Drawn, read_drawn
from switchtax.service import recording
from switchtax.service.recording import Recording

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2"
PROMPT = {
    "conversation_id": "0b1d-7", "generation_id": "g1", "model": "claude-opus-5.5-high",
    "hook_event_name": "beforeSubmitPrompt", "cursor_version": "3.24.0",
    "workspace_roots": ["/w"], "user_email": f"{SECRET}@example.com",
    "transcript_path": f"/h/{SECRET}.jsonl", "prompt": f"say {SECRET}",
    "attachments": [{"type": "file", "file_path": f"/w/{SECRET}"}],
}  # fmt: skip
STOP = PROMPT | {
    "hook_event_name": "stop", "status": "completed", "loop_count": 0, "input_tokens": 100,
    "output_tokens": 7, "cache_read_tokens": 90, "cache_write_tokens": 8, "text": SECRET,
}  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> Recording:
    """In a state folder of its own, at a fixed time."""
    return Recording(tmp_path / "state", lambda: 1_000.0)


def lines(kept: Recording, name: str = "0b1d-7") -> list[Any]:
    """What stands in a recording."""
    return [json.loads(line) for line in (kept.folder / f"{name}.jsonl").read_text().splitlines()]


def test_a_line_for_each_hook(kept: Recording) -> None:
    """In a folder and a file for this user alone."""
    assert "" == kept.path("0b1d-7")
    for event, given in (("beforeSubmitPrompt", PROMPT), ("stop", STOP), ("sessionEnd", STOP)):
        assert kept.hook(event, given, {})
    assert ["prompt", "turn", "end"] == [line["event"] for line in lines(kept)]
    path = kept.folder / "0b1d-7.jsonl"
    assert str(path) == kept.path("0b1d-7")
    modes = [stat.S_IMODE(place.stat().st_mode) for place in (kept.folder, path)]
    assert [0o700, 0o600] == modes


def test_the_end_of_a_turn_is_awaited(tmp_path: Path) -> None:
    """Its tokens are told once, to a daemon that is there: for hours, but not for ever."""
    now = [1_000.0]
    kept = Recording(tmp_path / "state", lambda: now[0])
    kept.hook("beforeSubmitPrompt", PROMPT, {"continue": False})
    assert not kept.awaits()
    for event in ("stop", "sessionEnd"):
        kept.hook("beforeSubmitPrompt", PROMPT, {})
        now[0] += 3 * 3_600
        assert kept.awaits()
        kept.hook(event, STOP, {})
        assert not kept.awaits()
    kept.hook("beforeSubmitPrompt", PROMPT, {})
    now[0] += 24 * 3_600
    assert not kept.awaits()


def test_a_refused_prompt_is_told_apart(kept: Recording) -> None:
    """It began no turn."""
    kept.hook("beforeSubmitPrompt", PROMPT, {"continue": False, "user_message": "no"})
    kept.hook("beforeSubmitPrompt", PROMPT, {})
    assert [True, None] == [line.get("refused") for line in lines(kept)]


def test_no_text_and_no_address(kept: Recording) -> None:
    """Whatever a hook brings."""
    for event in (*recording.EVENTS, "afterAgentResponse"):
        kept.hook(event, STOP, {})
    assert 5 == len(lines(kept))
    assert SECRET not in (kept.folder / "0b1d-7.jsonl").read_text()


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 129, None, 3, "a\0b"])
def test_an_id_that_is_no_file_name_is_kept_nowhere(kept: Recording, name: Any) -> None:
    assert not kept.hook("stop", STOP | {"conversation_id": name}, {})
    assert "" == kept.path(name)
    assert not kept.folder.exists()


def test_an_event_that_is_not_kept(kept: Recording) -> None:
    """Nor one that says nothing."""
    assert not kept.hook("afterFileEdit", STOP, {})
    assert not kept.folder.exists()


def test_a_runaway_file_is_left(kept: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quietly, at its cap."""
    monkeypatch.setattr(recording, "_MOST_BYTES", 500)
    assert [True, True, False] == [kept.hook("stop", STOP, {}) for _ in range(3)]
    assert 2 == len(lines(kept))


def test_a_disk_that_takes_nothing(
    kept: Recording, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said once, and no hook is held up by it."""
    (tmp_path / "state").write_text("a file")
    assert [False, False] == [kept.hook("stop", STOP, {}) for _ in range(2)]
    assert 1 == caplog.text.count("sessions of Cursor are not recorded: Not a directory")


def test_a_disk_that_is_full_half_way(kept: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """No half line stays for the next one to be glued to."""
    kept.hook("stop", STOP, {})
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, raw: whole(file, raw[:20]))
    assert not kept.hook("stop", STOP, {})
    monkeypatch.undo()
    kept.hook("stop", STOP, {})
    assert 2 == len(lines(kept))


def test_a_link_is_not_followed(kept: Recording, tmp_path: Path) -> None:
    """Somebody else's file stays as it is."""
    kept.folder.mkdir(parents=True)
    other = tmp_path / "other"
    other.write_text("mine")
    (kept.folder / "0b1d-7.jsonl").symlink_to(other)
    assert not kept.hook("stop", STOP, {})
    assert "mine" == other.read_text()


def test_only_what_was_recorded_is_asked_about(kept: Recording) -> None:
    """By its file: nothing is searched for."""
    asked: list[tuple[str, str, str]] = []
    ask = kept.asking(lambda *given: asked.append(given))
    ask("", "0b1d-7", "sonnet")
    assert [] == asked
    kept.hook("stop", STOP, {})
    ask("", "0b1d-7", "sonnet")
    assert [(kept.path("0b1d-7"), "0b1d-7", "sonnet")] == asked


class TestTheStatusLine:
    """Drawn several times a second: only news is kept."""

    OPUS, SONNET = "claude-opus-5.5-high", "claude-sonnet-5.5"

    @pytest.fixture
    def begun(self, kept: Recording) -> Recording:
        """A conversation on Opus."""
        kept.hook("beforeSubmitPrompt", PROMPT, {})
        return kept

    @staticmethod
    def events(kept: Recording) -> list[tuple[Any, ...]]:
        """After the prompt's line: event, model, context and window."""
        names = ("event", "model", "context_tokens", "window_tokens")
        return [tuple(line.get(name) for name in names) for line in lines(kept)[1:]]

    def test_a_context_that_has_grown(self, begun: Recording) -> None:
        """Each size once."""
        for tokens in (None, 5_000, 5_000, 7_000):
            begun.drawn(Drawn("0b1d-7", self.OPUS, tokens, 200_000))
        assert [
            ("context", None, 5_000, 200_000),
            ("context", None, 7_000, 200_000),
        ] == self.events(begun)

    def test_the_same_size_after_another_turn(self, begun: Recording) -> None:
        """It is still true; of the editor's database it may be the one from before."""
        for _ in range(2):
            begun.drawn(Drawn("0b1d-7", self.OPUS, 5_000, None))
            begun.context("0b1d-7", 5_000, None, "composer")
            begun.hook("stop", STOP, {})
        assert ["context", "context", "turn", "context", "turn"] == [
            event for event, *_ in self.events(begun)
        ]

    def test_a_pick(self, begun: Recording) -> None:
        """There and back; what the context would be on the other model is none of its sizes."""
        for model, tokens in ((self.OPUS, 5_000), (self.SONNET, 6_000), (self.SONNET, 6_100)):
            begun.drawn(Drawn("0b1d-7", model, tokens, 200_000))
        begun.drawn(Drawn("0b1d-7", self.OPUS, 5_000, 200_000))
        assert [
            ("context", None, 5_000, 200_000),
            ("chosen", self.SONNET, None, None),
            ("chosen", self.OPUS, None, None),
        ] == self.events(begun)

    def test_the_first_drawing_is_no_pick(self, begun: Recording) -> None:
        """Unless it is told what the one before was drawn for."""
        assert not begun.drawn(Drawn("0b1d-7", self.SONNET, None, None))
        assert begun.drawn(
            Drawn("0b1d-7", self.OPUS, None, None), before=Drawn("0b1d-7", "never read", 9, None)
        )
        again = Recording(begun.folder.parent, lambda: 2_000.0)
        assert again.drawn(
            Drawn("0b1d-7", self.SONNET, None, None), before=Drawn("0b1d-7", self.OPUS, None, None)
        )
        assert not again.drawn(
            Drawn("0b1d-7", self.SONNET, None, None), before=Drawn("0b1d-7", self.OPUS, None, None)
        )
        assert [self.OPUS, self.SONNET] == [model for _, model, *_ in self.events(begun)]

    def test_a_pick_that_a_prompt_told_already(self, begun: Recording) -> None:
        """It is drawn after it; back to the old model is a pick."""
        begun.drawn(Drawn("0b1d-7", self.OPUS, None, None))
        begun.hook("beforeSubmitPrompt", PROMPT | {"model": self.SONNET}, {})
        begun.drawn(
            Drawn("0b1d-7", self.SONNET, 5_000, None), before=Drawn("0b1d-7", self.OPUS, None, None)
        )
        begun.drawn(Drawn("0b1d-7", self.OPUS, None, None))
        begun.drawn(Drawn("0b1d-7", self.SONNET, None, None))
        assert ["prompt", "context", "chosen", "chosen"] == [
            event for event, *_ in self.events(begun)
        ]

    def test_the_drawing_before_a_pick_may_not_have_been_seen(self, begun: Recording) -> None:
        """Its size of the context is the last on the old model; seen, it is no second pick."""
        before, now = (Drawn("0b1d-7", m, 5_000, None) for m in (self.OPUS, self.SONNET))
        assert begun.drawn(now, before)
        assert not begun.drawn(now, before)
        assert [("context", None), ("chosen", self.SONNET)] == [
            each[:2] for each in self.events(begun)
        ]

    def test_not_of_a_conversation_that_is_not_recorded(self, kept: Recording) -> None:
        """A status line alone begins none."""
        assert not kept.drawn(Drawn("0b1d-7", self.OPUS, 5_000, None))
        assert not kept.folder.exists()

    @pytest.mark.parametrize(
        "given",
        [
            None,
            [],
            {"session_id": "c", "model": {"id": "m"}},
            {"session_id": "", "model": {"id": "m"}, "render_width_chars": 80},
            {"session_id": "c", "model": {"id": "m" * 300}, "render_width_chars": 80},
            {"session_id": "c", "model": "m", "render_width_chars": 80},
        ],
    )
    def test_what_is_none_of_cursors(self, given: Any) -> None:
        """Claude Code's own status line, or another version's."""
        assert read_drawn(given) is None

    @pytest.mark.parametrize(
        ("told", "tokens"), [(15_234, 15_234), (0, None), (None, None), (True, None), (-1, None)]
    )
    def test_how_full_it_says_the_context_is(self, told: Any, tokens: int | None) -> None:
        """0 is told before anything was counted."""
        window = {"total_input_tokens": told, "context_window_size": 200_000}
        given = {"session_id": "c", "model": {"id": "m"}, "render_width_chars": 80}
        assert Drawn("c", "m", tokens, 200_000) == read_drawn(given | {"context_window": window})
