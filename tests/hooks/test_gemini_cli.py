"""What Gemini CLI's hooks are answered: once for each change of models, before the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from making import BOOK, START, call, make, prompt
from switchtax.config.keys import GeminiCli, Material
from switchtax.estimates.for_session import answer
from switchtax.hooks.callers import CALLER, is_attended
from switchtax.hooks.gemini_cli import EVENTS, Seen, respond

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

PRO, FLASH = "gemini-2.5-pro", "gemini-2.5-flash"
NOW = START + 70
CALLS = (
    *prompt(0),
    call(1, 5, model=FLASH, plain=60_000, provider="google"),
    *prompt(30),
    call(2, 35, model=FLASH, read=60_000, plain=500, provider="google"),
)
WARM = make(*CALLS, agent="gemini-cli")
ASKING = {"hook_event_name": "BeforeModel", "session_id": "s", "transcript_path": "/chat"}


class Daemon:
    """The daemon's part, with one session, and what it remembers."""

    def __init__(
        self, session: Session = WARM, *, blocks: bool = False, there: bool = True
    ) -> None:
        self.session, self.habits = session, GeminiCli(block_switch=blocks)
        self.seen = Seen(attended=lambda _: there)
        self.material = Material(rebuild_usd_micros=10_000)

    def ask(self, _path: str, _session: str, model: str) -> Answer | None:
        """As `Methods.ask`."""
        if self.session.current is None:
            return None
        return answer(self.session, model or self.session.model, NOW, BOOK)

    def hook(self, event: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """One hook call."""
        return respond(
            event, given, {}, self.ask, seen=self.seen, material=self.material, habits=self.habits
        )

    def prompted(self) -> dict[str, Any]:
        """A person sends a prompt."""
        return self.hook("BeforeAgent", ASKING | {"hook_event_name": "BeforeAgent", "prompt": "p"})

    def request(self, model: str, first: str = "<session_context>\nThis is") -> dict[str, Any]:
        """A request to this model."""
        messages = [{"role": "user", "content": first}, {"role": "user", "content": "go"}]
        return self.hook(
            "BeforeModel", ASKING | {"llm_request": {"model": model, "messages": messages}}
        )


class TestBeforeARequest:
    """The model that it goes to, against the one that answered last."""

    def test_a_switch_is_told_once(self) -> None:
        """Tool round trips and retries ask again and hear nothing."""
        daemon = Daemon()
        assert {} == daemon.prompted()
        lines = daemon.request(PRO)["systemMessage"].split("\n")
        assert "Gemini 2.5 Pro must re-read 61k tokens." in lines[0]
        assert "$" in lines[0][:40]
        assert max(map(len, lines)) <= 74
        assert {} == daemon.request(PRO)

    def test_the_model_that_answered_last_is_no_switch(self) -> None:
        """Most requests by far."""
        assert {} == Daemon().request(FLASH)

    def test_another_switch_is_told_anew(self) -> None:
        """After answers of the new model, back or on."""
        daemon = Daemon()
        daemon.request(PRO)
        later = make(*CALLS, call(3, 60, model="gemini-3.1-pro-preview", plain=60_000,
                                  provider="google"), agent="gemini-cli")  # fmt: skip
        daemon.session = later
        assert "systemMessage" in daemon.request(PRO)

    def test_a_sub_agent_is_left_alone(self) -> None:
        """Its requests name the session of its parent, and a model of their own."""
        assert {} == Daemon().request(PRO, first="You are a sub-agent.")

    def test_quiet_below_the_threshold(self) -> None:
        """Seven cents are less than a quarter."""
        daemon = Daemon()
        daemon.material = Material()
        assert {} == daemon.request(PRO)

    def test_quiet_where_nothing_was_answered(self) -> None:
        """The first request of a session."""
        assert {} == Daemon(make(agent="gemini-cli")).request(PRO)

    @pytest.mark.parametrize("event", [e for e in EVENTS if e != "BeforeModel"])
    def test_other_events_have_no_answer(self, event: str) -> None:
        """They start the daemon, or are noted."""
        assert {} == Daemon().hook(event, ASKING | {"hook_event_name": event})

    @pytest.mark.parametrize(
        "broken",
        [
            {},
            {"session_id": 3},
            {"hook_event_name": "AfterModel"},
            {"llm_request": None},
            {"llm_request": {"model": PRO}},
            {"llm_request": {"model": PRO, "messages": []}},
            {"llm_request": {"model": [], "messages": [{"content": "<session_context>"}]}},
        ],
    )
    def test_what_is_not_understood_has_no_answer(self, broken: dict[str, Any]) -> None:
        """Another version's input."""
        assert {} == Daemon().hook("BeforeModel", ASKING | broken)

    @given(st.recursive(st.none() | st.text() | st.integers(), lambda each: st.lists(each)
                        | st.dictionaries(st.text(), each), max_leaves=8))  # fmt: skip
    def test_nothing_raises(self, value: Any) -> None:
        """Whatever came in."""
        assert {} == Daemon().hook("BeforeModel", ASKING | {"llm_request": value})


class TestABlock:
    """Only where it is wanted, somebody is there, and a turn begins."""

    def test_the_first_prompt_is_stopped_and_the_next_goes(self) -> None:
        """With both ways on."""
        daemon = Daemon(blocks=True)
        daemon.prompted()
        found = daemon.request(PRO)
        assert "block" == found["decision"]
        assert "Gemini 2.5 Pro must re-read 61k tokens." in found["reason"]
        last = found["reason"].split("\n")[-1]
        assert 'Nothing was sent; your prompt is kept. Say "go on", or go back with /model.' == last
        daemon.prompted()
        assert {} == daemon.request(PRO)

    def test_within_a_turn_it_is_told(self) -> None:
        """A fallback in the middle of work: stopping there would lose it."""
        daemon = Daemon(blocks=True)
        daemon.prompted()
        assert {} == daemon.request(FLASH)
        assert {"systemMessage"} == set(daemon.request(PRO))

    def test_nobody_there_it_is_told(self) -> None:
        """Under `-p` a block would be lost work."""
        daemon = Daemon(blocks=True, there=False)
        daemon.prompted()
        assert {"systemMessage"} == set(daemon.request(PRO))


class TestWhoIsThere:
    """The process list above a hook."""

    def processes(self, folder: Path, *above: tuple[str, str]) -> Path:
        """From the hook's shell up: command line, and what standard input is."""
        for number, (command, terminal) in enumerate(above):
            process = folder / str(100 + number)
            (process / "fd").mkdir(parents=True)
            (process / "cmdline").write_bytes(command.replace(" ", "\0").encode())
            (process / "stat").write_text(f"1 (a ) b) S {101 + number} 0")
            (process / "fd" / "0").symlink_to(terminal)
        return folder

    def attended(self, folder: Path, *above: tuple[str, str], caller: str = "100") -> bool:
        """Asked by the hook below."""
        found = self.processes(folder, *above)
        return is_attended({CALLER: caller}, ("gemini", "gemini.js"), ("-p", "--prompt"), found)

    SHELL = ("bash -c client.py_gemini-cli", "pipe:[1]")

    def test_a_terminal(self, tmp_path: Path) -> None:
        """Also where the agent started itself anew."""
        assert self.attended(tmp_path, self.SHELL, ("node --x /bin/gemini -m pro", "/dev/pts/3"))

    @pytest.mark.parametrize(
        ("command", "terminal"),
        [
            ("node /bin/gemini -p hello", "/dev/pts/3"),
            ("node /bin/gemini --prompt=hello", "/dev/pts/3"),
            ("node /bin/gemini", "/dev/null"),
            ("node /bin/other", "/dev/pts/3"),
        ],
    )
    def test_no_person(self, tmp_path: Path, command: str, terminal: str) -> None:
        """One prompt, no terminal, or another program."""
        assert not self.attended(tmp_path, self.SHELL, (command, terminal))

    @pytest.mark.parametrize("caller", ["", "1", "-4", "x", "99999"])
    def test_it_cannot_be_told(self, tmp_path: Path, caller: str) -> None:
        """An older client, another system, a container."""
        assert not self.attended(tmp_path, self.SHELL, caller=caller)
