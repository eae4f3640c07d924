"""What makes a handoff risky: each signal has its evidence, and models are told apart."""

from datetime import date

import pytest

from switchtax.catalog.drift import edits_otherwise, reads, table, tier
from switchtax.estimates.drift import Step

MODES = {"style_drift", "lost_context", "instruction_ambiguity", "reasoning_discontinuity"}
OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"


def test_each_signal_has_published_evidence() -> None:
    """A signal without evidence has no row; keys name rows that are there."""
    known = table().evidence
    for signal in table().signals.values():
        assert signal.evidence, signal.name
        assert {*signal.evidence, *signal.against} <= set(known), signal.name
        assert set(signal.modes) <= MODES, signal.name
        assert signal.modes or signal.points < 0, signal.name


def test_each_finding_has_a_place_and_a_date_and_is_used() -> None:
    """What nobody points at is not kept."""
    used = {
        key for signal in table().signals.values() for key in (*signal.evidence, *signal.against)
    }
    assert used == set(table().evidence)
    for found in table().evidence.values():
        assert found.source.startswith("https://"), found.key
        assert date(2024, 1, 1) < date.fromisoformat(found.date) <= date(2026, 11, 21), found.key
        assert found.claim, found.key


def test_no_finding_against_is_hidden() -> None:
    """The matrix and the takeover study also say where switching did no harm."""
    against = {key for signal in table().signals.values() for key in signal.against}
    assert {"switch-matrix-gains", "roulette", "handoff-debt-solved"} <= against


def test_levels_rise() -> None:
    """More points never mean a lower level."""
    levels = table().levels
    assert 0 < levels.medium < levels.high < levels.severe


def test_each_step_before_a_handoff_ends_some_signal() -> None:
    """And no row names a step that nobody takes."""
    named = {step for signal in table().signals.values() for step in signal.ended_by}
    assert set(Step) == named


def test_many_things_count_more() -> None:
    """From `many` on; a signal without such a number counts the same for any."""
    todos, lost = table().signals["open_todos"], table().signals["reasoning_unreadable"]
    assert (1, 1, 2, 2) == tuple(todos.points_for(count) for count in (1, 2, 3, 40))
    assert (2, 2) == (lost.points_for(1), lost.points_for(500))


@pytest.mark.parametrize(
    ("small", "large"),
    [
        (HAIKU, SONNET),
        ("claude-sonnet-4-5-20250929", OPUS),
        (OPUS, "claude-fable-5-2"),
        ("gpt-5-nano", "gpt-5-mini"),
        ("gpt-5-mini", "gpt-5.5"),
        ("gpt-6.1-luna", "gpt-6.1-terra"),
        ("gpt-6.1-terra", "gpt-6.1-sol"),
        ("gemini-2.5-flash-lite", "gemini-2.5-flash"),
        ("gemini-2.5-flash", "gemini-2.5-pro"),
    ],
)
def test_tiers_of_one_maker(small: str, large: str) -> None:
    """By the words in a name."""
    one, other = tier(small), tier(large)
    assert one is not None and other is not None
    assert one < other


def test_a_model_whose_name_tells_no_tier_has_none() -> None:
    """Neither a stranger's nor a maker's without steps."""
    assert tier("qwen3-coder") is None
    assert tier("my-local-model") is None
    assert tier("claude-next") is None


@pytest.mark.parametrize(
    ("reader", "writer", "does"),
    [
        (OPUS, OPUS, True),
        (OPUS, "claude-opus-5", True),
        (OPUS, "claude-sonnet-4-5", True),
        (OPUS, SONNET, True),
        (OPUS, "claude-fable-5-1", False),
        (OPUS, "claude-fable-5-2", False),
        (SONNET, OPUS, False),
        (SONNET, "claude-opus-5", False),
        (SONNET, "claude-opus-4-5-20251101", True),
        (HAIKU, OPUS, False),
        ("claude-opus-5", OPUS, False),
        ("claude-opus-5", SONNET, False),
        ("claude-fable-5-1", OPUS, True),
        ("claude-fable-5-1", SONNET, False),
        ("claude-fable-5-2", OPUS, None),
        ("claude-sonnet-4-5", "claude-opus-4-5", None),
        (OPUS, HAIKU, None),
        ("gpt-6.1-sol", "gpt-6.1-terra", None),
        ("gpt-6.1-sol", OPUS, False),
        ("my-local-model", OPUS, None),
    ],
)
def test_who_reads_whose_reasoning(reader: str, writer: str, does: bool | None) -> None:
    """As the provider's pages say; another maker's is never read; else it is not known."""
    assert does is reads(reader, writer)


def test_an_agent_with_other_tools_for_one_maker() -> None:
    """OpenCode: GPT against the rest, both ways; nothing is said of a stranger."""
    assert edits_otherwise("opencode", "gpt-6.1-sol", OPUS)
    assert edits_otherwise("opencode", OPUS, "gpt-6.1-sol")
    assert not edits_otherwise("opencode", OPUS, "gemini-3-pro")
    assert not edits_otherwise("opencode", OPUS, "my-local-model")
    assert not edits_otherwise("pi", OPUS, "gpt-6.1-sol")
