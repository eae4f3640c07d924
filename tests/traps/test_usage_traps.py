"""Traps that other meters fell into when they added sessions up."""

import json
from pathlib import Path
from typing import Any

import pytest

from claude_lines import OPUS, SONNET, answer, progress, transcript
from switchtax.cli import main


@pytest.fixture
def usage(home_dir: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    def usage(*lines: str, **more: str) -> dict[str, Any]:
        transcript(home_dir, "-x/s.jsonl", *lines)
        for name, text in more.items():
            transcript(home_dir, f"-x/{name}.jsonl", text)
        assert 0 == main(["usage", "--json", "--no-index"])
        document: dict[str, Any] = json.loads(capsysbinary.readouterr().out)
        return document

    return usage


def test_a_copied_message_is_paid_once(usage: Any) -> None:
    """Prevents paying a history again for each resume or fork that copied it (ccusage#1349)."""
    lines = [answer(f"m{n}", n) for n in range(5)]
    document = usage(*lines, fork="".join(lines), resumed="".join([*lines, answer("m9", 9)]))
    assert (6, 60) == (
        document["totals"]["with_embedded"]["calls"],
        document["totals"]["with_embedded"]["output_tokens"],
    )


def test_a_streaming_placeholder_is_not_the_output(usage: Any) -> None:
    """Prevents counting the first line of an answer, which loses a quarter of the output."""
    pieces = [answer("m1", n, output_tokens=size) for n, size in enumerate((1, 1, 412, 412))]
    (row,) = usage(*pieces)["sessions"][0]["models"]
    assert (1, 412, 1000) == (row["calls"], row["output_tokens"], row["cache_read_tokens"])


def test_sidechains_are_billed_and_make_no_switch(usage: Any) -> None:
    """Prevents leaving sub-agents unpaid, and taking their model for the conversation's."""
    lines = [answer("m1", 0), answer("a1", 1, SONNET, side=True), answer("m2", 2)]
    (session,) = usage(*lines)["sessions"]
    assert ({OPUS: 2, SONNET: 1}, 0) == (
        {row["model"]: row["calls"] for row in session["models"]},
        session["switches"],
    )


def test_embedded_usage_is_shown_apart_with_totals_both_ways(usage: Any) -> None:
    """Prevents losing what sub-agents used where their lines stand inside their parent's."""
    lines = [answer("m1", 0), progress("p1", 1, SONNET, output_tokens=100), answer("m2", 2)]
    document = usage(*lines, other=progress("p1", 1, SONNET, output_tokens=100))
    (session,) = document["sessions"]
    assert ([OPUS], 1, 0) == (
        [row["model"] for row in session["models"]],
        session["embedded"]["calls"],
        session["switches"],
    )
    # $3 in, $0.30 read, $15 out per million: 9 + 300 + 1500
    assert 1809 == session["embedded"]["usd_micros"]
    assert (20, 120) == (
        document["totals"]["without_embedded"]["output_tokens"],
        document["totals"]["with_embedded"]["output_tokens"],
    )


def test_cost_state_is_no_oracle(usage: Any) -> None:
    """Prevents believing the agent's own sum, which loses a model after a switch."""
    state = json.dumps(
        {
            "type": "cost-state",
            "sessionId": "s1",
            "totalCostUSD": 99.0,
            "modelUsage": {OPUS: {"inputTokens": 5, "output_tokens": 10**6, "costUSD": 99.0}},
        }
    )
    document = usage(answer("m1", 0), state + "\n", answer("m2", 1, SONNET))
    assert {OPUS: 10, SONNET: 10} == {
        row["model"]: row["output_tokens"] for row in document["sessions"][0]["models"]
    }
    assert [] == document["skipped_lines"]


def test_hour_and_5_minute_writes_stay_apart_to_the_end(usage: Any) -> None:
    """Prevents billing hour writes (2x input) as 5-minute ones (1.25x)."""
    split = {"ephemeral_5m_input_tokens": 1000, "ephemeral_1h_input_tokens": 3000}
    line = answer("m1", 0, cache_creation_input_tokens=4000, cache_creation=split)
    (row,) = usage(line)["sessions"][0]["models"]
    assert (1000, 3000) == (row["cache_write_5m_tokens"], row["cache_write_1h_tokens"])
    # $5 in, $0.50 read, $6.25 and $10 written, $25 out per million
    assert 15 + 500 + 6250 + 30000 + 250 == row["usd_micros"]


def test_a_model_without_a_price_is_listed_not_free(usage: Any) -> None:
    """Prevents a total that looks complete while a model counts $0."""
    document = usage(answer("m1", 0), answer("m2", 1, "nobody-1"))
    rows = document["sessions"][0]["models"]
    assert {"unknown": "no price card for nobody-1"} == rows[1]["usd_micros"]
    assert [("nobody-1", 1)] == [(r["model"], r["unpriced_calls"]) for r in document["unpriced"]]
    assert 1 == document["totals"]["with_embedded"]["unpriced_calls"]
    assert rows[0]["usd_micros"] == document["totals"]["with_embedded"]["usd_micros"]
