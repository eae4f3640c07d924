"""The debug log of Copilot Chat in VS Code becomes records."""

import json
import shutil
from pathlib import Path

import pytest

from agent_reading import calls, in_two_reads, of, read_file, source, totals
from switchtax.agents import agent_module
from switchtax.records import (
    Act,
    Call,
    Compaction,
    Content,
    Depth,
    ModelChosen,
    Prompt,
    Resumed,
    SessionInfo,
    ToolUse,
    Unreadable,
)

AGENT = agent_module("vscode-copilot")
FIXTURES = Path(__file__).parent / "fixtures"
LOGS = sorted(FIXTURES.glob("*/*/GitHub.copilot-chat/debug-logs/*/*.jsonl"))
LOG = next(path for path in LOGS if "0.60" in str(path) and path.name == "main.jsonl")
OLD_LOG = next(path for path in LOGS if "0.42" in str(path))
OPUS, GPT = "claude-opus-4.7", "gpt-5.4"


def _named(path: Path) -> str:
    return f"{path.parents[4].name}/{path.name}"


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize("path", LOGS, ids=_named)
def test_two_reads_bring_what_one_brings(path: Path, depth: Depth, tmp_path: Path) -> None:
    """A log that grew, cut at any line or within it, gives the records of a fresh read."""
    folder = Path(shutil.copytree(path.parents[4], tmp_path / "w"))
    copy = folder / path.relative_to(path.parents[4])
    fresh = AGENT.read(source(AGENT, copy), None, depth).records
    for cut, records in in_two_reads(AGENT, path, copy, depth):
        assert fresh == records, cut


@pytest.mark.parametrize("path", LOGS, ids=_named)
def test_a_scan_tells_the_same_calls(path: Path) -> None:
    """A scan skips prompts and tools only: all else is the same."""
    full = [r for r in read_file(AGENT, path) if not isinstance(r, Prompt | ToolUse)]
    assert full == read_file(AGENT, path, Depth.USAGE)


def test_cached_tokens_are_taken_out_of_the_input() -> None:
    """The input holds what was read; nothing tells what was written."""
    main = [call for call in calls(read_file(AGENT, LOG)) if not call.sidechain]
    assert {OPUS: (22_000, 21_000, 0, 230), GPT: (23_936, 8064, 0, 250)} == totals(main)
    assert {"github-copilot"} == {call.provider for call in main}
    assert ["high", None, None, None] == [call.effort for call in main]


def test_times_are_those_of_the_request() -> None:
    """Begun, answered, and the wait for the first token, unless that is longer than all of it."""
    main = [call for call in calls(read_file(AGENT, LOG)) if not call.sidechain]
    first, last = main[0], main[-1]
    assert (1795251602.0, 1795251606.0, 900, 4000) == (
        first.started_at,
        first.at,
        first.ttft_ms,
        first.duration_ms,
    )
    assert (None, 2000) == (last.ttft_ms, last.duration_ms)


def test_helpers_are_billed_beside_the_conversation() -> None:
    """Summaries, to-dos and titles are no part of it; a failed request is no call."""
    records = read_file(AGENT, LOG)
    beside = [call for call in calls(records) if call.sidechain]
    assert [("gpt-4o-mini", ""), (GPT, "compaction")] == [
        (call.model, call.purpose) for call in beside
    ]
    (done,) = of(records, Compaction)
    assert done.at == beside[1].at
    assert 6 == len(calls(records))


def test_sub_agents_and_titles_have_logs_of_their_own() -> None:
    """They stand in the session's folder, and count under it."""
    found = {Path(each.path).name: each for each in AGENT.find(LOG.parent)}
    assert {
        "main.jsonl": False,
        "runSubagent-Plan-toolu_1.jsonl": True,
        "title-c2.jsonl": True,
    } == {name: each.sidechain for name, each in found.items()}
    assert {LOG.parent.name} == {each.session_id for each in found.values()}
    records = [r for name in found if name != LOG.name for r in read_file(AGENT, LOG.parent / name)]
    assert [("claude-haiku-4.5", True, ""), ("gpt-4o-mini", True, "title")] == [
        (call.model, call.sidechain, call.purpose) for call in calls(records)
    ]
    assert [] == of(records, Prompt)


def test_a_switch_shows_only_in_the_next_answer() -> None:
    """A line is written when its request is over: nothing is announced."""
    assert [] == of(read_file(AGENT, LOG), ModelChosen)


def test_what_was_sent_is_unknown_where_the_cached_part_is() -> None:
    """Older builds did not log it: the output alone is told, no price of the input is guessed."""
    made = calls(read_file(AGENT, OLD_LOG))
    assert [(False, 0, 40), (False, 0, 30)] == [
        (call.sent_recorded, call.usage.sent_tokens, call.usage.output_tokens) for call in made
    ]


def test_prompts_and_tools() -> None:
    """Their texts are cut short in the log: sizes of content are not told."""
    records = read_file(AGENT, LOG)
    assert [(40, 1), (8, 0)] == [(prompt.chars, prompt.rules) for prompt in of(records, Prompt)]
    assert [
        ("read_file", "/home/dev/my shop/cart.py", Act.OTHER),
        ("run_in_terminal", None, Act.TEST),
    ] == [(use.name, use.path, use.act) for use in of(records, ToolUse) if use.name]
    assert [True, False] == [use.ok for use in of(records, ToolUse) if not use.name]
    asked_by = {use.call_id for use in of(records, ToolUse) if use.name}
    assert asked_by == {call.id for call in calls(records)[:2]}
    assert [] == of(records, Content)


def test_the_session_itself() -> None:
    """Builds stand in the first line, the folder beside the workspace's storage."""
    records = read_file(AGENT, LOG)
    (told,) = of(records, SessionInfo)
    assert ("/home/dev/my shop", "0.60.1", "vscode") == (
        told.cwd,
        told.agent_version,
        told.entrypoint,
    )
    assert ["0.60.2"] == [resumed.agent_version for resumed in of(records, Resumed)]


def test_broken_lines_cost_only_themselves(tmp_path: Path) -> None:
    """Absurd counts, garbage, strange shapes; a log that lost its oldest lines starts anew."""
    folder = tmp_path / "s-1"
    folder.mkdir()
    path = folder / "main.jsonl"
    request = {"sid": "s-1", "type": "llm_request", "name": "x", "spanId": "a", "ts": 1e12}
    lines = [
        request | {"attrs": {"inputTokens": -1}},
        request | {"attrs": {"inputTokens": 1, "outputTokens": "secret words"}},
        request | {"dur": 1e300, "attrs": {"inputTokens": 5, "outputTokens": 2, "cachedTokens": 9}},
        {"type": "brand_new", "attrs": {"content": "secret words"}},
        request | {"spanId": "b", "attrs": None},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{broken\n")
    reading = AGENT.read(source(AGENT, path), None, Depth.FULL)
    assert {"unknown": (0, 5, 0, 2)} == totals(reading.records)
    assert [1e9] == [call.at for call in calls(reading.records)]
    assert [1, 2, 6] == [bad.line for bad in of(reading.records, Unreadable)]
    assert not any("secret" in bad.reason for bad in of(reading.records, Unreadable))
    path.write_text(json.dumps(lines[2]) + "\n")
    after = AGENT.read(source(AGENT, path), reading.cursor, Depth.FULL)
    assert after.restarted
    assert 1 == len(of(after.records, Call))


def test_where_logs_lie(tmp_path: Path) -> None:
    """In the storage of each workspace, of every host; those that are there."""
    assert [] == AGENT.roots({}, tmp_path, "linux")
    for host in (".config/Code", ".vscode-server/data"):
        storage = tmp_path / host / "User" / "workspaceStorage"
        shutil.copytree(LOG.parents[3], storage / "0a1b2c3d")
        (storage / "ffff").mkdir()
    roots = AGENT.roots({}, tmp_path, "linux")
    assert ["debug-logs"] * 2 == [root.name for root in roots]
    assert 6 == sum(len(list(AGENT.find(root))) for root in roots)
    assert ["main.jsonl"] == [Path(each.path).name for each in AGENT.find(LOG)]


def test_claims_its_own_and_no_others() -> None:
    """A line is known by its span and session, a folder by its logs."""
    for path in LOGS:
        assert AGENT.claims(path, path.read_bytes()[:4096])
    assert AGENT.claims(LOG.parent, b"")
    assert AGENT.claims(LOG.parent.parent, b"")
    assert not AGENT.claims(LOG, b'{"type":"session.start","data":{"copilotVersion":"1"}}')
    assert not AGENT.claims(LOG.parents[4], b"")
