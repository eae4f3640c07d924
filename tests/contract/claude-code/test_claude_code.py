"""What Claude Code writes, read back: against the bills of real sessions, and by the contract."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, source
from claude_transcript import START, answer, iso, prompt, transcript, usage
from switchtax.agents import agent_module
from switchtax.records import (
    Compaction,
    Content,
    Depth,
    EffortChosen,
    ModelChosen,
    Prompt,
    RequestStarted,
    Resumed,
    SessionInfo,
    ToolUse,
    Unreadable,
)

AGENT = agent_module("claude-code")
FIXTURES = Path(__file__).parent / "fixtures"
LAB = (
    "headless-d-continue-switch",
    "lab-back-after-many-tools",
    "lab-models-in-turns",
    "sdk-allow",
    "sdk-deny",
    "sdk-nohook",
    "tui-a",
    "tui-e-resume-switch",
    "tui-t",
)
TOOLS = ("lab-back-after-many-tools", "lab-models-in-turns")
"""Sessions in which requests send tool results back."""

WRITTEN = FIXTURES / "claude-code_2.1.329_model-effort-compaction.jsonl"


def _lab(name: str) -> Path:
    return FIXTURES / f"claude-code_2.1.329_{name}.jsonl"


def _billed(name: str) -> list[dict[str, object]]:
    text = (FIXTURES / f"claude-code_2.1.329_{name}.billing.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", LAB)
def test_a_scan_tells_what_requests_open_with(name: str) -> None:
    """Two marks stand in tools and system prompt of each; scans and whole reads find them alike."""
    scan, full = (
        [request.starts for request in of(read_file(AGENT, _lab(name), depth), RequestStarted)]
        for depth in (Depth.USAGE, Depth.FULL)
    )
    assert scan == full
    assert {2} == {len(starts) for starts in full}


def test_sessions_share_a_start_by_its_content() -> None:
    """Three sessions with one set of tools, and system prompts that name three folders."""
    names = ("sdk-nohook", "sdk-allow", "sdk-deny")
    requests = [of(read_file(AGENT, _lab(name)), RequestStarted)[0] for name in names]
    assert 1 == len({request.starts[0] for request in requests})
    assert 3 == len({request.starts[1] for request in requests})


@pytest.mark.parametrize("name", LAB)
@pytest.mark.parametrize("depth", Depth)
def test_requests_start_when_they_are_sent(name: str, depth: Depth) -> None:
    """A call starts with its request record, within a third of a second of its bill."""
    records = read_file(AGENT, _lab(name), depth)
    requests = of(records, RequestStarted)
    for call, asked, bill in zip(calls(records), requests, _billed(name), strict=True):
        assert (asked.at, asked.model, True) == (call.started_at, call.model, asked.main)
        assert abs(float(str(bill["t"])) - call.started_at) < 0.3


@pytest.mark.parametrize(
    ("name", "chosen", "paid"),
    [
        ("tui-a", ["Opus 5.5"], "claude-opus-5-5"),
        ("tui-t", ["Opus 5.5", "Opus 5.5"], "claude-opus-5-5"),
        ("sdk-nohook", ["opus (claude-opus-5-5)"], "claude-opus-5-5"),
        ("sdk-allow", ["opus (claude-opus-5-5)"], "claude-opus-5-5"),
        ("sdk-deny", [], "claude-sonnet-4-5"),
        ("headless-d-continue-switch", [], "claude-opus-5-5"),
        ("lab-back-after-many-tools", [], "claude-sonnet-5-5"),
        ("lab-models-in-turns", ["Opus 5.5", "Sonnet 5.5"] * 2, "claude-sonnet-5-5"),
        ("tui-e-resume-switch", [], "claude-opus-5-5"),
    ],
)
def test_a_switch_is_announced_before_it_is_paid(name: str, chosen: list[str], paid: str) -> None:
    """`/model` and `set_model` tell the choice at once; kept, blocked and denied tell none."""
    records = read_file(AGENT, _lab(name))
    told = of(records, ModelChosen)
    assert chosen == [choice.model for choice in told]
    last = calls(records)[-1]
    assert paid == last.model
    assert all(records.index(choice) < records.index(last) for choice in told)


def test_a_resume_on_another_model_is_told_by_its_request() -> None:
    """No breadcrumb is written then: the request record names the model as it is sent."""
    records = read_file(AGENT, _lab("tui-e-resume-switch"))
    asked = next(r for r in of(records, RequestStarted) if r.model == "claude-opus-5-5")
    paid = next(c for c in calls(records) if c.model == "claude-opus-5-5")
    assert records.index(asked) < records.index(paid)


def test_an_effort_change_is_told_and_is_no_switch() -> None:
    """`/effort` is known before the call that runs with it."""
    records = read_file(AGENT, _lab("tui-e-resume-switch"))
    assert ["high"] == [e.effort for e in of(records, EffortChosen)]
    assert ["medium", "medium", "high"] == [c.effort for c in calls(records)]
    assert ["medium", "medium", "high"] == [r.effort for r in of(records, RequestStarted)]


def test_requests_tell_what_they_share() -> None:
    """One that builds on the last names it; another model begins a list of its own."""
    asked = of(read_file(AGENT, _lab("tui-a")), RequestStarted)
    first, second, third = asked
    assert [("", 0, 1), (first.id, 1, 2), ("", 0, 8)] == [
        (r.base_id, r.kept_messages, r.new_messages) for r in asked
    ]
    assert first.shape_hash == second.shape_hash == third.shape_hash
    assert 0 == first.common_chars < second.common_chars < second.sent_chars
    assert first.sent_chars == second.common_chars
    assert all(0 < r.common_chars < r.sent_chars for r in asked[1:])


@pytest.mark.parametrize("name", [name for name in LAB if name not in TOOLS])
def test_the_characters_of_a_request_follow_its_tokens(name: str) -> None:
    """Told sizes are of the size that was billed: three to six characters a token."""
    records = read_file(AGENT, _lab(name))
    for asked, call in zip(of(records, RequestStarted), calls(records), strict=True):
        assert 3 < asked.sent_chars / call.usage.sent_tokens < 6


@pytest.mark.parametrize("name", TOOLS)
def test_requests_with_tool_results_are_told_too(name: str) -> None:
    """Their hashes are in no blob; their text stands in the lines before the request."""
    assert all(asked.sent_chars for asked in of(read_file(AGENT, _lab(name)), RequestStarted))


def test_a_session_tells_of_itself() -> None:
    """Folder, version and entry point are known from the first line that has them."""
    records = read_file(AGENT, WRITTEN)
    assert [("/home/dev/shop", "2.1.329", "cli", False)] == [
        (i.cwd, i.agent_version, i.entrypoint, i.sidechain) for i in of(records, SessionInfo)
    ]
    assert [] == of(records, Resumed)


def test_prompts_are_those_that_begin_a_turn() -> None:
    """What a person or a program asked counts; commands, caveats and summaries do not."""
    records = read_file(AGENT, WRITTEN)
    assert [44, 17] == [p.chars for p in of(records, Prompt)]
    for name, turns in (("tui-a", 3), ("tui-t", 2), ("sdk-nohook", 2), ("tui-e-resume-switch", 3)):
        prompts = of(read_file(AGENT, _lab(name)), Prompt)
        assert (turns, True) == (len(prompts), all(p.by_person for p in prompts)), name


def test_a_written_session_reads_to_the_last_number() -> None:
    """Blocks of one response, a sidechain, a switch and a synthetic line make six calls."""
    records = read_file(AGENT, WRITTEN)
    assert [
        ("msg_01Aaaa0001", "claude-opus-5-5", (4, 18200, 0, 24100), 612, 240, False),
        ("msg_01Aaaa0002", "claude-opus-5-5", (2, 42300, 0, 3900), 388, 0, False),
        ("msg_01Sub00001", "claude-haiku-4-5-20251001", (9, 0, 5200, 0), 120, 0, True),
        ("msg_01Aaaa0003", "claude-opus-5-5", (2, 46200, 0, 640), 151, 0, False),
        ("msg_01Bbbb0001", "claude-sonnet-5-5", (3, 0, 0, 47180), 905, 310, False),
        ("msg_01Bbbb0002", "claude-sonnet-5-5", (2, 47180, 0, 1250), 204, 0, False),
    ] == [
        (
            c.id,
            c.model,
            (
                c.usage.uncached_tokens,
                c.usage.cache_read_tokens,
                c.usage.cache_write_5m_tokens,
                c.usage.cache_write_1h_tokens,
            ),
            c.usage.output_tokens,
            c.usage.reasoning_tokens,
            c.sidechain,
        )
        for c in calls(records)
    ]
    assert ["Sonnet 5.5"] == [c.model for c in of(records, ModelChosen)]
    assert [("manual", 48636, None)] == [
        (c.trigger, c.before_tokens, c.after_tokens) for c in of(records, Compaction)
    ]
    paths = [use.path for use in of(records, ToolUse) if use.name]
    assert ["/home/dev/shop/cart.py"] * 2 + ["/home/dev/shop/test_cart.py"] == paths


def test_no_text_of_a_session_is_kept(tmp_path: Path) -> None:
    """Prompts, answers, code and tool output leave nothing but sizes in records and errors."""
    secret = "hunter2-is-my-password"
    blocks = [
        {"type": "text", "text": secret},
        {"type": "thinking", "thinking": secret, "signature": secret},
        {"type": "redacted_thinking", "data": secret},
        {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": secret}},
    ]
    path = transcript(
        tmp_path,
        prompt(1, secret),
        answer(2, "m", usage(1, out=1), content=blocks),
        prompt(3, [{"type": "tool_result", "tool_use_id": "t", "content": secret}]),
        prompt(4, f"<local-command-stdout>{secret}</local-command-stdout>"),
        {"type": "attachment", "attachment": {"type": "file", "content": secret}},
        {"type": "api-request-blob", "hash": "h", "message": {"content": secret}},
        {"type": "api-request-shape", "shapeHash": "s", "shape": {"system": [secret]}},
        {"type": "ai-title", "aiTitle": secret},
        {"type": "assistant", "message": {"id": "x", "usage": secret}},
        '{"type":"user", ' + secret,
    )
    reading = AGENT.read(source(AGENT, path), None, Depth.FULL)
    assert len(of(reading.records, Content)) >= 6
    assert 2 == len(of(reading.records, Unreadable))
    assert secret not in repr(reading)


HOME = Path("/home/dev")


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        (None, [HOME / ".claude"]),
        ("", [HOME / ".claude"]),
        ("  ", [HOME / ".claude"]),
        ("/srv/claude", [Path("/srv/claude")]),
        ("/srv/a, /srv/b,", [Path("/srv/a"), Path("/srv/b")]),
    ],
)
def test_roots_follow_the_agent(
    platform: str, configured: str | None, expected: list[Path]
) -> None:
    """`CLAUDE_CONFIG_DIR` moves the root, or names several; without it it lies in the home."""
    env = {} if configured is None else {"CLAUDE_CONFIG_DIR": configured}
    assert expected == AGENT.roots(env, HOME, platform)


def test_sources_are_found_below_any_folder(tmp_path: Path) -> None:
    """A root, a project or a file is searched; sub-agents belong to the session they lie in."""
    project = tmp_path / "projects" / "-home-dev-shop"
    main = transcript(project, prompt(1), name="s1.jsonl")
    inner = transcript(project / "s1" / "subagents", prompt(1), name="agent-a1.jsonl")
    beside = transcript(project, prompt(1), name="agent-b2.jsonl")
    transcript(project / "s1" / "tool-results", prompt(1), name="x.jsonl")
    (project / "notes.txt").write_text("no session")
    expected = {
        (str(main), "s1", False),
        (str(inner), "s1", True),
        (str(beside), "agent-b2", True),
    }
    for root in (tmp_path, tmp_path / "projects", project):
        found = list(AGENT.find(root))
        assert expected == {(f.path, f.session_id, f.sidechain) for f in found}
        assert {str(root)} == {f.root for f in found}
    (one,) = AGENT.find(main)
    assert (main.stat().st_size, main.stat().st_mtime_ns, "") == (one.size, one.mtime_ns, one.root)
    assert [] == list(AGENT.find(tmp_path / "nowhere"))


def test_a_file_that_vanishes_while_found_is_left_out(tmp_path: Path) -> None:
    """A dangling link in a project stops nobody."""
    project = tmp_path / "projects" / "p"
    kept = transcript(project, prompt(1), name="s1.jsonl")
    (project / "gone.jsonl").symlink_to(project / "never-was.jsonl")
    assert [str(kept)] == [found.path for found in AGENT.find(tmp_path)]


def test_claims_roots_and_transcripts_only(tmp_path: Path) -> None:
    """A root has `projects`; what only looks like a transcript is none."""
    assert not AGENT.claims(tmp_path, b"")
    (tmp_path / "projects").mkdir()
    assert AGENT.claims(tmp_path, b"")
    for head in (b'{"sessionId":"x","messages":[]}', b"SQLite format 3\x00"):
        assert not AGENT.claims(tmp_path / "x.jsonl", head)


def test_times_are_read_as_utc() -> None:
    """The first prompt of the written session stands at its time."""
    (first, *_) = of(read_file(AGENT, WRITTEN), Prompt)
    assert 1_794_996_001.002 == first.at
    assert "2026-11-18T11:06:40.000Z" == iso(0) and START == 1_795_000_000.0
