"""pi's totals against those of another meter, on real sessions."""

import json
from pathlib import Path

import pytest

from agent_reading import read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Depth

AGENT = agent_module("pi")


@pytest.mark.corpus
@pytest.mark.parametrize("depth", Depth)
def test_totals_equal_ccusage(corpus: Path, depth: Depth) -> None:
    """Every session, model and bucket equals ccusage's."""
    expected = json.loads((corpus / "expected" / "cc_pi_session.json").read_text())
    theirs = {
        session["sessionId"]: {
            model["modelName"].removeprefix("[pi] "): (
                model["inputTokens"],
                model["cacheReadTokens"],
                model["cacheCreationTokens"],
                model["outputTokens"],
            )
            for model in session["modelBreakdowns"]
        }
        for session in expected["sessions"]
    }
    ours = {path.stem: totals(read_file(AGENT, path, depth)) for path in corpus.glob("pi/*.jsonl")}
    assert theirs == ours
