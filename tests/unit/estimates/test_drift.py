"""The level of a handoff, and each reason: true on transcripts made for it, silent on others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from claude_transcript import command, prompt, result, system
from making import BOOK, make, talk
from risk_transcripts import (
    HAIKU,
    OPUS,
    SOL,
    SONNET,
    TERRA,
    Line,
    claude,
    done,
    edits,
    reasons,
    says,
    shell,
    thought,
    use,
)
from switchtax.estimates.drift import Fit, Level, Reason, Risk, risk_of
from switchtax.estimates.for_session import answer as answer_for
from switchtax.estimates.interval import exactly
from switchtax.records import Unknown

if TYPE_CHECKING:
    from pathlib import Path


# -- Claude Code ----------------------------------------------------------------------


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


# -- Codex ----------------------------------------------------------------------------
