"""pi's sessions become records."""

import json
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, totals
from switchtax.agents import agent_module
from switchtax.records import (
    Call,
    Compaction,
    Content,
    ContentKind,
    EffortChosen,
    Forked,
    ModelChosen,
    Prompt,
    SessionInfo,
    ToolUse,
    Unreadable,
)

AGENT = agent_module("pi")
FIXTURES = Path(__file__).parent / "fixtures"
SESSIONS = sorted(p for p in FIXTURES.glob("*.jsonl") if ".billing" not in p.name)
RECORDED = [p for p in SESSIONS if "0.73.1" in p.name]
TREE = FIXTURES / "pi_1.5.2_tree.jsonl"


def _named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", RECORDED, ids=_named)
def test_calls_start_before_the_provider_sees_them(path: Path) -> None:
    """A message's own time is when its request was made, not when it was written."""
    bill = [json.loads(line)["t"] for line in path.with_suffix(".billing.jsonl").open()]
    for billed, call in zip(bill, calls(read_file(AGENT, path)), strict=True):
        assert billed - 0.2 < call.started_at < call.at
        assert call.duration_ms == pytest.approx((call.at - call.started_at) * 1000, abs=1)


def test_a_switch_in_the_terminal_is_told_before_the_call() -> None:
    """Each pick is one line, and all of them stand before the call that follows."""
    records = read_file(AGENT, FIXTURES / "pi_0.73.1_tui-switch.jsonl")
    chosen = of(records, ModelChosen)
    haiku, sonnet = "claude-haiku-4-5", "claude-sonnet-4-5"
    assert [haiku, sonnet, haiku, sonnet, haiku, sonnet] == [c.model for c in chosen]
    assert [None, haiku, sonnet, haiku, sonnet, haiku] == [c.previous for c in chosen]
    first, second = of(records, Call)
    assert records.index(first) < records.index(chosen[1])
    assert records.index(chosen[-1]) < records.index(second)
    assert "fakea" == second.provider


def test_a_resume_with_another_model_is_not_announced() -> None:
    """`--continue --model` writes no choice: the next answer is the first sign."""
    records = read_file(AGENT, FIXTURES / "pi_0.73.1_continue-switch.jsonl")
    assert ["claude-haiku-4-5"] == [c.model for c in of(records, ModelChosen)]
    assert ["claude-haiku-4-5", "claude-sonnet-4-5"] == [c.model for c in calls(records)]


def test_buckets_are_disjoint() -> None:
    """One-hour writes are taken out of the writes, reasoning stays inside output."""
    usage = calls(read_file(AGENT, TREE))[0].usage
    assert (6, 0, 3000, 6000, 120, 40, 120) == (
        usage.uncached_tokens,
        usage.cache_read_tokens,
        usage.cache_write_5m_tokens,
        usage.cache_write_1h_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.billed_output_tokens,
    )


def test_a_branch_left_was_paid_but_is_not_in_the_context() -> None:
    """Going back in the tree leaves the context that stood there; its calls stay calls."""
    records = read_file(AGENT, TREE)
    branch, compaction = of(records, Compaction)
    assert ("branch", True, 5 + 9000 + 700 + 60) == (
        branch.trigger,
        branch.partial,
        branch.after_tokens,
    )
    assert ("", False, 9954) == (compaction.trigger, compaction.partial, compaction.before_tokens)
    assert ["msg_1", "msg_2", "msg_3", "msg_4"] == [c.id for c in calls(records) if not c.sidechain]


def test_calls_beside_the_conversation() -> None:
    """Warming and summaries are billed, with their reason, and never in the chain."""
    beside = [c for c in calls(read_file(AGENT, TREE)) if c.sidechain]
    assert ["warm", "compaction", "compaction"] == [c.purpose for c in beside]
    assert 9700 == beside[0].usage.cache_read_tokens
    assert ["claude-opus-5-5", "claude-opus-5-5", "claude-haiku-5"] == [c.model for c in beside]


def test_prompts_tools_and_sizes() -> None:
    """Sizes by kind; a person's own command enters the context as an attachment."""
    records = read_file(AGENT, TREE)
    sizes: dict[ContentKind, list[int]] = {}
    for content in of(records, Content):
        sizes.setdefault(content.kind, []).append(content.chars)
    assert [len("Fix the rounding"), len("Another way"), 5, 4] == sizes[ContentKind.PROMPT]
    assert [len("Look first.")] == sizes[ContentKind.REASONING]
    assert [len("sealed-fixture")] == sizes[ContentKind.SEALED_REASONING]
    assert [len('read{"path":"/home/dev/shop/cart.py"}')] == sizes[ContentKind.TOOL_CALL]
    assert [len("lscart.py")] == sizes[ContentKind.ATTACHMENT]
    assert [len("Tried another way."), len("Rounding fixed.")] == sizes[ContentKind.SUMMARY]
    assert [0] == sizes[ContentKind.IMAGE]
    assert 4 == len(of(records, Prompt))
    assert [("read", "/home/dev/shop/cart.py", None), ("", None, True)] == [
        (use.name, use.path, use.ok) for use in of(records, ToolUse)
    ]


def test_the_session_and_where_it_came_from() -> None:
    """The header brings folder and parent; a parent that is gone makes it incomplete."""
    records = read_file(AGENT, TREE)
    first, named = of(records, SessionInfo)
    assert ("/home/dev/shop", len("Rounding")) == (first.cwd, named.title_chars)
    (fork,) = of(records, Forked)
    assert ("01a1fd2a-0000-7000-8000-000000000000", False) == (fork.parent_id, fork.complete)
    assert ["high"] == [e.effort for e in of(records, EffortChosen)]


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        ('"compat": {"forceAdaptiveThinking": true}, "models": [{"id": "a"}]', ("lab/a",)),
        (
            '"compat": {"forceAdaptiveThinking": true}, "models": [{"id": "a"}, {"id": "b", '
            '"compat": {"forceAdaptiveThinking": false}}]',
            ("lab/a",),
        ),
        (
            '"models": [{"id": "a", "compat": {}}, {"id": "b"}], // "modelOverrides": {}\n'
            '"modelOverrides": {"b": {"compat": {"forceAdaptiveThinking": true}}, "c": {}},',
            ("lab/b",),
        ),
        (
            '"models": [{"id": "a", "compat": {"forceAdaptiveThinking": true}}], '
            '"modelOverrides": {"a": {"compat": {"forceAdaptiveThinking": false}}}',
            (),
        ),
        ('"models": "all"', ()),
        ('"models": [', ()),
    ],
)
def test_models_that_are_sent_an_effort(
    tmp_path: Path, provider: str, told: tuple[str, ...]
) -> None:
    """An override goes before its model, a model before its provider; comments are allowed."""
    log = tmp_path / "agent" / "sessions" / "--work--" / TREE.name
    log.parent.mkdir(parents=True)
    log.write_bytes(TREE.read_bytes())
    assert () == of(read_file(AGENT, log), SessionInfo)[0].sent_an_effort
    (tmp_path / "agent" / "models.json").write_text(f'{{"providers": {{"lab": {{{provider}}}}}}}')
    assert told == of(read_file(AGENT, log), SessionInfo)[0].sent_an_effort


def test_broken_lines_cost_only_themselves(tmp_path: Path) -> None:
    """Absurd counts, garbage, unknown kinds and missing times are passed over."""
    path = tmp_path / "2026_s-1.jsonl"
    usage = {"input": 10, "output": 2, "cacheRead": 0, "cacheWrite": 0}
    message = {"role": "assistant", "model": "m", "provider": "p", "content": []}
    lines = [
        {"type": "session", "id": "s-1", "cwd": "/x"},
        {"type": "brand_new", "id": "n", "parentId": None, "text": "secret words"},
        {"type": "message", "id": "a", "message": message | {"usage": usage | {"input": -1}}},
        {"type": "message", "id": "b", "message": message | {"usage": usage | {"output": 1e300}}},
        {"type": "message", "id": "c", "message": message | {"usage": "secret words"}},
        {"type": "message", "id": "d", "message": message | {"usage": usage}},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{broken\n")
    records = read_file(AGENT, path)
    assert {"m": (10, 0, 0, 2)} == totals(records)
    assert [0.0] == [call.at for call in calls(records)]
    assert [3, 4, 5, 7] == [bad.line for bad in of(records, Unreadable)]
    assert not any("secret" in bad.reason for bad in of(records, Unreadable))


def test_a_clock_that_goes_back_gives_no_negative_wait(tmp_path: Path) -> None:
    """A call is never said to have begun after it ended."""
    path = tmp_path / "s.jsonl"
    text = TREE.read_text().replace(
        '"timestamp":"2026-11-21T09:00:15', '"timestamp":"2025-01-01T09:00:15'
    )
    path.write_text(text)
    for call in calls(read_file(AGENT, path)):
        assert call.started_at <= call.at
        assert call.duration_ms is None or call.duration_ms >= 0


def test_where_sessions_lie(tmp_path: Path) -> None:
    """Both overrides win over the home, the sessions' own over the agent's."""
    assert [tmp_path / ".pi" / "agent"] == AGENT.roots({}, tmp_path, "linux")
    env = {"PI_CODING_AGENT_DIR": "~/elsewhere"}
    assert [tmp_path / "elsewhere"] == AGENT.roots(env, tmp_path, "darwin")
    env["PI_CODING_AGENT_SESSION_DIR"] = str(tmp_path / "sessions-only")
    assert [tmp_path / "sessions-only"] == AGENT.roots(env, tmp_path, "win32")
    folder = tmp_path / ".pi" / "agent" / "sessions" / "--home-dev-shop--"
    folder.mkdir(parents=True)
    (folder / "2026-11-21T08-13-14-387Z_s-1.jsonl").write_bytes(TREE.read_bytes())
    for root in (tmp_path / ".pi" / "agent", folder.parent, folder):
        assert ["s-1"] == [found.session_id for found in AGENT.find(root)]
    assert AGENT.claims(tmp_path / ".pi" / "agent", b"")
    assert AGENT.claims(folder.parent, b"")


def test_claims_its_own_and_no_others() -> None:
    """A session is known by its header, also after the title that some builds write first."""
    head = TREE.read_bytes()[:4096]
    assert AGENT.claims(TREE, head)
    assert AGENT.claims(TREE, b'{"type":"title","title":"x"}\n' + head)
    assert not AGENT.claims(TREE, b'{"type":"session.start","data":{"cwd":"x"}}')
