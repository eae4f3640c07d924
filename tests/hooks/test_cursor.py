"""What Cursor's hooks are answered, and that the command always answers something."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hook_doors import BASE, CLIENT, FakeDaemon
from making import BOOK, START, make, talk
from switchtax.config.keys import Cursor, Material
from switchtax.estimates.for_session import answer
from switchtax.hooks.commands import Commands
from switchtax.hooks.cursor import EVENTS, Seen, respond

if TYPE_CHECKING:
    from pathlib import Path

    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
NOW = START + 250
WARM = make(*talk(4, first=150_000), agent="cursor")
PROMPT = {
    "hook_event_name": "beforeSubmitPrompt", "conversation_id": "c", "generation_id": "g",
    "prompt": "p", "attachments": [],
}  # fmt: skip


class Daemon:
    """The daemon's part, with one session, and what it remembers."""

    def __init__(self, session: Session = WARM, *, blocks: bool = True) -> None:
        self.session, self.habits = session, Cursor(block_unannounced=blocks)
        self.seen, self.asked = Seen(), 0

    def ask(self, _path: str, _session: str, model: str) -> Answer | None:
        """As `Methods.ask`."""
        self.asked += 1
        if self.session.current is None:
            return None
        return answer(self.session, model or self.session.model, NOW, BOOK)

    def hook(self, event: str, **more: Any) -> dict[str, Any]:
        """One hook call."""
        return respond(
            event, PROMPT | {"hook_event_name": event} | more, {}, self.ask, seen=self.seen,
            material=Material(), habits=self.habits,
        )  # fmt: skip

    def prompted(self, model: str = SONNET, **more: Any) -> dict[str, Any]:
        """A person sends a prompt."""
        return self.hook("beforeSubmitPrompt", model=model, **more)


class TestARefusal:
    """Only where it is wanted: Cursor shows words in no other way."""

    def test_a_switch_is_refused_once_and_sent_again_it_goes(self) -> None:
        """With its price, and the way on."""
        daemon = Daemon()
        found = daemon.prompted()
        assert {"continue", "user_message"} == set(found)
        assert found["continue"] is False
        lines = found["user_message"].split("\n")
        assert lines[0].startswith("Sonnet 5.5 must re-read 153k tokens (≈ $0.3")
        last = "Nothing was sent. Send it again to switch, or pick the old model first."
        assert last == lines[-1]
        assert max(map(len, lines)) <= 74
        assert {} == daemon.prompted()

    def test_after_another_answer_the_same_switch_is_another(self) -> None:
        """There and back, and there again."""
        daemon = Daemon()
        assert daemon.prompted()
        daemon.session = make(*talk(5, first=150_000), agent="cursor")
        assert daemon.prompted()

    def test_the_model_in_its_structured_spelling_goes_first(self) -> None:
        """The older spelling holds the effort in its name."""
        spelled = "claude-4-nobody-knows-thinking-high"
        assert {} != Daemon().prompted(spelled, model_id=SONNET)

    def test_settings_in_the_older_spelling_are_no_part_of_the_model(self) -> None:
        """A build that names no id is understood as well."""
        assert {} != Daemon().prompted("claude-sonnet-5.5-thinking-high")
        assert {} == Daemon().prompted("claude-opus-5.5-thinking-high")

    @pytest.mark.parametrize("name", ["default", "", OPUS, "a-model-nobody-knows", None, 3])
    def test_no_switch_that_can_be_told(self, name: Any) -> None:
        """Auto, the same model, one of no known price, none."""
        assert {} == Daemon().prompted(name)

    def test_auto_is_never_refused_whatever_it_names_besides(self) -> None:
        """Cursor chooses later."""
        assert {} == Daemon().prompted("default", model_id=SONNET)

    def test_not_where_it_is_not_wanted(self) -> None:
        """Not even looked at: the recording tells whoever can show words."""
        daemon = Daemon(blocks=False)
        assert ({}, 0) == (daemon.prompted(), daemon.asked)

    def test_not_where_little_is_lost(self) -> None:
        """A short session, and one without an answer."""
        assert {} == Daemon(make(*talk(2, first=9_000), agent="cursor")).prompted()
        assert {} == Daemon(make(agent="cursor")).prompted()

    def test_not_where_nobody_could_send_it_again(self) -> None:
        """An agent in the background, until its session ends."""
        daemon = Daemon()
        assert {} == daemon.hook("sessionStart", is_background_agent=True)
        assert {} == daemon.prompted()
        assert {} == daemon.hook("sessionEnd")
        assert {} != daemon.prompted()


@pytest.mark.parametrize("event", [e for e in EVENTS if e != "beforeSubmitPrompt"])
def test_other_events_have_no_answer(event: str) -> None:
    """They are kept, by the daemon."""
    assert {} == Daemon().hook(event, model=SONNET)


@pytest.mark.parametrize(
    "broken",
    [{"conversation_id": None}, {"conversation_id": 3}, {"hook_event_name": "stop"}, {"model": []}],
)
def test_what_is_not_understood_has_no_answer(broken: dict[str, Any]) -> None:
    """Another version's input."""
    assert {} == Daemon().hook("beforeSubmitPrompt", **({"model": SONNET} | broken))


@given(st.recursive(st.none() | st.text() | st.integers(), lambda each: st.lists(each)
                    | st.dictionaries(st.text(), each), max_leaves=8))  # fmt: skip
def test_nothing_raises(value: Any) -> None:
    """Whatever came in."""
    assert {} == Daemon().prompted("default", model_id=value)
    assert {} == Daemon().prompted(value, conversation_id=value)


NOISY = "#!/bin/sh\necho '{ boo'\necho boo >&2\nexit 2\n"


class TestTheCommand:
    """Cursor logs a hook without output as failed, and refuses at exit code 2."""

    def ran(
        self, base: str, runtime: Path, *, behind: bool = False, folder: str = ""
    ) -> tuple[int, bytes, bytes]:
        """As Cursor runs it: its input on a pipe, or as a here-document behind the command."""
        commands = Commands(base, "/nowhere/python", folder or str(CLIENT.parent))
        command = commands.answering_hook("stop", "cursor")
        given = '{"conversation_id": "c", "text": "$HOME `x` \' \\" it"}'
        if behind:
            command = f"{command} <<'CURSOR_HOOK_EOF'\n{given}\nCURSOR_HOOK_EOF"
        started = time.perf_counter()
        done = subprocess.run(
            ["bash", "-c", command], input=b"" if behind else given.encode(), capture_output=True,
            check=False, env={"XDG_RUNTIME_DIR": str(runtime), "PATH": os.environ["PATH"]},
        )  # fmt: skip
        assert time.perf_counter() - started < 1.0
        return done.returncode, done.stdout, done.stderr

    @pytest.mark.parametrize("behind", [False, True])
    def test_what_the_daemon_says(self, tmp_path: Path, behind: bool) -> None:
        """Word for word, and the input as it came, whichever way."""
        said = json.dumps({"continue": False, "user_message": 'a\n$b · "c" `d` \\n %s'}).encode()
        framed = len(said).to_bytes(4, "big") + said
        with FakeDaemon(tmp_path, answer=lambda _: framed) as daemon:
            assert (0, said + b"\n", b"") == self.ran(BASE, tmp_path, behind=behind)
        sent = json.loads(daemon.messages[0])
        assert ("cursor", "stop", "$HOME `x` ' \" it") == (
            sent["agent"], sent["event"], sent["input"]["text"],
        )  # fmt: skip

    @pytest.mark.parametrize("said", [b"{}", b"", b"!warn", b"hold 9", b"[]", b"{ cut"])
    def test_nothing_to_say_is_said(self, tmp_path: Path, said: bytes) -> None:
        """And so is what no hook of Cursor may print."""
        framed = len(said).to_bytes(4, "big") + said
        with FakeDaemon(tmp_path, answer=lambda _: framed):
            assert (0, b"{}\n", b"") == self.ran(BASE, tmp_path)

    @pytest.mark.parametrize("base", [BASE, "/nowhere/python3", "noisy", "'"])
    def test_dead_hung_slow_or_gone(self, tmp_path: Path, base: str) -> None:
        """No daemon, one that hangs or is late, no Python, no switchtax: never a refusal."""
        noisy = tmp_path / "noisy"
        noisy.write_text(NOISY)
        noisy.chmod(0o700)
        base = str(noisy) if base == "noisy" else base
        assert (0, b"{}\n", b"") == self.ran(base, tmp_path / "dead")
        assert (0, b"{}\n", b"") == self.ran(base, tmp_path / "dead", folder="/nowhere/it's gone")
        with FakeDaemon(tmp_path / "hung", silent=True):
            assert (0, b"{}\n", b"") == self.ran(base, tmp_path / "hung")
        refusal = b'\0\0\0\x13{"continue": false}'
        with FakeDaemon(tmp_path / "slow", answer=lambda _: refusal, delay_s=0.4):
            assert (0, b"{}\n", b"") == self.ran(base, tmp_path / "slow")
