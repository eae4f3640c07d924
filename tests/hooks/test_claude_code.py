"""What Claude Code's hooks are answered: when it is asked, when it is left alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claude_hooks import (
    ATTENDED,
    FABLE,
    HAIKU,
    NOW,
    OPUS,
    SONNET,
    WARM,
    asking,
    before,
    nothing,
    prompting,
    switching,
)
from hook_doors import inputs
from making import BOOK, START, call, make, talk
from switchtax import wording
from switchtax.config.keys import ClaudeCode, Material
from switchtax.estimates.for_session import answer
from switchtax.hooks.claude_code import EVENTS, Seen, respond
from switchtax.hooks.declined import Declined
from switchtax.records import Cleared, Unknown
from switchtax.service.holds import Hold
from switchtax.wording.warnings import kept

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.sessions.fold import Session


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
