"""Claude Code's totals against those of another meter, on real sessions."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Call, Depth, Unreadable

AGENT = agent_module("claude-code")


def _by_id(corpus: Path, depth: Depth) -> dict[str, Call]:
    """Every call once: a copy in another file is the same, the larger output wins."""
    found: dict[str, Call] = {}
    for path in sorted(corpus.glob("claude/**/*.jsonl")):
        for call in calls(read_file(AGENT, path, depth)):
            known = found.get(call.id)
            if known is None or call.usage.output_tokens >= known.usage.output_tokens:
                found[call.id] = call
    return found


@pytest.mark.corpus
@pytest.mark.parametrize("depth", Depth)
def test_totals_equal_ccusage(corpus: Path, depth: Depth) -> None:
    """Every model and bucket equals ccusage's; embedded sub-agents, which it leaves out, apart."""
    expected = json.loads((corpus / "expected" / "cc_claude_session.json").read_text())
    theirs: dict[str, tuple[int, ...]] = {}
    for session in expected["sessions"]:
        for model in session["modelBreakdowns"]:
            name = model["modelName"].removesuffix("-fast")
            more = [
                model[bucket]
                for bucket in (
                    "inputTokens",
                    "cacheReadTokens",
                    "cacheCreationTokens",
                    "outputTokens",
                )
            ]
            old = theirs.get(name, (0, 0, 0, 0))
            theirs[name] = tuple(a + b for a, b in zip(old, more, strict=True))
    found = _by_id(corpus, depth).values()
    assert theirs == totals([call for call in found if not call.embedded])
    assert {"claude-haiku-4-5-20251001": (263, 1_513_353, 172_565, 86)} == totals(
        [call for call in found if call.embedded]
    )


@pytest.mark.corpus
def test_only_damaged_lines_are_unreadable(corpus: Path) -> None:
    """Of twenty-one sessions of many builds three lines were damaged by who published them."""
    told = [
        record
        for path in sorted(corpus.glob("claude/**/*.jsonl"))
        for record in of(read_file(AGENT, path), Unreadable)
    ]
    assert [(172, "not valid JSON"), (115, "not valid JSON"), (241, "not valid JSON")] == [
        (record.line, record.reason) for record in told
    ]
