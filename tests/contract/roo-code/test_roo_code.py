"""Roo Code's tasks become records."""

import json
import os
import shutil
from pathlib import Path

import pytest

from agent_reading import calls, of, read_file, source, totals
from documents import rewritten
from switchtax.agents import agent_module
from switchtax.records import (
    Compaction,
    Content,
    ContentKind,
    Depth,
    ModelChosen,
    Prompt,
    SessionInfo,
    Todos,
    ToolUse,
    Unreadable,
)
from switchtax.scan.watch import find_everything

AGENT = agent_module("roo-code")
FIXTURES = Path(__file__).parent / "fixtures"
TASKS = sorted(FIXTURES.glob("*/*/ui_messages.json"))
TASK = next(FIXTURES.glob("roo-code_3.52.1_*/*/ui_messages.json"))
OLD_TASK = next(FIXTURES.glob("roo-code_3.25_*/*/ui_messages.json"))
OPUS = "claude-opus-5-5"


def test_cached_tokens_are_taken_out_of_the_input() -> None:
    """Since 3.30 the input holds them, whatever the protocol; before, it did not."""
    assert {OPUS: (52, 9000, 9700, 330), "gpt-6-sol": (10_352, 2048, 0, 110)} == totals(
        read_file(AGENT, TASK)
    )
    assert {"claude-sonnet-5-5": (52, 9000, 9700, 330)} == totals(read_file(AGENT, OLD_TASK))


def test_the_model_is_the_one_named_to_itself_before_the_request() -> None:
    """Each message tells the model which one it is; that is kept just before it is sent."""
    records = read_file(AGENT, TASK)
    (chosen,) = of(records, ModelChosen)
    assert ("gpt-6-sol", OPUS) == (chosen.model, chosen.previous)
    after = calls(records[records.index(chosen) :])
    assert ["gpt-6-sol"] * 2 == [call.model for call in after]
    assert chosen.at == after[0].started_at < after[0].at


def test_a_model_that_is_only_quoted_is_none() -> None:
    """A tool's result, or a prompt, may hold the same tags: Roo Code's own block is the last."""
    assert "quoted-model" not in {call.model for call in calls(read_file(AGENT, TASK))}


def test_a_task_that_names_no_model_has_an_unknown_one(tmp_path: Path) -> None:
    """Without the messages nothing says which model it was: no price is guessed."""
    copy = Path(shutil.copytree(TASK.parent, tmp_path / "1")) / TASK.name
    (copy.parent / "api_conversation_history.json").unlink()
    assert {"unknown": (10_404, 11_048, 9700, 440)} == totals(read_file(AGENT, copy))


def test_summaries_and_cuts() -> None:
    """A summary replaces the history; a cut leaves its oldest messages out."""
    summed, cut = of(read_file(AGENT, TASK), Compaction)
    assert ("", False, 10_090, 2100) == (
        summed.trigger,
        summed.partial,
        summed.before_tokens,
        summed.after_tokens,
    )
    assert ("truncated", True, 1200) == (cut.trigger, cut.partial, cut.after_tokens)
    sizes = [c.chars for c in of(read_file(AGENT, TASK), Content) if c.kind is ContentKind.SUMMARY]
    assert [len("Rounding fixed.")] == sizes


def test_prompts_tools_and_to_dos() -> None:
    """Results written as text are results; what is begun stands open in a checklist."""
    records = read_file(AGENT, TASK)
    assert [(16, 0), (17, 1)] == [(prompt.chars, prompt.rules) for prompt in of(records, Prompt)]
    assert [("read_file", "cart.py"), ("update_todo_list", None)] == [
        (use.name, use.path) for use in of(records, ToolUse) if use.name
    ]
    assert [(2, 1)] == [(todo.open_items, todo.done_items) for todo in of(records, Todos)]
    by_kind: dict[ContentKind, list[int]] = {}
    for content in of(read_file(AGENT, OLD_TASK), Content):
        by_kind.setdefault(content.kind, []).append(content.chars)
    assert [len("[read_file for 'a.py'] Result:"), len("x = 1")] == by_kind[ContentKind.TOOL_RESULT]
    assert [len("<task>\nAdd a total\n</task>")] == by_kind[ContentKind.PROMPT]


def test_the_task_itself() -> None:
    """Folder and parent stand in a document of their own."""
    told = of(read_file(AGENT, TASK), SessionInfo)[0]
    assert ("/home/dev/shop", "01a1fe00-0000-7000-8000-000000000000", False) == (
        told.cwd,
        told.parent_id,
        told.sidechain,
    )


def test_messages_that_cannot_be_read_cost_only_themselves(tmp_path: Path) -> None:
    """A strange message is told by its place; the rows are whole all the same."""
    copy = Path(shutil.copytree(TASK.parent, tmp_path / "1")) / TASK.name
    history = copy.parent / "api_conversation_history.json"
    rewritten(
        history, lambda said: [*said[:2], 5, {**said[2], "content": [{"text": 5}]}, *said[3:]]
    )
    records = read_file(AGENT, copy)
    assert [3, 4] == [bad.line for bad in of(records, Unreadable)]
    assert 4 == len(calls(records))


def test_where_tasks_lie_and_whose_they_are(tmp_path: Path) -> None:
    """In the extension's storage of every host; told by folder, documents or rows."""
    storage = tmp_path / ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks"
    assert storage in AGENT.roots({}, tmp_path, "linux")
    folder = Path(shutil.copytree(OLD_TASK.parent, storage / OLD_TASK.parent.name))
    rows = folder / TASK.name
    (storage / "_index.json").write_text("{}")
    for root in (storage.parent, storage, folder, rows):
        assert [OLD_TASK.parent.name] == [found.session_id for found in AGENT.find(root)]
        assert AGENT.claims(root, b"" if root.is_dir() else rows.read_bytes())
    for path in TASKS:
        assert AGENT.claims(path, path.read_bytes())
    assert AGENT.claims(TASK.parent, b"")
    assert not AGENT.claims(tmp_path, b"")
    assert [] == list(AGENT.find(storage / "_index.json"))


class TestAnotherStorageFolder:
    """A setting of the editor, in a file that people write comments into."""

    SETTINGS = """{
        // the tasks, "here": {
        "roo-cline.customStoragePath": "FOLDER", /* , */
        "files.exclude": {"**/.git//": true,},
    }"""

    @pytest.mark.parametrize(
        "file",
        [
            "Code/User/settings.json",
            "VSCodium/User/profiles/-4f1d2/settings.json",
            "Cursor/Machine/settings.json",
        ],
    )
    def test_it_is_looked_into_besides_the_own_one(self, tmp_path: Path, file: str) -> None:
        """The user's, a profile's, or a machine's; earlier tasks stay where they were."""
        settings = tmp_path / ".config" / file
        settings.parent.mkdir(parents=True)
        settings.write_text(self.SETTINGS.replace("FOLDER", (tmp_path / "kept").as_posix()))
        roots = AGENT.roots({}, tmp_path, "linux")
        assert tmp_path / "kept" / "tasks" in roots
        assert len(AGENT.roots({}, tmp_path / "nobody", "linux")) + 1 == len(roots)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            '{"roo-cline.customStoragePath": "',
            '{"roo-cline.customStoragePath": ""}',
            '{"roo-cline.customStoragePath": "tasks/here"}',
            '{"roo-cline.customStoragePath": 7}',
            "[" * 200_000,
        ],
    )
    def test_one_that_says_nothing_usable(self, tmp_path: Path, text: str) -> None:
        """Half written, relative or no folder at all: the own storage is what there is."""
        settings = tmp_path / ".config/Code/User/settings.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(text)
        elsewhere = len(AGENT.roots({}, tmp_path / "nobody", "linux"))
        assert elsewhere == len(AGENT.roots({}, tmp_path, "linux"))

    def test_a_scan_sees_that_it_was_named(self, tmp_path: Path) -> None:
        """The file is noted even before it is there."""
        watched = find_everything({}, tmp_path, ["roo-code"]).watches
        file = str(tmp_path / ".config/Code/User/settings.json")
        assert (file, 0, -1) in watched


def test_editors_with_user_data_elsewhere(tmp_path: Path) -> None:
    """What `--user-data-dir` names must be told, as in PATH."""
    storage = "User/globalStorage/rooveterinaryinc.roo-cline/tasks"
    env = {"SWITCHTAX_EDITOR_DATA": f"{tmp_path / 'a'}:{tmp_path / 'b'}"}
    roots = AGENT.roots(env, tmp_path, "linux")
    assert [tmp_path / "a" / storage, tmp_path / "b" / storage] == roots[:2]
    on_windows = AGENT.roots({"SWITCHTAX_EDITOR_DATA": "D:/a;D:/b"}, tmp_path, "win32")
    assert [Path("D:/a") / storage, Path("D:/b") / storage] == on_windows[:2]


def test_a_prompt_that_changes_nothing_else_is_told_alone(tmp_path: Path) -> None:
    """Another document of the task changed: only what is new is told."""
    copy = Path(shutil.copytree(TASK.parent, tmp_path / "1")) / TASK.name
    first = AGENT.read(source(AGENT, copy), None, Depth.FULL)
    row = {"ts": 1795251700000, "type": "say", "say": "user_feedback", "text": "And now?"}
    rewritten(copy, lambda rows: [*rows, row])
    after = AGENT.read(source(AGENT, copy), first.cursor, Depth.FULL)
    assert not after.restarted
    assert [8] == [record.chars for record in after.records if isinstance(record, Prompt)]
    assert 1 == len(after.records)
    assert json.loads(copy.read_text())[-1] == row


class TestProfiles:
    """A pick writes the profile's name at once; the model it stands for is learnt."""

    @staticmethod
    def _task(folder: Path, name: str, profile: str, model: str, at: float) -> Path:
        """A task with one answer, whose documents were written then."""
        task = folder / "tasks" / name
        task.mkdir(parents=True)
        block = (
            "<environment_details>\n# Current Mode\n<slug>code</slug>\n<name>Code</name>\n"
            f"<model>{model}</model>\n</environment_details>"
        )
        counts = {"apiProtocol": "openai", "tokensIn": 9000, "tokensOut": 50}
        ms = int(at * 1000)
        (task / "ui_messages.json").write_text(json.dumps([
            {"ts": ms, "type": "say", "say": "text", "text": "Go"},
            {"ts": ms + 1, "type": "say", "say": "api_req_started", "text": json.dumps(counts)},
        ]))  # fmt: skip
        (task / "api_conversation_history.json").write_text(json.dumps([
            {"role": "user", "ts": ms + 2, "content": [{"type": "text", "text": block}]},
            {"role": "assistant", "ts": ms + 3, "content": "Done."},
        ]))  # fmt: skip
        TestProfiles._pick(task, profile, at)
        return task / "ui_messages.json"

    @staticmethod
    def _pick(task: Path, profile: str, at: float) -> None:
        item = task / "history_item.json"
        item.write_text(json.dumps({"id": task.name, "apiConfigName": profile}))
        os.utime(item, (at, at))

    def test_a_pick_is_told_with_the_model_the_profile_ran_last(self, tmp_path: Path) -> None:
        """In another task at first, then in this one; the next message confirms it."""
        self._task(tmp_path, "other", "fast", "gpt-6-luna", 1_000_000.0)
        rows = self._task(tmp_path, "mine", "deep", OPUS, 1_000_100.0)
        reading = AGENT.read(source(AGENT, rows), None, Depth.FULL)
        for at, profile, picked in (
            (1_000_400.0, "fast", "gpt-6-luna"),
            (1_000_500.0, "deep", OPUS),
        ):
            self._pick(rows.parent, profile, at)
            reading = AGENT.read(source(AGENT, rows), reading.cursor, Depth.FULL)
            (chosen,) = of(reading.records, ModelChosen)
            assert (picked, at, False) == (chosen.model, chosen.at, reading.restarted)
        again = AGENT.read(source(AGENT, rows), reading.cursor, Depth.FULL)
        assert [] == again.records

    def test_a_profile_nobody_ran_is_not_guessed_at(self, tmp_path: Path) -> None:
        """Nor one that a task may have got after its last message, nor at the first reading."""
        other = self._task(tmp_path, "other", "fast", "gpt-6-luna", 1_000_000.0)
        rows = self._task(tmp_path, "mine", "deep", OPUS, 1_000_100.0)
        first = AGENT.read(source(AGENT, rows), None, Depth.FULL)
        assert [] == of(first.records, ModelChosen)
        self._pick(rows.parent, "local", 1_000_400.0)
        unknown = AGENT.read(source(AGENT, rows), first.cursor, Depth.FULL)
        assert [] == unknown.records
        self._pick(other.parent, "fast", 1_000_300.0)
        self._pick(rows.parent, "fast", 1_000_500.0)
        assert [] == AGENT.read(source(AGENT, rows), unknown.cursor, Depth.FULL).records

    def test_a_model_that_has_changed_since_is_put_right(self, tmp_path: Path) -> None:
        """The message sent names the model: what was expected gives way to it, before the call."""
        self._task(tmp_path, "other", "fast", "gpt-6-luna", 1_000_000.0)
        rows = self._task(tmp_path, "mine", "deep", OPUS, 1_000_100.0)
        reading = AGENT.read(source(AGENT, rows), None, Depth.FULL)
        self._pick(rows.parent, "fast", 1_000_400.0)
        reading = AGENT.read(source(AGENT, rows), reading.cursor, Depth.FULL)
        later = self._task(tmp_path / "x", "mine", "fast", "gpt-6-sol", 1_000_600.0).parent
        for name in ("ui_messages.json", "api_conversation_history.json"):
            rewritten(
                rows.parent / name, lambda old, n=name: [*old, *json.loads((later / n).read_text())]
            )
        reading = AGENT.read(source(AGENT, rows), reading.cursor, Depth.FULL)
        assert ["gpt-6-sol"] == [chosen.model for chosen in of(reading.records, ModelChosen)]
        assert ["gpt-6-sol"] == [call.model for call in calls(reading.records)]
