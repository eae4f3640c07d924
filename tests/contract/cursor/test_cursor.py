"""Recordings of Cursor become records: a turn is one call, of which the sum is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent_reading import calls, of, read_file
from switchtax.agents import agent_module
from switchtax.agents.cursor_models import Model, is_same, model_of
from switchtax.agents.cursor_recording import COMPOSER, STATUS_LINE, context_line, line_of, written
from switchtax.records import (
    Call,
    Compaction,
    Depth,
    EffortChosen,
    Ended,
    ModelChosen,
    Prompt,
    Record,
    SessionInfo,
    Unreadable,
)

AGENT = agent_module("cursor")
FIXTURES = Path(__file__).parent / "fixtures"
STATUS = FIXTURES / "cursor_2026.09.10_status-line-switch.jsonl"
EDITOR = FIXTURES / "cursor_3.24.18_editor-compaction.jsonl"
TOLD = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


class Told:
    """A recording, written as the daemon writes it: what a hook brings, a second later each."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "c-1.jsonl"
        self.at = 1000.0

    def hook(self, event: str, **given: Any) -> None:
        """One hook's input."""
        line = line_of(event, given, self.at, refused=given.pop("refused", False))
        assert line is not None
        self._write(written(line))

    def prompt(self, generation: str, model: str = "claude-opus-4-8", **more: Any) -> None:
        """A prompt that was let through."""
        self.hook("prompt", generation_id=generation, model=model, **more)

    def turn(self, generation: str, *counts: int, model: str = "claude-opus-4-8", **k: Any) -> None:
        """The end of a turn, with input, output, read and written."""
        told = dict(zip(TOLD, counts, strict=False))
        self.hook(
            "turn", generation_id=generation, model=model, **{"status": "completed"} | told | k
        )

    def context(self, tokens: int, source: str = STATUS_LINE) -> None:
        """The size of the context."""
        self._write(written(context_line(self.at, tokens, source=source)))

    def _write(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(line)
        self.at += 1.0

    @property
    def records(self) -> list[Record]:
        """All of it."""
        return read_file(AGENT, self.path)

    @property
    def contexts(self) -> list[int | None]:
        """The context after each turn, as it is known in the end."""
        return [call.last_pass_tokens for call in calls(self.records)]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """An empty recording."""
    return Told(tmp_path)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.jsonl")), ids=lambda path: path.stem)
def test_all_that_the_ends_of_turns_count_is_counted_once(path: Path) -> None:
    """The buckets of all calls add up to input and output of all ends of turns."""
    lines = [json.loads(line) for line in path.open()]
    ends = [line for line in lines if line["event"] == "turn"]
    sums = {name: sum(end.get(name, 0) for end in ends) for name in TOLD}
    usages = [call.usage for call in calls(read_file(AGENT, path))]
    assert sums == {
        "input_tokens": sum(use.sent_tokens for use in usages),
        "output_tokens": sum(use.billed_output_tokens for use in usages),
        "cache_read_tokens": sum(use.cache_read_tokens for use in usages),
        "cache_write_tokens": sum(use.cache_write_tokens for use in usages),
    }


def test_a_turn_begins_with_its_prompt_and_ends_with_its_stop() -> None:
    """Its id is the generation's; folder, version and window are the session's."""
    records = read_file(AGENT, STATUS)
    first = calls(records)[0]
    assert (1795251601.0, 1795251609.0) == (first.started_at, first.at)
    assert (f"{STATUS.stem}:g-1", "cursor", "high") == (first.id, first.provider, first.effort)
    about = of(records, SessionInfo)
    assert [("/home/dev/shop", "2026.09.10", None), ("/home/dev/shop", "2026.09.10", 200_000)] == [
        (info.cwd, info.agent_version, info.context_window_tokens) for info in about
    ]
    assert [1795252000.0] == [ended.at for ended in of(records, Ended)]


def test_a_pick_is_told_when_it_is_made_and_once() -> None:
    """The status line names it before the prompt does; its effort comes with the prompt."""
    records = read_file(AGENT, STATUS)
    (chosen,) = of(records, ModelChosen)
    assert ("claude-opus-4-8", "claude-sonnet-4-6") == (chosen.previous, chosen.model)
    assert (1795251800.0, "picker", False) == (chosen.at, chosen.source, chosen.automatic)
    assert ["medium"] == [each.effort for each in of(records, EffortChosen)]


def test_a_refused_prompt_is_no_turn(told: Told) -> None:
    """Its model was picked all the same; going back to the one before is a choice again."""
    told.prompt("g-1")
    told.turn("g-1", 100, 5, 90)
    told.prompt("g-2", "gpt-5.5", refused=True)
    told.prompt("g-3")
    told.turn("g-3", 120, 5, 110)
    assert ["g-1", "g-3"] == [prompt.id for prompt in of(told.records, Prompt)]
    assert ["gpt-5.5", "claude-opus-4-8"] == [each.model for each in of(told.records, ModelChosen)]
    assert 2 == len(calls(told.records))


def test_a_model_picked_while_a_turn_runs_is_told_again_at_its_end(told: Told) -> None:
    """The turn is still the old model's: only then does the choice stand before the next call."""
    told.prompt("g-1")
    told._write(b'{"v":1,"at":1001.5,"event":"chosen","model":"gpt-5.5"}\n')
    told.turn("g-1", 100, 5, 90)
    kinds = [type(each) for each in told.records if isinstance(each, Call | ModelChosen)]
    assert [ModelChosen, Call, ModelChosen] == kinds
    assert "gpt-5.5" == of(told.records, ModelChosen)[-1].model


def test_turns_that_were_left_count_if_they_used_anything(told: Told) -> None:
    """Aborted with tokens is billed; without, or with zeros, it is nothing."""
    for number, counts in enumerate(((100, 5, 90), (), (0, 0, 0))):
        told.prompt(f"g-{number}")
        told.turn(f"g-{number}", *counts, status="aborted")
    assert ["c-1:g-0"] == [call.id for call in calls(told.records)]


def test_a_turn_whose_tokens_were_not_told_is_not_one_for_nothing(told: Told) -> None:
    """What was sent is unknown, then; also where its parts are missing."""
    told.prompt("g-1")
    told.turn("g-1")
    told.prompt("g-2")
    told.turn("g-2", 100, 5)
    found = calls(told.records)
    assert [(False, False, 0), (False, True, 5)] == [
        (call.sent_recorded, call.output_recorded, call.usage.output_tokens) for call in found
    ]
    assert [0, 0] == [call.usage.sent_tokens for call in found]


def test_counts_that_contradict_each_other_are_never_negative(told: Told) -> None:
    """What was read and written is kept as told; nothing is left for plain input."""
    told.turn("g-1", 100, 5, 90, 20)
    (call,) = calls(told.records)
    use = call.usage
    assert (0, 90, 20) == (use.uncached_tokens, use.cache_read_tokens, use.cache_write_tokens)


def test_one_generation_may_end_several_times(told: Told) -> None:
    """Each end is a call of its own, but one that is told twice is one."""
    told.prompt("g-1")
    told.turn("g-1", 100, 5, 90, loop_count=0)
    told.turn("g-1", 100, 5, 90, loop_count=0)
    told.turn("g-1", 200, 9, 190, loop_count=1)
    told.turn("g-1", 200, 9, 190, loop_count=2)
    found = of(told.records, Call)
    assert ["c-1:g-1", "c-1:g-1#2", "c-1:g-1#3"] == [call.id for call in found]
    assert [100, 200, 200] == [call.usage.sent_tokens for call in found]


def test_an_agent_of_a_program_has_one_generation_for_all_its_turns(told: Told) -> None:
    """And tells no tokens: what ends after a prompt is another turn, however alike."""
    for _ in range(3):
        told.prompt("c-1")
        told.hook("turn", generation_id="c-1", status="completed", loop_count=0)
    assert ["c-1:c-1", "c-1:c-1#2", "c-1:c-1#3"] == [call.id for call in calls(told.records)]


def test_a_turn_without_generation_has_an_id_of_its_place(told: Told) -> None:
    """No two of them are one."""
    for _ in range(2):
        told.hook("turn", input_tokens=9, output_tokens=1, cache_read_tokens=0, status="completed")
    assert ["c-1:1", "c-1:2"] == [call.id for call in calls(told.records)]
    assert ["unknown", "unknown"] == [call.model for call in calls(told.records)]


# -- the context ----------------------------------------------------------------------------


def test_the_sum_of_a_turn_is_not_the_context() -> None:
    """The context is what a status line said last before the end, or after it."""
    found = calls(read_file(AGENT, STATUS))
    assert [11_786, 64_210, 64_730, 66_080] == [call.last_pass_tokens for call in found]
    sent = [call.usage.sent_tokens for call in found]
    assert [23_443, 214_380, 64_420, 131_050] == sent
    assert all(call.summed for call in found)


def test_what_the_editor_has_not_written_yet_is_no_context(told: Told) -> None:
    """Right after a turn its database may hold the number from before; a later one counts."""
    told.prompt("g-1")
    told.turn("g-1", 30_000, 50, 20_000)
    told.context(15_000, COMPOSER)
    told.prompt("g-2")
    told.turn("g-2", 50_000, 50, 40_000)
    told.context(15_000, COMPOSER)
    assert [15_000, None] == told.contexts
    told.context(18_000, COMPOSER)
    assert [15_000, 18_000] == told.contexts


def test_before_a_question_the_editor_tells_of_the_turn_before(told: Told) -> None:
    """Though the prompt stands in the recording already."""
    told.prompt("g-1")
    told.turn("g-1", 30_000, 50, 20_000)
    told.prompt("g-2")
    told.context(15_000, COMPOSER)
    told.turn("g-2", 50_000, 50, 40_000)
    assert [15_000, None] == told.contexts


def test_a_status_line_that_says_what_it_said_before_says_nothing_of_the_turn(told: Told) -> None:
    """It may be drawn anew while the first request is still under way."""
    told.context(15_000)
    told.prompt("g-1")
    told.context(15_000)
    told.turn("g-1", 50_000, 50, 40_000)
    told.context(15_000)
    assert [None] == told.contexts


def test_after_a_compaction_the_old_context_is_over() -> None:
    """It is told as it begins; the turn ends with the context that is left."""
    records = read_file(AGENT, EDITOR)
    (compaction,) = of(records, Compaction)
    assert ("auto", 171_000, None) == (
        compaction.trigger,
        compaction.before_tokens,
        compaction.after_tokens,
    )
    assert [22_400, 24_100] == [call.last_pass_tokens for call in calls(records)[:2]]


def test_a_number_from_before_a_compaction_says_nothing_of_what_is_left(told: Told) -> None:
    """The context of the last turn is told again once it is known."""
    told.prompt("g-1")
    told.turn("g-1", 30_000, 50, 20_000)
    told.context(15_000)
    told.hook("compact", trigger="manual", context_tokens=15_000)
    told.context(15_000)
    assert [15_000] == told.contexts
    told.context(4000)
    assert [4000] == told.contexts
    assert ["manual"] == [each.trigger for each in of(told.records, Compaction)]


def test_no_number_from_before_a_compaction_counts_whoever_tells_it(told: Told) -> None:
    """The editor's may be older than what the compaction itself counted."""
    told.prompt("g-1")
    told.turn("g-1", 30_000, 50, 20_000)
    told.context(15_000)
    told.prompt("g-2")
    told.context(16_500)
    told.hook("compact", trigger="auto", context_tokens=17_000)
    for old in (15_000, 16_500, 17_000):
        told.context(old)
    told.turn("g-2", 90_000, 50, 80_000)
    for old in (15_000, 16_500, 17_000):
        told.context(old, COMPOSER)
    assert [15_000, None] == told.contexts
    told.context(4000, COMPOSER)
    assert [15_000, 4000] == told.contexts


def test_a_context_before_the_first_turn_belongs_to_none(told: Told) -> None:
    """Nothing is billed for it, and 0 is no size."""
    told.context(9000)
    told.context(0)
    assert [] == calls(told.records)


# -- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("claude-4-sonnet", Model("claude-4-sonnet")),
        ("claude-4.5-sonnet-thinking", Model("claude-4.5-sonnet")),
        ("claude-opus-5.5-thinking-high", Model("claude-opus-5.5", "high")),
        ("claude-4.6-opus-max-thinking-fast", Model("claude-4.6-opus", "max", fast=True)),
        ("gpt-5.6-sol-high-fast", Model("gpt-5.6-sol", "high", fast=True)),
        ("gpt-5.1-codex-max", Model("gpt-5.1-codex-max")),
        ("gpt-5.1-codex-max-xhigh", Model("gpt-5.1-codex-max", "xhigh")),
        ("gpt-5-low", Model("gpt-5", "low")),
        ("composer-2.5", Model("composer-2.5")),
        ("composer-2.5-fast", Model("composer-2.5-fast")),
        ("grok-4.5-high-fast", Model("grok-4.5-fast", "high")),
        ("kimi-k2-thinking", Model("kimi-k2-thinking")),
        ("gpt-high", Model("gpt-high")),
        ("default", Model("default")),
        ("auto", Model("default")),
        ("", Model("")),
    ],
)
def test_settings_at_the_end_of_a_name_are_taken_off(spelled: str, expected: Model) -> None:
    """Effort, thinking and fast mode; where such a word is part of the name it stays."""
    assert expected == model_of(spelled)


def test_parameters_go_before_what_the_name_says() -> None:
    """And the id, which has no settings in it, before the name."""
    params = {"effort": "low", "fast": "true", "thinking": "true"}
    found = model_of("claude-opus-4.8-thinking-high", params, "claude-opus-4-8")
    assert Model("claude-opus-4-8", "low", fast=True) == found
    assert Model("composer-2.5-fast") == model_of("composer-2.5", {"fast": "true"})
    assert Model("gpt-5.5") == model_of("gpt-5.5-fast", {"fast": "false"}, "default")
    assert Model("default") == model_of("default", None, "claude-opus-4-8")


def test_two_spellings_are_no_switch(told: Told) -> None:
    """A status line may name the id, a hook the name."""
    assert is_same("claude-4.5-sonnet", "claude-sonnet-4-5")
    assert not is_same("gpt-5.4", "gpt-4.5")
    told.prompt("g-1", "claude-4.5-sonnet-thinking")
    told.turn("g-1", 9, 1, 0, model="claude-4.5-sonnet-thinking")
    told.prompt("g-2", "claude-sonnet-4-5")
    assert [] == of(told.records, ModelChosen)


def test_a_new_effort_is_a_choice(told: Told) -> None:
    """It comes with the prompt."""
    told.prompt("g-1", "gpt-5.5-high")
    told.prompt("g-2", "gpt-5.5-low-fast")
    assert [("low", True)] == [(each.effort, each.fast) for each in of(told.records, EffortChosen)]


# -- the file -------------------------------------------------------------------------------


def test_a_recording_is_found_by_its_folder_and_known_by_its_lines(tmp_path: Path) -> None:
    """The folder is ours; what stands in it is named after conversations."""
    home = tmp_path / "home"
    (folder,) = AGENT.roots({}, home, "linux")
    assert home / ".local/state/switchtax/cursor" == folder
    assert [] == list(AGENT.find(folder))
    folder.mkdir(parents=True)
    (folder / "c-1.jsonl").write_bytes(STATUS.read_bytes())
    (found,) = AGENT.find(folder)
    assert ("c-1", str(folder)) == (found.session_id, found.root)
    assert AGENT.claims(folder, b"")
    assert AGENT.claims(folder / "c-1.jsonl", STATUS.read_bytes())
    assert not AGENT.claims(home / ".cursor", b"")


def test_lines_of_other_versions_are_passed_over(told: Told) -> None:
    """So are unknown events; absurd counts and times that cannot be cost only themselves."""
    for line in (
        '{"v":2,"at":1.0,"event":"turn","input_tokens":7}',
        '{"v":1,"at":1.0,"event":"of-a-later-version"}',
        '{"v":1,"at":1.0,"event":"start","more":"keys"}',
        '{"v":1,"at":1.0,"event":"turn","input_tokens":1e300}',
        '{"v":1,"at":1.0,"event":"context","context_tokens":-5}',
        '{"v":1,"at":1e300,"event":"end"}',
    ):
        told._write(line.encode() + b"\n")
    bad = of(told.records, Unreadable)
    assert [4, 5] == [each.line for each in bad]
    assert [0.0] == [each.at for each in of(told.records, Ended)]
    assert 3 == len(told.records)


def test_prompts_without_an_end_are_forgotten_in_time(told: Told) -> None:
    """A turn whose prompt is gone begins when it ends."""
    for number in range(20):
        told.prompt(f"g-{number}")
    told.turn("g-0", 9, 1, 0)
    told.turn("g-19", 9, 1, 0)
    first, last = calls(told.records)
    assert (first.at, 1019.0) == (first.started_at, last.started_at)


def test_a_scan_knows_what_a_full_reading_knows() -> None:
    """But for the prompts."""
    full = [each for each in read_file(AGENT, STATUS) if not isinstance(each, Prompt)]
    assert full == read_file(AGENT, STATUS, Depth.USAGE)
