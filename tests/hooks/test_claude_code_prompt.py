"""What Claude Code's hooks say where no dialog came first: at a prompt, before a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claude_hooks import ATTENDED, NOW, OPUS, SONNET, WARM, asking, prompting, switching
from making import START, call, make, prompt, talk
from switchtax.config.keys import ClaudeCode
from switchtax.hooks.claude_code import BEFORE_REQUEST, Seen, respond
from switchtax.records import ModelChosen, RequestStarted

if TYPE_CHECKING:
    from switchtax.sessions.fold import Session


class TestAtAPrompt:
    """A switch that reached no PreModelSwitch is said once."""

    @staticmethod
    def at_prompt(session: Session, seen: Seen, **more: object) -> dict[str, Any]:
        """The answer to a prompt."""
        given = prompting(**more)
        return respond("UserPromptSubmit", given, {}, asking(session), seen=seen)

    def test_chosen_elsewhere(self) -> None:
        """The desktop's picker: the log names the choice, nobody was asked."""
        session = make(*talk(4, first=150_000), ModelChosen(WARM.id, START + 245, "sonnet"))
        session.signs.chosen_model = SONNET
        seen = Seen(since=START)
        said = self.at_prompt(session, seen)["systemMessage"]
        assert said.startswith("About $0.37 once: Sonnet 5.5 must re-read")
        assert {} == self.at_prompt(session, seen)

    def test_the_request_at_send_names_it(self) -> None:
        """Resumed with another model: the request's record is written before the answer."""
        sent = RequestStarted(WARM.id, START + 245, "r9", SONNET)
        session = make(*talk(4, first=150_000), sent)
        assert "systemMessage" in self.at_prompt(session, Seen(since=START))

    def test_made_already(self) -> None:
        """A fallback: told with what its first request cost."""
        session = make(*talk(4, first=150_000), call(9, 245, model=SONNET, write=154_000))
        seen = Seen(since=START)
        said = self.at_prompt(session, seen)["systemMessage"]
        assert (
            "$0.39 went to a switch that was not announced.\n"
            "Sonnet 5.5 answered, and had to re-read 154k tokens."
        ) == said
        assert {} == self.at_prompt(session, seen)

    def test_announced_ones_are_not_said_again(self) -> None:
        """Whether before or after it was carried out."""
        session = make(*talk(4, first=150_000), call(9, 245, model=SONNET, write=154_000))
        for event in ("PreModelSwitch", "PostModelSwitch"):
            seen = Seen(since=START)
            given = switching(hook_event_name=event, source="sdk")
            assert {} == respond(event, given, {}, asking(session), seen=seen)
            own = {name: given[name] for name in ("session_id", "transcript_path")}
            assert {} == self.at_prompt(session, seen, **own)

    def test_left_alone(self) -> None:
        """Old switches, small ones, machine-made prompts, no memory, no session."""
        session = make(*talk(4, first=150_000), call(9, 245, model=SONNET, write=154_000))
        assert {} == self.at_prompt(session, Seen(since=NOW))
        assert {} == self.at_prompt(session, Seen(since=START), source="loop_wakeup")
        assert {} == respond("UserPromptSubmit", prompting(), {}, asking(session))
        small = make(*talk(4), call(9, 245, model=SONNET, write=54_000))
        assert {} == self.at_prompt(small, Seen(since=START))
        assert {} == self.at_prompt(WARM, Seen(since=START))
        assert {} == self.at_prompt(make(), Seen(since=START))
        assert {} == self.at_prompt(make(*talk(4), *prompt(246)), Seen(since=START))


class TestSentBack:
    """Turned on, the prompt that would carry out a switch nobody announced is sent back once."""

    ON = ClaudeCode(block_unannounced=True)

    def at_prompt(
        self, seen: Seen, model: str = SONNET, env: dict[str, str] = ATTENDED, **more: Any
    ) -> dict[str, Any]:
        """The answer to a prompt of a warm session on Opus whose status line names a model."""
        session, habits = more.pop("session", WARM), more.pop("habits", self.ON)
        found = respond(
            "UserPromptSubmit",
            prompting(**more),
            env,
            asking(session),
            seen=seen,
            habits=habits,
            shown_model=lambda _: model,
        )
        assert isinstance(found, dict)
        return found

    def test_once(self) -> None:
        """With the amount first and the way on last; sent again it goes, and stays unsaid."""
        seen = Seen(since=NOW)
        found = self.at_prompt(seen)
        assert "block" == found["decision"]
        lines = found["reason"].split("\n")
        assert lines[0].startswith("About $0.37 once: Sonnet 5.5 must re-read")
        assert (
            "Nothing was sent. Send it again to go on, or choose a model with /model." == lines[-1]
        )
        assert max(map(len, lines)) <= 74
        assert {} == self.at_prompt(seen)
        sent = make(*talk(4, first=150_000), call(9, 245, model=SONNET, write=154_000))
        assert {} == self.at_prompt(seen, session=sent)

    def test_what_the_log_says_counts_too(self) -> None:
        """Without a status line."""
        session = make(*talk(4, first=150_000))
        session.signs.chosen_model = SONNET
        assert "block" == self.at_prompt(Seen(), "", session=session)["decision"]

    def test_never_without_a_person(self) -> None:
        """Headless, another program, or a prompt that a machine made."""
        for env in (
            {},
            {**ATTENDED, "CLAUDE_CODE_SESSION_ATTENDED": "0"},
            {**ATTENDED, "CLAUDE_CODE_ENTRYPOINT": "sdk-cli"},
        ):
            assert {} == self.at_prompt(Seen(), env=env)
        assert {} == self.at_prompt(Seen(), source="loop_wakeup")

    def test_left_alone(self) -> None:
        """Off by default; announced; small; the model in force; made already; not known."""
        assert {} == self.at_prompt(Seen(), habits=ClaudeCode())
        seen = Seen()
        given = switching(hook_event_name="PostModelSwitch")
        respond("PostModelSwitch", given, {}, asking(WARM), seen=seen)
        own = {name: given[name] for name in ("session_id", "transcript_path")}
        assert {} == self.at_prompt(seen, **own)
        assert {} == self.at_prompt(Seen(), session=make(*talk(4)))
        assert {} == self.at_prompt(Seen(), OPUS)
        assert {} == self.at_prompt(Seen(), "")
        made = make(*talk(4, first=150_000), call(9, 245, model=SONNET, write=154_000))
        assert "systemMessage" in self.at_prompt(Seen(since=START), "", session=made)


class TestBeforeARequest:
    """Our hooks module asks when the model of a request differs from the last one."""

    @staticmethod
    def before_request(seen: Seen, model: str = SONNET) -> Any:
        """The words of its question; {} where it needs to ask nothing."""
        given = prompting(hook_event_name=BEFORE_REQUEST, to_model=model)
        return respond(BEFORE_REQUEST, given, {}, asking(WARM), seen=seen)

    def test_once_for_a_switch(self) -> None:
        """The lines of the dialog, both answers, and the model that is kept."""
        seen = Seen()
        found = self.before_request(seen)
        assert found["question"].startswith("About $0.37 once: Sonnet 5.5 must re-read")
        assert "Go on with Sonnet 5.5" == found["go"]
        assert "Keep Opus 5.5 until I choose one with /model" == found["keep"]
        assert OPUS == found["model"]
        assert {} == self.before_request(seen)

    def test_nothing_to_ask(self) -> None:
        """The model in force, or one that another hook asked about."""
        assert {} == self.before_request(Seen(), OPUS)
        seen = Seen()
        own = {name: prompting()[name] for name in ("session_id", "transcript_path")}
        respond("PreModelSwitch", switching(**own), {}, asking(WARM), seen=seen)
        assert {} == self.before_request(seen)
