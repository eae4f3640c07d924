"""Gemini CLI's chats become records."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, source, totals
from switchtax.agents import agent_module
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Content,
    ContentKind,
    Depth,
    ModelChosen,
    Prompt,
    Resumed,
    SessionInfo,
    ToolUse,
    Unreadable,
)

AGENT = agent_module("gemini-cli")
FIXTURES = Path(__file__).parent / "fixtures"
CHATS = sorted(p for p in FIXTURES.glob("*.jsonl") if ".billing" not in p.name)
RECORDED = [p for p in CHATS if "0.61.0" in p.name]
REWIND = FIXTURES / "gemini-cli_0.56_rewind-compress.jsonl"


def _named(path: Path) -> str:
    return path.stem


def test_a_switch_in_the_terminal_is_told_before_the_call() -> None:
    """`/model set` stands in the chat as an info message, with no call in between."""
    records = read_file(AGENT, FIXTURES / "gemini-cli_0.61.0_tui-switch.jsonl")
    (chosen,) = of(records, ModelChosen)
    assert ("gemini-2.5-pro", "gemini-2.5-flash") == (chosen.model, chosen.previous)
    first, second = of(records, Call)
    assert records.index(first) < records.index(chosen) < records.index(second)
    assert first.at < chosen.at < second.started_at < second.at


def test_resume_appends_to_the_same_session() -> None:
    """Later headers are resumes; the history written again adds no prompt and no loss."""
    records = read_file(AGENT, FIXTURES / "gemini-cli_0.61.0_resume-switch.jsonl")
    assert 2 == len(of(records, Resumed))
    assert 3 == len(of(records, Prompt)) == len(calls(records))
    assert [] == of(records, Compaction)
    assert 1 == len({r.session_id for r in records})


def test_the_last_record_of_an_id_wins() -> None:
    """An answer written first without usage, then with it, is one call that began once."""
    call = calls(read_file(AGENT, REWIND))[0]
    assert "g1" == call.id
    assert (3400, 11800, 90, 210) == (
        call.usage.uncached_tokens,
        call.usage.cache_read_tokens,
        call.usage.output_tokens,
        call.usage.reasoning_tokens,
    )
    assert 300 == call.usage.billed_output_tokens
    assert 4.0 == call.at - call.started_at


def test_rewind_and_compression() -> None:
    """A rewind leaves what its last answer held; a compression puts a summary first."""
    records = read_file(AGENT, REWIND)
    rewound, compressed = of(records, Compaction)
    assert ("rewind", True, 62100 + 380) == (
        rewound.trigger,
        rewound.partial,
        rewound.after_tokens,
    )
    assert ("", False) == (compressed.trigger, compressed.partial)
    after = records[records.index(compressed) + 1]
    assert isinstance(after, Content)
    assert ContentKind.SUMMARY is after.kind
    assert 5 == len(calls(records)), "what was rewound stays paid"


def _chat(path: Path, *lines: dict[str, object]) -> Path:
    head = {"sessionId": "s-1", "projectHash": "x", "startTime": "2026-01-22T20:54:15Z"}
    path.write_text("".join(json.dumps(line) + "\n" for line in (head, *lines)))
    return path


def _asked(identity: str, at: int) -> dict[str, object]:
    time = f"2026-01-22T20:54:{at:02}.000Z"
    return {"id": identity, "timestamp": time, "type": "user", "content": [{"text": "go"}]}


@pytest.mark.parametrize("target", ["u1", "never-seen"])
def test_a_rewind_to_the_first_prompt_clears(target: str, tmp_path: Path) -> None:
    """No answer is left that could say how long the context is: it begins anew, and is not 0."""
    lines = (_asked("u1", 16), _answer("g1", 20, input=9_000, output=50), {"$rewindTo": target})
    records = read_file(AGENT, _chat(tmp_path / "chat.jsonl", *lines, _asked("u2", 30)))
    (cleared,) = of(records, Cleared)
    assert [] == of(records, Compaction)
    assert 4 == cleared.line


def test_a_resume_that_is_being_written_loses_nothing(tmp_path: Path) -> None:
    """An empty history stands first, then the whole one: between the two nothing is known yet."""
    talk = [_asked("u1", 16), _answer("g1", 20, input=9_000, output=50)]
    again = {"sessionId": "s-1", "projectHash": "x", "startTime": "2026-01-22T20:54:40Z"}
    empty: dict[str, object] = {"$set": {"messages": []}}
    half = (*talk, again, empty)
    for lines in (half, (*half, {"$set": {"messages": talk}}, _asked("u2", 50))):
        records = read_file(AGENT, _chat(tmp_path / "chat.jsonl", *lines))
        assert ([], []) == (of(records, Compaction), of(records, Cleared))
        assert 1 == len(of(records, Resumed))


def test_a_resume_that_writes_nothing_back_begins_anew(tmp_path: Path) -> None:
    """The conversation goes on without what was said before."""
    talk = [_asked("u1", 16), _answer("g1", 20, input=9_000, output=50)]
    again = {"sessionId": "s-1", "projectHash": "x", "startTime": "2026-01-22T20:54:40Z"}
    lines = (*talk, again, {"$set": {"messages": []}}, _asked("u2", 50))
    records = read_file(AGENT, _chat(tmp_path / "chat.jsonl", *lines))
    assert 1 == len(of(records, Cleared))
    assert [] == of(records, Compaction)


def test_a_resume_that_holds_tool_results_twice(tmp_path: Path) -> None:
    """From the first such answer on it is another conversation; a later resume adds nothing."""
    asked, text = _answer("g1", 20, input=9_000, output=50), "x" * 400
    response = {"functionResponse": {"id": "t1", "name": "read_file", "response": {"output": text}}}
    call = {"id": "t1", "name": "read_file", "args": {}, "result": [response], "status": "success"}
    result = {**_asked("u2", 22), "content": [response]}
    said = _answer("g2", 24, input=9_200, output=60)
    talk = [_asked("u1", 16), {**asked, "toolCalls": [call]}, result, said]
    again = {"sessionId": "s-1", "projectHash": "x", "startTime": "2026-01-22T20:54:40Z"}
    bare = {name: value for name, value in asked.items() if name != "tokens"}
    doubled = [talk[0], bare, {**result, "id": "g1"}, result, said]
    twice = (again, {"$set": {"messages": []}}, {"$set": {"messages": doubled}})
    once = (again, {"$set": {"messages": []}}, {"$set": {"messages": talk}})
    records = read_file(AGENT, _chat(tmp_path / "chat.jsonl", *talk, *twice, *twice))
    (found,) = of(records, Compaction)
    assert ("resume", None, 9_000, True) == (
        found.trigger, found.before_tokens, found.after_tokens, found.partial,
    )  # fmt: skip
    after = records[records.index(found) + 1]
    assert isinstance(after, Content)
    assert 2 * len(text) <= after.chars < 2 * len(text) + 100
    assert [] == of(read_file(AGENT, _chat(tmp_path / "chat.jsonl", *talk, *once)), Compaction)


def test_tools_and_sizes() -> None:
    """Tool calls bring names, files and sizes once, though they stand on several lines."""
    records = read_file(AGENT, REWIND)
    uses = [(use.name, use.path, use.ok) for use in of(records, ToolUse)]
    cart = "/home/dev/shop/cart.py"
    assert [("read_file", cart, None), ("read_file", cart, True), ("replace", cart, True)] == uses
    sizes = [c.chars for c in of(records, Content) if c.kind is ContentKind.TOOL_RESULT]
    assert [len("def total(x): ...")] == sizes
    asked = '{"file_path":"/home/dev/shop/cart.py"}'
    first = next(c for c in of(records, Content) if c.kind is ContentKind.TOOL_CALL)
    assert len("read_file") + len(asked) == first.chars


def _document(path: Path, messages: list[object], **more: object) -> Path:
    shape = {"sessionId": "s-1", "projectHash": "x", "startTime": "2026-01-22T20:54:15Z"}
    path.write_text(json.dumps({**shape, **more, "messages": messages}, indent=2))
    return path


def _answer(identity: str, at: int, **tokens: float) -> dict[str, object]:
    return {
        "id": identity,
        "timestamp": f"2026-01-22T20:54:{at:02}.000Z",
        "type": "gemini",
        "content": "ok",
        "model": "gemini-2.5-pro",
        "tokens": tokens,
    }


def test_a_document_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    """The older format is one JSON document: nothing new, or everything anew."""
    path = _document(tmp_path / "chat.json", [_answer("a", 20, input=10, output=1)])
    first = AGENT.read(source(AGENT, path), None, Depth.FULL)
    again = AGENT.read(source(AGENT, path), first.cursor, Depth.FULL)
    assert ([], False) == (again.records, again.restarted)
    _document(path, [_answer("a", 20, input=10, output=1), _answer("b", 30, input=20, output=2)])
    changed = AGENT.read(source(AGENT, path), first.cursor, Depth.FULL)
    assert changed.restarted
    assert {"gemini-2.5-pro": (30, 0, 0, 3)} == totals(changed.records)


def test_a_half_written_document_is_tried_again(tmp_path: Path) -> None:
    """A document caught while it is written is reported, then read when it is whole."""
    path = _document(tmp_path / "chat.json", [_answer("a", 20, input=10, output=1)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    half = AGENT.read(source(AGENT, path), None, Depth.USAGE)
    assert [Unreadable] == [type(r) for r in half.records]
    path.write_bytes(whole)
    now = AGENT.read(source(AGENT, path), half.cursor, Depth.USAGE)
    assert {"gemini-2.5-pro": (10, 0, 0, 1)} == totals(now.records)


def test_unusable_counts_are_skipped_and_said(tmp_path: Path) -> None:
    """Negative or absurd counts cost that call, not the chat; no text is repeated."""
    messages: list[object] = [
        _answer("neg", 20, input=-5, output=1),
        _answer("big", 21, input=1e15, output=1),
        {"id": 7, "type": "user", "content": "secret words"},
        _answer("over", 22, input=10, output=1, cached=12),
        _answer("good", 23, input=10, output=1, cached=4, tool=3),
    ]
    records = read_file(AGENT, _document(tmp_path / "chat.json", messages))
    assert ["over", "good"] == [call.id for call in calls(records)]
    assert {"gemini-2.5-pro": (6 + 3, 14, 0, 2)} == totals(records)
    assert [1, 2, 3, 4] == [bad.line for bad in of(records, Unreadable)]
    assert not any("secret" in bad.reason for bad in of(records, Unreadable))


def test_broken_lines_cost_only_themselves(tmp_path: Path) -> None:
    """Unknown kinds, garbage and a missing time are passed over; the rest is read."""
    good = _answer("good", 23, input=10, output=1) | {"timestamp": None}
    path = tmp_path / "chat.jsonl"
    head = '{"sessionId":"s-1","projectHash":"x","startTime":"2026-01-22T20:54:15Z"}\n'
    path.write_text(head + '{"$new":1}\n[]\n{"id":\n' + json.dumps(good) + '\n{"id":"half')
    records = read_file(AGENT, path)
    assert [0.0] == [call.at for call in calls(records)]
    assert [3, 4, 6] == [bad.line for bad in of(records, Unreadable)]


def test_a_binary_file_is_said_to_be_one(tmp_path: Path) -> None:
    """A file that is no chat at all gives one line of report."""
    for name in ("chat.jsonl", "chat.json"):
        path = tmp_path / name
        path.write_bytes(b"\x00\x01" * 5000)
        assert [Unreadable] == [type(r) for r in read_file(AGENT, path)]


def test_where_chats_lie(tmp_path: Path) -> None:
    """The override moves the home; chats and sub-agents' chats are found, nothing else."""
    assert [tmp_path / ".gemini"] == AGENT.roots({}, tmp_path, "linux")
    env = {"GEMINI_CLI_HOME": str(tmp_path / "other")}
    assert [tmp_path / "other" / ".gemini"] == AGENT.roots(env, tmp_path, "win32")
    project = tmp_path / ".gemini" / "tmp" / "shop"
    (project / "chats" / "parent-1").mkdir(parents=True)
    (project / ".project_root").write_text("/home/dev/shop\n")
    head = '{"sessionId":"%s","projectHash":"x","kind":"%s"}\n'
    (project / "chats" / "session-2026-s.jsonl").write_text(head % ("s-1", "main"))
    (project / "chats" / "parent-1" / "k.jsonl").write_text(head % ("k-1", "subagent"))
    (project / "logs.json").write_text("[]")
    found = {s.session_id: s for s in AGENT.find(tmp_path / ".gemini")}
    assert {"s-1": False, "k-1": True} == {k: s.sidechain for k, s in found.items()}
    (info,) = of(AGENT.read(found["k-1"], None, Depth.USAGE).records, SessionInfo)
    assert ("/home/dev/shop", "parent-1", True) == (info.cwd, info.parent_id, info.sidechain)
