"""Traps that other meters fell into with Claude Code's transcripts."""

from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, totals
from claude_transcript import (
    START,
    Line,
    answer,
    command,
    iso,
    line,
    progress,
    prompt,
    transcript,
    usage,
)
from switchtax.agents import agent_module
from switchtax.records import (
    Call,
    Depth,
    Forked,
    Prompt,
    Unreadable,
)

AGENT = agent_module("claude-code")
MODEL = "claude-opus-5-5"


@pytest.mark.parametrize("depth", Depth)
def test_cached_tokens_are_beside_input(tmp_path: Path, depth: Depth) -> None:
    """Prevents taking cached tokens out of an input that never held them."""
    path = transcript(tmp_path, answer(1, "m", usage(4, read=900, five=80, out=7)))
    assert {MODEL: (4, 900, 80, 7)} == totals(read_file(AGENT, path, depth))


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 70}, (30, 70)),
        ({"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 100}, (0, 100)),
        ({"ephemeral_1h_input_tokens": None}, (100, 0)),
        ({"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 40}, (60, 40)),
        ({"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 400}, (0, 100)),
        ({"ephemeral_5m_input_tokens": 130, "ephemeral_1h_input_tokens": -30}, (100, 0)),
        (None, (100, 0)),
    ],
)
def test_writes_keep_their_lifetime(
    tmp_path: Path, split: Line | None, expected: tuple[int, int]
) -> None:
    """Prevents one-hour writes at the five-minute price; what is written never changes."""
    counts = usage(five=100) | {"cache_creation": split}
    (call,) = calls(read_file(AGENT, transcript(tmp_path, answer(1, "m", counts))))
    use = call.usage
    assert expected == (use.cache_write_5m_tokens, use.cache_write_1h_tokens)


def test_thinking_is_inside_output(tmp_path: Path) -> None:
    """Prevents paying thinking a second time beside the output that holds it."""
    counts = usage(out=50, output_tokens_details={"thinking_tokens": 30})
    (call,) = calls(read_file(AGENT, transcript(tmp_path, answer(1, "m", counts))))
    assert (50, 30) == (call.usage.billed_output_tokens, call.usage.reasoning_tokens)


@pytest.mark.parametrize("depth", Depth)
def test_the_largest_output_of_a_response_wins(tmp_path: Path, depth: Depth) -> None:
    """Prevents counting each block of a response, or the placeholder of the first one."""
    counts = usage(4, read=900)
    path = transcript(
        tmp_path,
        prompt(0),
        answer(5, "m", counts | {"output_tokens": 1}, stop=None),
        answer(6, "m", counts | {"output_tokens": 1}, stop=None),
        answer(7, "m", counts | {"output_tokens": 412}),
        answer(8, "m", counts | {"output_tokens": 1}, stop=None),
    )
    records = read_file(AGENT, path, depth)
    assert {MODEL: (4, 900, 0, 412)} == totals(records)
    (call,) = calls(records)
    assert call.output_recorded


def test_a_placeholder_is_told_as_such(tmp_path: Path) -> None:
    """Prevents trusting an output that was still being written; its end makes it a count."""
    first = answer(1, "m", usage(4, out=8), stop=None)
    (call,) = calls(read_file(AGENT, transcript(tmp_path, first)))
    assert not call.output_recorded
    ended = transcript(tmp_path, first, answer(2, "m", usage(4, out=8)))
    (call,) = calls(read_file(AGENT, ended))
    assert call.output_recorded


def test_an_answer_without_an_id_is_one_call(tmp_path: Path) -> None:
    """Prevents losing usage of a line that names neither message nor request."""
    path = transcript(
        tmp_path,
        answer(1, None, usage(1, out=1)),
        {**answer(2, "", usage(2, out=1)), "uuid": None},
    )
    assert {MODEL: (3, 0, 0, 2)} == totals(read_file(AGENT, path))


@pytest.mark.parametrize("depth", Depth)
def test_synthetic_answers_are_no_calls(tmp_path: Path, depth: Depth) -> None:
    """Prevents a switch to `<synthetic>` and back around an error message."""
    path = transcript(
        tmp_path,
        answer(1, "m1", usage(1, out=1)),
        answer(2, "m2", usage(0), model="<synthetic>"),
        answer(3, "m3", usage(5), model=None),
        answer(4, "m4", None),
        line("assistant", 5),
        answer(6, "m5", usage(1, out=1)),
    )
    assert ["m1", "m5"] == [call.id for call in calls(read_file(AGENT, path, depth))]


@pytest.mark.parametrize("depth", Depth)
def test_a_copied_response_keeps_its_id(tmp_path: Path, depth: Depth) -> None:
    """Prevents counting history twice that a resume or a fork copied into another file."""
    history = [prompt(0), answer(1, "m1", usage(1, out=1)), answer(2, "m2", usage(1, out=1))]
    copied = [one | {"forkedFrom": {"sessionId": "old"}} for one in history]
    old = transcript(tmp_path, *history, name="old.jsonl")
    new = transcript(tmp_path, *copied, answer(9, "m3", usage(1, out=1)), name="new.jsonl")
    both = [*read_file(AGENT, old, depth), *read_file(AGENT, new, depth)]
    assert ["m1", "m2", "m3"] == [call.id for call in calls(both)]
    if depth is Depth.FULL:
        assert [("new", "old")] == [(f.session_id, f.parent_id) for f in of(both, Forked)]


@pytest.mark.parametrize("depth", Depth)
def test_a_sidechain_is_billed_and_told_apart(tmp_path: Path, depth: Depth) -> None:
    """Prevents a sub-agent's model and size from passing for the conversation's."""
    path = transcript(
        tmp_path,
        prompt(0),
        answer(5, "m1", usage(1, out=1)),
        prompt(6, "do this", isSidechain=True),
        answer(9, "s1", usage(70, out=1), model="claude-haiku-5-5", isSidechain=True),
    )
    assert [("m1", False), ("s1", True)] == [
        (call.id, call.sidechain) for call in calls(read_file(AGENT, path, depth))
    ]
    assert 0.0 == calls(read_file(AGENT, path, depth))[1].started_at, "its start is not known"


def test_a_sub_agents_file_is_a_sidechain_throughout(tmp_path: Path) -> None:
    """Prevents a file of its own from passing for a session of its own."""
    path = transcript(
        tmp_path / "s1" / "subagents",
        prompt(0, "do this"),
        answer(1, "a1", usage(7, out=1)),
        line("attachment", 2, attachment={"type": "file", "content": "x"}),
        name="agent-a.jsonl",
    )
    records = read_file(AGENT, path)
    assert {("s1", True)} == {(call.session_id, call.sidechain) for call in of(records, Call)}
    assert [] == of(records, Prompt)


def _inner(**message: object) -> Line:
    full = answer(3, "e1", usage(5, read=60, out=7), model="claude-haiku-5-5")
    full["message"] |= message
    return full


@pytest.mark.parametrize("depth", Depth)
def test_embedded_usage_is_counted_and_flagged(tmp_path: Path, depth: Depth) -> None:
    """Prevents leaving out what a sub-agent cost, or calling it the conversation's."""
    path = transcript(tmp_path, answer(1, "m1", usage(1, out=1)), progress(4, _inner()))
    embedded = calls(read_file(AGENT, path, depth))[1]
    assert ("e1", "claude-haiku-5-5", 65, 7) == (
        embedded.id,
        embedded.model,
        embedded.usage.sent_tokens,
        embedded.usage.output_tokens,
    )
    assert (True, True, START + 3) == (embedded.sidechain, embedded.embedded, embedded.at)


@pytest.mark.parametrize(
    "one",
    [
        progress(1, _inner(model="<synthetic>")),
        progress(1, _inner(usage=None)),
        progress(1, prompt(1)),
        progress(1, "Running hooks", kind="hook_progress"),
        progress(1, None),
        progress(1, _inner(), kind="bash_progress"),
        line("progress", 1, data=[1]),
        line("progress", 1),
    ],
)
def test_other_progress_is_no_usage(tmp_path: Path, one: Line) -> None:
    """Prevents a made-up call from a line that only looks like one."""
    records = read_file(AGENT, transcript(tmp_path, one))
    assert ([], []) == (of(records, Call), of(records, Unreadable))


def test_server_side_passes_are_summed_once(tmp_path: Path) -> None:
    """Prevents a context as large as all passes of a response together."""
    passes = [
        {"input_tokens": 3, "cache_read_input_tokens": 1000},
        {"input_tokens": 5, "cache_read_input_tokens": 1100, "cache_creation_input_tokens": 20},
    ]
    path = transcript(
        tmp_path,
        answer(1, "m1", usage(8, read=2100, five=20, iterations=passes)),
        answer(2, "m2", usage(3, read=1000, iterations=passes[:1])),
        answer(3, "m3", usage(3, read=1000, iterations=None)),
    )
    made = calls(read_file(AGENT, path))
    assert [2128, 1003, 1003] == [call.usage.sent_tokens for call in made]
    assert [1125, None, None] == [call.last_pass_tokens for call in made]


def test_web_searches_are_counted(tmp_path: Path) -> None:
    """Prevents leaving out what is billed by the search."""
    counts = usage(1, server_tool_use={"web_search_requests": 3})
    assert [3] == [
        c.web_searches
        for c in calls(read_file(AGENT, transcript(tmp_path, answer(1, "m", counts))))
    ]


def test_turns_begin_with_a_task(tmp_path: Path) -> None:
    """Prevents counting one task twice, or the client's own commands, or missing a skill."""
    skill = "<command-message>review</command-message>\n<command-name>/review</command-name>"
    path = transcript(
        tmp_path,
        prompt(1, "a task", promptId="p1"),
        prompt(2, [{"type": "text", "text": "and its picture"}], promptId="p1"),
        prompt(3, "a caveat", isMeta=True, promptId="p2"),
        command(4, "effort", "high"),
        prompt(5, "wake up", promptId="p3", promptSource="loop_wakeup"),
        prompt(6, "from an editor", promptId="p4", promptSource="sdk"),
        prompt(7, skill, promptId="p5"),
        prompt(8, "what the skill says", promptId="p5", isMeta=True),
        prompt(9, "without an id"),
        prompt(10, "nor this one"),
        line("user", 11),
    )
    assert [(1, True), (5, False), (6, True), (7, True), (9, True), (10, True)] == [
        (p.line, p.by_person) for p in of(read_file(AGENT, path), Prompt)
    ]


@pytest.mark.parametrize(
    "counts",
    [
        usage(-1),
        usage(read=10**12),
        usage(out=-4),
        usage(five=10**10),
        usage(1) | {"input_tokens": "many"},
    ],
)
@pytest.mark.parametrize("depth", Depth)
def test_absurd_counts_are_reported_not_added(tmp_path: Path, counts: Line, depth: Depth) -> None:
    """Prevents one broken line from making a total absurd, or a file unreadable."""
    path = transcript(tmp_path, answer(1, "m1", counts), answer(2, "m2", usage(1, out=1)))
    records = read_file(AGENT, path, depth)
    assert ["m2"] == [call.id for call in calls(records)]
    assert [1] == [told.line for told in of(records, Unreadable)]


@pytest.mark.parametrize(
    ("model", "identity", "provider"),
    [
        ("claude-opus-5-5", "msg_01XFDUDYJgAACzvnptvVoYEL", "anthropic"),
        ("claude-opus-5-5", "msg_bdrk_01XFDUDYJgAACzvnptvVoYEL", "aws-bedrock"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "msg_1", "aws-bedrock"),
        ("claude-opus-4-5@20251101", "msg_1", "google-vertex"),
        ("claude-opus-5-5", "msg_vrtx_01XFDUDYJgAACzvnptvVoYEL", "google-vertex"),
        ("claude-opus-5-5", "msg_4f1c09d2", ""),
    ],
)
def test_who_sells_a_call_is_told_where_it_shows(
    tmp_path: Path, model: str, identity: str, provider: str
) -> None:
    """Prevents one seller's price for another's call; a gateway's answers tell nothing."""
    path = transcript(tmp_path, answer(1, identity, usage(1), model=model))
    assert [provider] == [call.provider for call in calls(read_file(AGENT, path))]


def test_unknown_lines_are_passed_over(tmp_path: Path) -> None:
    """Prevents a later build's new line types from breaking what is known."""
    path = transcript(
        tmp_path,
        line("brand-new", 1, message="anything"),
        '{"no":"type"}',
        "{}",
        answer(2, "m", usage(1)),
        name="x.jsonl",
    )
    assert "m" in [call.id for call in calls(read_file(AGENT, path))]
    assert iso(2) == answer(2, "m", usage(1))["timestamp"]
