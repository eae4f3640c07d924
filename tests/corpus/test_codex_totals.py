"""Codex's totals against those of another meter, on real sessions."""

import json
import shutil
from pathlib import Path

import pytest

from agent_reading import calls, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Depth

AGENT = agent_module("codex")


@pytest.mark.corpus
@pytest.mark.parametrize("depth", Depth)
def test_totals_equal_ccusage(corpus: Path, tmp_path: Path, depth: Depth) -> None:
    """Every session, model and bucket equals ccusage's, reasoning too: no difference is left."""
    expected = json.loads((corpus / "expected" / "cc_codex_session.json").read_text())
    theirs = {
        session["sessionFile"].split("-", 6)[-1]: {
            model: (
                sums["inputTokens"],
                sums["cacheReadTokens"],
                sums["cacheCreationTokens"],
                sums["outputTokens"],
            )
            for model, sums in session["models"].items()
        }
        for session in expected["sessions"]
    }
    for path in corpus.glob("codex/*.jsonl"):
        shutil.copyfile(path, tmp_path / f"rollout-2026-01-01T00-00-00-{path.name}")
    files = {path.stem.split("-", 6)[-1]: path for path in tmp_path.iterdir()}
    records = {name: read_file(AGENT, path, depth) for name, path in files.items()}
    assert theirs == {name: totals(found) for name, found in records.items()}
    thoughts = sum(c.usage.reasoning_tokens for found in records.values() for c in calls(found))
    assert expected["totals"]["reasoningOutputTokens"] == thoughts
