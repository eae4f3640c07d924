"""Traps in Claude Code's transcripts: when a request began, and what happened besides calls."""

from pathlib import Path

import pytest

from agent_reading import calls, of, read_file
from claude_transcript import (
    START,
    answer,
    command,
    line,
    prompt,
    request,
    result,
    said,
    system,
    transcript,
    usage,
)
from switchtax.agents import agent_module
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Depth,
    Ended,
    Prompt,
    RequestStarted,
    Resumed,
)

AGENT = agent_module("claude-code")


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
