"""What Claude Code's hooks are answered: when it is asked, when it is left alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hook_doors import inputs
from making import BOOK, START, call, make, prompt, talk
from switchtax import wording
from switchtax.config.keys import ClaudeCode, Material
from switchtax.estimates.for_session import answer
from switchtax.hooks.claude_code import BEFORE_REQUEST, EVENTS, Seen, respond
from switchtax.hooks.declined import Declined
from switchtax.records import Cleared, ModelChosen, RequestStarted, Unknown
from switchtax.service.holds import Hold
from switchtax.wording.warnings import kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
FABLE = "claude-fable-5-2"
ATTENDED = {"CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}
NOW = START + 250


def asking(session: Session, at: float = NOW) -> Callable[[str, str, str], Answer | None]:
    """The daemon's part, with one session."""

    def ask(_path: str, _session: str, model: str) -> Answer | None:
        if session.current is None:
            return None
        return answer(session, model or session.model, at, BOOK)

    return ask


def nothing(_path: str, _session: str, _model: str) -> Answer | None:
    """The daemon knows no such session."""
    return None


def switching(**more: object) -> dict[str, Any]:
    """A real input, to Sonnet."""
    found = next(inputs("PreModelSwitch"))
    return {**found, "from_model": OPUS, "to_model": SONNET, **more}


def prompting(**more: object) -> dict[str, Any]:
    """A real input: a person's prompt."""
    return {**next(inputs("UserPromptSubmit")), **more}


WARM = make(*talk(4, first=150_000))


def before(session: Session = WARM, at: float = NOW, **more: Any) -> dict[str, Any]:
    """The answer to /model sonnet in a session."""
    return respond("PreModelSwitch", switching(**more), ATTENDED, asking(session, at))


class TestBeforeASwitch:
    """`ask`, with the amount, only where a person can answer and money is at stake."""

    def test_a_warm_session_is_asked(self) -> None:
        """In Claude Code's words, with our lines."""
        found = before()["hookSpecificOutput"]
        assert "PreModelSwitch" == found["hookEventName"]
        assert "ask" == found["permissionDecision"]
        lines = found["permissionDecisionReason"].split("\n")
        assert "About $0.37 once: Sonnet 5.5 must re-read 154k tokens." == lines[0]
        assert lines[1].startswith("Next turn about ")
        assert 2 <= len(lines) <= 4
        assert max(map(len, lines)) <= 74

    @pytest.mark.parametrize("model", [SONNET, HAIKU, "claude-fable-5-2", "claude-opus-4-5"])
    @pytest.mark.parametrize("first", [150_000, 190_000, 700_000])
    def test_the_amount_stands_in_the_first_forty_characters(self, model: str, first: int) -> None:
        """Claude Code cuts lines at 74; a narrow terminal sooner."""
        session = make(*talk(4, first=first))
        found = respond(
            "PreModelSwitch",
            switching(to_model=model),
            ATTENDED,
            asking(session),
            material=Material(rebuild_usd_micros=1),
        )
        lines = found["hookSpecificOutput"]["permissionDecisionReason"].split("\n")
        assert "$" in lines[0][:40]
        assert lines[0].index(" once") < 60
        assert max(map(len, lines)) <= 74
        assert len(lines) <= 4

    @pytest.mark.parametrize(
        "env",
        [
            {},
            {**ATTENDED, "CLAUDE_CODE_SESSION_ATTENDED": "0"},
            {**ATTENDED, "CLAUDE_CODE_ENTRYPOINT": "sdk-cli"},
            {"CLAUDE_CODE_SESSION_ATTENDED": "1"},
            {**ATTENDED, "CURSOR_VERSION": "3.2.16"},
        ],
    )
    def test_nobody_there_no_opinion(self, env: dict[str, str]) -> None:
        """Elsewhere `ask` would refuse the switch."""
        assert {} == respond("PreModelSwitch", switching(), env, asking(WARM))

    @pytest.mark.parametrize("source", ["sdk", "auto", "resume", None, 3, "Command"])
    def test_other_sources_no_opinion(self, source: object) -> None:
        """Only /model and the picker have a dialog."""
        assert {} == before(source=source)
        assert {} != before(source="picker")

    def test_the_recorded_inputs_of_the_sdk_are_left_alone(self) -> None:
        """As the real client sent them."""
        found = [each for each in inputs("PreModelSwitch") if each["source"] == "sdk"]
        assert found
        for each in found:
            assert {} == respond("PreModelSwitch", each, ATTENDED, asking(WARM))

    def test_quiet_below_the_threshold(self) -> None:
        """A quarter of a dollar, or what was configured."""
        small = make(*talk(4, first=50_000))
        assert {} == before(small)
        found = respond(
            "PreModelSwitch",
            switching(),
            ATTENDED,
            asking(small),
            material=Material(rebuild_usd_micros=100_000),
        )
        assert {} != found

    def test_quiet_where_nothing_is_lost(self) -> None:
        """Cold, cleared, never answered, unknown, empty, or no switch at all."""
        assert {} == before(at=NOW + 7200)
        assert {} == before(make(*talk(4, first=150_000), Cleared(WARM.id, START + 245)))
        assert {} == before(make())
        assert {} == respond("PreModelSwitch", switching(), ATTENDED, nothing)
        assert {} == before(context_tokens=0)
        assert {} == before(to_model=OPUS)
        assert {} == before(to_model="a-model-without-a-price")

    def test_the_way_back_is_quiet(self) -> None:
        """The other model's cache is still warm: almost nothing to re-read."""
        there = call(9, 260, model=SONNET, write=154_000)
        back = respond(
            "PreModelSwitch",
            switching(from_model=SONNET, to_model=OPUS),
            ATTENDED,
            asking(make(*talk(4, first=150_000), there), START + 280),
        )
        assert {} == back

    def test_one_switch_is_one_event(self) -> None:
        """The second input of a prompt names a wrong target; the next prompt counts again."""
        seen = Seen()

        def again(**more: object) -> dict[str, Any]:
            given = switching(**more)
            return respond("PreModelSwitch", given, ATTENDED, asking(WARM), seen=seen)

        assert {} != again(prompt_id="p1")
        assert {} == again(prompt_id="p1", to_model=HAIKU)
        assert {} != again(prompt_id="p2")
        assert {} != again(prompt_id="p1", session_id="another")

    def test_allow_is_never_said(self) -> None:
        """It would remove Claude Code's own dialog."""
        assert "allow" not in json.dumps([before(), before(source="sdk"), before(context_tokens=0)])


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


class TestHolding:
    """Turned on, a switch of another program is handed over, with what each answer means."""

    def test_handed_over(self) -> None:
        """Keep and Brief refuse it, all else does not."""
        found = respond(
            "PreModelSwitch",
            switching(source="sdk", cwd="/w"),
            {},
            asking(WARM),
            habits=ClaudeCode(hold_sdk=True),
        )
        assert isinstance(found, Hold)
        assert ("/w", SONNET) == (found.folder, found.found.model)
        assert {"keep", "brief"} == set(found.outputs)
        reason = found.outputs["keep"]["hookSpecificOutput"]["permissionDecisionReason"]
        assert (
            "Still on Opus 5.5: you kept it in the editor. "
            "Sonnet 5.5 would re-read 154k tokens ($0.37)."
        ) == reason

    def test_a_cost_that_is_not_known_is_left_out(self) -> None:
        """The reason alone."""
        found = answer(WARM, "a-model-without-a-price", NOW, BOOK)
        assert "Still on Opus 5.5: a brief comes first." == kept(found, for_brief=True)

    def test_an_old_prompt_id_does_not_hide_it(self) -> None:
        """Programs switch several times under the last prompt's id."""
        seen = Seen()
        for _ in range(2):
            given, habits = switching(source="sdk", cwd="/w"), ClaudeCode(hold_sdk=True)
            found = respond("PreModelSwitch", given, {}, asking(WARM), seen=seen, habits=habits)
            assert isinstance(found, Hold)


@pytest.mark.parametrize("event", ["SessionStart", "SessionEnd", "PostModelSwitch", "Stop"])
def test_other_events_are_only_noted(event: str) -> None:
    """Nothing is said in answer to them."""
    given = switching(hook_event_name=event)
    assert {} == respond(event, given, ATTENDED, asking(WARM), seen=Seen())


def test_recorded_inputs_all_pass() -> None:
    """In the order the client sent them."""
    seen = Seen(since=START)
    for each in inputs():
        respond(each["hook_event_name"], each, ATTENDED, asking(WARM), seen=seen)
    assert [] != list(seen.announced)


def test_memory_is_bounded() -> None:
    """A daemon lives long."""
    seen = Seen()
    for number in range(5_000):
        seen.first(seen.prompts, ("s", str(number)))
        seen.announce("s", str(number), OPUS)
    assert 2_000 == len(seen.prompts) == len(seen.announced)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(sorted({name for each in inputs() for name in each}))


@given(
    st.sampled_from(EVENTS),
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.sets(NAMES, max_size=3),
    st.dictionaries(st.sampled_from(sorted(ATTENDED)), st.text(max_size=3)),
)
def test_no_input_makes_it_raise(
    event: str, changed: dict[str, Any], gone: set[str], env: dict[str, str]
) -> None:
    """Whatever stands in it: an answer that is JSON, and never `allow`."""
    base = {**switching(hook_event_name=event), **changed}
    mangled = {name: value for name, value in base.items() if name not in gone}
    found = respond(event, mangled, {**ATTENDED, **env}, asking(WARM), seen=Seen())
    assert "allow" not in json.dumps(found)


@given(VALUES)
def test_no_value_makes_it_raise(value: Any) -> None:
    """Not even one that is no object, or a daemon that fails."""

    def failing(*_: str) -> Answer:
        raise RuntimeError

    for event in EVENTS:
        assert {} == respond(event, value, ATTENDED, asking(WARM), seen=Seen())
        given_ = switching(hook_event_name=event)
        assert {} == respond(event, given_, ATTENDED, failing, seen=Seen())


def test_the_dialog_without_an_amount_is_the_popup() -> None:
    """What is not known is said as such."""
    found = answer(WARM, "a-model-without-a-price", NOW, BOOK)
    rebuilt = found.estimate.rebuild
    assert isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown)
    assert wording.popup(found) == wording.dialog(found)


class TestAfterANo:
    """The question was asked, no PostModelSwitch came: the sub-agent is offered once."""

    SESSION = make(*talk(4, opening=20_000, first=150_000))
    OWN: ClassVar = {"session_id": "s", "transcript_path": "/t"}

    def say(self, event: str, seen: Seen, session: Session = SESSION, **more: Any) -> Any:
        """One hook after the other, of one session."""
        given = {"PreModelSwitch": switching, "PostModelSwitch": switching}.get(event, prompting)
        fields = {**self.OWN, "hook_event_name": event, "to_model": FABLE, "source": None, **more}
        if event == "PreModelSwitch":
            fields["source"] = more.get("source", "command")
        found = respond(event, given(**fields), ATTENDED, asking(session), seen=seen)
        return found.get("hookSpecificOutput", {}).get("additionalContext", "")

    def test_offered_to_the_agent_once(self) -> None:
        """With its price; the user's own screen stays as it is."""
        seen = Seen(since=START)
        self.say("PreModelSwitch", seen, prompt_id="p1")
        assert "sub-agent on Fable 5.2 (about $" in self.say("UserPromptSubmit", seen)
        assert "" == self.say("UserPromptSubmit", seen)
        self.say("PreModelSwitch", seen, prompt_id="p2")
        assert "" == self.say("UserPromptSubmit", seen)

    def test_not_after_a_yes(self) -> None:
        """PostModelSwitch, or a log that names the model already."""
        seen = Seen(since=START)
        self.say("PreModelSwitch", seen)
        self.say("PostModelSwitch", seen)
        assert "" == self.say("UserPromptSubmit", seen)
        chosen = make(*talk(4, opening=20_000, first=150_000))
        chosen.signs.chosen_model = FABLE
        seen = Seen(since=START)
        self.say("PreModelSwitch", seen)
        assert "" == self.say("UserPromptSubmit", seen, chosen)

    def test_not_where_nothing_was_asked(self) -> None:
        """Another session, a switch too small to ask about, a prompt by the machine."""
        seen = Seen(since=START)
        self.say("PreModelSwitch", seen, make(*talk(4, first=20_000)))
        assert "" == self.say("UserPromptSubmit", seen)
        self.say("PreModelSwitch", seen, prompt_id="p2")
        assert "" == self.say("UserPromptSubmit", seen, session_id="another")
        assert "" == self.say("UserPromptSubmit", seen, source="loop_wakeup")
        assert "" != self.say("UserPromptSubmit", seen)

    @pytest.mark.parametrize(
        "session",
        [make(*talk(4, opening=29_000, first=30_000)), make(*talk(4, first=150_000))],
        ids=["hardly longer than a sub-agent's start", "a start that is not known"],
    )
    def test_not_where_switching_is_no_dearer(self, session: Session) -> None:
        """Or where that cannot be said."""
        declined, ask = Declined(), asking(session)
        declined.asked("s", HAIKU)
        stay = ask("", "", "")
        assert stay is not None
        assert "" == declined.offer(stay, "s", lambda model: ask("", "", model))

    def test_a_daemon_that_has_lost_the_session(self) -> None:
        """No offer."""
        declined = Declined()
        declined.asked("s", FABLE)
        stay = asking(self.SESSION)("", "", "")
        assert stay is not None
        assert "" == declined.offer(stay, "s", lambda _: None)

    def test_memory_is_bounded(self) -> None:
        """The oldest questions and offers are let go."""
        declined = Declined()
        ask, stay = asking(self.SESSION), asking(self.SESSION)("", "", "")
        assert stay is not None
        for number in range(510):
            declined.asked(str(number), FABLE)
        assert 500 == len(declined.open)
        found = ask("", "", FABLE)
        for number in range(600):
            declined.asked(f"n{number}", FABLE)
            declined.offer(stay, f"n{number}", lambda _: found)
        assert 500 == len(declined.offered)
