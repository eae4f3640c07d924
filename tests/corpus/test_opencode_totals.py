"""OpenCode's totals against those of another meter, on real sessions."""

import json
from pathlib import Path

import pytest

from agent_reading import read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Depth

AGENT = agent_module("opencode")


@pytest.mark.corpus
@pytest.mark.parametrize("stored", [True, False], ids=["storage", "export"])
@pytest.mark.parametrize("depth", Depth)
def test_totals_equal_ccusage(corpus: Path, tmp_path: Path, depth: Depth, stored: bool) -> None:
    """Every session, model and bucket equals ccusage's, from storage and from exports."""
    expected = json.loads((corpus / "expected" / "cc_opencode_session.json").read_text())
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
    files = sorted(corpus.glob("opencode/*.json"))
    if stored:
        for path in files:
            _store(path, tmp_path)
        ours = {
            found.session_id: totals(AGENT.read(found, None, depth).records)
            for found in AGENT.find(tmp_path)
        }
    else:
        ours = {path.stem: totals(read_file(AGENT, path, depth)) for path in files}
    assert theirs == ours


def _store(export: Path, data: Path) -> None:
    """Lay an export out as OpenCode stored sessions before 1.2."""
    document = json.loads(export.read_text())
    folder = data / "storage" / "message" / export.stem
    folder.mkdir(parents=True)
    for number, message in enumerate(document["messages"]):
        info = message["info"] | {"id": f"msg_{number:05}", "sessionID": export.stem}
        (folder / f"{info['id']}.json").write_text(json.dumps(info))
