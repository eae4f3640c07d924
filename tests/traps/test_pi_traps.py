"""Traps that other meters fell into, or can fall into, with pi's sessions."""

import json
from pathlib import Path

from agent_reading import calls, of, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import ModelChosen

AGENT = agent_module("pi")


def _session(path: Path, *entries: dict[str, object]) -> Path:
    head = {"type": "session", "version": 3, "id": path.stem, "cwd": "/x"}
    lines = [head]
    for number, entry in enumerate(entries, 1):
        place = {"id": f"e{number}", "parentId": f"e{number - 1}" if number > 1 else None}
        lines.append({**place, "timestamp": f"2026-11-21T08:{number:02}:00.000Z", **entry})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def _answer(response: str, **usage: int) -> dict[str, object]:
    message = {"role": "assistant", "provider": "anthropic", "model": "claude-opus-5-5"}
    counts = {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0, **usage}
    more = {"content": [], "usage": counts, "responseId": response}
    return {"type": "message", "message": message | more}


def _choice(model: str, provider: str = "anthropic") -> dict[str, object]:
    return {"type": "model_change", "provider": provider, "modelId": model}


def test_one_hour_writes_are_not_added_to_the_writes(tmp_path: Path) -> None:
    """Prevents counting one-hour writes twice, and paying them at the five-minute price."""
    path = _session(tmp_path / "s.jsonl", _answer("a", cacheWrite=100, cacheWrite1h=70))
    (call,) = calls(read_file(AGENT, path))
    assert (30, 70, 100) == (
        call.usage.cache_write_5m_tokens,
        call.usage.cache_write_1h_tokens,
        call.usage.sent_tokens,
    )


def test_warming_is_billed_but_is_no_turn_of_the_conversation(tmp_path: Path) -> None:
    """Prevents taking a call that only keeps the cache warm for one of the conversation's."""
    usage = {"input": 1, "output": 1, "cacheRead": 500, "cacheWrite": 0}
    warm = {"type": "usage", "kind": "cache_warm", "model": "claude-opus-5-5", "usage": usage}
    path = _session(tmp_path / "s.jsonl", _answer("a", input=500, output=5), warm)
    records = read_file(AGENT, path)
    assert {"claude-opus-5-5": (501, 500, 0, 6)} == totals(records)
    assert [("", False), ("warm", True)] == [(c.purpose, c.sidechain) for c in calls(records)]


def test_a_fork_repeats_its_parents_calls_under_their_ids(tmp_path: Path) -> None:
    """Prevents paying copied entries again: the same response is the same call in both files."""
    entries = (_answer("a", input=10, output=1), _answer("b", input=20, output=1))
    parent = read_file(AGENT, _session(tmp_path / "p.jsonl", *entries))
    child = read_file(AGENT, _session(tmp_path / "c.jsonl", *entries))
    assert [c.id for c in calls(parent)] == [c.id for c in calls(child)]


def test_picking_the_same_model_is_no_switch(tmp_path: Path) -> None:
    """Prevents an alarm at a pick of the model in use, which writes a line all the same."""
    path = _session(
        tmp_path / "s.jsonl",
        _answer("a", input=10, output=1),
        _choice("claude-opus-5-5"),
        _choice("claude-haiku-5"),
        _choice("claude-haiku-5"),
    )
    assert ["claude-haiku-5"] == [c.model for c in of(read_file(AGENT, path), ModelChosen)]


def test_the_same_model_of_another_provider_is_a_switch(tmp_path: Path) -> None:
    """Prevents overlooking that a cache belongs to one provider: the same name starts cold."""
    path = _session(
        tmp_path / "s.jsonl",
        _answer("a", input=10, output=1),
        _choice("claude-opus-5-5", "amazon-bedrock"),
    )
    assert ["claude-opus-5-5"] == [c.model for c in of(read_file(AGENT, path), ModelChosen)]


def test_an_aborted_call_is_no_call(tmp_path: Path) -> None:
    """Prevents a switch, or a context of nothing, where a request was stopped before usage."""
    path = _session(tmp_path / "s.jsonl", _answer("a", input=10, output=1), _answer("b"))
    assert ["a"] == [c.id for c in calls(read_file(AGENT, path))]
