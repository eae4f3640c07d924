"""Copilot CLI's events, and its database of older builds, become records."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import (
    Call,
    Compaction,
    Content,
    ContentKind,
    Cursor,
    Depth,
    EffortChosen,
    Ended,
    ModelChosen,
    Prompt,
    Resumed,
    SessionInfo,
    ToolUse,
    Unreadable,
)

AGENT = agent_module("copilot-cli")
FIXTURES = Path(__file__).parent / "fixtures"
EVENTS = sorted(p for p in FIXTURES.glob("*.jsonl") if ".billing" not in p.name)
RECORDED = [p for p in EVENTS if "1.0.102" in p.name]
STORE = FIXTURES / "copilot-cli_1.0.91_store.jsonl"
TUI = FIXTURES / "copilot-cli_1.0.102_tui-switch.jsonl"
SESSION = "5b0f6c1e-2d6a-4a2c-8a44-9e1d2c3b4a55"


def _named(path: Path) -> str:
    return path.stem


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """An agent's root whose database has all its rows in the write-ahead log."""
    folder = tmp_path / "session-state" / SESSION
    folder.mkdir(parents=True)
    (folder / "events.jsonl").write_bytes(STORE.read_bytes())
    database = sqlite3.connect(tmp_path / "session-store.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.executescript(STORE.with_suffix(".sql").read_text())
    database.commit()
    yield tmp_path
    database.close()


def test_a_switch_is_told_before_the_call() -> None:
    """The pick stands in the events at once; the equal pair at the start is no switch."""
    records = read_file(AGENT, TUI)
    (chosen,) = of(records, ModelChosen)
    assert ("claude-sonnet-4.5", "gpt-5.4", "model_command", False) == (
        chosen.model,
        chosen.previous,
        chosen.source,
        chosen.automatic,
    )
    first, second, *_ = of(records, Call)
    assert records.index(first) < records.index(chosen) < records.index(second)
    assert first.at < chosen.at < second.started_at < second.at


@pytest.mark.parametrize(
    ("sidecar", "host"),
    [
        ("id: x\nclient_name: vscode\n", "vscode"),
        ("client_name: 'github/cli'\n", "github/cli"),
        ("client_name:\n", ""),
        (None, ""),
    ],
)
def test_its_folder_tells_in_which_program_it_runs(
    sidecar: str | None, host: str, tmp_path: Path
) -> None:
    (tmp_path / "events.jsonl").write_bytes(TUI.read_bytes())
    if sidecar is not None:
        (tmp_path / "workspace.yaml").write_text(sidecar)
    told = read_file(AGENT, tmp_path / "events.jsonl")
    assert host == of(told, SessionInfo)[0].entrypoint


def test_resumes_and_ends() -> None:
    """Each process of a session ends it, each later one resumes it; totals are not added."""
    records = read_file(AGENT, FIXTURES / "copilot-cli_1.0.102_continue-switch.jsonl")
    assert 2 == len(of(records, Resumed))
    windows = [info.context_window_tokens for info in of(records, SessionInfo)]
    assert [None, 922000, 168000] == windows
    assert 3 == len(of(records, Ended)) == len(of(records, Prompt)) == len(calls(records))


def test_rows_of_the_database_are_the_answers_calls(root: Path) -> None:
    """Rows join their answers by side, model and output, and what is left is told too."""
    (found,) = AGENT.find(root)
    records = AGENT.read(found, None, Depth.FULL).records
    by_id = {c.id: c for c in calls(records)}
    first = by_id["api_1"]
    assert (500, 0, 30500, 310, 120) == (
        first.usage.uncached_tokens,
        first.usage.cache_read_tokens,
        first.usage.cache_write_tokens,
        first.usage.output_tokens,
        first.usage.reasoning_tokens,
    )
    assert (2100, 5900, "high") == (first.ttft_ms, first.duration_ms, first.effort)
    assert by_id["api_s"].sidechain
    assert ["gpt-6.1-terra"] == [c.model for i, c in by_id.items() if ":row:" in i]
    assert all(c.sent_recorded for c in by_id.values())
    assert [] == [c for c in by_id.values() if c.purpose == "totals"]
    assert {c.call_id for c in of(records, Content) if c.call_id} <= set(by_id)


def test_rows_and_events_that_grow_tell_each_call_once(root: Path, tmp_path: Path) -> None:
    """Rows may come before or after their answers: totals never depend on it."""
    (found,) = AGENT.find(root)
    whole = totals(AGENT.read(found, None, Depth.USAGE).records)
    path = Path(found.path)
    lines = path.read_bytes().splitlines(keepends=True)
    for number in range(len(lines) + 1):
        cursor: Cursor | None = None
        records = []
        for content in (b"".join(lines[:number]), b"".join(lines)):
            path.write_bytes(content)
            reading = AGENT.read(found, cursor, Depth.USAGE)
            cursor = reading.cursor
            records += reading.records
        assert whole == totals(records), number


def test_rows_that_come_late_complete_their_calls(root: Path) -> None:
    """An answer read before its row was written is one call, complete once the row is there."""
    (found,) = AGENT.find(root)
    database = root / "session-store.db"
    hidden = root / "hidden"
    database.rename(hidden)
    early = AGENT.read(found, None, Depth.USAGE)
    assert 0 == next(c for c in calls(early.records) if c.id == "api_1").usage.sent_tokens
    hidden.rename(database)
    late = AGENT.read(found, early.cursor, Depth.USAGE)
    records = [*early.records, *late.records]
    (call,) = [c for c in calls(records) if c.id == "api_1"]
    assert (31000, True) == (call.usage.sent_tokens, call.sent_recorded)
    at_once = AGENT.read(found, None, Depth.USAGE).records
    assert totals(at_once) == totals(records)


def test_a_database_that_cannot_be_read_is_said(root: Path) -> None:
    """A broken database costs its rows, not the events."""
    (found,) = AGENT.find(root)
    for name in ("session-store.db-wal", "session-store.db-shm"):
        (root / name).unlink(missing_ok=True)
    (root / "session-store.db").write_bytes(b"no database " * 1000)
    records = AGENT.read(found, None, Depth.USAGE).records
    assert any("session-store.db" in bad.reason for bad in of(records, Unreadable))
    assert 4 <= len(calls(records))


def test_compaction_with_its_call() -> None:
    """The compaction's own call is billed to the model that made it, at its time."""
    records = read_file(AGENT, STORE)
    (call,) = [c for c in calls(records) if c.purpose == "compaction"]
    assert ("claude-opus-5.5", 2600, 128400, 2600) == (
        call.model,
        call.usage.uncached_tokens,
        call.usage.cache_read_tokens,
        call.usage.output_tokens,
    )
    (compaction,) = of(records, Compaction)
    assert ("model_switch", 131000) == (compaction.trigger, compaction.before_tokens)
    assert records.index(call) + 1 == records.index(compaction)
    assert 21.0 == call.at - call.started_at


def test_effort_cache_lifetime_and_automatic_switch() -> None:
    """Effort alone is no switch; the lifetime of the cache is kept; fallbacks are marked."""
    records = read_file(AGENT, STORE)
    assert ["low", "medium"] == [e.effort for e in of(records, EffortChosen)]
    assert [("gpt-6.1-sol", False), ("auto", True)] == [
        (m.model, m.automatic) for m in of(records, ModelChosen)
    ]
    assert 300 == {c.id: c for c in calls(records)}["api_2"].cache_ttl_s


def test_tools_and_sizes() -> None:
    """Tool calls bring name, file and size; what a model sealed counts by its length."""
    records = read_file(AGENT, STORE)
    cart = "/home/dev/shop/cart.py"
    assert [("view", cart, None), ("", None, True), ("edit", cart, None)] == [
        (use.name, use.path, use.ok) for use in of(records, ToolUse)
    ]
    sealed = [c.chars for c in of(records, Content) if c.kind is ContentKind.SEALED_REASONING]
    assert [len("opaque_fixture"), len("gAAAAAB_fixture")] == sealed


def _event(kind: str, at: int = 0, **data: object) -> str:
    time = f"2026-11-21T08:00:{at:02}.000Z"
    return json.dumps({"type": kind, "data": data, "id": f"e{at}", "timestamp": time}) + "\n"


def test_broken_lines_cost_only_themselves(tmp_path: Path) -> None:
    """Unknown events, garbage, absurd counts and a missing time are passed over."""
    path = tmp_path / "events.jsonl"
    usage = {"model": "m", "inputTokens": 10, "outputTokens": 2, "apiCallId": "good"}
    path.write_text(
        _event("session.start", sessionId="s", copilotVersion="9", producer="copilot-agent")
        + _event("session.brand_new", 1, text="secret words")
        + _event("session.usage_record", 2, usage=usage | {"inputTokens": -1, "apiCallId": "x"})
        + '{"type":"session.usage_record","data":{"usage":"secret words"}}\n'
        + '{"type":"user.message","data":\n'
        + _event("session.usage_record", 3, usage=usage).replace('"timestamp"', '"time"')
    )
    records = read_file(AGENT, path)
    assert [("good", 0.0)] == [(c.id, c.at) for c in calls(records)]
    assert [3, 4, 5] == [bad.line for bad in of(records, Unreadable)]
    assert not any("secret" in bad.reason for bad in of(records, Unreadable))


def test_where_sessions_lie(tmp_path: Path, root: Path) -> None:
    """The override moves the root on every system; a database named stands for its root."""
    assert [tmp_path / ".copilot"] == AGENT.roots({}, tmp_path, "linux")
    assert [root] == AGENT.roots({"COPILOT_HOME": str(root)}, tmp_path, "win32")
    (root / "session-state" / "emptied").mkdir()
    expected = [SESSION]
    for start in (root, root / "session-store.db", root / "session-state" / SESSION):
        assert expected == [found.session_id for found in AGENT.find(start)]


def test_claims_its_own_and_no_others(root: Path) -> None:
    """Events are known by their first line, a root by its layout."""
    assert AGENT.claims(TUI, TUI.read_bytes()[:4096])
    assert AGENT.claims(root, b"")
    assert not AGENT.claims(TUI, b'{"type":"session","version":3,"id":"x"}')
