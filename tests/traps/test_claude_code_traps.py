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
    request,
    result,
    said,
    system,
    transcript,
    usage,
)
from switchtax.agents import agent_module
from switchtax.catalog.names import normalise
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Depth,
    EffortChosen,
    Ended,
    Forked,
    ModelChosen,
    Prompt,
    RequestStarted,
    Resumed,
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


SET = "<command-name>/model</command-name> <local-command-stdout>Set model to Haiku 5.5"


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize(
    "one",
    [
        prompt(1, f"What does {SET}</local-command-stdout> mean?"),
        result(1, "t1", f"{SET}</local-command-stdout>"),
        result(1, "t1", [{"type": "text", "text": SET}]),
        prompt(1, [{"type": "text", "text": SET}]),
        answer(1, "m", usage(1), content=[{"type": "text", "text": SET}]),
        system(1, "informational", content=SET),
        said(1, "Kept model as `Haiku 5.5`"),
        said(1, "Model switch to Haiku 5.5 was blocked by a PreModelSwitch hook: no"),
        said(1, "The docs say: Set model to Haiku 5.5"),
        said(1, "x" * 3000),
        prompt(1, '<command-name>/model</command-name> "'),
        prompt(1, "<command-name>/model\ud800".encode("utf-8", "replace").decode()),
    ],
)
def test_a_quoted_command_is_no_switch(tmp_path: Path, one: Line, depth: Depth) -> None:
    """Prevents a false alarm where a prompt, a tool or an answer only speaks of a switch."""
    assert [] == of(read_file(AGENT, transcript(tmp_path, one), depth), ModelChosen)


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("Set model to `Opus 5.5`", "Opus 5.5"),
        ("Set model to `Opus 5.5` and saved as your default for new sessions", "Opus 5.5"),
        ("Set model to `Opus 5.5 (default)` and saved as your default", "Opus 5.5"),
        ("Set model to \x1b[1mSonnet 5.5\x1b[22m for this session only", "Sonnet 5.5"),
        ("Set model to <b>Sonnet 5.5</b>.", "Sonnet 5.5"),
        (
            "Set model to \x1b[1mOpus 4.6 (1M context) (default)\x1b[22m",
            "Opus 4.6 (1M context)",
        ),
        ("Set model to Default (Opus 4.5 · Most capable for complex work)", "Opus 4.5"),
        ("Set model to Default (claude-opus-4-5-20251101)", "claude-opus-4-5-20251101"),
        ("Set model to Default (recommended)", "Default (recommended)"),
        ("Set model to opus (claude-opus-5-5)", "opus (claude-opus-5-5)"),
        ("Set model to Opus 5.5 · Billed as extra usage", "Opus 5.5"),
    ],
)
def test_a_switch_is_named_however_it_is_dressed(
    tmp_path: Path, text: str, chosen: str, depth: Depth
) -> None:
    """Prevents a missed switch, and a model name with colours, ticks or remarks in it."""
    for one in (
        said(1, text),
        system(1, "local_command", content=f"<local-command-stdout>{text}</local-command-stdout>"),
    ):
        records = read_file(AGENT, transcript(tmp_path, command(0, "model"), one), depth)
        assert [(chosen, "command", 2)] == [
            (c.model, c.source, c.line) for c in of(records, ModelChosen)
        ]


@pytest.mark.parametrize("depth", Depth)
def test_what_hooks_were_asked_is_no_switch(tmp_path: Path, depth: Depth) -> None:
    """Prevents a switch to the wrong model: the hook fires twice, the second time misnaming it."""
    hook = {"hookName": "PreModelSwitch:claude-sonnet-5-5", "hookEvent": "PreModelSwitch"}
    path = transcript(
        tmp_path,
        answer(1, "m1", usage(1, out=1)),
        line("progress", 2, data={"type": "hook_progress", **hook}),
        line("attachment", 3, attachment={"type": "hook_success", "stdout": "{}", **hook}),
        said(4, "Set model to Haiku 5.5"),
        line("attachment", 5, attachment={"type": "hook_success", "stdout": SET, **hook}),
    )
    records = read_file(AGENT, path, depth)
    assert ["Haiku 5.5"] == [chosen.model for chosen in of(records, ModelChosen)]
    assert [] == of(records, Resumed)


def test_a_window_suffix_is_the_same_model() -> None:
    """Prevents a switch between `claude-opus-4-6[1m]` and `claude-opus-4-6`."""
    for spelled in ("claude-opus-4-6[1m]", "Opus 4.6 (1M context)", "opus (claude-opus-4-6)"):
        assert "claude-opus-4-6" == normalise(spelled).name
    assert 1_000_000 == normalise("Opus 4.6 (1M context)").window_tokens


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize(
    ("text", "effort", "fast", "models"),
    [
        ("Set effort level to high (saved as your default): Extensive", "high", None, []),
        ("↯ Fast mode ON · model set to Opus 4.8 · $10/$50", None, True, ["Opus 4.8"]),
        ("Fast mode OFF", None, False, []),
        ("Fast mode enabled", None, True, []),
    ],
)
def test_effort_and_fast_mode_are_told(
    tmp_path: Path,
    text: str,
    effort: str | None,
    fast: bool | None,
    models: list[str],
    depth: Depth,
) -> None:
    """Prevents a price or a cache key of the setting before."""
    records = read_file(AGENT, transcript(tmp_path, said(1, text)), depth)
    assert [(effort, fast)] == [(e.effort, e.fast) for e in of(records, EffortChosen)]
    assert models == [c.model for c in of(records, ModelChosen)]


def test_fast_calls_are_marked(tmp_path: Path) -> None:
    """Prevents the standard price for a call that ran fast."""
    path = transcript(
        tmp_path,
        answer(1, "m1", usage(1, speed="fast")),
        answer(2, "m2", usage(1, speed="standard")),
    )
    assert [True, False] == [call.fast for call in calls(read_file(AGENT, path))]


@pytest.mark.parametrize("depth", Depth)
def test_helpers_and_cost_states_are_no_switch(tmp_path: Path, depth: Depth) -> None:
    """Prevents taking the title helper's model, or a running total, for the conversation's."""
    path = transcript(
        tmp_path,
        answer(1, "m1", usage(1, out=1)),
        line("ai-title", 2, aiTitle="Fix"),
        line("cost-state", 3, modelUsage={"claude-haiku-4-5": {"outputTokens": 30}}),
        request(4, "r", model="claude-haiku-4-5", querySource="generate_session_title"),
        answer(5, "m2", usage(1, out=1)),
    )
    records = read_file(AGENT, path, depth)
    assert {MODEL: (2, 0, 0, 2)} == totals(records)
    assert [] == of(records, ModelChosen)
    assert [False] == [asked.main for asked in of(records, RequestStarted)]
    assert START + 4 != calls(records)[1].started_at


@pytest.mark.parametrize("depth", Depth)
def test_the_clock_starts_with_the_request(tmp_path: Path, depth: Depth) -> None:
    """Prevents a lifetime counted from the answer, or from what was logged meanwhile."""
    path = transcript(
        tmp_path,
        prompt(0),
        request(2, "r1"),
        line("attachment", 8, attachment={"type": "file", "content": "x"}),
        prompt(9, "typed while it runs"),
        answer(30, "m1", usage(1, out=1), stop=None),
        answer(40, "m1", usage(1, out=9)),
    )
    (call,) = [c for c in of(read_file(AGENT, path, depth), Call) if c.started_at]
    assert (START + 2, START + 30) == (call.started_at, call.at)


def test_older_builds_start_with_what_was_put_in(tmp_path: Path) -> None:
    """Prevents the answer's time where no request was told: the last input started it."""
    path = transcript(
        tmp_path,
        prompt(0),
        answer(30, "m1", usage(1, out=1)),
        result(33, "t1"),
        {**prompt(1, "without a time"), "timestamp": None},
        answer(50, "m2", usage(1, out=1)),
    )
    assert [START, START + 33] == [c.started_at for c in calls(read_file(AGENT, path))]


def test_a_scan_knows_no_start_rather_than_a_stale_one(tmp_path: Path) -> None:
    """Prevents calls from seeming to start at a command given long before."""
    path = transcript(
        tmp_path,
        said(1, "Set model to Opus 5.5"),
        prompt(5000),
        answer(5009, "m1", usage(1, out=1)),
    )
    assert [0.0] == [c.started_at for c in calls(read_file(AGENT, path, Depth.USAGE))]


def test_an_hour_asked_for_is_told_by_the_request(tmp_path: Path) -> None:
    """Prevents a five-minute clock where the request asked for an hour."""
    path = transcript(
        tmp_path,
        request(1, "r1", ttl="1h"),
        request(2, "r2", ttl="5m"),
        request(3, "r3"),
        {"type": "api-request", "id": "r4"},
    )
    asked = of(read_file(AGENT, path), RequestStarted)
    assert [3600, None, None] == [one.ttl_s for one in asked]


def test_a_request_without_a_time_starts_nothing(tmp_path: Path) -> None:
    """Prevents a call from starting at the beginning of time."""
    path = transcript(
        tmp_path, prompt(7), request(8, "r", timestamp=None), answer(9, "m", usage(1))
    )
    assert [START + 7] == [c.started_at for c in calls(read_file(AGENT, path))]


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


@pytest.mark.parametrize("depth", Depth)
def test_compactions_are_told_with_their_sizes(tmp_path: Path, depth: Depth) -> None:
    """Prevents a shrunken context from passing for a lost cache."""
    path = transcript(
        tmp_path,
        system(1, "compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 150_000}),
        system(
            2,
            "microcompact_boundary",
            microcompactMetadata={"trigger": "auto", "preTokens": 90_000, "tokensSaved": 30_000},
        ),
        system(3, "compact_boundary"),
        system(4, "compact_boundary", compactMetadata={"preTokens": 5, "postTokens": 3}),
    )
    assert [
        ("auto", 150_000, None, False),
        ("auto", 90_000, 60_000, True),
        ("", None, None, False),
        ("", 5, 3, False),
    ] == [
        (c.trigger, c.before_tokens, c.after_tokens, c.partial)
        for c in of(read_file(AGENT, path, depth), Compaction)
    ]


def test_clear_and_exit_are_told(tmp_path: Path) -> None:
    """Prevents a prefix from outliving the conversation it opened."""
    path = transcript(tmp_path, command(1, "clear"), command(2, "exit"), command(3, "quit"))
    records = read_file(AGENT, path)
    assert ([1], [2, 3]) == (
        [r.line for r in of(records, Cleared)],
        [r.line for r in of(records, Ended)],
    )
    assert [] == of(records, Prompt)


def test_an_automatic_fallback_is_told_as_one(tmp_path: Path) -> None:
    """Prevents blaming a person for a switch the agent made."""
    (chosen,) = of(
        read_file(AGENT, transcript(tmp_path, system(1, "model_refusal_fallback"))), ModelChosen
    )
    assert (True, "fallback", "") == (chosen.automatic, chosen.source, chosen.model)


def test_another_version_is_a_resume(tmp_path: Path) -> None:
    """Prevents a silent break: a new build brings new tools and another system prompt."""
    path = transcript(
        tmp_path,
        prompt(1),
        answer(2, "m1", usage(1)),
        prompt(900, version="2.1.300"),
        answer(901, "m2", usage(1), version="2.1.300"),
    )
    assert [("2.1.300", 3)] == [
        (r.agent_version, r.line) for r in of(read_file(AGENT, path), Resumed)
    ]


def test_a_resume_told_by_its_hook(tmp_path: Path) -> None:
    """Prevents missing a restart of the same build; starts from nothing are none."""
    lines = [
        line("progress", n, data={"type": "hook_progress", "hookName": f"SessionStart:{how}"})
        for n, how in enumerate(("startup", "resume", "fork", "clear"))
    ]
    assert [2, 3] == [r.line for r in of(read_file(AGENT, transcript(tmp_path, *lines)), Resumed)]


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
