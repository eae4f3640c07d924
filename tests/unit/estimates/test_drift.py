"""The level of a handoff, and each reason: true on transcripts made for it, silent on others."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from agent_reading import read_file
from claude_transcript import answer, command, prompt, result, system, transcript, usage
from making import BOOK, call, make, talk
from switchtax.agents import agent_module
from switchtax.catalog.drift import table
from switchtax.config.keys import RiskPoints
from switchtax.estimates.drift import Fit, Level, Reason, Risk, Step, risk_after, risk_of
from switchtax.estimates.for_session import answer as answer_for
from switchtax.estimates.interval import exactly
from switchtax.records import Unknown
from switchtax.sessions.fold import Session

if TYPE_CHECKING:
    from pathlib import Path

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
SOL, TERRA = "gpt-6.1-sol", "gpt-6.1-terra"
Line = dict[str, Any]
ROOM = Fit(True, exactly(50_000), 1_000_000)


def reasons(session: Session, model: str, fit: Fit = ROOM) -> dict[str, Reason]:
    """The reasons of a handoff by signal."""
    risk = risk_of(session, model, fit)
    assert isinstance(risk, Risk)
    return {reason.signal: reason for reason in risk.reasons}


# -- Claude Code ----------------------------------------------------------------------


def thought(sealed: bool = True) -> Line:
    """A block of reasoning, as newer clients keep it: without its text."""
    return {"type": "thinking", "thinking": "" if sealed else "hm", "signature": "c2ln"}


def use(id_: str, name: str, **given: object) -> Line:
    """A tool call."""
    return {"type": "tool_use", "id": id_, "name": name, "input": given}


def claude(folder: Path, *lines: Line) -> Session:
    """The session of a transcript."""
    path = transcript(folder, *lines)
    session = Session("claude-code", path.stem, str(path), rules_for=BOOK.rules)
    session.add_all(read_file(agent_module("claude-code"), path))
    return session


def says(second: float, *blocks: Line, model: str = OPUS) -> Line:
    """An answer of these blocks."""
    counts = usage(4, read=50_000, five=500, out=40)
    return answer(second, f"msg_{second}", counts, content=list(blocks), model=model)


def done(second: float, model: str = OPUS) -> Line:
    """An answer that ends a turn."""
    return says(second, {"type": "text", "text": "Done."}, model=model)


def edits(second: float, *paths: str, ok: bool = True) -> list[Line]:
    """An answer that edits files, and the results."""
    uses = [use(f"e{second}-{n}", "Edit", file_path=path) for n, path in enumerate(paths)]
    results = [
        result(second + 1, f"e{second}-{n}", **({} if ok else {"is_error": True}))
        for n in range(len(paths))
    ]
    return [says(second, *uses), *results]


def shell(second: float, text: str, **more: object) -> list[Line]:
    """An answer that runs a command, and its result."""
    return [
        says(second, use(f"b{second}", "Bash", command=text)),
        result(second + 1, f"b{second}", **more),
    ]


class TestReasoning:
    """Reasoning that the new model cannot read."""

    def test_calls_whose_reasoning_is_lost_are_counted(self, tmp_path: Path) -> None:
        """Opus 5.5 to Sonnet 5.5: the provider drops it."""
        session = claude(
            tmp_path,
            prompt(0),
            says(1, thought(), use("t1", "Read", file_path="a.py")),
            result(2, "t1"),
            says(3, thought(sealed=False)),
            done(4),
        )
        reason = reasons(session, SONNET)["reasoning_unreadable"]
        assert (2, (("calls", 2),)) == (reason.points, reason.facts)
        assert ("reasoning_discontinuity", "instruction_ambiguity") == reason.modes
        assert "preserved-thinking" in reason.evidence

    def test_a_model_that_reads_it_loses_nothing(self, tmp_path: Path) -> None:
        """Sonnet 5.5 up to Opus 5.5 keeps its reasoning."""
        session = claude(tmp_path, prompt(0), says(1, thought(), model=SONNET))
        assert "reasoning_unreadable" not in reasons(session, OPUS)

    def test_what_is_not_known_is_not_said(self, tmp_path: Path) -> None:
        """Of older models no page says who reads whom."""
        session = claude(tmp_path, prompt(0), says(1, thought(), model="claude-opus-4-5-20251101"))
        assert "reasoning_unreadable" not in reasons(session, "claude-sonnet-4-5")

    def test_a_summary_has_no_reasoning(self, tmp_path: Path) -> None:
        """What was compacted away cannot be lost again."""
        meta = {"trigger": "manual", "preTokens": 9, "postTokens": 3}
        session = claude(
            tmp_path,
            prompt(0),
            says(1, thought()),
            system(2, "compact_boundary", compactMetadata=meta),
            prompt(3, "Sum", isCompactSummary=True),
        )
        assert ["fresh_summary"] == [
            name for name in reasons(session, SONNET) if name != "tier_drop"
        ]

    def test_a_switch_back_reads_its_own(self, tmp_path: Path) -> None:
        """Only the other model's reasoning is lost to the one that returns."""
        session = claude(tmp_path, prompt(0), says(1, thought()), says(2, thought(), model=SONNET))
        assert "reasoning_unreadable" not in reasons(session, OPUS)


class TestOpenWork:
    """What was begun and is not done."""

    def test_a_tool_call_without_a_result_is_pending(self, tmp_path: Path) -> None:
        """Its tool is named."""
        session = claude(tmp_path, prompt(0), says(1, use("t1", "Bash", command="sleep 99")))
        found = reasons(session, OPUS.replace("5-5", "5"))
        assert (("tools", 1), ("name", "Bash")) == found["tool_pending"].facts
        assert "turn_unfinished" not in found

    def test_a_result_settles_it_and_the_turn_is_open(self, tmp_path: Path) -> None:
        """An error is a result, too."""
        lines = [says(1, use("t1", "Bash", command="ls")), result(2, "t1", is_error=True)]
        found = reasons(claude(tmp_path, prompt(0), *lines), OPUS.replace("5-5", "5"))
        assert "tool_pending" not in found
        assert 1 == found["turn_unfinished"].points

    def test_a_finished_turn_leaves_nothing_open(self, tmp_path: Path) -> None:
        """Even where an old call never had its result, as after a crash."""
        lines = [says(1, use("t1", "Bash", command="ls")), prompt(5, "Again"), done(6)]
        assert {} == reasons(claude(tmp_path, prompt(0), *lines), OPUS.replace("5-5", "5"))

    def test_an_approved_plan_is_a_boundary(self, tmp_path: Path) -> None:
        """Planning with one model and building with another is a use, not an accident."""
        lines = [says(1, use("t1", "ExitPlanMode", plan="x")), result(2, "t1")]
        assert {} == reasons(claude(tmp_path, prompt(0), *lines), OPUS.replace("5-5", "5"))

    def test_a_sub_agents_tools_are_its_own(self, tmp_path: Path) -> None:
        """A sidechain's call is not the session's."""
        side = says(2, use("t9", "Edit", file_path="a.py")) | {"isSidechain": True}
        assert {} == reasons(claude(tmp_path, prompt(0), done(1), side), OPUS.replace("5-5", "5"))

    def test_open_items_of_the_list_are_counted(self, tmp_path: Path) -> None:
        """From three on they count twice."""
        todos = [{"content": "x", "status": "pending"}] * 3
        lines = [says(1, use("t1", "TodoWrite", todos=todos)), result(2, "t1"), done(3)]
        reason = reasons(claude(tmp_path, prompt(0), *lines), OPUS.replace("5-5", "5"))[
            "open_todos"
        ]
        assert (2, (("items", 3),)) == (reason.points, reason.facts)

    def test_a_list_that_is_done_is_silent(self, tmp_path: Path) -> None:
        """Written anew with all completed, or each task closed by its number."""
        whole = [{"content": "x", "status": "completed"}]
        lines = [
            says(1, use("t0", "TaskCreate", subject="x"), use("t1", "TaskCreate", subject="y")),
            says(2, use("t2", "TaskUpdate", taskId="1", status="completed")),
            says(3, use("t3", "TaskUpdate", taskId="2", status="deleted")),
            done(4),
        ]
        assert {} == reasons(claude(tmp_path, prompt(0), *lines), OPUS.replace("5-5", "5"))
        written = [says(1, use("t1", "TodoWrite", todos=whole)), result(2, "t1"), done(3)]
        assert {} == reasons(claude(tmp_path, prompt(0), *written), OPUS.replace("5-5", "5"))

    def test_clearing_the_conversation_clears_the_work(self, tmp_path: Path) -> None:
        """After /clear another task begins."""
        lines = [*edits(1, "a.py", "b.py"), done(3), command(4, "clear")]
        assert {} == reasons(claude(tmp_path, prompt(0), *lines), OPUS.replace("5-5", "5"))


class TestEdits:
    """Files edited, and not tested, read or committed since."""

    def found(self, folder: Path, *lines: Line) -> dict[str, Reason]:
        """Reasons after a finished turn, towards a model of the same tier."""
        return reasons(claude(folder, prompt(0), *lines, done(90)), OPUS.replace("5-5", "5"))

    def test_files_edited_since_the_last_test_run(self, tmp_path: Path) -> None:
        """Each counts once, however often it was edited."""
        found = self.found(
            tmp_path,
            *shell(1, "pytest -q"),
            *edits(4, "/w/a.py", "/w/b.py"),
            *edits(7, "/w/a.py", "/w/c.py"),
        )
        reason = found["edits_unverified"]
        assert (2, (("files", 3), ("tests", 1))) == (reason.points, reason.facts)

    @pytest.mark.parametrize("text", ["npm test", "git commit -am x"])
    def test_a_test_run_or_a_commit_settles_them(self, tmp_path: Path, text: str) -> None:
        """Also one that fails: it has told what is wrong."""
        assert {} == self.found(tmp_path, *edits(1, "/w/a.py"), *shell(4, text))

    def test_a_failed_test_run_is_one(self, tmp_path: Path) -> None:
        """Its errors stand in the history."""
        lines = [*edits(1, "/w/a.py"), *shell(4, "npm test", is_error=True)]
        assert {} == self.found(tmp_path, *lines)

    def test_a_commit_that_fails_settles_nothing(self, tmp_path: Path) -> None:
        """As when a check before it says no."""
        lines = [*edits(1, "/w/a.py"), *shell(4, "git commit -am x", is_error=True)]
        assert ["edits_unverified"] == list(self.found(tmp_path, *lines))

    def test_a_file_read_again_is_known_again(self, tmp_path: Path) -> None:
        """By its full path or a relative one."""
        lines = [says(4, use("r", "Read", file_path="b.py")), result(5, "r")]
        found = self.found(tmp_path, *edits(1, "/w/a.py", "/w/b.py"), *lines)
        assert (("files", 1), ("tests", 0)) == found["edits_unverified"].facts

    def test_prose_and_failed_edits_do_not_count(self, tmp_path: Path) -> None:
        """No test checks a note, and what failed changed nothing."""
        lines = [*edits(1, "NOTES.md"), *edits(4, "/w/a.py", ok=False)]
        assert {} == self.found(tmp_path, *lines)

    def test_a_command_that_only_names_tests_is_no_run(self, tmp_path: Path) -> None:
        """Searching for a word settles nothing."""
        lines = [*edits(1, "/w/a.py"), *shell(4, "grep -rn pytest .")]
        assert ["edits_unverified"] == list(self.found(tmp_path, *lines))


class TestRules:
    """Rules that a person gave long ago."""

    def turns(self, *texts: str) -> list[Line]:
        """A prompt and an answer each."""
        lines: list[Line] = []
        for number, text in enumerate(texts):
            lines += [prompt(10 * number, text, promptId=f"p{number}"), done(10 * number + 5)]
        return lines

    def test_rules_of_the_first_prompt_stand_far_back(self, tmp_path: Path) -> None:
        """Five prompts later, none of them repeating a rule."""
        session = claude(tmp_path, *self.turns("Never touch the API.", *["Go on"] * 5))
        reason = reasons(session, OPUS.replace("5-5", "5"))["rules_far_back"]
        assert (("prompts_since", 5), ("prompts", 1)) == reason.facts

    def test_repeated_or_recent_rules_are_near(self, tmp_path: Path) -> None:
        """Said again, or only four prompts ago."""
        again = self.turns("Never touch the API.", *["Go on"] * 5, "Still: don't touch it.")
        assert {} == reasons(claude(tmp_path, *again), OPUS.replace("5-5", "5"))
        recent = self.turns("Never touch the API.", *["Go on"] * 4)
        assert {} == reasons(claude(tmp_path, *recent), OPUS.replace("5-5", "5"))

    def test_complaints_are_no_rules(self, tmp_path: Path) -> None:
        """ "I don't know why it never works" asks for nothing."""
        lines = self.turns("I don't know why it never works", *["Go on"] * 8)
        assert {} == reasons(claude(tmp_path, *lines), OPUS.replace("5-5", "5"))


class TestModels:
    """How the two models differ, and whether there is room."""

    @pytest.mark.parametrize(
        ("old", "new", "points"),
        [(OPUS, "claude-sonnet-5-5", 1), (OPUS, HAIKU, 2), (SOL, TERRA, 1)],
    )
    def test_a_smaller_model(self, old: str, new: str, points: int) -> None:
        """By one step or more."""
        reason = reasons(make(*talk(2, model=old)), new)["tier_drop"]
        assert points == reason.points

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (SONNET, OPUS),
            ("claude-opus-4-5", SONNET),
            (OPUS, "my-local-model"),
            ("claude-opus-5", OPUS),
        ],
    )
    def test_larger_newer_and_unknown_models_are_not_smaller(self, old: str, new: str) -> None:
        """A later generation's smaller model may be the abler one."""
        assert "tier_drop" not in reasons(make(*talk(2, model=old)), new)

    def test_other_tools_by_agent_or_by_what_the_switch_changes(self) -> None:
        """OpenCode by maker, Copilot as its own requests show."""
        session = make(*talk(2), agent="opencode")
        assert "tools_differ" in reasons(session, SOL)
        assert "tools_differ" not in reasons(session, "claude-opus-5")
        copilot = answer_for(make(*talk(2), agent="copilot-cli"), SOL, 1_794_996_250.0, BOOK)
        assert isinstance(copilot.risk, Risk)
        assert "tools_differ" in [reason.signal for reason in copilot.risk.reasons]

    def test_a_window_that_is_nearly_full(self) -> None:
        """From four fifths on."""
        session = make(*talk(2))
        near = Fit(True, exactly(160_000), 200_000)
        far = Fit(True, exactly(159_000), 200_000)
        assert 1 == reasons(session, "claude-opus-5", near)["window_near"].points
        assert {} == reasons(session, "claude-opus-5", far)

    def test_what_does_not_fit_is_severe_by_itself(self) -> None:
        """A hard rule; whatever else is well."""
        risk = risk_of(make(*talk(2)), "claude-opus-5", Fit(False, exactly(300_000), 200_000))
        assert isinstance(risk, Risk)
        assert Level.SEVERE == risk.level
        assert ["does_not_fit"] == [reason.signal for reason in risk.reasons]

    @pytest.mark.parametrize(
        "fit",
        [
            Fit(Unknown("x"), exactly(1), Unknown("no window recorded")),
            Fit(Unknown("x"), Unknown("y"), 200_000),
        ],
    )
    def test_an_unknown_window_says_nothing(self, fit: Fit) -> None:
        """Neither that it fits nor that it does not."""
        assert {} == reasons(make(*talk(2)), "claude-opus-5", fit)


class TestLevel:
    """Points add up to a level."""

    def test_ones_own_model_is_no_risk(self) -> None:
        """Under any spelling."""
        session = make(*talk(2, model="claude-opus-4-5-20251101"))
        assert Risk(Level.LOW, 0, ()) == risk_of(session, "claude-opus-4-5", ROOM)

    def test_nothing_is_known_before_the_first_answer(self) -> None:
        """A session without a call hands nothing over."""
        assert isinstance(risk_of(make(), SONNET, ROOM), Unknown)

    def test_a_log_of_usage_alone_tells_no_risk(self) -> None:
        """Silence is no sign that all is well; what does not fit is severe all the same."""
        bare = make(call(1, 0, write=50_000), call(2, 60, read=50_000))
        assert isinstance(risk_of(bare, SONNET, ROOM), Unknown)
        risk = risk_of(bare, SONNET, Fit(False, exactly(300_000), 200_000))
        assert isinstance(risk, Risk)
        assert Level.SEVERE == risk.level

    def test_a_summary_lowers_and_never_below_nothing(self, tmp_path: Path) -> None:
        """A fresh one takes a point away; six calls later it is history."""
        meta = {"trigger": "auto", "preTokens": 9, "postTokens": 3}
        boundary = [system(2, "compact_boundary", compactMetadata=meta)]
        fresh = claude(tmp_path, prompt(0), done(1), *boundary, done(3))
        risk = risk_of(fresh, "claude-opus-5", ROOM)
        assert isinstance(risk, Risk)
        assert (Level.LOW, 0, [-1]) == (risk.level, risk.points, [r.points for r in risk.reasons])
        old = claude(tmp_path, prompt(0), done(1), *boundary, *(done(n) for n in range(3, 9)))
        assert {} == reasons(old, "claude-opus-5")

    def test_reasons_add_up_and_the_weightiest_stands_first(self, tmp_path: Path) -> None:
        """Lost reasoning 2, a pending call 2, a smaller model 1: high."""
        session = claude(
            tmp_path, prompt(0), says(1, thought(), use("t1", "Bash", command="sleep 9"))
        )
        risk = risk_of(session, SONNET, ROOM)
        assert isinstance(risk, Risk)
        assert (Level.HIGH, 5) == (risk.level, risk.points)
        assert [2, 2, 1] == [reason.points for reason in risk.reasons]
        assert risk.points == sum(reason.points for reason in risk.reasons)

    def test_each_level_begins_at_its_points(self, tmp_path: Path) -> None:
        """Medium, high and severe, by what a session may well hold."""
        todos = [{"content": "x", "status": "pending"}] * 3
        lines = [
            prompt(0),
            *edits(1, "a.py", "b.py", "c.py"),
            says(4, use("t1", "TodoWrite", todos=todos)),
            result(5, "t1"),
            says(6, thought(), use("t2", "Bash", command="sleep 9")),
        ]
        levels = {}
        for count in range(1, len(lines) + 1):
            session = claude(tmp_path, *lines[:count])
            risk = risk_of(session, SONNET, ROOM)
            if isinstance(risk, Risk):
                levels[risk.points] = risk.level
        bars = asdict(table().levels)
        assert Level.SEVERE == levels[max(levels)]
        for points, level in levels.items():
            expected = [name for name, least in bars.items() if points >= least]
            assert (expected[-1] if expected else "low") == level

    def test_the_user_may_set_where_levels_begin(self, tmp_path: Path) -> None:
        """The points stay; what does not fit is severe wherever they begin."""
        session = claude(tmp_path, prompt(0), says(1, thought()), done(2))
        found = [
            risk_of(session, SONNET, ROOM, levels=RiskPoints(*bars))
            for bars in ((4, 5, 6), (3, 4, 5), (1, 3, 4), (1, 2, 3))
        ]
        assert ["low", "medium", "high", "severe"] == [str(risk.level) for risk in found]  # type: ignore[union-attr]
        assert {3} == {risk.points for risk in found}  # type: ignore[union-attr]
        full = Fit(False, exactly(300_000), 200_000)
        risk = risk_of(make(*talk(2)), "claude-opus-5", full, levels=RiskPoints(98, 99, 100))
        assert Level.SEVERE == risk.level  # type: ignore[union-attr]


class TestAfter:
    """What is done before a handoff takes some reasons away, and may bring others."""

    def after(self, session: Session, step: Step, fit: Fit = ROOM) -> dict[str, int]:
        """Points by signal once a step was taken."""
        risk = risk_of(session, SONNET, fit)
        assert isinstance(risk, Risk)
        return {each.signal: each.points for each in risk_after(session, risk, step).reasons}

    def in_the_middle(self, folder: Path) -> Session:
        """Rules far back, three files edited, a to-do open, reasoning, a call pending."""
        return claude(
            folder,
            prompt(0, "Never touch the schema."),
            *(prompt(n, "go on") for n in range(1, 6)),
            *edits(10, "a.py", "b.py", "c.py"),
            says(20, use("t1", "TodoWrite", todos=[{"content": "x", "status": "pending"}])),
            result(21, "t1"),
            says(22, thought(), use("t2", "Bash", command="sleep 9")),
        )

    def test_a_finished_turn_ends_what_is_pending(self, tmp_path: Path) -> None:
        """And nothing else."""
        session = self.in_the_middle(tmp_path)
        now = set(reasons(session, SONNET))
        assert "tool_pending" in now
        assert now - {"tool_pending"} == set(self.after(session, Step.TURN_END))

    def test_a_summary_leaves_the_state_of_the_work(self, tmp_path: Path) -> None:
        """The messages are gone, pending call included; whether it kept the rules is not known."""
        found = self.after(self.in_the_middle(tmp_path), Step.SUMMARY)
        kept = {"open_todos", "edits_unverified", "rules_far_back", "tier_drop"}
        assert {*kept, "reasoning_unreadable", "fresh_summary"} == set(found)
        assert -1 == found["fresh_summary"]

    def test_a_brief_says_the_rules_again(self, tmp_path: Path) -> None:
        """To-dos and untested files stand in it and are open all the same."""
        found = self.after(self.in_the_middle(tmp_path), Step.BRIEF)
        kept = {"open_todos", "edits_unverified", "tier_drop"}
        assert {*kept, "reasoning_unreadable", "fresh_summary"} == set(found)

    def test_an_order_leaves_the_plan_where_it_is(self, tmp_path: Path) -> None:
        """The sub-agent meets untested files, hears no old rule, and is smaller."""
        found = self.after(self.in_the_middle(tmp_path), Step.ORDER)
        assert {"edits_unverified", "rules_far_back", "tier_drop"} == set(found)

    def test_with_a_brief_no_reasoning_goes_along_even_if_it_could_be_read(
        self, tmp_path: Path
    ) -> None:
        """Opus 5.5 reads that of Opus 5, but a new session does not carry it."""
        session = claude(tmp_path, prompt(0), says(1, thought(), model="claude-opus-5"), done(2))
        risk = risk_of(session, OPUS, ROOM)
        assert isinstance(risk, Risk)
        assert "reasoning_unreadable" not in {each.signal for each in risk.reasons}
        later = risk_after(session, risk, Step.BRIEF)
        assert {"reasoning_unreadable": 2, "fresh_summary": -1} == {
            each.signal: each.points for each in later.reasons
        }
        assert (Level.LOW, 1) == (later.level, later.points)

    def test_what_does_not_fit_whole_fits_in_short(self) -> None:
        """A summary or a brief goes where the context does not."""
        session, full = make(*talk(2)), Fit(False, exactly(300_000), 200_000)
        risk = risk_of(session, "claude-opus-5", full)
        assert isinstance(risk, Risk)
        for step in (Step.SUMMARY, Step.BRIEF, Step.ORDER):
            assert Level.LOW == risk_after(session, risk, step).level


# -- Codex ----------------------------------------------------------------------------


def codex(folder: Path, *items: Line | int) -> Session:
    """The session of a rollout: items of the conversation; a number is a request's usage."""
    lines: list[Line] = [
        {"type": "session_meta", "payload": {"id": "s-1", "cli_version": "0.169.0"}},
        {"type": "turn_context", "payload": {"turn_id": "t1", "model": SOL}},
    ]
    for item in items:
        if isinstance(item, int):
            counts = {"input_tokens": item, "cached_input_tokens": 0, "output_tokens": 9}
            record = {"response_id": f"r{item}", "turn_id": "t1", "usage": counts}
            lines.append({"type": "token_usage_record", "payload": record})
        else:
            kind = "event_msg" if item["type"] == "user_message" else "response_item"
            lines.append({"type": kind, "payload": item})
    path = folder / "rollout-2026-11-21T10-00-00-s-1.jsonl"
    rows = ({"timestamp": f"2026-11-21T10:00:{n:02}.000Z", **line} for n, line in enumerate(lines))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    session = Session("codex", "s-1", str(path), rules_for=BOOK.rules)
    session.add_all(read_file(agent_module("codex"), path))
    return session


def runs(id_: str, text: str) -> Line:
    """A shell command."""
    given = json.dumps({"cmd": text})
    return {"type": "function_call", "call_id": id_, "name": "exec_command", "arguments": given}


def ended(id_: str, code: int = 0) -> Line:
    """What a tool gave back."""
    output = f"Process exited with code {code}\nOutput:\n"
    return {"type": "function_call_output", "call_id": id_, "output": output}


def patch(id_: str, *paths: str) -> Line:
    """A patch of files."""
    text = "*** Begin Patch\n" + "".join(f"*** Update File: {path}\n+x\n" for path in paths)
    return {"type": "custom_tool_call", "call_id": id_, "name": "apply_patch", "input": text}


def typed(text: str) -> Line:
    """What a person wrote."""
    return {"type": "user_message", "message": text}


SAID: Line = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "k"}],
}


class TestCodex:
    """The same from Codex's rollouts, which name no answer for a tool call."""

    def found(self, folder: Path, *items: Line | int) -> dict[str, Reason]:
        """Reasons towards a larger model of the same maker."""
        session = codex(folder, *items)
        return reasons(session, "gpt-6.2-sol")

    def test_a_command_that_runs_is_pending(self, tmp_path: Path) -> None:
        """Whether its usage was already logged or not."""
        start = [typed("Go"), runs("c0", "ls"), ended("c0"), 1_000]
        running = runs("c1", "sleep 99")
        for items in ([*start, running], [*start, running, 2_000]):
            assert (("tools", 1), ("name", "exec_command")) == (
                self.found(tmp_path, *items)["tool_pending"].facts
            )

    def test_its_result_leaves_the_turn_open_until_an_answer(self, tmp_path: Path) -> None:
        """Then nothing is open."""
        items = [typed("Go"), runs("c1", "ls"), 1_000, ended("c1")]
        assert ["turn_unfinished"] == list(self.found(tmp_path, *items))
        assert {} == self.found(tmp_path, *items, SAID, 2_000)

    def test_patched_files_wait_for_a_test_run(self, tmp_path: Path) -> None:
        """All files of a patch; a failing run counts, a search for its name does not."""
        items = [typed("Go"), patch("p", "a.py", "b.py", "c.md"), 1_000, ended("p"), SAID, 2_000]
        assert (("files", 2), ("tests", 0)) == (
            self.found(tmp_path, *items)["edits_unverified"].facts
        )
        search = [runs("c", "rg pytest"), 3_000, ended("c"), SAID, 4_000]
        assert "edits_unverified" in self.found(tmp_path, *items, *search)
        tested = [runs("c", "pytest -q"), 3_000, ended("c", 1), SAID, 4_000]
        assert {} == self.found(tmp_path, *items, *tested)

    def test_a_patch_inside_a_command_is_one(self, tmp_path: Path) -> None:
        """And so is one inside a script of the code-mode tool."""
        text = "apply_patch <<'E'\n*** Update File: a.py\nE"
        items = [typed("Go"), runs("c", text), 1_000, ended("c"), SAID, 2_000]
        assert 1 == self.found(tmp_path, *items)["edits_unverified"].fact("files")

    def test_commands_in_a_script_are_read(self, tmp_path: Path) -> None:
        """The first that matters: here a test run after an edit."""
        script = 'await f({"cmd":"ls"}); await f({"cmd":"go test ./..."})'
        given = {"type": "custom_tool_call", "call_id": "x", "name": "exec", "input": script}
        items = [typed("Go"), patch("p", "a.go"), 1_000, ended("p"), given, 2_000]
        output = {"type": "custom_tool_call_output", "call_id": "x", "output": "ok"}
        assert {} == self.found(tmp_path, *items, output, SAID, 3_000)

    def test_the_plan_and_the_rules(self, tmp_path: Path) -> None:
        """Open steps count, and rules five prompts back."""
        steps = [{"step": "x", "status": "pending"}, {"step": "y", "status": "completed"}]
        plan = {
            "type": "function_call", "call_id": "p", "name": "update_plan",
            "arguments": json.dumps({"plan": steps}),
        }  # fmt: skip
        items: list[Line | int] = [typed("Never push."), plan, 1_000, ended("p")]
        for number in range(5):
            items += [typed(f"Go on {'!' * number}"), SAID, 2_000 + number]
        found = self.found(tmp_path, *items)
        assert ["open_todos", "rules_far_back"] == sorted(found)
        assert 1 == found["open_todos"].fact("items")
        assert 5 == found["rules_far_back"].fact("prompts_since")

    def test_sealed_reasoning_among_sisters_is_not_known(self, tmp_path: Path) -> None:
        """No page says which OpenAI model reads another's; another maker's model does not."""
        sealed = {"type": "reasoning", "encrypted_content": "abc", "summary": []}
        session = codex(tmp_path, typed("Go"), sealed, SAID, 1_000)
        assert {} == reasons(session, "gpt-6.2-sol")
        assert 1 == reasons(session, OPUS)["reasoning_unreadable"].fact("calls")
