"""What our extension for pi is answered, and the extension itself, run by node."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hook_doors import FakeDaemon
from making import BOOK, ID, START, make, talk
from support import need
from switchtax import wording
from switchtax.config.keys import Pi
from switchtax.estimates.for_session import answer
from switchtax.hooks.pi import EVENTS, Seen, respond
from switchtax.hooks.plugin_files import plugin_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
NOW = START + 250
WARM = make(*talk(4, first=150_000), agent="pi")
HOLDING = Pi(hold=True)
LINES = wording.popup(answer(WARM, SONNET, NOW, BOOK))
PLUGIN = plugin_text("pi", "")


def asking(session: Session) -> Callable[[str, str, str], Answer | None]:
    """The daemon's part, with one session."""

    def ask(file: str, session_id: str, model: str) -> Answer | None:
        assert ("/s/1.jsonl", ID) == (file, session_id)
        name = model.removeprefix("anthropic/")
        return answer(session, name or session.model, NOW, BOOK)

    return ask


def told(
    model: str = SONNET,
    *,
    event: str = "model_select",
    seen: Seen | None = None,
    habits: Pi | None = None,
    attended: bool = True,
) -> dict[str, Any]:
    """The answer to a model that is chosen."""
    asked = {
        "session_id": ID,
        "file": "/s/1.jsonl",
        "provider": "anthropic",
        "model": model,
        "attended": attended,
    }
    return respond(event, asked, {}, asking(WARM), seen=seen, habits=habits)


class TestAnswers:
    """What the daemon says."""

    @pytest.mark.parametrize("event", EVENTS)
    def test_lines(self, event: str) -> None:
        """Those of a popup, at the choice and on resuming."""
        assert {"lines": LINES} == told(event=event)

    def test_once(self) -> None:
        """The same switch, chosen again, is not said again."""
        seen = Seen()
        assert told(seen=seen)
        assert {} == told(seen=seen)
        assert {} == told(event="session_start", seen=seen)

    def test_a_question(self) -> None:
        """Where it is wanted; after a no the next choice goes through."""
        seen = Seen()
        found = told(seen=seen, habits=HOLDING)["question"]
        assert "Switch from Opus 5.5 to Sonnet 5.5?" == found["title"]
        assert LINES == found["message"].split("\n")
        assert {} == told(seen=seen, habits=HOLDING)

    def test_lines_where_a_question_cannot_be_asked(self) -> None:
        """Nobody there, or the model was there from the start."""
        assert {"lines": LINES} == told(habits=HOLDING, attended=False)
        assert {"lines": LINES} == told(habits=HOLDING, event="session_start")

    def test_no_word(self) -> None:
        """The same model, or an event of another time."""
        assert {} == told(OPUS)
        assert {} == told(event="turn_end")

    @given(
        st.dictionaries(
            st.sampled_from(["session_id", "file", "provider", "model", "attended"]),
            st.one_of(st.none(), st.integers(), st.text(max_size=9), st.lists(st.integers())),
        )
    )
    def test_whatever_comes_in(self, asked: dict[str, Any]) -> None:
        """An answer, never an exception."""
        found = respond(
            "model_select", asked, {}, lambda *_: answer(WARM, SONNET, NOW, BOOK), habits=HOLDING
        )
        assert set(found) <= {"lines", "question"}


DRIVER = """
const plugin = (await import(process.argv[2])).default
const seen = [], on = {}
const pi = {
  on: (name, hook) => { on[name] = hook },
  setModel: async (model) => {
    seen.push(["setModel", model.id])
    await on.model_select({ source: "set", model, previousModel: { provider: "a", id: "x" } }, ctx)
  },
}
const ctx = {
  hasUI: true, mode: "tui", model: { provider: "a", id: "now" },
  sessionManager: { getSessionId: () => "s1", getSessionFile: () => "/s/1.jsonl" },
  ui: {
    notify: (text, kind) => seen.push(["notify", text, kind]),
    setStatus: (key, text) => seen.push(["status", key, text ?? null]),
    confirm: async (title, message) => { seen.push(["confirm", title, message]); return false },
  },
}
plugin(pi)
let longest = 0
for (const [name, event, wait] of JSON.parse(process.env.STEPS)) {
  const since = performance.now()
  await on[name](event, ctx)
  longest = Math.max(longest, performance.now() - since)
  await new Promise((done) => setTimeout(done, wait ?? 0))
}
console.log(JSON.stringify({ seen, longest }))
process.exit(0)
"""
A, B, C = ({"provider": "anthropic", "id": each} for each in "abc")


def play(folder: Path, *steps: list[Any]) -> dict[str, Any]:
    """Run the extension through some events; what the person saw."""
    (folder / "plugin.mjs").write_text(PLUGIN)
    (folder / "driver.mjs").write_text(DRIVER)
    done = subprocess.run(
        [need("node"), str(folder / "driver.mjs"), str(folder / "plugin.mjs")],
        env={
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "XDG_RUNTIME_DIR": str(folder),
            "STEPS": json.dumps(steps),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    return dict(json.loads(done.stdout))


def daemon(told: dict[str, Any]) -> Callable[[bytes], bytes]:
    """Says the same to every event, and a meter to the status line."""

    def answer(raw: bytes) -> bytes:
        meter = json.loads(raw)["client"] == "statusline"
        body = b"Opus 5.5 \xc2\xb7 142k" if meter else json.dumps(told).encode()
        return len(body).to_bytes(4, "big") + body

    return answer


STATUS = ["status", "switchtax", "Opus 5.5 · 142k"]


def chosen(model: dict[str, str] = B, source: str = "set", wait: int = 0) -> list[Any]:
    """A model is chosen after A."""
    return ["model_select", {"source": source, "model": model, "previousModel": A}, wait]


class TestExtension:
    """What it shows, and that it never throws or waits long."""

    def test_lines_and_meter(self, tmp_path: Path) -> None:
        """A notice in pi's own place, the meter in its footer."""
        with FakeDaemon(tmp_path, daemon({"lines": ["one", "two"]})) as running:
            played = play(tmp_path, chosen(), ["turn_end", {}])
        assert [["notify", "one\ntwo", "warning"], STATUS, STATUS] == played["seen"]
        asked = json.loads(running.messages[0])
        assert ("pi", "plugin", "model_select") == (asked["agent"], asked["client"], asked["event"])
        assert {
            "session_id": "s1",
            "file": "/s/1.jsonl",
            "provider": "anthropic",
            "model": "b",
            "attended": True,
        } == asked["input"]

    def test_resumed_with_another_model(self, tmp_path: Path) -> None:
        """Nothing was chosen: it is said at the start, once pi has shown what went before."""
        with FakeDaemon(tmp_path, daemon({"lines": ["one"]})) as running:
            played = play(tmp_path, ["session_start", {"reason": "resume"}, 800])
        assert [STATUS, ["notify", "one", "warning"]] == played["seen"]
        assert "now" == json.loads(running.messages[0])["input"]["model"]

    def test_no_sets_the_old_model_back(self, tmp_path: Path) -> None:
        """Once: its own change is not asked about."""
        question = {"question": {"title": "Switch?", "message": "lines"}}
        with FakeDaemon(tmp_path, daemon(question)):
            played = play(tmp_path, chosen())
        assert [["confirm", "Switch?", "lines"], ["setModel", "a"], STATUS] == played["seen"]

    def test_cycling(self, tmp_path: Path) -> None:
        """Only the model it ends on is spoken of, and a no goes back to where it began."""
        question = {"question": {"title": "Switch?", "message": "lines"}}
        second = ["model_select", {"source": "cycle", "model": C, "previousModel": B}, 1_200]
        with FakeDaemon(tmp_path, daemon(question)) as running:
            played = play(tmp_path, chosen(source="cycle"), second)
        (asked,) = [json.loads(raw) for raw in running.messages if b"model_select" in raw]
        assert "c" == asked["input"]["model"]
        assert ["setModel", "a"] in played["seen"]

    @pytest.mark.parametrize("answer", [b"", b"no JSON", b"7", b'{"lines": 7, "question": []}'])
    def test_strange_answers(self, tmp_path: Path, answer: bytes) -> None:
        """Nothing is thrown or asked."""
        framed = len(answer).to_bytes(4, "big") + answer
        with FakeDaemon(tmp_path, lambda raw: b"" if b"statusline" in raw else framed):
            played = play(tmp_path, chosen())
        assert [["status", "switchtax", None]] == played["seen"]

    @pytest.mark.parametrize("silent", [True, False])
    def test_no_daemon_that_answers(self, tmp_path: Path, *, silent: bool) -> None:
        """Two questions, each with its deadline."""
        with FakeDaemon(tmp_path, silent=True):
            if not silent:
                (tmp_path / "switchtax" / "current").unlink()
            played = play(tmp_path, chosen(), ["session_start", {}], ["model_select", {}])
        assert all(each[0] == "status" for each in played["seen"])
        assert played["longest"] < 2 * 300 + 300
