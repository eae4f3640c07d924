"""Traps that other meters fell into with Codex's rollouts."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import (
    Call,
    Compaction,
    Depth,
    EffortChosen,
    Forked,
    ModelChosen,
    Prompt,
    Unreadable,
)

AGENT = agent_module("codex")
PARENT = "01a1fd00-0000-7000-8000-000000000001"
CHILD = "01a1fd80-0000-7000-8000-000000000002"  # made about two hours after its parent
Line = dict[str, object]


def _line(kind: str, payload: Line, second: int = 0, **more: object) -> Line:
    at = f"2026-11-21T10:{second // 60:02}:{second % 60:02}.000Z"
    return {"timestamp": at, "type": kind, "payload": payload, **more}


def _event(kind: str, second: int = 0, **payload: object) -> Line:
    return _line("event_msg", {"type": kind, **payload}, second)


def _meta(id_: str = "s-1", **more: object) -> Line:
    return _line("session_meta", {"id": id_, "cli_version": "0.169.0", **more})


def _turn(model: str, id_: str = "t1", second: int = 1, **more: object) -> Line:
    return _line("turn_context", {"turn_id": id_, "model": model, **more}, second)


def _counts(sent: int, read: int = 0, out: int = 0, wrote: int = 0, thought: int = 0) -> Line:
    return {
        "input_tokens": sent,
        "cached_input_tokens": read,
        "cache_write_input_tokens": wrote,
        "output_tokens": out,
        "reasoning_output_tokens": thought,
        "total_tokens": sent + out,
    }


def _count(total: Line, last: Line, second: int = 5) -> Line:
    info = {"total_token_usage": total, "last_token_usage": last, "model_context_window": 1}
    return _event("token_count", second, info=info)


def _usage(id_: str, counts: Line, turn: str = "t1", second: int = 5, **more: object) -> Line:
    payload = {"response_id": id_, "turn_id": turn, "usage": counts, **more}
    return _line("token_usage_record", payload, second)


def _rollout(path: Path, *lines: Line, id_: str = "s-1") -> Path:
    file = path / f"rollout-2026-11-21T10-00-00-{id_}.jsonl"
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    file.write_text(text)
    return file


@pytest.mark.parametrize("depth", Depth)
def test_cached_and_written_tokens_are_taken_out_of_input(tmp_path: Path, depth: Depth) -> None:
    """Prevents charging cached and written tokens twice, inside the input and beside it."""
    counts = _counts(1000, read=700, wrote=200, out=50, thought=30)
    path = _rollout(tmp_path, _meta(), _turn("m"), _usage("r", counts))
    assert {"m": (100, 700, 200, 50)} == totals(read_file(AGENT, path, depth))


def test_reasoning_is_inside_output(tmp_path: Path) -> None:
    """Prevents paying reasoning tokens a second time beside the output that holds them."""
    counts = _counts(1000, out=50, thought=30)
    path = _rollout(tmp_path, _meta(), _turn("m"), _usage("r", counts))
    (call,) = calls(read_file(AGENT, path))
    assert (50, 30) == (call.usage.billed_output_tokens, call.usage.reasoning_tokens)


def test_a_repeated_count_is_counted_once(tmp_path: Path) -> None:
    """Prevents counting a response again when Codex writes its token_count twice."""
    first, second = _counts(100, out=5), _counts(300, out=9)
    path = _rollout(
        tmp_path,
        _meta(),
        _turn("m"),
        _count(first, first),
        _count(first, first),
        _event("token_count", info=None, rate_limits=None),
        _count(second, _counts(200, out=4)),
        _count(second, _counts(200, out=4)),
    )
    assert {"m": (300, 0, 0, 9)} == totals(read_file(AGENT, path))


@pytest.mark.parametrize("record_first", [True, False])
def test_both_kinds_of_usage_rows_count_once(tmp_path: Path, record_first: bool) -> None:
    """Prevents adding token_usage_record and the token_count that repeats it."""
    counts = _counts(100, out=5)
    pair = [_usage("r", counts, thread_token_usage=counts), _count(counts, counts)]
    path = _rollout(tmp_path, _meta(), _turn("m"), *(pair if record_first else pair[::-1]))
    assert {"m": (100, 0, 0, 5)} == totals(read_file(AGENT, path))


def test_counting_that_begins_anew_is_not_negative(tmp_path: Path) -> None:
    """Prevents a negative or lost call where the cumulative counter was reset."""
    big, small = _counts(5000, out=100), _counts(70, out=3)
    path = _rollout(tmp_path, _meta(), _turn("m"), _count(big, big), _count(small, small))
    assert {"m": (5070, 0, 0, 103)} == totals(read_file(AGENT, path))


def _fork(parent: str, *own: Line) -> list[Line]:
    replayed = [
        _count(_counts(100, out=5), _counts(100, out=5), 3),
        _count(_counts(300, out=9), _counts(200, out=4), 4),
    ]
    return [_meta("child", forked_from_id=parent), _turn("m", ""), *replayed, *own]


@pytest.mark.parametrize("depth", Depth)
def test_a_fork_does_not_pay_for_its_parent_again(tmp_path: Path, depth: Depth) -> None:
    """Prevents the parent's token rows, copied with new times, from counting twice."""
    first, second = _counts(100, out=5), _counts(300, out=9)
    _rollout(
        tmp_path,
        _meta("parent"),
        _turn("m"),
        _count(first, first),
        _count(second, _counts(200, out=4)),
        id_="parent",
    )
    own = _count(_counts(350, out=12), _counts(50, out=3), 30)
    path = _rollout(tmp_path, *_fork("parent", own), id_="child")
    records = read_file(AGENT, path, depth)
    assert {"m": (50, 0, 0, 3)} == totals(records)
    assert [("parent", True)] == [(f.parent_id, f.complete) for f in of(records, Forked)]


def test_a_fork_without_its_parent_is_told(tmp_path: Path) -> None:
    """Prevents totals that look whole where the copied part cannot be told for sure."""
    path = _rollout(tmp_path, *_fork("gone"), id_="child")
    assert [False] == [f.complete for f in of(read_file(AGENT, path), Forked)]


def test_turns_older_than_the_fork_are_its_parents(tmp_path: Path) -> None:
    """Prevents a replay from counting where the parent is gone: turn ids carry their time."""
    counts = _counts(100, out=5)
    path = _rollout(
        tmp_path,
        _meta(CHILD, forked_from_id=PARENT),
        _event("task_started", turn_id=PARENT),
        _event("user_message", message="old"),
        _turn("old-model", PARENT),
        _count(counts, counts),
        _event("task_started", turn_id=CHILD.replace("02", "99")),
        _event("user_message", message="new"),
        _turn("m", CHILD.replace("02", "99")),
        _count(_counts(160, out=6), _counts(60, out=1)),
        id_=CHILD,
    )
    records = read_file(AGENT, path)
    assert {"m": (60, 0, 0, 1)} == totals(records)
    assert [3] == [prompt.chars for prompt in of(records, Prompt)]


def test_a_sub_agents_own_first_turn_is_counted(tmp_path: Path) -> None:
    """Prevents dropping real usage of a sub-agent that names a parent but copied nothing."""
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": PARENT, "depth": 1}}}
    counts = _counts(100, out=5)
    path = _rollout(
        tmp_path,
        _meta(CHILD, source=spawn, thread_source="subagent"),
        _meta(PARENT),
        _event("task_started", turn_id=CHILD),
        _turn("m", CHILD),
        _count(counts, counts),
        id_=CHILD,
    )
    assert {"m": (100, 0, 0, 5)} == totals(read_file(AGENT, path))


def test_history_before_the_named_ordinal_is_copied(tmp_path: Path) -> None:
    """Prevents counting rows that the file itself says were inherited."""
    counts = _counts(100, out=5)
    rows = [_meta("child", parent_thread_id="p", subagent_history_start_ordinal=3), _turn("m")]
    rows += [_count(counts, counts), _count(_counts(160, out=6), _counts(60, out=1))]
    numbered = [row | {"ordinal": number} for number, row in enumerate(rows)]
    path = _rollout(tmp_path, *numbered, id_="child")
    assert {"m": (60, 0, 0, 1)} == totals(read_file(AGENT, path))


def test_a_row_of_another_thread_is_not_counted(tmp_path: Path) -> None:
    """Prevents counting a parent's token_usage_record that was copied with its thread id."""
    path = _rollout(
        tmp_path,
        _meta(),
        _turn("m"),
        _usage("r1", _counts(900), thread_id="other"),
        _usage("r2", _counts(100), thread_id="s-1"),
    )
    assert {"m": (100, 0, 0, 0)} == totals(read_file(AGENT, path))


@pytest.mark.parametrize("context_first", [True, False])
@pytest.mark.parametrize("depth", Depth)
def test_a_switch_compaction_belongs_to_the_old_model(
    tmp_path: Path, context_first: bool, depth: Depth
) -> None:
    """Prevents billing the summary to the new model, whatever order the rows stand in."""
    blocked = [_event("task_started", 10, turn_id="t2"), _turn("new", "t2", 10)]
    blocked.append(_event("task_complete", 11, turn_id="t2"))
    context = _turn("new", "t3", 21)
    summary = [_usage("r2", _counts(500, read=400, out=30), "t3", 22)]
    compacted = _line("compacted", {"message": ""}, 23)
    order = [context, *summary, compacted] if context_first else [*summary, compacted, context]
    path = _rollout(
        tmp_path,
        _meta(),
        _event("task_started", turn_id="t1"),
        _turn("old"),
        _usage("r1", _counts(400, out=10)),
        _event("thread_settings_applied", 9, thread_settings={"model": "new"}),
        *blocked,
        _event("task_started", 20, turn_id="t3"),
        *order,
        _usage("r3", _counts(80, out=5), "t3", 30),
    )
    records = read_file(AGENT, path, depth)
    made = [(c.id, c.model, c.purpose) for c in calls(records)]
    assert [("r1", "old", ""), ("r2", "old", "compaction"), ("r3", "new", "")] == made
    assert [500] == [c.before_tokens for c in of(records, Compaction)]


def test_an_ordinary_call_before_a_compaction_stays_one(tmp_path: Path) -> None:
    """Prevents taking the last answer for the summary: remote compaction leaves no row."""
    tool: Line = {"type": "function_call", "name": "run", "arguments": "{}", "call_id": "c"}
    counts = _counts(100, out=5)
    path = _rollout(
        tmp_path,
        _meta(),
        _turn("m"),
        _line("response_item", tool, 3),
        _line("response_item", {"type": "function_call_output", "call_id": "c"}, 4),
        _count(counts, counts),
        _line("compacted", {"message": ""}, 6),
        _count(counts, {"total_tokens": 40}, 6),
    )
    records = read_file(AGENT, path, Depth.USAGE)
    assert [""] == [call.purpose for call in calls(records)]
    (compaction,) = of(records, Compaction)
    assert (105, 40) == (compaction.before_tokens, compaction.after_tokens)


def test_settings_do_not_move_usage_to_a_model_that_never_ran(tmp_path: Path) -> None:
    """Prevents attributing the running turn's calls to a model picked for the next one."""
    path = _rollout(
        tmp_path,
        _meta(),
        _turn("old"),
        _event("thread_settings_applied", 2, thread_settings={"model": "new"}),
        _usage("r", _counts(100)),
    )
    assert {"old": (100, 0, 0, 0)} == totals(read_file(AGENT, path))


def test_a_pick_written_twice_is_one_switch(tmp_path: Path) -> None:
    """Prevents two alarms for one pick, and one for settings that repeat the model in use."""
    same = {"model": "old", "reasoning_effort": "low"}
    new = {"model": "new", "reasoning_effort": "low", "service_tier": "priority"}
    path = _rollout(
        tmp_path,
        _meta(),
        _turn("old", effort="low"),
        *(_event("thread_settings_applied", thread_settings=s) for s in (same, new, new)),
        _turn("new", "t2", effort="low"),
        _turn("new", "t2", effort="low"),
    )
    records = read_file(AGENT, path)
    assert [("old", "new")] == [(c.previous, c.model) for c in of(records, ModelChosen)]
    assert [True] == [e.fast for e in of(records, EffortChosen)]


def test_an_older_build_announces_a_switch_by_its_turn(tmp_path: Path) -> None:
    """Prevents missing a switch where no settings line was written yet."""
    path = _rollout(tmp_path, _meta(), _turn("old", "t1"), _turn("new", "t2"))
    assert ["turn_context"] == [c.source for c in of(read_file(AGENT, path), ModelChosen)]


def test_impossible_counts_are_clamped_and_told(tmp_path: Path) -> None:
    """Prevents negative tokens, and reads larger than the request, from entering any sum."""
    path = _rollout(
        tmp_path,
        _meta(),
        _turn("m"),
        _usage("r1", _counts(100, read=900, out=5)),
        _usage("r2", _counts(-7, out=-1)),
        _usage("r3", _counts(10**12, out=5)),
    )
    records = read_file(AGENT, path)
    assert {"m": (0, 100, 0, 5)} == totals(records)
    assert 3 == len(of(records, Unreadable))


def test_missing_times_and_clocks_going_back_are_harmless(tmp_path: Path) -> None:
    """Prevents a lost session, or a request that starts after its answer."""
    timeless = _usage("r1", _counts(100))
    del timeless["timestamp"]
    path = _rollout(
        tmp_path, _meta(), _turn("m", second=500), timeless, _usage("r2", _counts(50), second=2)
    )
    one, two = calls(read_file(AGENT, path))
    assert 0.0 == one.at
    assert two.started_at <= two.at


def test_lines_of_tomorrow_are_passed_over(tmp_path: Path) -> None:
    """Prevents a new record type, or a broken line, from hiding the rest of a session."""
    path = _rollout(
        tmp_path,
        _meta(),
        _line("brand_new", {"type": "x"}),
        _event("brand_new_event"),
        _line("response_item", {"type": "brand_new_item", "content": "x"}),
        _turn("m"),
        _usage("r", _counts(100)),
    )
    with path.open("a") as file:
        file.write('[1, 2]\n"text"\n{"type":\n')
        file.write(json.dumps(_usage("r2", _counts(11))) + "\n")
    for depth in Depth:
        assert {"m": (111, 0, 0, 0)} == totals(read_file(AGENT, path, depth))


def test_control_characters_in_a_line_are_read(tmp_path: Path) -> None:
    """Prevents losing lines that hold raw control characters, as some builds write them."""
    path = _rollout(tmp_path, _meta(), _turn("m\x01"), _usage("r", _counts(100)))
    path.write_text(path.read_text().replace("\\u0001", "\x01"))
    (call,) = of(read_file(AGENT, path), Call)
    assert "m\x01" == call.model


@pytest.mark.parametrize("depth", Depth)
def test_a_request_starts_before_its_answer_in_rewritten_files(
    tmp_path: Path, depth: Depth
) -> None:
    """Prevents a cache clock that starts at the answer where a tool moved `type` to the end."""
    prompt = _line("response_item", {"role": "user", "content": [], "type": "message"}, 10)
    answer = _line("response_item", {"summary": [], "type": "reasoning"}, 15)
    path = _rollout(
        tmp_path, _meta(), _turn("m"), prompt, answer, _usage("r", _counts(9), second=17)
    )
    (call,) = calls(read_file(AGENT, path, depth))
    assert (7.0, 5000.0) == (call.at - call.started_at, call.duration_ms)


@pytest.mark.parametrize("depth", Depth)
def test_a_search_is_counted_with_the_call_that_made_it(tmp_path: Path, depth: Depth) -> None:
    """Prevents losing searches, which are billed beside tokens."""
    search = _line("response_item", {"type": "web_search_call", "status": "completed"}, 3)
    path = _rollout(
        tmp_path,
        _meta(),
        _turn("m"),
        search,
        search,
        _usage("r1", _counts(9)),
        _usage("r2", _counts(9)),
    )
    assert [2, 0] == [call.web_searches for call in calls(read_file(AGENT, path, depth))]
