"""What Codex writes, read back: against the bills of recorded sessions, and by the contract."""

import json
import sys
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest

from agent_reading import calls, of, read_file, source
from switchtax.agents import agent_module
from switchtax.records import (
    Compaction,
    Content,
    ContentKind,
    Depth,
    EffortChosen,
    ModelChosen,
    Prompt,
    RateLimits,
    Resumed,
    SessionInfo,
    ToolUse,
    Unreadable,
)

AGENT = agent_module("codex")
FIXTURES = Path(__file__).parent / "fixtures"
LAB = ("exec-4", "exec-resume-switch", "tui-2", "tui-3")
BLOCKED = FIXTURES / "codex_0.169_blocked-then-compacted.jsonl"


def _lab(name: str) -> Path:
    return FIXTURES / f"codex_0.169.0_{name}.jsonl"


def _billed(name: str) -> list[dict[str, object]]:
    """The provider's log without title calls, which reach no rollout."""
    lines = (FIXTURES / f"codex_0.169.0_{name}.billing.jsonl").read_text().splitlines()
    bills = [json.loads(line) for line in lines]
    return [bill for bill in bills if "Do not answer the request" not in bill["last"]]


@pytest.mark.parametrize("name", LAB)
@pytest.mark.parametrize("depth", Depth)
def test_requests_start_just_before_they_are_billed(name: str, depth: Depth) -> None:
    """The known start of a request lies less than half a second before it arrived."""
    for call, bill in zip(calls(read_file(AGENT, _lab(name), depth)), _billed(name), strict=True):
        assert 0 < float(str(bill["t"])) - call.started_at < 0.5


def test_switches_are_known_before_the_call_that_pays() -> None:
    """A pick is announced once, with the model it leaves, before the next call's records."""
    records = read_file(AGENT, _lab("tui-3"))
    chosen = [(c.previous, c.model) for c in of(records, ModelChosen)]
    assert [
        ("gpt-5.5", "gpt-6.1-sol"),
        ("gpt-6.1-sol", "gpt-6-sol"),
        ("gpt-6-sol", "gpt-5.6-sol"),
        ("gpt-5.6-sol", "gpt-5.6-terra"),
    ] == [pair for pair in chosen if pair[1] != "gpt-5.5"][: len(chosen)]
    for switch in of(records, ModelChosen):
        paid = next(c for c in calls(records) if c.model == switch.model and c.at > switch.at)
        assert records.index(switch) < records.index(paid)


def test_an_effort_change_is_no_switch() -> None:
    """Another effort on resume is told as such, and shows in the call."""
    records = read_file(AGENT, _lab("exec-resume-switch"))
    assert ["gpt-5.4-mini"] == [c.model for c in of(records, ModelChosen)]
    assert ["high"] == [e.effort for e in of(records, EffortChosen)]
    assert [None, None, None, "high"] == [c.effort for c in calls(records)]
    assert 3 == len(of(records, Resumed)), "exec runs one turn per process"


def test_a_switch_between_families_compacts_on_the_old_model() -> None:
    """The summary is written by the model that is left; sizes before and after are told."""
    records = read_file(AGENT, _lab("exec-4"))
    made = [(c.model, c.usage.sent_tokens) for c in calls(records) if c.purpose == "compaction"]
    assert [("gpt-6-luna", 23360), ("gpt-5.5", 13041)] == made
    assert [
        ("model-switch", 23360, 12385),
        ("model-switch", 13041, 12475),
    ] == [(c.trigger, c.before_tokens, c.after_tokens) for c in of(records, Compaction)]


def test_the_hash_follows_the_model_that_answered() -> None:
    """A blocked turn's hash is not the session's: Codex compares with the last real turn."""
    hashes = [i.comp_hash for i in of(read_file(AGENT, _lab("exec-4")), SessionInfo)]
    assert ["3000", "2911", "3000"] == [value for value in hashes if value]


def test_everything_a_full_reading_tells() -> None:
    """Prompts, tools with paths, limits, sizes and the first token are told with their places."""
    records = read_file(AGENT, BLOCKED)
    session = of(records, SessionInfo)[0]
    assert ("/home/dev/shop", "0.169.0", "openai") == (
        session.cwd,
        session.agent_version,
        session.provider,
    )
    assert [("t1", 34), ("t3", 17)] == [(p.id, p.chars) for p in of(records, Prompt)]
    assert [
        ("exec_command", "cart.py", None),
        ("exec_command", None, True),
        ("apply_patch", "cart.py", None),
    ] == [(t.name, t.path, t.ok) for t in of(records, ToolUse)]
    (limits,) = of(records, RateLimits)
    assert ("pro", (("five_hour", 31.0), ("seven_day", 12.0))) == (
        limits.plan,
        limits.used_percent,
    )
    first = calls(records)[0]
    own = [c.kind for c in of(records, Content) if c.call_id == first.id]
    assert [ContentKind.SEALED_REASONING, ContentKind.REASONING, ContentKind.TOOL_CALL] == own


def test_the_first_token_is_counted_from_the_request() -> None:
    """A turn's wait loses what lay before its first request, and a compacting turn has none."""
    records = read_file(AGENT, BLOCKED)
    waits = {c.id: c.ttft_ms for c in calls(records)}
    assert waits["resp_0001"] is None or waits["resp_0001"] > 0
    assert waits["resp_0003"] is None, "a compaction"
    assert waits["resp_0002"] is None, "not the turn's first"


def test_no_text_of_a_session_is_kept(tmp_path: Path) -> None:
    """Prompts, answers, code and tool output leave nothing but sizes in records and errors."""
    secret = "hunter2-is-my-password"
    item = {"type": "response_item", "timestamp": "2026-11-21T08:00:01Z"}
    text = [{"type": "input_text", "text": secret}]
    payloads: list[dict[str, object]] = [
        {"type": "message", "role": "user", "content": text},
        {"type": "message", "role": "assistant", "content": text},
        {"type": "reasoning", "summary": text, "encrypted_content": secret},
        {"type": "function_call", "name": "run", "arguments": secret, "call_id": "c"},
        {"type": "function_call_output", "call_id": "c", "output": secret},
        {"type": "custom_tool_call", "name": "exec", "input": secret, "call_id": "d"},
        {"type": "message", "role": "user", "content": {"text": secret}},
    ]
    lines = [json.dumps(item | {"payload": payload}) for payload in payloads]
    prompt = {"type": "user_message", "message": secret}
    lines.append(json.dumps(item | {"type": "event_msg", "payload": prompt}))
    lines.append(json.dumps(item | {"type": "compacted", "payload": {"message": secret}}))
    lines.append('{"type":"event_msg","payload":{"type":"token_count","info":"' + secret + '"}}')
    lines.append('{"type":"event_msg", ' + secret)
    lines.append('{"type":"event_msg","payload":{"type":"task_complete"}}')
    path = tmp_path / "rollout-2026-11-21T08-00-00-s.jsonl"
    path.write_text("\n".join(lines) + "\n")
    records = read_file(AGENT, path)
    assert len(of(records, Content)) >= 6
    assert of(records, Unreadable)
    assert secret not in repr(records)


def test_roots_follow_the_agent() -> None:
    """`CODEX_HOME` moves both stores; without it they lie in the home, on every system."""
    home = Path("/home/dev")
    for platform in ("linux", "darwin", "win32"):
        assert [
            home / ".codex" / "sessions",
            home / ".codex" / "archived_sessions",
        ] == AGENT.roots({}, home, platform)
    moved = AGENT.roots({"CODEX_HOME": "/srv/codex"}, home, "linux")
    assert [Path("/srv/codex/sessions"), Path("/srv/codex/archived_sessions")] == moved


def test_sources_are_found_below_any_folder(tmp_path: Path) -> None:
    """A home, a store, a day or a file is searched; ids come from names, sizes from files."""
    name = "rollout-2026-11-21T08-17-02-01a1fd2e-2476-74e2-b799-8266627d86c1.jsonl"
    day = tmp_path / "sessions" / "2026" / "11" / "21"
    day.mkdir(parents=True)
    (day / name).write_bytes(_lab("exec-4").read_bytes())
    (day / "notes.jsonl").write_text("{}\n")
    for root in (tmp_path, tmp_path / "sessions", day, day / name):
        (found,) = AGENT.find(root)
        assert "01a1fd2e-2476-74e2-b799-8266627d86c1" == found.session_id
        assert (day / name).stat().st_size == found.size
        if root.is_dir():
            assert AGENT.claims(root, b"")
    assert not AGENT.claims(FIXTURES, b"")
    assert AGENT.claims(day / name, (day / name).read_bytes()[:65536])


def test_other_files_are_not_claimed(tmp_path: Path) -> None:
    """Lines of other agents, empty and binary files belong to someone else."""
    for head in (
        b'{"sessionId":"x","type":"user","message":{}}\n',
        b'{"type":"session","id":"x"}\n',
        b"SQLite format 3\x00",
        b"\x00\x01",
    ):
        assert not AGENT.claims(tmp_path / "x.jsonl", head)


def test_a_plain_file_hides_its_compressed_twin(tmp_path: Path) -> None:
    """A rollout that was unpacked again is read once, from the plain file."""
    plain = tmp_path / "rollout-2026-11-21T08-00-00-a.jsonl"
    plain.write_text('{"type":"session_meta","payload":{"id":"a"}}\n')
    (tmp_path / (plain.name + ".zst")).write_bytes(b"\x28\xb5\x2f\xfd")
    alone = tmp_path / "rollout-2026-11-21T09-00-00-b.jsonl.zst"
    alone.write_bytes(b"\x28\xb5\x2f\xfd")
    assert [str(plain), str(alone)] == [found.path for found in AGENT.find(tmp_path)]
    assert AGENT.claims(alone, b"")


def test_a_compressed_rollout_is_reported_without_a_decoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be unpacked is said, once, and not taken for an empty session."""
    monkeypatch.setitem(sys.modules, "compression", None)
    path = tmp_path / "rollout-2026-11-21T09-00-00-b.jsonl.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd")
    reading = AGENT.read(source(AGENT, path), None, Depth.USAGE)
    (told,) = of(reading.records, Unreadable)
    assert told.reason.startswith("compressed;")
    assert [] == AGENT.read(source(AGENT, path), reading.cursor, Depth.USAGE).records


@pytest.mark.parametrize("depth", Depth)
def test_a_compressed_rollout_is_read_where_python_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: Depth
) -> None:
    """With a decoder at hand the lines of a cold rollout are those of the plain one."""
    package, module = ModuleType("compression"), ModuleType("compression.zstd")
    vars(module)["open"] = lambda *_: BytesIO(_lab("exec-4").read_bytes())
    monkeypatch.setitem(sys.modules, "compression", package)
    monkeypatch.setitem(sys.modules, "compression.zstd", module)
    path = tmp_path / "rollout-2026-11-21T09-00-00-b.jsonl.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd")
    assert read_file(AGENT, _lab("exec-4"), depth) == read_file(AGENT, path, depth)


def test_files_that_tools_name_are_told(tmp_path: Path) -> None:
    """Patched files, path arguments and files a shell prints are known; failures, too."""
    calls_made: list[dict[str, object]] = [
        {"name": "exec_command", "arguments": json.dumps({"cmd": "sed -n 1,9p a.py && cat b/c"})},
        {"name": "view_image", "arguments": json.dumps({"path": "x.png"})},
        {"name": "shell", "arguments": json.dumps({"command": ["bash", "-lc", "cat 'd.py' | wc"]})},
        {"name": "shell", "arguments": json.dumps({"cmd": "apply_patch *** Add File: e.py"})},
        {"name": "shell", "arguments": json.dumps({"cmd": "echo 'unbalanced"})},
        {"name": "shell", "arguments": "not json"},
    ]
    lines: list[dict[str, object]] = []
    for number, made in enumerate(calls_made):
        item = {"type": "function_call", "call_id": f"c{number}", **made}
        lines.append({"type": "response_item", "payload": item})
    outputs: list[object] = [
        "Process exited with code 1\nOutput:\n",
        [{"type": "input_text", "text": "ok"}, {"type": "input_image", "image_url": "x"}],
        {"content": "Exit code: 0", "success": True},
    ]
    for number, output in enumerate(outputs):
        item = {"type": "function_call_output", "call_id": f"c{number}", "output": output}
        lines.append({"type": "response_item", "payload": item})
    changes = {"/w/f.py": {"type": "add"}}
    patch = {"type": "patch_apply_end", "call_id": "x", "success": True, "changes": changes}
    lines.append({"type": "event_msg", "payload": patch})
    lines.append({"type": "event_msg", "payload": {"type": "turn_aborted"}})
    path = tmp_path / "rollout-2026-11-21T08-00-00-s.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    records = read_file(AGENT, path)
    uses = [use for use in of(records, ToolUse) if use.ok is None]
    named = ["a.py", "b/c", "x.png", "d.py", "e.py", None, None]
    assert named == [use.path for use in uses]
    ended = [(use.id, use.path, use.ok) for use in of(records, ToolUse) if use.ok is not None]
    assert [
        ("c0", None, False),
        ("c1", None, True),
        ("c2", None, True),
        ("x/0", "/w/f.py", True),
    ] == ended
    results = [c.chars for c in of(records, Content) if c.kind is ContentKind.TOOL_RESULT]
    assert [35, 2, 12] == results
