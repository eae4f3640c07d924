"""What people read of a handoff's risk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, START, make, talk
from switchtax import wording
from switchtax.catalog.drift import table
from switchtax.estimates.drift import Level, Reason, Risk
from switchtax.estimates.for_session import answer
from switchtax.records import Unknown

SONNET = "claude-sonnet-5-5"
FACTS: dict[str, dict[str, int | str]] = {
    "does_not_fit": {"tokens": 300_000, "window_tokens": 200_000},
    "reasoning_unreadable": {"calls": 14},
    "tool_pending": {"tools": 1, "name": "Bash"},
    "turn_unfinished": {},
    "open_todos": {"items": 3},
    "edits_unverified": {"files": 3, "tests": 2},
    "rules_far_back": {"prompts_since": 12, "prompts": 1},
    "tier_drop": {"steps": 1},
    "tools_differ": {},
    "window_near": {"tokens": 170_000, "window_tokens": 200_000},
    "fresh_summary": {"calls_since": 2},
}


def reason(signal: str, **changes: int | str) -> Reason:
    """A reason with facts."""
    row = table().signals[signal]
    facts = FACTS[signal] | changes
    return Reason(signal, row.points, tuple(facts.items()), row.modes, row.evidence)


def words(risk: Risk | Unknown) -> str:
    """What a popup says of a risk."""
    found = answer(make(*talk(2)), SONNET, START + 90, BOOK)
    return wording.risk_words(replace(found, risk=risk))


def test_each_signal_has_facts_here() -> None:
    """So that none goes without words."""
    assert set(table().signals) == set(FACTS)


@pytest.mark.parametrize(
    ("signal", "changes", "line"),
    [
        ("does_not_fit", {}, "300k tokens do not fit: Sonnet 5.5 holds 200k"),
        ("reasoning_unreadable", {}, "reasoning of 14 calls cannot be read by Sonnet 5.5"),
        ("reasoning_unreadable", {"calls": 1}, "reasoning of 1 call cannot be read by Sonnet 5.5"),
        ("tool_pending", {}, "a tool call (Bash) has no result yet"),
        ("tool_pending", {"tools": 2}, "2 tool calls have no result yet"),
        (
            "turn_unfinished",
            {},
            "the last answer called tools and has not gone on: the turn is open",
        ),
        ("open_todos", {}, "3 items of the to-do list still open"),
        ("edits_unverified", {}, "3 files edited since the last test run"),
        ("edits_unverified", {"files": 1, "tests": 0}, "1 file edited, no test run so far"),
        ("rules_far_back", {}, "rules you gave stand 12 prompts back and were not repeated"),
        ("tier_drop", {}, "Sonnet 5.5 is a smaller model"),
        ("tier_drop", {"steps": 2}, "Sonnet 5.5 is a smaller model, by 2 steps"),
        ("tools_differ", {}, "Sonnet 5.5 gets other tools and instructions from the agent"),
        ("window_near", {}, "170k tokens fill most of the 200k that Sonnet 5.5 holds"),
        ("fresh_summary", {}, "the history was summed up just now: that helps"),
    ],
)
def test_a_reason_names_the_thing_in_this_session(
    signal: str, changes: dict[str, int | str], line: str
) -> None:
    """One clause with its number, for `--explain` and reports."""
    assert line == wording.reason_line(reason(signal, **changes), SONNET)


@pytest.mark.parametrize(
    ("signal", "said"),
    [
        ("does_not_fit", "Risk high: the context does not fit."),
        ("reasoning_unreadable", "Risk high: reasoning of 14 calls is lost."),
        ("tool_pending", "Risk high: a tool call is pending."),
        ("turn_unfinished", "Risk high: the turn is not finished."),
        ("open_todos", "Risk high: 3 to-dos open."),
        ("edits_unverified", "Risk high: 3 edited files untested."),
        ("rules_far_back", "Risk high: your rules stand far back."),
        ("tier_drop", "Risk high: a smaller model."),
        ("tools_differ", "Risk high: other tools and instructions."),
        ("window_near", "Risk high: the window is nearly full."),
    ],
)
def test_a_popup_says_the_weightiest(signal: str, said: str) -> None:
    """Short enough to leave room for the wait on the same line."""
    assert said == words(Risk(Level.HIGH, 4, (reason(signal), reason("tier_drop"))))
    assert len(said) <= 45


def test_several_pending_calls_are_counted() -> None:
    """In the popup, too."""
    found = Risk(Level.MEDIUM, 2, (reason("tool_pending", tools=3),))
    assert "Risk medium: 3 tool calls are pending." == words(found)


@pytest.mark.parametrize("risk", [Risk(Level.LOW, 1, ()), Unknown("no call")])
def test_low_and_unknown_risks_are_not_spoken_of(risk: Risk | Unknown) -> None:
    """A popup has better things to say."""
    assert "" == words(risk)


def test_where_a_reason_comes_from_is_named() -> None:
    """What it may lead to, and the first of its sources."""
    assert "lost context, other conventions; arxiv.org/abs/2606.02875" == wording.evidence_words(
        reason("edits_unverified")
    )
    assert "lowers the risk; arxiv.org/abs/2606.02875" == wording.evidence_words(
        reason("fresh_summary")
    )


def test_no_sentence_speaks_of_quality() -> None:
    """A level of caution, never a percentage of how good an answer will be."""
    for signal in FACTS:
        assert "%" not in wording.reason_line(reason(signal), SONNET)
