"""The level that reasons add up to, and what is said of a handoff afterwards."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from claude_transcript import prompt, result, system
from making import call, make, talk
from risk_transcripts import (
    OPUS,
    ROOM,
    SONNET,
    claude,
    done,
    edits,
    reasons,
    says,
    thought,
    use,
)
from switchtax.catalog.drift import table
from switchtax.config.keys import RiskPoints
from switchtax.estimates.drift import Fit, Level, Risk, Step, risk_after, risk_of
from switchtax.estimates.interval import exactly
from switchtax.records import Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from switchtax.sessions.fold import Session


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
