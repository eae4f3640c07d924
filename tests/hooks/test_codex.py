"""What Codex's hooks are answered: once for a switch, before what is expensive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from making import BOOK, ID, START, call, make, prompt
from switchtax.config.keys import Codex, Material
from switchtax.estimates.for_session import answer
from switchtax.hooks.codex import EVENTS, Seen, respond
from switchtax.records import Compaction, ModelChosen, SessionInfo

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.records import Record
    from switchtax.sessions.fold import Session

SOL, TERRA, OLD = "gpt-6.1-sol", "gpt-6.1-terra", "gpt-5.5"
NOW = START + 70
START_INPUT = {"hook_event_name": "SessionStart", "source": "resume", "permission_mode": "default"}
PROMPT = {"hook_event_name": "UserPromptSubmit", "permission_mode": "default", "prompt": "p"}
COMPACT = {"hook_event_name": "PreCompact", "trigger": "auto"}
AGAIN = "Nothing was sent. Send it again to go on"


def session(model: str = SOL, *more: Record, comp_hash: str = "3000") -> Session:
    """Two calls of some 100,000 tokens, the second of which read the first."""
    about = {"model": model, "provider": "openai"}
    return make(
        SessionInfo(ID, START, comp_hash=comp_hash, provider="openai"),
        *prompt(0),
        call(1, 5, write=100_000, **about),
        *prompt(30),
        call(2, 35, read=100_000, write=2_000, **about),
        *more,
        agent="codex",
    )


def chosen(model: str, previous: str = SOL) -> ModelChosen:
    return ModelChosen(ID, START + 60, model, previous, "settings")


class Daemon:
    """The daemon's part, with one session, and what it remembers."""

    def __init__(self, held: Session, *, block: bool = False, stop: bool = False) -> None:
        self.session, self.habits = held, Codex(block, stop)
        self.seen = Seen()

    def ask(self, _path: str, _session: str, model: str) -> Answer | None:
        """As `Methods.ask`."""
        if self.session.current is None:
            return None
        return answer(self.session, model or self.session.model, NOW, BOOK)

    def hook(self, given: dict[str, Any], model: str = TERRA) -> dict[str, Any]:
        """One hook call."""
        full = {"session_id": ID, "transcript_path": "/rollout", "cwd": "/w", "model": model}
        return respond(
            given["hook_event_name"], full | given, {}, self.ask, seen=self.seen,
            material=Material(rebuild_usd_micros=50_000), habits=self.habits,
        )  # fmt: skip


class TestSaid:
    """Without a settings key nothing is ever stopped."""

    def test_at_the_prompt_once(self) -> None:
        """The lines of a popup, before the request; the next prompt hears nothing."""
        daemon = Daemon(session())
        said = daemon.hook(PROMPT)
        assert ["systemMessage"] == list(said)
        assert said["systemMessage"].startswith("GPT-6.1 Terra must re-read 10")
        assert {} == daemon.hook(PROMPT)

    def test_at_a_resume(self) -> None:
        """The first hook that names the other model; the prompt then hears nothing."""
        daemon = Daemon(session())
        assert "must re-read" in daemon.hook(START_INPUT)["systemMessage"]
        assert {} == daemon.hook(PROMPT)

    def test_before_the_summary_on_the_old_model(self) -> None:
        """Its input names the old model, the log the new one."""
        daemon = Daemon(session(OLD, chosen(SOL, OLD), comp_hash="2911"))
        said = daemon.hook(COMPACT, OLD)["systemMessage"]
        assert said.startswith("GPT-5.5 must sum up this session first")
        assert {} == daemon.hook(PROMPT, SOL)


class TestStopped:
    """What the user turned on, once for each switch."""

    def test_the_prompt_is_sent_back(self) -> None:
        """Sent again it goes; a switch after another answer is another one."""
        daemon = Daemon(session(), block=True)
        assert {} == daemon.hook(START_INPUT)
        back = daemon.hook(PROMPT)
        assert "block" == back["decision"]
        assert AGAIN in back["reason"]
        assert {} == daemon.hook(PROMPT)

    def test_never_where_a_summary_is_paid_first(self) -> None:
        """Other hashes, or hashes that nobody knows: said only."""
        for model, comp_hash in ((SOL, "2911"), ("gpt-5.4-mini", "3000")):
            own = OLD if comp_hash == "2911" else SOL
            daemon = Daemon(session(own, chosen(model, own), comp_hash=comp_hash), block=True)
            assert "decision" not in daemon.hook(PROMPT, model)

    def test_nor_after_that_summary(self) -> None:
        """The history is short by then: there is nothing to say."""
        compacted = Compaction(ID, START + 65, trigger="model-switch")
        daemon = Daemon(session(OLD, chosen(SOL, OLD), compacted, comp_hash="2911"), block=True)
        assert {} == daemon.hook(PROMPT, SOL)

    def test_the_summary_is_stopped(self) -> None:
        """And goes when the prompt is sent again."""
        daemon = Daemon(session(OLD, chosen(SOL, OLD), comp_hash="2911"), stop=True)
        assert {} == daemon.hook(START_INPUT, SOL)
        stopped = daemon.hook(COMPACT, OLD)
        assert stopped["continue"] is False
        assert AGAIN in stopped["stopReason"]
        assert {} == daemon.hook(COMPACT, OLD)

    def test_nobody_there_nothing_is_stopped(self) -> None:
        """Under `codex exec` it would be lost work: it is said."""
        alone = {"permission_mode": "bypassPermissions"}
        daemon = Daemon(session(), block=True)
        assert ["systemMessage"] == list(daemon.hook(PROMPT | alone))
        daemon = Daemon(session(OLD, chosen(SOL, OLD), comp_hash="2911"), stop=True)
        assert ["systemMessage"] == list(daemon.hook(START_INPUT | alone, SOL))
        assert {} == daemon.hook(COMPACT, OLD)


class TestNoOpinion:
    """Whenever there is nothing to say."""

    @pytest.mark.parametrize(
        "asked",
        [
            START_INPUT | {"source": "startup"},
            COMPACT | {"trigger": "manual"},
            {"hook_event_name": "SessionEnd"},
            {"hook_event_name": "PreToolUse"},
        ],
    )
    def test_other_events(self, asked: dict[str, Any]) -> None:
        """A start, a compaction that somebody asked for, an end, a tool."""
        assert {} == Daemon(session(SOL, chosen(TERRA))).hook(asked)

    def test_the_model_in_force(self) -> None:
        """No switch: nothing at the prompt, nothing before a compaction of a full window."""
        daemon = Daemon(session())
        assert {} == daemon.hook(PROMPT, SOL)
        assert {} == daemon.hook(COMPACT, SOL)

    def test_a_compaction_that_the_switch_does_not_cause(self) -> None:
        """One hash: the window is full, whatever was chosen."""
        daemon = Daemon(session(SOL, chosen(TERRA)), stop=True)
        assert {} == daemon.hook(COMPACT, SOL)

    def test_a_compaction_on_another_model(self) -> None:
        """The log lags behind: better no word than a wrong one."""
        daemon = Daemon(session(SOL, chosen(OLD)), stop=True)
        assert {} == daemon.hook(COMPACT, TERRA)

    def test_a_session_without_an_answer(self) -> None:
        """Nothing is lost by a switch in it."""
        daemon = Daemon(make(agent="codex"))
        assert {} == daemon.hook(PROMPT)
        assert {} == daemon.hook(COMPACT)

    @given(
        event=st.sampled_from(EVENTS),
        given_input=st.dictionaries(st.text(), st.none() | st.integers() | st.text()),
    )
    def test_whatever_comes_in(self, event: str, given_input: dict[str, Any]) -> None:
        """Nothing is raised."""
        full = given_input | {"hook_event_name": event}
        assert {} == respond(event, full, {}, Daemon(session()).ask)

    def test_many_sessions(self) -> None:
        """What is remembered does not grow for ever."""
        seen = Seen()
        for number in range(2_100):
            seen.note(f"s{number}", "default")
        assert 2_000 == len(seen.alone)
