"""Cursor's hooks and status line with the real daemon: recorded, read, told, refused."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from attached_screen import Screen, editor
from attached_screen import until as until_it
from hook_doors import call
from service_support import through_door, until

if TYPE_CHECKING:
    from pathlib import Path

    from service_support import Household

ID, SECRET = "0b1d-7", "hunter2"
OPUS, SONNET = "claude-opus-5.5-thinking-high", "claude-sonnet-5.5-medium"
USED = {
    "input_tokens": 150_000, "output_tokens": 900, "cache_read_tokens": 0,
    "cache_write_tokens": 149_990,
}  # fmt: skip


class Cursor:
    """One conversation, as Cursor's hooks tell of it."""

    def __init__(self, house: Household, *, blocks: bool = False, more: str = "") -> None:
        self.house, self.turns = house, 0
        file = house.folder / "f" / "switchtax" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            f"[material]\nrebuild_usd = 0.05\n{more}"
            f"[cursor]\nblock_unannounced = {str(blocks).lower()}\n"
        )
        self.client = house.client()

    def given(self, event: str, model: str, **more: Any) -> dict[str, Any]:
        """A hook's input, with all that must be kept nowhere."""
        return {
            "conversation_id": ID, "session_id": ID, "generation_id": f"g{self.turns}",
            "model": model, "hook_event_name": event, "cursor_version": "3.24.18",
            "workspace_roots": [str(self.house.folder)], "user_email": f"{SECRET}@example.com",
            "transcript_path": f"/{SECRET}", **more,
        }  # fmt: skip

    def hook(self, event: str, model: str = OPUS, **more: Any) -> dict[str, Any]:
        """One hook; what it is answered."""
        message = {"agent": "cursor", "event": event, "input": self.given(event, model, **more)}
        answer: dict[str, Any] = json.loads(through_door(self.house.where.socket, message))
        return answer

    def prompt(self, model: str = OPUS) -> dict[str, Any]:
        """A person sends a prompt."""
        files = [{"type": "file", "file_path": f"/w/{SECRET}"}]
        return self.hook("beforeSubmitPrompt", model, prompt=f"say {SECRET}", attachments=files)

    def turn(self, model: str = OPUS) -> None:
        """A turn from the prompt to its end."""
        self.turns += 1
        assert {} == self.prompt(model)
        assert {} == self.hook("stop", model, status="completed", loop_count=0, **USED)

    def draw(self, model: str, was: str, tokens: int = 150_400) -> str:
        """Our status line asks what is to stand in it."""
        asked = {"before": self.drawn(was, tokens), "now": self.drawn(model, tokens)}
        message = {"agent": "cursor", "event": "statusLine", "input": asked}
        return through_door(self.house.where.socket, message).decode()

    def drawn(self, model: str, tokens: int) -> dict[str, Any]:
        """What a status line is told."""
        window = {"total_input_tokens": tokens, "context_window_size": 200_000}
        return {
            "session_id": ID, "session_name": SECRET, "render_width_chars": 100,
            "model": {"id": model, "display_name": "x"}, "context_window": window,
        }  # fmt: skip

    @property
    def file(self) -> Path:
        """The recording."""
        return self.house.where.state / "cursor" / f"{ID}.jsonl"

    def lines(self) -> list[Any]:
        """What stands in it."""
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def meter(self) -> str:
        """What the daemon says of it."""
        return str(self.client.call("session/get", {"session": ID})["line"])


@pytest.fixture
def cursor(household: Household) -> Cursor:
    """A conversation of one turn on Opus."""
    found = Cursor(household)
    found.turn()
    assert found.draw(OPUS, OPUS).startswith("!Opus 5.5 · 150k context")
    return found


def test_a_conversation_is_recorded_and_metered(cursor: Cursor) -> None:
    """At once, also the very first one; nothing that a person wrote is kept anywhere."""
    (row,) = cursor.client.call("session/list")["sessions"]
    assert (ID, "cursor", "claude-opus-5.5") == (row["id"], row["agent"], row["model"])
    cursor.hook("preCompact", trigger="auto", context_tokens=180_000, text=SECRET)
    cursor.hook("sessionEnd", reason=SECRET)
    listed = cursor.client.call("session/list")
    (line,) = listed["unmeasured"]
    assert ([], True) == (listed["sessions"], "Opus 5.5 · context ? · $" in line)
    assert ["prompt", "turn", "context", "compact", "end"] == [
        line["event"] for line in cursor.lines()
    ]
    cursor.client.call("shutdown")
    for path in cursor.house.where.state.rglob("*"):
        assert path.is_dir() or SECRET not in path.read_bytes().decode("utf-8", "replace")


def test_a_switch_is_refused_once_where_that_is_wanted(household: Household) -> None:
    """By the real client; sent again it goes, and the new model is in force."""
    cursor = Cursor(household, blocks=True)
    cursor.turn()
    cursor.draw(OPUS, OPUS)
    cursor.turns += 1
    runtime = household.folder / "r"
    given = json.dumps(cursor.given("beforeSubmitPrompt", SONNET, prompt="p")).encode()
    done = call(runtime, "beforeSubmitPrompt", given, agent="cursor")
    said = json.loads(done.out)
    assert said["continue"] is False
    assert said["user_message"].startswith("Sonnet 5.5 must re-read 15")
    assert {} == cursor.prompt(SONNET)
    assert [True, None] == [line.get("refused") for line in cursor.lines()[-2:]]
    cursor.hook("stop", SONNET, status="completed", **USED)
    cursor.draw(SONNET, SONNET, 152_000)
    assert cursor.meter().startswith("Sonnet 5.5 · ")


def test_a_switch_at_the_prompt_is_asked_about_in_an_editor(cursor: Cursor) -> None:
    """Without a refusal nothing else shows words; it goes with the answer of the other model."""

    async def scene() -> None:
        screen = Screen("ok")
        async with editor(cursor.house, screen):
            assert {} == await asyncio.to_thread(cursor.prompt, SONNET)
            await until_it(lambda: screen.shown, "it is shown")
        (shown,) = screen.shown
        assert ("cursor", "claude-opus-5.5", "claude-sonnet-5-5") == (
            shown["agent"], shown["from_model"], shown["to_model"],
        )  # fmt: skip
        assert shown["lines"][0].startswith("Sonnet 5.5 must re-read 15")

    asyncio.run(scene())


def test_a_pick_in_its_command_line_is_told_before_any_prompt(cursor: Cursor) -> None:
    """The status line asks, and has the words at once; an editor is asked as well."""

    async def scene() -> None:
        screen = Screen("ok")
        async with editor(cursor.house, screen):
            cursor.turn()  # what was drawn after it was not looked at yet
            said = await asyncio.to_thread(cursor.draw, SONNET, OPUS, 156_000)
            assert said.startswith("!next: Sonnet 5.5 re-reads 15")
            page = cursor.house.where.meter(ID).read_text()
            assert f"{said[1:]}\n" == page  # one line, whatever Cursor calls the model
            await until_it(lambda: screen.shown, "it is shown")
        assert "chosen" == cursor.lines()[-1]["event"]

    asyncio.run(scene())


def test_how_full_the_context_is_says_the_status_line(cursor: Cursor) -> None:
    """What it left in its folder is taken up before a question, and else within seconds."""
    note = cursor.house.where.status_notes / f"{ID}.json"
    note.write_text(json.dumps(cursor.drawn(OPUS, 161_000)))
    assert {} == cursor.prompt(SONNET)
    context, prompt = cursor.lines()[-2:]
    assert ("context", 161_000, "prompt") == (
        context["event"], context["context_tokens"], prompt["event"],
    )  # fmt: skip


def database(house: Household, tokens: int) -> Path:
    """The editor's database, with the size of the one conversation's context."""
    path = house.folder / "f/Cursor/User/globalStorage/state.vscdb"
    path.parent.mkdir(parents=True)
    told = {"promptTokenBreakdown": {"totalUsedTokens": tokens}, "text": SECRET}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE cursorDiskKV (key TEXT UNIQUE, value BLOB)")
        row = (f"composerData:{ID}", json.dumps(told))
        connection.execute("INSERT INTO cursorDiskKV VALUES (?, ?)", row)
    return path


def test_the_next_prompt_is_the_last_moment_to_ask_about_a_turn(household: Household) -> None:
    """What the database says later may be of the turn that the prompt begins."""
    cursor = Cursor(household)
    cursor.turn()
    database(household, 140_000)
    cursor.turns += 1
    cursor.prompt()
    until(lambda: "composer" in cursor.file.read_text(), "the size is taken up")
    assert "140k context" in cursor.meter()


def test_how_full_the_context_is_says_the_editors_database(cursor: Cursor) -> None:
    """Asked by the conversation's key, before a question and after a turn."""
    path = database(cursor.house, 140_000)
    until(lambda: "composer" in cursor.file.read_text(), "the size is taken up after the turn")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE cursorDiskKV SET value = replace(value, 140000, 155000)")
    cursor.prompt(SONNET)
    sizes = [(line["event"], line.get("context_tokens")) for line in cursor.lines()]
    assert [("context", 140_000), ("context", 155_000), ("prompt", None)] == sizes[-3:]


def test_an_agent_that_is_off_is_not_recorded(household: Household) -> None:
    """Nor answered."""
    cursor = Cursor(household, more='[agents]\noff = ["cursor"]\n', blocks=True)
    cursor.turn()
    assert {} == cursor.prompt(SONNET)
    assert not cursor.file.exists()


def test_strange_words_at_the_door(household: Household) -> None:
    """No opinion, and nothing is kept."""
    house = Cursor(household).house
    for given in (None, [], {}, {"conversation_id": "../x"}, {"now": 3}):
        for event in ("beforeSubmitPrompt", "stop", "statusLine", "x"):
            message = {"agent": "cursor", "event": event, "input": given}
            assert b"{}" == through_door(house.where.socket, message)
    assert not (house.where.state / "cursor").exists()
