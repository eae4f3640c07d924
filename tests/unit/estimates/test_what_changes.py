"""What a switch changes besides the model, how it is paid, and the word for it."""

from __future__ import annotations

import pytest

from switchtax.estimates.billing import BillingKind, billing_of
from switchtax.estimates.context_delta import (
    ContextDelta,
    context_delta,
    family_of,
)
from switchtax.estimates.horizon import Horizon
from switchtax.estimates.inputs import NOTHING
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.money import Money
from switchtax.estimates.switching import Comparison
from switchtax.estimates.verdict import Direction, VerdictWord, verdict_of
from switchtax.records import Unknown
from switchtax.sessions.codex_facts import Room, appended_chars

THOUGHTS = Interval(5_000, 8_000, 12_000)
NO = Unknown("not known")


class TestContextDelta:
    def test_the_same_model_changes_nothing(self) -> None:
        found = context_delta("gpt-5.5", "gpt-5.5", "codex", reasoning_tokens=THOUGHTS)
        assert ContextDelta() == found
        assert exactly(0) == found.tokens

    def test_another_maker_cannot_read_the_reasoning(self) -> None:
        found = context_delta(
            "claude-opus-5-5", "gemini-3-pro", "opencode", reasoning_tokens=THOUGHTS
        )
        assert THOUGHTS == found.removed_tokens
        assert Interval(-12_000, -8_000, -5_000) == found.tokens
        assert ("reasoning_dropped",) == found.reasons

    def test_a_sister_model_reads_it_for_some_pairs(self) -> None:
        found = context_delta(
            "claude-opus-5-5", "claude-sonnet-5-5", "claude-code", reasoning_tokens=THOUGHTS
        )
        assert Interval(0, 8_000, 12_000) == found.removed_tokens

    def test_two_unknown_makers_are_not_sisters(self) -> None:
        found = context_delta("abc", "xyz", "pi", reasoning_tokens=THOUGHTS)
        assert THOUGHTS == found.removed_tokens

    def test_no_reasoning_no_reason(self) -> None:
        assert ContextDelta() == context_delta("claude-a", "claude-b", "pi")

    def test_claude_code_tells_the_new_model_of_itself(self) -> None:
        found = context_delta("claude-a", "claude-b", "claude-code")
        assert Interval(60, 190, 330) == found.tokens
        assert ("model_reminder",) == found.reasons
        assert found.compaction_first is False

    def test_codex_appends_text_where_hashes_are_equal(self) -> None:
        found = context_delta("gpt-6-sol", "gpt-6.1-sol", "codex", reasoning_tokens=THOUGHTS)
        added = (21_769 + 920 + 850) * 0.24
        assert Interval(added - added * 0.1, added, added + added * 0.1) == found.added_tokens
        assert found.compaction_first is False
        assert ("model_switch_text", "reasoning_dropped") == found.reasons
        mid, unsure = added - 8_000, added * 0.1
        assert pytest.approx(mid) == found.tokens.mid
        assert pytest.approx(mid - (unsure**2 + 4_000**2) ** 0.5) == found.tokens.low
        assert pytest.approx(mid + (unsure**2 + 8_000**2) ** 0.5) == found.tokens.high

    def test_a_character_costs_what_the_session_has_taught(self) -> None:
        found = context_delta("gpt-6-sol", "gpt-6.1-terra", "codex", tokens_per_char=0.5)
        assert (21_420 + 1_056 + 850) * 0.5 == found.added_tokens.mid

    def test_codex_compacts_first_where_they_differ(self) -> None:
        found = context_delta("gpt-5.5", "gpt-6.1-sol", "codex", reasoning_tokens=THOUGHTS)
        assert found.compaction_first is True
        assert NOTHING == found.tokens
        assert ("compaction_first",) == found.reasons

    def test_recorded_hashes_come_before_the_table(self) -> None:
        found = context_delta("gpt-5.5", "gpt-6.1-sol", "codex", comp_hashes=("7", "7"))
        assert found.compaction_first is False
        found = context_delta("gpt-6-sol", "gpt-6.1-sol", "codex", comp_hashes=("1", ""))
        assert found.compaction_first is True

    @pytest.mark.parametrize(
        ("old", "new"), [("gpt-5.4-mini", "gpt-5.5"), ("gpt-5.5", "gpt-5.4-mini")]
    )
    def test_an_unnamed_model_leaves_it_open(self, old: str, new: str) -> None:
        found = context_delta(old, new, "codex", reasoning_tokens=THOUGHTS)
        assert Interval(0, 8_000, 12_000) == found.removed_tokens
        assert ("reasoning_dropped",) == found.reasons
        unknown = Unknown("Codex names no compaction hash for gpt-5.4-mini")
        assert unknown == found.compaction_first
        chars = appended_chars(old, new, Room(old, is_on_screen=True, is_hosted=True))
        assert chars * 0.24 == found.added_tokens.mid

    def test_copilot_has_other_tools_for_another_family(self) -> None:
        found = context_delta("gpt-5.4", "claude-sonnet-4.5", "copilot-cli")
        assert exactly(-700) == found.tokens
        assert exactly(700) == context_delta("claude-x", "gpt-5.4", "copilot-cli").tokens
        assert ("system_and_tools_differ",) == found.reasons
        assert found.compaction_first is False
        found = context_delta("gpt-5", "claude-x", "copilot-cli", reasoning_tokens=THOUGHTS)
        assert Interval(5_700, 8_700, 12_700) == found.removed_tokens
        assert exactly(0) == found.added_tokens
        assert ("system_and_tools_differ", "reasoning_dropped") == found.reasons

    def test_copilot_within_a_family_and_beyond_the_known_ones(self) -> None:
        assert ContextDelta() == context_delta("gpt-5.4", "gpt-5.5", "copilot-cli")
        found = context_delta("gpt-5.4", "gpt-5.5", "copilot-cli", reasoning_tokens=THOUGHTS)
        assert Interval(0, 8_000, 12_000) == found.removed_tokens
        assert ("reasoning_dropped",) == found.reasons
        found = context_delta("gpt-5.4", "gemini-3-pro", "copilot-cli")
        assert (exactly(0), ("system_and_tools_differ",)) == (found.tokens, found.reasons)
        found = context_delta("gpt-5.4", "gemini-3", "copilot-cli", reasoning_tokens=THOUGHTS)
        assert THOUGHTS == found.removed_tokens
        found = context_delta("gemini-3-pro", "gpt-5.4", "copilot-cli")
        assert ("system_and_tools_differ",) == found.reasons

    def test_families(self) -> None:
        assert ["claude", "gpt", ""] == [
            family_of(name) for name in ("claude-opus-5-5", "gpt-6-sol", "mystery")
        ]


class TestBilling:
    def test_the_session_says_it_is_a_plan(self) -> None:
        found = billing_of("codex", plan="Pro ")
        assert BillingKind.SUBSCRIPTION is found.kind
        assert "the session names the plan pro" == found.evidence
        found = billing_of("claude-code", rate_limits_seen=True)
        assert BillingKind.SUBSCRIPTION is found.kind
        assert "the session records a plan's limits" == found.evidence

    def test_what_the_session_says_comes_before_what_is_set_around_it(self) -> None:
        keys = {"ANTHROPIC_API_KEY": "x"}
        found = billing_of("claude-code", rate_limits_seen=True, environment=keys)
        assert BillingKind.SUBSCRIPTION is found.kind
        found = billing_of("codex", plan=" API ", rate_limits_seen=True)
        assert BillingKind.METERED is found.kind
        assert "the session names the plan api" == found.evidence

    def test_a_key_means_by_the_token_and_is_not_kept(self) -> None:
        found = billing_of("claude-code", environment={"ANTHROPIC_API_KEY": "secret"})
        assert BillingKind.METERED is found.kind
        assert "ANTHROPIC_API_KEY is set" == found.evidence

    @pytest.mark.parametrize(
        ("agent", "keys"),
        [
            ("claude-code", {"ANTHROPIC_API_KEY": ""}),
            ("codex", {"OPENAI_API_KEY": "x"}),
            ("claude-code", {"OPENAI_API_KEY": "x"}),
            ("no_such_agent", {"OPENAI_API_KEY": "x"}),
            ("pi", None),
        ],
    )
    def test_no_evidence_is_unknown(self, agent: str, keys: dict[str, str] | None) -> None:
        found = billing_of(agent, environment=keys)
        assert BillingKind.UNKNOWN is found.kind
        assert "no plan, no limits and no key were seen" == found.evidence

    def test_cursor_is_on_a_plan_that_amounts_are_set_off_against(self) -> None:
        found = billing_of("cursor", environment={"ANTHROPIC_API_KEY": "x"})
        assert (BillingKind.SUBSCRIPTION, True) == (found.kind, found.is_set_off)
        assert "cursor is paid for by a plan" == found.evidence

    def test_a_plan_named_unknown_is_no_plan(self) -> None:
        assert BillingKind.UNKNOWN is billing_of("codex", plan="unknown").kind


def amount(mid: int, spread: int = 0) -> Money:
    return Money(mid - spread, mid, mid + spread)


def horizon(stay: int, extra: int, spread: int = 0) -> Horizon:
    return Horizon(10, exactly(10), amount(stay), amount(stay + extra), amount(extra, spread), NO)


WARM = Comparison(amount(1_000_000), amount(900_000), amount(-100_000))


class TestVerdict:
    @pytest.mark.parametrize(
        ("stay", "extra", "word"),
        [
            (1_000_000, -20_001, VerdictWord.SWITCH),
            (1_000_000, -20_000, VerdictWord.EVEN),
            (1_000_000, 20_000, VerdictWord.EVEN),
            (1_000_000, 20_001, VerdictWord.STAY),
            (10_000, 5_000, VerdictWord.EVEN),
            (10_000, -5_000, VerdictWord.EVEN),
            (10_000, 5_001, VerdictWord.STAY),
            (10_000, -5_001, VerdictWord.SWITCH),
        ],
    )
    def test_even_within_two_percent_or_half_a_cent(
        self, stay: int, extra: int, word: VerdictWord
    ) -> None:
        found = verdict_of(horizon(stay, extra), WARM)
        assert word is found.word
        assert found.sure

    @pytest.mark.parametrize(("spread", "sure"), [(70_000, True), (90_000, False)])
    def test_sure_if_both_ends_agree(self, spread: int, sure: bool) -> None:
        assert sure is verdict_of(horizon(1_000_000, -100_000, spread), WARM).sure
        assert sure is verdict_of(horizon(1_000_000, 100_000, spread), WARM).sure

    @pytest.mark.parametrize(
        ("more", "direction"),
        [
            (-20_001, Direction.CHEAPER), (-20_000, Direction.SAME), (20_000, Direction.SAME),
            (20_001, Direction.DEARER),
        ],
    )  # fmt: skip
    def test_direction(self, more: int, direction: Direction) -> None:
        warm = Comparison(amount(1_000_000), amount(1_000_000 + more), amount(more))
        found = verdict_of(horizon(1_000_000, 0), warm)
        assert direction is found.direction
        assert found.mentions_break_even is (direction is Direction.CHEAPER)

    def test_to_a_dearer_model_the_word_still_compares_totals(self) -> None:
        """The other cache may be the warm one: dearer by the call, cheaper for these turns."""
        warm = Comparison(amount(1_000_000), amount(1_500_000), amount(500_000))
        found = verdict_of(horizon(1_000_000, -300_000), warm)
        assert (VerdictWord.SWITCH, Direction.DEARER) == (found.word, found.direction)
        assert not found.mentions_break_even

    def test_unknowns_keep_their_reason(self) -> None:
        known = horizon(1, 1)
        for broken in (
            NO,
            Horizon(10, known.calls, NO, known.switch, NO, NO),
            Horizon(10, known.calls, known.stay, NO, NO, NO),
        ):
            found = verdict_of(broken, WARM)
            assert (VerdictWord.UNKNOWN, "not known") == (found.word, found.reason)
            assert Direction.CHEAPER is found.direction
        assert Direction.UNKNOWN is verdict_of(known, Comparison(amount(1), NO, NO)).direction
        assert Direction.UNKNOWN is verdict_of(known, Comparison(NO, NO, NO)).direction
