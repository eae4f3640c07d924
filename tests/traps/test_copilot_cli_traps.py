"""Traps that other meters fell into with Copilot CLI's events."""

import json
from pathlib import Path

from agent_reading import calls, of, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Content, Prompt

AGENT = agent_module("copilot-cli")


def _events(path: Path, *events: dict[str, object]) -> Path:
    start = {"type": "session.start", "data": {"sessionId": "s", "producer": "copilot-agent"}}
    lines = []
    for number, event in enumerate((start, *events)):
        time = f"2026-11-21T08:{number:02}:00.000Z"
        lines.append(json.dumps({**event, "id": f"e{number}", "timestamp": time}) + "\n")
    path.write_text("".join(lines))
    return path


def _answer(call: str, model: str, output: int | None, **more: object) -> dict[str, object]:
    data = {"apiCallId": call, "model": model, "content": "ok", "toolRequests": [], **more}
    if output is not None:
        data["outputTokens"] = output
    return {"type": "assistant.message", "data": data}


def _record(call: str, **usage: object) -> dict[str, object]:
    shape = {"model": "gpt-5.4", "apiCallId": call, **usage}
    return {"type": "session.usage_record", "data": {"usage": shape}}


def _shutdown(count: int, **usage: int) -> dict[str, object]:
    metrics = {"gpt-5.4": {"requests": {"count": count}, "usage": usage}}
    return {"type": "session.shutdown", "data": {"modelMetrics": metrics}}


def test_cached_tokens_are_taken_out_of_input(tmp_path: Path) -> None:
    """Prevents counting reads and writes of the cache twice: both are inside the input."""
    usage = _record("a", inputTokens=100, cacheReadTokens=60, cacheWriteTokens=30, outputTokens=5)
    path = _events(tmp_path / "events.jsonl", usage)
    assert {"gpt-5.4": (10, 60, 30, 5)} == totals(read_file(AGENT, path))


def test_sub_agents_between_the_lines_are_no_switches(tmp_path: Path) -> None:
    """Prevents false switches: a sub-agent's answers stand between those of the session."""
    path = _events(
        tmp_path / "events.jsonl",
        _answer("a", "gpt-5.4", 5),
        _answer("b", "claude-haiku-4.5", 5, parentToolCallId="t1"),
        {**_answer("c", "claude-haiku-4.5", 5), "agentId": "agent-1"},
        _answer("d", "gpt-5.4", 5),
    )
    records = read_file(AGENT, path)
    assert ["a", "d"] == [c.id for c in calls(records) if not c.sidechain]
    assert ["b", "c"] == [c.call_id for c in of(records, Content) if c.sidechain]


def test_a_sub_agents_prompt_is_no_turn(tmp_path: Path) -> None:
    """Prevents counting what the agent says to its sub-agents, or to itself, as prompts."""
    said = [
        {"content": "hello"},
        {"content": "look here", "source": "agent-1", "parentToolCallId": "t1"},
        {"content": "rules", "source": "instruction-discovery"},
        {"content": "<system_notification>done</system_notification>"},
    ]
    messages = [{"type": "user.message", "data": data} for data in said]
    (prompt,) = of(read_file(AGENT, _events(tmp_path / "events.jsonl", *messages)), Prompt)
    assert len("hello") == prompt.chars


def test_totals_over_resumes_are_not_added(tmp_path: Path) -> None:
    """Prevents adding up shutdown totals, which each hold the ones before."""
    path = _events(
        tmp_path / "events.jsonl",
        _answer("a", "gpt-5.4", 5),
        _answer("b", "gpt-5.4", 5),
        _shutdown(2, inputTokens=200, cacheReadTokens=90, outputTokens=10),
        {"type": "session.resume", "data": {}},
        _answer("c", "gpt-5.4", 5),
        _shutdown(3, inputTokens=350, cacheReadTokens=190, outputTokens=15),
    )
    records = read_file(AGENT, path)
    assert {"gpt-5.4": (160, 190, 0, 15)} == totals(records)
    assert [True] == [c.sidechain for c in calls(records) if c.purpose == "totals"]


def test_totals_add_nothing_to_calls_that_are_recorded(tmp_path: Path) -> None:
    """Prevents counting a session twice where both its calls and its totals are recorded."""
    path = _events(
        tmp_path / "events.jsonl",
        _record("a", inputTokens=100, cacheReadTokens=0, outputTokens=5),
        _answer("a", "gpt-5.4", 5),
        _shutdown(1, inputTokens=100, cacheReadTokens=0, outputTokens=5),
    )
    records = read_file(AGENT, path)
    assert ["a"] == [c.id for c in calls(records)]
    assert {"gpt-5.4": (100, 0, 0, 5)} == totals(records)


def test_output_alone_is_not_an_empty_request(tmp_path: Path) -> None:
    """Prevents taking a call of an older build, of which only the output is known, as free."""
    path = _events(tmp_path / "events.jsonl", _answer("a", "gpt-5.4", 5))
    (call,) = calls(read_file(AGENT, path))
    assert (False, 5) == (call.sent_recorded, call.usage.output_tokens)


def test_one_call_in_several_messages_is_one_call(tmp_path: Path) -> None:
    """Prevents counting a response once per message; only the last brings its output."""
    path = _events(
        tmp_path / "events.jsonl",
        _answer("a", "gpt-5.4", None),
        _answer("a", "gpt-5.4", None),
        _answer("a", "gpt-5.4", 7),
    )
    assert {"gpt-5.4": (0, 0, 0, 7)} == totals(read_file(AGENT, path))
    (call,) = calls(read_file(AGENT, path))
    assert call.output_recorded


def test_the_cache_state_completes_the_last_call(tmp_path: Path) -> None:
    """Prevents losing what was sent where only the checkpoint's cache state holds it."""
    state = {"model_call_id": "a", "prompt_tokens": 100, "cache_read": 80, "cache_write": 15}
    checkpoint = {
        "modelCacheState": [
            {
                "modelId": "gpt-5.4",
                "cacheExpiresAt": "2026-11-21T08:30:30.000Z",
                "cacheTtlSeconds": 1800,
            }
        ],
        "promptCacheBreakState": [{"conversation": "main", "models": {"gpt-5.4": state}}],
    }
    path = _events(
        tmp_path / "events.jsonl",
        _answer("a", "gpt-5.4", 5),
        {"type": "session.usage_checkpoint", "data": checkpoint},
    )
    (call,) = calls(read_file(AGENT, path))
    assert (5, 80, 15, 5) == totals([call])["gpt-5.4"]
    assert (True, 1800, 30.0) == (call.sent_recorded, call.cache_ttl_s, call.at - call.started_at)
