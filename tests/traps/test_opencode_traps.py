"""Traps that other meters fell into with OpenCode's messages."""

import json
import sqlite3
from pathlib import Path

from agent_reading import calls, of, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Compaction, Forked, ModelChosen, SessionInfo, Unreadable

AGENT = agent_module("opencode")
Row = dict[str, object]


def _answer(id_: str, created: int, model: str = "m", **more: object) -> Row:
    return {
        "id": id_,
        "role": "assistant",
        "modelID": model,
        "providerID": "p",
        "time": {"created": created, "completed": created + 5},
        "finish": "stop",
        **more,
    }


def _user(id_: str, created: int, model: str = "m", **more: object) -> Row:
    ref = {"providerID": "p", "modelID": model, **more}
    return {"id": id_, "role": "user", "time": {"created": created}, "model": ref}


def _tokens(sent: int, out: int = 0, **more: int) -> Row:
    cache = {"read": more.pop("read", 0), "write": more.pop("write", 0)}
    return {"input": sent, "output": out, "reasoning": more.pop("reasoning", 0), "cache": cache}


def _export(path: Path, *messages: Row) -> Path:
    file = path / "session.json"
    info = {"id": "ses_1", "time": {"created": 1}}
    rows = [{"info": message, "parts": []} for message in messages]
    file.write_text(json.dumps({"info": info, "messages": rows}))
    return file


def test_all_buckets_stand_beside_each_other(tmp_path: Path) -> None:
    """Prevents taking cached tokens out of an input that never held them."""
    tokens = _tokens(10, 7, read=900, write=50)
    path = _export(tmp_path, _answer("a", 10, tokens=tokens))
    assert {"m": (10, 900, 50, 7)} == totals(read_file(AGENT, path))


def test_reasoning_is_billed_beside_output(tmp_path: Path) -> None:
    """Prevents leaving reasoning unpaid: OpenCode takes it out of the output it records."""
    path = _export(tmp_path, _answer("a", 10, tokens=_tokens(10, 7, reasoning=40)))
    (call,) = calls(read_file(AGENT, path))
    assert (7, 47) == (call.usage.output_tokens, call.usage.billed_output_tokens)


def test_a_failed_answer_is_neither_a_call_nor_a_baseline(tmp_path: Path) -> None:
    """Prevents counting a request that returned no usage as a call to the model."""
    failed = _answer("b", 20, "other", tokens=_tokens(0), error={"name": "x"})
    path = _export(tmp_path, _answer("a", 10, tokens=_tokens(5)), failed, _answer("c", 30))
    assert ["a"] == [call.id for call in calls(read_file(AGENT, path))]


def test_a_repeated_model_is_no_switch(tmp_path: Path) -> None:
    """Prevents an alarm at every prompt, each of which names the model in use."""
    path = _export(
        tmp_path,
        _user("u1", 5, "m"),
        _answer("a", 10, tokens=_tokens(5)),
        _user("u2", 20, "m", variant="default"),
        _user("u3", 30, "n"),
        _user("u4", 40, "n"),
    )
    assert ["n"] == [c.model for c in of(read_file(AGENT, path), ModelChosen)]


def test_a_title_is_not_a_switch(tmp_path: Path) -> None:
    """Prevents taking the small model that names a session for a change of mind."""
    title = _answer("t", 8, "small", agent="title", tokens=_tokens(600, 9))
    path = _export(
        tmp_path,
        _user("u1", 5, "m"),
        title,
        _answer("a", 10, tokens=_tokens(5)),
        _user("u2", 20, "m"),
    )
    records = read_file(AGENT, path)
    assert [] == of(records, ModelChosen)
    assert ["title", ""] == [call.purpose for call in calls(records)]


def test_a_summary_is_a_compaction(tmp_path: Path) -> None:
    """Prevents reading the drop in context after a summary as a miss of the cache."""
    summary = _answer("s", 10, summary=True, tokens=_tokens(100, 30, read=900))
    records = read_file(AGENT, _export(tmp_path, summary))
    assert ["compaction"] == [call.purpose for call in calls(records)]
    assert [1000] == [c.before_tokens for c in of(records, Compaction)]


def test_impossible_counts_are_clamped_and_told(tmp_path: Path) -> None:
    """Prevents negative input, which some providers' subtraction yields, from any sum."""
    path = _export(
        tmp_path,
        _answer("a", 10, tokens=_tokens(-900, 7, read=1000)),
        _answer("b", 20, tokens=_tokens(10**12)),
    )
    records = read_file(AGENT, path)
    assert {"m": (0, 1000, 0, 7)} == totals(records)
    assert 2 == len(of(records, Unreadable))


def test_missing_times_and_empty_tokens_are_harmless(tmp_path: Path) -> None:
    """Prevents a lost session where a row lacks its times, or holds null for a count."""
    tokens: Row = {"input": 4, "output": None, "cache": None}
    path = _export(tmp_path, {"id": "a", "role": "assistant", "modelID": "m", "tokens": tokens})
    (call,) = calls(read_file(AGENT, path))
    assert (4, 0.0, None) == (call.usage.uncached_tokens, call.at, call.duration_ms)


def _database(path: Path, sessions: list[Row], messages: list[tuple[str, Row]]) -> Path:
    file = path / "opencode.db"
    with sqlite3.connect(file) as db:
        db.execute(
            "CREATE TABLE session(id TEXT PRIMARY KEY, parent_id, fork_session_id, title,"
            " time_created, time_updated)"
        )
        db.execute("CREATE TABLE message(id TEXT PRIMARY KEY, session_id, time_created, data)")
        db.execute("ALTER TABLE message ADD time_updated")
        for session in sessions:
            names = ", ".join(session)
            marks = ", ".join("?" * len(session))
            db.execute(f"INSERT INTO session({names}) VALUES ({marks})", list(session.values()))
        for session_id, data in messages:
            created = data["time"]["created"]  # type: ignore[index]
            row = (data["id"], session_id, created, json.dumps(data), created)
            db.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)
    db.close()
    return file


def test_a_fork_does_not_pay_for_its_copy_again(tmp_path: Path) -> None:
    """Prevents messages that a fork copied under new ids from counting twice."""
    path = _database(
        tmp_path,
        [
            {"id": "ses_1", "title": "a", "time_created": 1000},
            {"id": "ses_2", "title": "a (fork #1)", "time_created": 2000},
            {"id": "ses_3", "title": "a", "fork_session_id": "ses_1", "time_created": 2000},
            {"id": "ses_4", "title": "a", "fork_session_id": "gone", "time_created": 2000},
        ],
        [
            ("ses_1", _answer("m1", 1500, tokens=_tokens(100))),
            ("ses_2", _answer("m2", 1500, tokens=_tokens(100))),
            ("ses_2", _answer("m3", 2500, tokens=_tokens(10))),
            ("ses_3", _answer("m4", 1500, tokens=_tokens(100))),
            ("ses_3", _answer("m5", 2500, tokens=_tokens(1))),
        ],
    )
    records = read_file(AGENT, path)
    assert {"m": (111, 0, 0, 0)} == totals(records)
    forks = {(f.session_id, f.parent_id, f.complete) for f in of(records, Forked)}
    assert {("ses_2", "", False), ("ses_3", "ses_1", True), ("ses_4", "gone", False)} == forks


def test_a_sub_agents_session_is_its_own(tmp_path: Path) -> None:
    """Prevents a child session's model from reading as a switch in its parent."""
    path = _database(
        tmp_path,
        [
            {"id": "ses_1", "time_created": 1000},
            {"id": "ses_2", "parent_id": "ses_1", "time_created": 1100},
        ],
        [
            ("ses_1", _user("u1", 1000, "m")),
            ("ses_1", _answer("m1", 1500, tokens=_tokens(100))),
            ("ses_2", _user("u2", 1600, "small")),
            ("ses_2", _answer("m2", 1700, "small", tokens=_tokens(9))),
            ("ses_1", _user("u3", 1800, "m")),
        ],
    )
    records = read_file(AGENT, path)
    assert [] == of(records, ModelChosen)
    assert [("ses_2", True)] == [
        (i.session_id, i.sidechain) for i in of(records, SessionInfo) if i.parent_id
    ]
