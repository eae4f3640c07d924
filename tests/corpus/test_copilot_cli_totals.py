"""Copilot CLI's totals against those of another meter, on real sessions."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Depth

AGENT = agent_module("copilot-cli")

OUTPUT_ONLY = {
    "10fb4666-56f0-4352-90fc-715caf95b418": {"claude-sonnet-4.6": (0, 0, 0, 19254)},
    "45f1a36c-ba4d-4362-9be9-027260dbd18e": {"gpt-5.6-sol": (0, 0, 0, 18112)},
}
"""Sessions never shut down: ccusage leaves them out, here their output is told."""


@pytest.mark.corpus
@pytest.mark.parametrize("depth", Depth)
def test_totals_equal_ccusage(corpus: Path, depth: Depth) -> None:
    """Every session that ccusage lists has its totals, model by model and bucket by bucket."""
    expected = json.loads((corpus / "expected" / "cc_copilot_session.json").read_text())
    theirs = {
        session["sessionId"]: {
            model["modelName"]: (
                model["inputTokens"],
                model["cacheReadTokens"],
                model["cacheCreationTokens"],
                model["outputTokens"],
            )
            for model in session["modelBreakdowns"]
        }
        for session in expected["sessions"]
    }
    records = {p.stem: read_file(AGENT, p, depth) for p in corpus.glob("copilot/*.jsonl")}
    ours = {
        session: {model: sums for model, sums in totals(found).items() if model}
        for session, found in records.items()
    }
    assert theirs | OUTPUT_ONLY == ours
    for session in OUTPUT_ONLY:
        assert not any(c.sent_recorded for c in calls(records[session]))
