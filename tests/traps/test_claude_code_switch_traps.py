"""Traps in Claude Code's transcripts: what is a switch, and what only looks like one."""

from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, totals
from claude_transcript import (
    START,
    Line,
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
from switchtax.catalog.names import normalise
from switchtax.records import (
    Depth,
    EffortChosen,
    ModelChosen,
    RequestStarted,
    Resumed,
)

AGENT = agent_module("claude-code")
MODEL = "claude-opus-5-5"


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


def test_an_automatic_fallback_is_told_as_one(tmp_path: Path) -> None:
    """Prevents blaming a person for a switch the agent made."""
    (chosen,) = of(
        read_file(AGENT, transcript(tmp_path, system(1, "model_refusal_fallback"))), ModelChosen
    )
    assert (True, "fallback", "") == (chosen.automatic, chosen.source, chosen.model)
