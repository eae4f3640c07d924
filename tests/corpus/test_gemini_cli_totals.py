"""Gemini CLI's totals against those of another meter, on real sessions."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Depth

AGENT = agent_module("gemini-cli")


@pytest.mark.corpus
@pytest.mark.parametrize("depth", Depth)
def test_totals_equal_ccusage(corpus: Path, depth: Depth) -> None:
    """Every session, model and bucket equals ccusage's; thoughts, which it omits, stand apart."""
    expected = json.loads((corpus / "expected" / "cc_gemini_session.json").read_text())
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
    files = [*corpus.glob("gemini/*.json"), *corpus.glob("gemini_jsonl/*.jsonl")]
    records = {path.stem: read_file(AGENT, path, depth) for path in files}
    assert theirs == {session: totals(found) for session, found in records.items()}
    thoughts = sum(c.usage.reasoning_tokens for found in records.values() for c in calls(found))
    assert 8291 == thoughts, "what ccusage leaves out of output"
