"""Sizes of what stands in Claude Code's messages, and what its tools were asked for."""

from pathlib import Path

import pytest
from msgspec import Raw

from agent_reading import of, read_file
from claude_transcript import Line, answer, line, prompt, result, transcript, usage
from switchtax.agents import agent_module
from switchtax.agents._claude_content import results_size
from switchtax.records import Content, ContentKind, Depth, Prompt, Resumed, ToolUse, Unreadable

AGENT = agent_module("claude-code")
K = ContentKind


def _sizes(folder: Path, *lines: Line) -> list[tuple[ContentKind, int, int]]:
    records = read_file(AGENT, transcript(folder, *lines))
    assert [] == of(records, Unreadable)
    return [(c.kind, c.chars, c.items) for c in of(records, Content)]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "text", "text": "añb"}, (K.TEXT, 3)),
        ({"type": "text"}, (K.TEXT, 0)),
        (
            {"type": "tool_use", "id": "t", "name": "Read", "input": {"file_path": "/a é"}},
            (K.TOOL_CALL, 4 + 20),
        ),
        ({"type": "server_tool_use", "name": "web_search", "input": {}}, (K.TOOL_CALL, 12)),
        ({"type": "thinking", "thinking": "hm", "signature": "sig"}, (K.REASONING, 2)),
        ({"type": "thinking", "thinking": "", "signature": "sig"}, (K.SEALED_REASONING, 3)),
        ({"type": "redacted_thinking", "data": "zzzz"}, (K.SEALED_REASONING, 4)),
        ({"type": "web_search_tool_result", "content": [1, 2]}, (K.TOOL_RESULT, 5)),
        ({"type": "web_search_tool_result"}, (K.TOOL_RESULT, 0)),
        ("bare text", (K.TEXT, 9)),
    ],
)
def test_an_answer_is_measured_by_kind(
    tmp_path: Path, block: object, expected: tuple[ContentKind, int]
) -> None:
    """Characters, not bytes; arguments as compact JSON; sealed reasoning by its seal."""
    kind, chars = expected
    assert [(kind, chars, 1)] == _sizes(tmp_path, answer(1, "m", usage(1, out=1), content=[block]))


def test_a_block_without_a_type_is_nothing(tmp_path: Path) -> None:
    """What a later build may add is passed over."""
    assert [] == _sizes(tmp_path, answer(1, "m", usage(1), content=[{"other": 1}]))
    assert [] == _sizes(tmp_path, answer(1, "m", usage(1), content="text, not blocks"))


IMAGE = {"type": "image", "source": {"data": "AAAA"}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("héllo", [(K.PROMPT, 5, 1)]),
        ([{"type": "text", "text": "look"}, IMAGE], [(K.PROMPT, 4, 1), (K.IMAGE, 0, 1)]),
        ([{"type": "document"}], [(K.IMAGE, 0, 1)]),
        (
            [{"type": "tool_result", "tool_use_id": "t", "content": "seven c"}],
            [(K.TOOL_RESULT, 7, 1)],
        ),
        (
            [
                {
                    "type": "tool_result",
                    "tool_use_id": "t",
                    "content": [
                        {"type": "text", "text": "abc"},
                        {"type": "tool_reference", "name": "Bash"},
                        "de",
                        IMAGE,
                        IMAGE,
                    ],
                }
            ],
            [(K.TOOL_RESULT, 9, 1), (K.IMAGE, 0, 2)],
        ),
        ([{"type": "tool_result", "tool_use_id": "t"}], [(K.TOOL_RESULT, 0, 1)]),
        (
            [{"type": "tool_result", "tool_use_id": "t", "content": {"odd": 1}}],
            [(K.TOOL_RESULT, 0, 1)],
        ),
        (None, []),
    ],
)
def test_what_goes_in_is_measured_by_kind(
    tmp_path: Path, content: object, expected: list[tuple[ContentKind, int, int]]
) -> None:
    """Prompts, results and images; images count as items, whatever their bytes."""
    assert expected == _sizes(tmp_path, prompt(1, content))


def test_a_summary_is_no_prompt(tmp_path: Path) -> None:
    """The text that replaces a history is measured as such, however it is wrapped."""
    blocks = [{"type": "text", "text": "long ago"}]
    lines = [prompt(n, c, isCompactSummary=True) for n, c in enumerate(("short", blocks))]
    assert [(K.SUMMARY, 5, 1), (K.SUMMARY, 8, 1)] == _sizes(tmp_path, *lines)
    assert [] == of(read_file(AGENT, transcript(tmp_path, *lines)), Prompt)


def _attached(**attachment: object) -> Line:
    return line("attachment", 1, attachment=attachment)


@pytest.mark.parametrize(
    ("attachment", "expected"),
    [
        ({"type": "file", "content": "abcd"}, [4]),
        ({"type": "edited", "snippet": "ab", "other": "not counted"}, [2]),
        ({"type": "deferred_tools_delta", "addedLines": ["ab", "c"]}, [5]),
        ({"type": "todo", "content": [{"text": "abc", "n": 1}]}, [4]),
        ({"type": "empty"}, [0]),
        ({"type": "hook_success", "content": "not sent"}, []),
        ({"type": "auto_mode", "content": "not sent"}, []),
    ],
)
def test_attachments_that_are_sent_are_measured(
    tmp_path: Path, attachment: Line, expected: list[int]
) -> None:
    """Reminders and listings go to the model; what a hook did, and modes, do not."""
    sizes = _sizes(tmp_path, _attached(**attachment))
    assert [(K.ATTACHMENT, chars, 1) for chars in expected] == sizes


@pytest.mark.parametrize("attachment", [None, "text", [1]])
def test_attachments_of_another_shape_are_passed_over(tmp_path: Path, attachment: object) -> None:
    """Nothing is known of them, so nothing is said."""
    assert [] == _sizes(tmp_path, line("attachment", 1, attachment=attachment))


def test_a_resume_is_told_by_its_hook(tmp_path: Path) -> None:
    """A start hook names why the session began; a start from nothing is no resume."""
    for hook, resumed in (("SessionStart:resume", 1), ("SessionStart:fork", 1), ("Stop", 0)):
        path = transcript(tmp_path, prompt(0), _attached(type="hook_success", hookName=hook))
        assert resumed == len(of(read_file(AGENT, path), Resumed)), hook


def test_a_sidechains_content_is_marked(tmp_path: Path) -> None:
    """A sub-agent's answers are measured apart, and what it was given not at all."""
    block = {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "ls"}}
    path = transcript(
        tmp_path,
        prompt(1, "for the sub-agent", isSidechain=True),
        answer(2, "m", usage(1), content=[block], isSidechain=True),
        line("attachment", 3, attachment={"type": "file", "content": "x"}, isSidechain=True),
    )
    records = read_file(AGENT, path)
    assert [True] == [c.sidechain for c in of(records, Content)]
    assert [("Bash", True)] == [(u.name, u.sidechain) for u in of(records, ToolUse)]


@pytest.mark.parametrize(
    ("given", "path", "asked"),
    [
        ({"file_path": "/a.py"}, "/a.py", None),
        ({"path": "/src", "head_limit": 20}, "/src", 20),
        ({"notebook_path": "/n.ipynb", "limit": 5}, "/n.ipynb", 5),
        ({"file_path": "/a.py", "limit": 0}, "/a.py", None),
        ({"file_path": "/a.py", "limit": 10**9}, "/a.py", None),
        ({"file_path": "/a.py", "limit": "40"}, "/a.py", None),
        ({"command": "sed -n '10,80p' a.py"}, None, 71),
        ({"command": "pytest | tail -20"}, None, 20),
        ({"command": "ls"}, None, None),
        ({"file_path": {"odd": 1}}, None, None),
        (None, None, None),
        ("text", None, None),
    ],
)
def test_tools_tell_their_file_and_how_much_they_asked(
    tmp_path: Path, given: object, path: str | None, asked: int | None
) -> None:
    """A limit, a range or a count foretells the size of a result; anything else does not."""
    block = {"type": "tool_use", "id": "t", "name": "Tool", "input": given}
    records = read_file(AGENT, transcript(tmp_path, answer(1, "m", usage(1), content=[block])))
    assert [("Tool", "t", path, asked, "m", None)] == [
        (u.name, u.id, u.path, u.asked_lines, u.call_id, u.ok) for u in of(records, ToolUse)
    ]


def test_how_a_tool_ended_is_told_by_its_result(tmp_path: Path) -> None:
    """The result names the use it answers, and whether it failed."""
    path = transcript(tmp_path, result(1, "t1"), result(2, "t2", is_error=True))
    records = read_file(AGENT, path)
    assert [("t1", True), ("t2", False)] == [(u.id, u.ok) for u in of(records, ToolUse)]
    assert ["t1", "t2"] == [c.tool_id for c in of(records, Content)]


def test_a_scan_measures_nothing(tmp_path: Path) -> None:
    """Sizes are for live or named sessions only."""
    path = transcript(tmp_path, prompt(1), answer(2, "m", usage(1), content=[{"type": "text"}]))
    assert [] == of(read_file(AGENT, path, Depth.USAGE), Content)


def test_a_command_that_changed_nothing_is_content(tmp_path: Path) -> None:
    """`Kept model as` stands in no user line, and is sent with the next prompt."""
    kept = "<local-command-stdout>Kept model as `Opus 5.5`</local-command-stdout>"
    asked = line("system", 1, subtype="local_command", content=kept)
    assert [(K.PROMPT, len(kept), 1)] == _sizes(tmp_path, asked)
    other = line("system", 1, subtype="local_command", content=kept, isSidechain=True)
    assert [] == _sizes(tmp_path, other)


def test_results_are_told_at_what_they_count_for() -> None:
    """As JSON; a picture at its tokens' worth, not at its file's size."""
    assert 0 == results_size(Raw(b'"a tool_result"'))
    assert 0 == results_size(Raw(b'[{"type":"text","text":"\\"tool_result\\""}]'))
    plain = b'[{"type":"tool_result","content":"h\xc3\xa9"}]'
    assert len(plain) == results_size(Raw(plain))
    picture = b'{"type":"image","source":{"type":"base64","data":"%s"}}' % (b"A" * 90_000)
    shown = b'[{"type":"tool_result","content":[%s,{"type":"text","text":"abc"}]}]' % picture
    assert 5_003 == results_size(Raw(shown))
