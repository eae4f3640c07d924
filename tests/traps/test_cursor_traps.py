"""Traps of Cursor's hooks: sums that are no contexts, names that are no models."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, read_file
from making import BOOK
from switchtax.agents import agent_module
from switchtax.estimates.for_session import Answer, answer
from switchtax.estimates.interval import Interval
from switchtax.material import is_material
from switchtax.meter import spent_usd_micros
from switchtax.records import Unknown
from switchtax.sessions.fold import Session

AGENT = agent_module("cursor")
OPUS, SONNET = "claude-opus-4-8-thinking-high", "claude-sonnet-4-6"
AT = 1_795_251_600.0


def _lines(*turns: tuple[str, int, int, int, int, int]) -> list[dict[str, object]]:
    """Model, input, output, read, written, and the context after each turn."""
    lines: list[dict[str, object]] = []
    for number, (model, sent, output, read, wrote, context) in enumerate(turns):
        at, common = AT + 60 * number, {"v": 1, "generation": f"g{number}", "model": model}
        counts = {
            "input_tokens": sent,
            "output_tokens": output,
            "cache_read_tokens": read,
            "cache_write_tokens": wrote,
        }
        lines += [
            common | {"at": at, "event": "prompt"},
            common | {"at": at + 20, "event": "turn", "status": "completed"} | counts,
            {"v": 1, "at": at + 21, "event": "context", "context_tokens": context},
        ]
    return lines


def _session(folder: Path, lines: list[dict[str, object]]) -> Session:
    path = folder / "c-1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = Session("cursor", "c-1", str(path), rules_for=BOOK.rules)
    found.add_all(read_file(AGENT, path))
    return found


def _to(found: Session, model: str) -> Answer:
    return answer(found, model, found.last_at + 30, BOOK)


def _rebuilt(found: Answer) -> Interval:
    rebuilt = found.estimate.rebuild
    assert not isinstance(rebuilt, Unknown) and not isinstance(rebuilt.tokens, Unknown)
    return rebuilt.tokens


def test_the_input_holds_what_was_read_and_written(tmp_path: Path) -> None:
    """Prevents adding the caches twice: 23,666 tokens, of which 23,617 read and 47 written."""
    found = _session(tmp_path, _lines((OPUS, 23_666, 61, 23_617, 47, 23_700)))
    (call,) = found.calls.values()
    assert (2, 23_617, 47) == (
        call.usage.uncached_tokens,
        call.usage.cache_read_tokens,
        call.usage.cache_write_tokens,
    )
    dollars = 2 * 5 + 23_617 * 0.5 + 47 * 6.25 + 61 * 25
    assert round(dollars) == spent_usd_micros(found, BOOK)


def test_a_switch_re_reads_the_context_and_not_the_sum_of_a_turn(tmp_path: Path) -> None:
    """Prevents estimates ten times too dear: a turn with tools sends its context many times."""
    found = _session(tmp_path, _lines((OPUS, 905_000, 4_000, 850_000, 54_000, 64_000)))
    tokens = _rebuilt(_to(found, SONNET))
    assert 0 < tokens.low <= tokens.mid <= tokens.high < 70_000


def test_a_turn_of_many_requests_is_not_one_long_one(tmp_path: Path) -> None:
    """Prevents the price of long requests: each is as long as the context at most."""
    found = _session(tmp_path, _lines(("gpt-5.6-sol", 905_000, 4_000, 850_000, 0, 64_000)))
    card = BOOK.card("gpt-5.6-sol", AT, "cursor")
    assert not isinstance(card, Unknown)
    assert card.tiers[0].above_tokens < 905_000
    (call,) = found.calls.values()
    cheap = sum(
        tokens * rate
        for tokens, rate in (
            (call.usage.uncached_tokens, card.rates.input),
            (call.usage.cache_read_tokens, card.rates.cache_read),
            (call.usage.output_tokens, card.rates.output),
        )
        if isinstance(rate, int)
    )
    assert round(cheap / 1e6) == spent_usd_micros(found, BOOK)


@pytest.mark.parametrize(("before", "after"), [(OPUS, "default"), ("default", SONNET)])
def test_auto_is_never_worth_a_word(tmp_path: Path, before: str, after: str) -> None:
    """Prevents warnings of a model that nobody knows; its price is unknown, and not $0."""
    counts = 400_000, 900, 300_000, 99_000, 180_000
    assert is_material(_to(_session(tmp_path, _lines((OPUS, *counts))), SONNET))
    assert not is_material(_to(_session(tmp_path, _lines((before, *counts))), after))
    assert isinstance(BOOK.card("default", AT, "cursor"), Unknown)


def test_settings_in_a_name_are_no_model(tmp_path: Path) -> None:
    """Prevents unknown prices, and a switch where only the effort was changed."""
    low = "claude-opus-4-8-low-fast"
    turns = ((OPUS, 20_000, 9, 10_000, 9_000, 20_000), (low, 21_000, 9, 20_000, 900, 21_000))
    found = _session(tmp_path, _lines(*turns))
    assert ([], 2) == (found.switches, len(found.calls))
    assert [("high", False), ("low", True)] == [(c.effort, c.fast) for c in found.calls.values()]
    assert isinstance(spent_usd_micros(found, BOOK), int)


def test_turns_that_were_refused_or_left_cost_nothing(tmp_path: Path) -> None:
    """Prevents turns of prompts that were never sent, and of answers that never came."""
    lines = _lines((OPUS, 20_000, 9, 10_000, 9_000, 20_000))
    lines += [
        {"v": 1, "at": AT + 90, "event": "prompt", "generation": "r", "refused": True},
        {"v": 1, "at": AT + 95, "event": "prompt", "generation": "a", "model": OPUS},
        {"v": 1, "at": AT + 99, "event": "turn", "generation": "a", "status": "aborted"},
    ]
    found = _session(tmp_path, lines)
    assert (1, 2) == (len(found.calls), found.turns)
    assert ["c-1:g0"] == [call.id for call in calls(read_file(AGENT, tmp_path / "c-1.jsonl"))]


def test_after_a_summary_the_context_that_was_told_counts(tmp_path: Path) -> None:
    """Prevents guessing at what is left, where Cursor says it."""
    lines = _lines((OPUS, 400_000, 900, 300_000, 99_000, 180_000))
    lines += [
        {"v": 1, "at": AT + 40, "event": "compact", "trigger": "manual", "context_tokens": 180_000},
        {"v": 1, "at": AT + 50, "event": "context", "context_tokens": 30_000},
    ]
    found = _to(_session(tmp_path, lines), SONNET)
    sent = found.stay.outlook.sent_tokens
    assert 30_000 <= sent.low <= sent.mid < 32_000
    assert "the history was replaced" == found.stay.outlook.evidence
    assert not is_material(found)
