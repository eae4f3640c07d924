"""Traps that other meters fell into with Gemini CLI's chats."""

import json
from pathlib import Path

from agent_reading import calls, of, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import Call, ModelChosen, Prompt

AGENT = agent_module("gemini-cli")


def _chat(path: Path, *lines: object) -> Path:
    head = {"sessionId": "s-1", "projectHash": "x", "startTime": "2026-11-21T08:00:00Z"}
    path.write_text("".join(json.dumps(line) + "\n" for line in (head, *lines)))
    return path


def _user(identity: str, text: str) -> dict[str, object]:
    return {
        "id": identity,
        "timestamp": "2026-11-21T08:00:01Z",
        "type": "user",
        "content": [{"text": text}],
    }


def _answer(identity: str, model: str = "gemini-2.5-pro", **tokens: int) -> dict[str, object]:
    return {
        "id": identity,
        "timestamp": "2026-11-21T08:00:05Z",
        "type": "gemini",
        "content": "ok",
        "tokens": tokens,
        "model": model,
    }


def test_cached_tokens_are_taken_out_of_input(tmp_path: Path) -> None:
    """Prevents counting cached tokens twice, once inside the input and once beside it."""
    path = _chat(tmp_path / "c.jsonl", _answer("a", input=1000, cached=900, output=5))
    assert {"gemini-2.5-pro": (100, 900, 0, 5)} == totals(read_file(AGENT, path))


def test_thoughts_are_billed_beside_output(tmp_path: Path) -> None:
    """Prevents leaving thoughts unpaid: Gemini bills them as output but logs them apart."""
    path = _chat(tmp_path / "c.jsonl", _answer("a", input=10, output=5, thoughts=40))
    (call,) = calls(read_file(AGENT, path))
    assert (5, 40, 45) == (
        call.usage.output_tokens,
        call.usage.reasoning_tokens,
        call.usage.billed_output_tokens,
    )


def test_histories_written_again_are_counted_once(tmp_path: Path) -> None:
    """Prevents paying a history again at each resume, when the agent appends all of it."""
    history = [_user("u", "hello"), _answer("a", input=100, output=5)]
    head = {"sessionId": "s-1", "projectHash": "x", "startTime": "2026-11-21T09:00:00Z"}
    again = {"$set": {"messages": history}}
    path = _chat(tmp_path / "c.jsonl", *history, head, again, head, again, again)
    records = read_file(AGENT, path)
    assert {"gemini-2.5-pro": (100, 0, 0, 5)} == totals(records)
    assert 1 == len(of(records, Call)) == len(of(records, Prompt))


def test_a_history_known_only_from_a_rebuild_is_counted(tmp_path: Path) -> None:
    """Prevents losing a session of the older format that a resume turned into lines."""
    history = {"$set": {"messages": [_user("u", "hello"), _answer("a", input=100, output=5)]}}
    path = _chat(tmp_path / "c.jsonl", history)
    assert {"gemini-2.5-pro": (100, 0, 0, 5)} == totals(read_file(AGENT, path))


def test_choosing_the_same_model_is_no_switch(tmp_path: Path) -> None:
    """Prevents an alarm where the model named is the one already in use."""
    info = {"id": "i", "timestamp": "2026-11-21T08:00:06Z", "type": "info"}
    path = _chat(
        tmp_path / "c.jsonl",
        _answer("a", input=10, output=5),
        info | {"content": "Model set to gemini-2.5-pro"},
        info | {"id": "j", "content": "Model set to gemini-2.5-flash"},
        info | {"id": "k", "content": "Model set to gemini-2.5-flash"},
    )
    (chosen,) = of(read_file(AGENT, path), ModelChosen)
    assert ("gemini-2.5-flash", "gemini-2.5-pro") == (chosen.model, chosen.previous)


def test_the_words_of_a_switch_in_a_prompt_are_no_switch(tmp_path: Path) -> None:
    """Prevents taking a prompt or an answer that quotes the message for the message."""
    quoted = _answer("a", input=10, output=5) | {"content": "Model set to gemini-2.5-flash"}
    path = _chat(tmp_path / "c.jsonl", _user("u", "Model set to gemini-2.5-flash"), quoted)
    assert [] == of(read_file(AGENT, path), ModelChosen)
