"""What is said, as each agent writes it down: prompts, answers, tool uses, results."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from switchtax.brief.reading import said_in
from switchtax.brief.said import MOST_RESULT_CHARS, Kind, Said, shortened
from switchtax.brief.story import Story
from switchtax.brief.story import told as told_by
from switchtax.records import Source

if TYPE_CHECKING:
    from pathlib import Path

P, T, U, R = Kind.PROMPT, Kind.TEXT, Kind.TOOL, Kind.RESULT


def lines(path: Path, *values: object) -> Path:
    """A line file."""
    path.write_text("".join(json.dumps(value) + "\n" for value in values))
    return path


def said(agent: str, path: Path, session: str = "s") -> list[Said]:
    """What a source says."""
    return said_in(Source(agent, str(path), session), session)


def kinds(found: list[Said]) -> list[tuple[Kind, str]]:
    """Each thing said: its kind, and its text, tool or end."""
    return [(s.kind, s.tool if s.kind is U else s.text) for s in found]


def story(agent: str, path: Path, session: str = "s") -> Story:
    """What a source tells."""
    return told_by(said(agent, path, session))


class TestClaudeCode:
    """Transcripts."""

    def line(self, kind: str, content: object, **more: object) -> dict[str, Any]:
        return {"type": kind, "message": {"role": kind, "content": content}, **more}

    def test_what_a_person_typed(self, tmp_path: Path) -> None:
        """Without reminders, output of commands, interruptions, sub-agents and summaries."""
        found = said(
            "claude-code",
            lines(
                tmp_path / "s.jsonl",
                self.line("user", "one <system-reminder>not this\n</system-reminder>", uuid="1"),
                self.line("user", "one again, copied", uuid="1"),
                self.line("user", [{"type": "text", "text": "two"}]),
                self.line("user", "[Request interrupted by user]"),
                self.line("user", "<local-command-stdout>x</local-command-stdout>"),
                self.line(
                    "user", "<command-name>/model</command-name><command-args>opus</command-args>"
                ),
                self.line(
                    "user",
                    "<command-name>/review</command-name><command-args>all of it</command-args>",
                ),
                self.line("user", "<command-name>/broken"),
                self.line("user", "side", isSidechain=True),
                self.line("user", "summary", isCompactSummary=True),
                self.line("user", "meta", isMeta=True),
                {"type": "attachment", "attachment": {"type": "queued_command", "prompt": "three"}},
                {"type": "attachment", "attachment": "odd"},
                self.line("assistant", "odd"),
                self.line("assistant", ["odd", {"type": "thinking", "thinking": "hm"}]),
                self.line("assistant", [{"type": "text", "text": "sorry"}], isApiErrorMessage=True),
                self.line("assistant", [{"type": "text", "text": "yes"}]),
            ),
        )
        assert [
            (P, "one"),
            (P, "two"),
            (P, "/review all of it"),
            (P, "three"),
            (T, "yes"),
        ] == kinds(found)

    def test_a_refused_tool_tells_the_users_words(self, tmp_path: Path) -> None:
        """It has not failed."""
        block = {
            "type": "tool_result",
            "tool_use_id": "t",
            "is_error": True,
            "content": "The user doesn't want to proceed. the user said:\nnot yet\n\nNote: x",
        }
        result, prompt = said(
            "claude-code", lines(tmp_path / "s.jsonl", self.line("user", [block]))
        )
        assert (None, True) == (result.ok, result.refused)
        assert (P, "not yet") == (prompt.kind, prompt.text)


class TestCodex:
    """Rollouts."""

    def item(self, kind: str, **more: object) -> dict[str, Any]:
        return {"type": "response_item", "payload": {"type": kind, **more}}

    def event(self, kind: str, **more: object) -> dict[str, Any]:
        return {"type": "event_msg", "payload": {"type": kind, **more}}

    def text(self, role: str, text: str) -> dict[str, Any]:
        return self.item("message", role=role, content=[{"type": "input_text", "text": text}])

    def test_prompts_stand_there_twice_and_are_told_once(self, tmp_path: Path) -> None:
        """What Codex writes itself is not told at all."""
        path = lines(
            tmp_path / "s.jsonl",
            {"type": "session_meta", "payload": "odd"},
            self.text("user", "<environment_context>x"),
            self.text("user", "do it"),
            self.event("user_message", message="do it"),
            self.event(
                "item_completed", item={"type": "UserMessage", "content": [{"text": "two"}]}
            ),
            self.text("assistant", "done"),
        )
        assert [(P, "do it"), (P, "two"), (T, "done")] == kinds(said("codex", path))

    def test_commands_and_how_they_ended(self, tmp_path: Path) -> None:
        """In every shape that a shell tool has had."""
        path = lines(
            tmp_path / "s.jsonl",
            self.text("user", "do it"),
            self.item("function_call", name="exec_command", call_id="1", arguments='{"cmd": "a"}'),
            self.item("function_call_output", call_id="1", output="Process exited with code 0"),
            self.item("function_call", name="shell", call_id="2",
                      arguments='{"command": ["bash", "-lc", "b"]}'),
            self.item("function_call_output", call_id="2",
                      output='{"output": "no", "metadata": {"exit_code": 2}}'),
            self.item("local_shell_call", call_id="3", action={"command": ["c", "d"]}),
            self.item("custom_tool_call", name="exec", call_id="4",
                      input='run({cmd: "e \\"f\\""})'),
            self.item("custom_tool_call_output", call_id="4", output={"content": [{"text": "ok"}]}),
            self.item("custom_tool_call", name="exec", call_id="5", input="1 + 1"),
        )  # fmt: skip
        assert [("a", True, "Process exited with code 0"), ("b", False, "no"), ("c d", None, ""),
                ('e "f"', None, "ok")] == [
            (run.command, run.ok, run.output) for run in story("codex", path).runs
        ]  # fmt: skip

    def test_patches(self, tmp_path: Path) -> None:
        """Of their own, in a shell, and inside another tool; a failed one edits nothing."""
        patch = "*** Begin Patch\n*** Update File: a.py\n*** Move to: b.py\n*** End Patch"
        path = lines(
            tmp_path / "s.jsonl",
            self.text("user", "do it"),
            self.item("custom_tool_call", name="apply_patch", call_id="1", input=patch),
            self.event("patch_apply_end", call_id="1", success=True, changes={"a.py": {}}),
            self.item("function_call", name="shell", call_id="2",
                      arguments=json.dumps({"command": ["x", patch.replace("a.py", "c.py")]})),
            self.event("patch_apply_end", call_id="x", success=True, changes={"d.py": {}}),
            self.event("patch_apply_end", call_id="y", success=False, changes={"e.py": {}}),
        )  # fmt: skip
        assert ["a.py", "b.py", "c.py", "d.py"] == list(story("codex", path).edits)

    def test_the_plan(self, tmp_path: Path) -> None:
        """Codex's to-dos."""
        plan = {"plan": [{"step": "one", "status": "completed"}, {"step": "two"}, "odd"]}
        path = lines(
            tmp_path / "s.jsonl",
            self.item("function_call", name="update_plan", call_id="1", arguments=json.dumps(plan)),
        )
        found = story("codex", path).todos
        assert [("one", "completed"), ("two", "pending")] == [todo[:2] for todo in found]


class TestCopilot:
    """Events."""

    def test_a_session(self, tmp_path: Path) -> None:
        """Sub-agents and the agent's own messages are left out; the shell tells its exit code."""
        patch = "*** Begin Patch\n*** Add File: new.py\n*** End Patch"
        path = lines(
            tmp_path / "events.jsonl",
            {"type": "user.message", "data": {"content": "do it"}},
            {"type": "user.message", "data": {"content": "side"}, "agentId": "a"},
            {"type": "user.message", "data": {"content": "auto", "source": "autopilot"}},
            {"type": "user.message", "data": {"content": "<system_notification>x"}},
            {"type": "session.start", "data": {"sessionId": "s"}},
            {
                "type": "assistant.message",
                "data": {
                    "content": "Now.",
                    "toolRequests": [
                        {"toolCallId": "1", "name": "bash", "arguments": {"command": "make"}},
                        {"toolCallId": "2", "name": "apply_patch", "arguments": patch},
                        {"toolCallId": "3", "name": "view", "arguments": {"path": "old.py"}},
                        {"toolCallId": "4", "name": "str_replace_editor",
                         "arguments": {"command": "view", "path": "seen.py"}},
                    ],
                },
            },
            {
                "type": "tool.execution_complete",
                "data": {"toolCallId": "1", "success": True,
                         "result": {"content": "no\n<shellId: 3 completed with exit code 2>"}},
            },
            {
                "type": "tool.execution_complete",
                "data": {"toolCallId": "3", "success": False, "error": {"message": "gone"}},
            },
        )  # fmt: skip
        found = story("copilot-cli", path)
        assert ["do it"] == [prompt.text for prompt in found.prompts]
        assert [("make", False, "no\n")] == [(r.command, r.ok, r.output) for r in found.runs]
        assert ["new.py"] == list(found.edits)
        assert ["old.py", "seen.py"] == list(found.reads)
        assert ["2", "4"] == list(found.open)


GEMINI_CALL = {
    "id": "c", "name": "run_shell_command", "args": {"command": "make"}, "status": "success",
    "result": [{"functionResponse": {"response": {"output": "Exit Code: 2"}}}],
}  # fmt: skip


class TestGemini:
    """Chats."""

    def test_a_document(self, tmp_path: Path) -> None:
        """A cancelled edit edits nothing; the exit code stands in the output."""
        edit = {"id": "e", "name": "replace", "args": {"file_path": "a.py"}, "status": "cancelled"}
        messages = [
            {"id": "1", "type": "user", "content": "<session_context>"},
            {"id": "2", "type": "user", "content": [{"text": "do it"}]},
            {"id": "3", "type": "gemini", "content": "yes", "toolCalls": [GEMINI_CALL, edit]},
            {"id": "4", "type": "info", "content": "x"},
            "odd",
        ]
        path = tmp_path / "session.json"
        path.write_text(json.dumps({"sessionId": "s", "messages": messages}))
        found = story("gemini-cli", path)
        assert ["do it"] == [prompt.text for prompt in found.prompts]
        assert [("make", False)] == [(run.command, run.ok) for run in found.runs]
        assert {} == found.edits

    def test_lines_patches_and_rewinds(self, tmp_path: Path) -> None:
        """The last of an id counts, and what was rewound was never said."""
        path = lines(
            tmp_path / "session.jsonl",
            {"sessionId": "s", "messages": [{"id": "0", "type": "user", "content": "zero"}]},
            {"$set": {"messages": [{"type": "user", "content": "one"}]}},
            {"$set": {"lastUpdated": "x"}},
            {"id": "2", "type": "user", "content": "two"},
            {"id": "2", "type": "user", "content": "two, again"},
            {"id": "3", "type": "user", "content": "three"},
            {"$rewindTo": "3"},
        )
        assert [(P, "one"), (P, "two, again")] == kinds(said("gemini-cli", path))
        lines(path, {"id": "2", "type": "user", "content": "two"}, {"$rewindTo": "nobody"})
        assert [] == said("gemini-cli", path)

    def test_a_document_that_is_none(self, tmp_path: Path) -> None:
        """Nothing is said."""
        path = tmp_path / "session.json"
        path.write_text("[")
        assert [] == said("gemini-cli", path)


TEXT = {"type": "text", "text": "do it"}
HIDDEN = {"type": "text", "text": "x", "synthetic": True}
SHELL = {
    "type": "tool", "tool": "bash", "callID": "c",
    "state": {"status": "completed", "input": {"command": "make"}, "output": "no",
              "metadata": {"exit": 2}},
}  # fmt: skip
RUNNING = {"type": "tool", "tool": "edit", "id": "e", "state": {"input": {"filePath": "a.py"}}}
LISTED = {"type": "tool", "tool": "todowrite", "state": {"input": {"todos": "- [x] a\n- [ ] b"}}}


class TestOpenCode:
    """Exports, storage, and both generations of the database."""

    def check(self, found: Story) -> None:
        assert ["do it"] == [prompt.text for prompt in found.prompts]
        assert [("make", False, "no")] == [(r.command, r.ok, r.output) for r in found.runs]
        assert ["a.py"] == list(found.edits)
        assert [("a", "completed"), ("b", "pending")] == [todo[:2] for todo in found.todos]

    def test_an_export(self, tmp_path: Path) -> None:
        """Messages with their parts."""
        path = tmp_path / "export.json"
        messages = [
            {"info": {"id": "1", "role": "user"}, "parts": [TEXT, HIDDEN]},
            {"info": {"id": "2", "role": "assistant"}, "parts": [SHELL, RUNNING, LISTED, "odd"]},
            {"info": "odd"},
        ]
        path.write_text(json.dumps({"info": {"id": "s"}, "messages": messages}))
        self.check(story("opencode", path))
        path.write_text("[")
        assert [] == said("opencode", path)

    def test_storage(self, tmp_path: Path) -> None:
        """A file for each message and each part, in the order of their times."""
        folder = tmp_path / "message" / "s"
        for name, role, created, parts in (
            ("2", "user", 1, [TEXT]),
            ("1", "assistant", 2, [SHELL, RUNNING, LISTED]),
        ):
            folder.mkdir(parents=True, exist_ok=True)
            info = {"id": name, "role": role, "time": {"created": created}}
            (folder / f"{name}.json").write_text(json.dumps(info))
            (tmp_path / "part" / name).mkdir(parents=True)
            for number, part in enumerate(parts):
                (tmp_path / "part" / name / f"{number}.json").write_text(json.dumps(part))
        (folder / "3.json").write_text("[")
        self.check(story("opencode", folder))

    def test_both_generations_of_the_database(self, tmp_path: Path) -> None:
        """An id that stands in both is the newer one's; other sessions are left out."""
        path = tmp_path / "opencode.db"
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE message (id, session_id, time_created, data)")
            db.execute("CREATE TABLE part (id, message_id, data)")
            db.execute("CREATE TABLE session_message (id, session_id, type, seq, data)")
            for row in (("1", "s", 1, '{"role": "user"}'), ("2", "s", 2, '{"role": "assistant"}'),
                        ("9", "other", 1, '{"role": "user"}')):  # fmt: skip
                db.execute("INSERT INTO message VALUES (?, ?, ?, ?)", row)
            for n, (id_, part) in enumerate((("1", HIDDEN), ("2", SHELL), ("9", TEXT))):
                db.execute("INSERT INTO part VALUES (?, ?, ?)", (n, id_, json.dumps(part)))
            newer = (("1", "user", 1, {"text": "do it"}),
                     ("3", "assistant", 2, {"content": [RUNNING, LISTED]}),
                     ("4", "idle", 3, []))  # fmt: skip
            for id_, kind, seq, data in newer:
                row = (id_, "s", kind, seq, json.dumps(data))
                db.execute("INSERT INTO session_message VALUES (?, ?, ?, ?, ?)", row)
            db.commit()
        found = story("opencode", path)
        assert {"do it"} == {prompt.text for prompt in found.prompts}
        assert ["make"] == [run.command for run in found.runs]
        assert ["a.py"] == list(found.edits)

    def test_a_database_that_cannot_be_read(self, tmp_path: Path) -> None:
        """It is the system's trouble, told as such."""
        path = tmp_path / "opencode.db"
        path.write_bytes(b"SQLite format 3\x00" + b"x" * 200)
        with pytest.raises(OSError, match="the database cannot be read"):
            said("opencode", path)


class TestPi:
    """A tree of entries."""

    def entry(
        self, id_: str, parent: str | None, role: str, content: object, **more: object
    ) -> Any:
        message = {"role": role, "content": content, **more}
        return {"type": "message", "id": id_, "parentId": parent, "message": message}

    def test_the_branch_of_the_last_entry(self, tmp_path: Path) -> None:
        """What was left for another branch is not part of it."""
        call = {"type": "toolCall", "id": "t", "name": "bash", "arguments": {"command": "make"}}
        path = lines(
            tmp_path / "s.jsonl",
            {"type": "session", "id": "s"},
            self.entry("1", None, "user", "one"),
            self.entry("2", "1", "user", "left behind"),
            self.entry("3", "1", "assistant", [{"type": "text", "text": "yes"}, call, "odd"]),
            self.entry("4", "3", "toolResult", [{"type": "text", "text": "no"}],
                       toolCallId="t", isError=True),
            self.entry("5", "4", "assistant", "done"),
        )  # fmt: skip
        assert [(P, "one"), (T, "yes"), (U, "bash"), (R, "no"), (T, "done")] == kinds(
            said("pi", path)
        )

    def test_version_1_has_no_tree(self, tmp_path: Path) -> None:
        """All lines, in order."""
        message = {"role": "user", "content": "one"}
        path = lines(tmp_path / "s.jsonl", {"type": "message", "message": message})
        assert [(P, "one")] == kinds(said("pi", path))


def test_a_very_long_result_loses_its_middle() -> None:
    """What failed stands at its start or its end."""
    short = shortened(f"start{'x' * 3 * MOST_RESULT_CHARS}end")
    assert short.startswith("start")
    assert short.endswith("end")
    assert MOST_RESULT_CHARS + 1 == len(short)
