"""Risk of a handoff in Codex' sessions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agent_reading import read_file
from making import BOOK
from risk_transcripts import OPUS, SOL, Line, reasons
from switchtax.agents import agent_module
from switchtax.sessions.fold import Session

if TYPE_CHECKING:
    from pathlib import Path

    from switchtax.estimates.drift import Reason

SAID: Line = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "k"}],
}


def codex(folder: Path, *items: Line | int) -> Session:
    """The session of a rollout: items of the conversation; a number is a request's usage."""
    lines: list[Line] = [
        {"type": "session_meta", "payload": {"id": "s-1", "cli_version": "0.169.0"}},
        {"type": "turn_context", "payload": {"turn_id": "t1", "model": SOL}},
    ]
    for item in items:
        if isinstance(item, int):
            counts = {"input_tokens": item, "cached_input_tokens": 0, "output_tokens": 9}
            record = {"response_id": f"r{item}", "turn_id": "t1", "usage": counts}
            lines.append({"type": "token_usage_record", "payload": record})
        else:
            kind = "event_msg" if item["type"] == "user_message" else "response_item"
            lines.append({"type": kind, "payload": item})
    path = folder / "rollout-2026-11-21T10-00-00-s-1.jsonl"
    rows = ({"timestamp": f"2026-11-21T10:00:{n:02}.000Z", **line} for n, line in enumerate(lines))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    session = Session("codex", "s-1", str(path), rules_for=BOOK.rules)
    session.add_all(read_file(agent_module("codex"), path))
    return session


def runs(id_: str, text: str) -> Line:
    """A shell command."""
    given = json.dumps({"cmd": text})
    return {"type": "function_call", "call_id": id_, "name": "exec_command", "arguments": given}


def ended(id_: str, code: int = 0) -> Line:
    """What a tool gave back."""
    output = f"Process exited with code {code}\nOutput:\n"
    return {"type": "function_call_output", "call_id": id_, "output": output}


def patch(id_: str, *paths: str) -> Line:
    """A patch of files."""
    text = "*** Begin Patch\n" + "".join(f"*** Update File: {path}\n+x\n" for path in paths)
    return {"type": "custom_tool_call", "call_id": id_, "name": "apply_patch", "input": text}


def typed(text: str) -> Line:
    """What a person wrote."""
    return {"type": "user_message", "message": text}


class TestCodex:
    """The same from Codex's rollouts, which name no answer for a tool call."""

    def found(self, folder: Path, *items: Line | int) -> dict[str, Reason]:
        """Reasons towards a larger model of the same maker."""
        session = codex(folder, *items)
        return reasons(session, "gpt-6.2-sol")

    def test_a_command_that_runs_is_pending(self, tmp_path: Path) -> None:
        """Whether its usage was already logged or not."""
        start = [typed("Go"), runs("c0", "ls"), ended("c0"), 1_000]
        running = runs("c1", "sleep 99")
        for items in ([*start, running], [*start, running, 2_000]):
            assert (("tools", 1), ("name", "exec_command")) == (
                self.found(tmp_path, *items)["tool_pending"].facts
            )

    def test_its_result_leaves_the_turn_open_until_an_answer(self, tmp_path: Path) -> None:
        """Then nothing is open."""
        items = [typed("Go"), runs("c1", "ls"), 1_000, ended("c1")]
        assert ["turn_unfinished"] == list(self.found(tmp_path, *items))
        assert {} == self.found(tmp_path, *items, SAID, 2_000)

    def test_patched_files_wait_for_a_test_run(self, tmp_path: Path) -> None:
        """All files of a patch; a failing run counts, a search for its name does not."""
        items = [typed("Go"), patch("p", "a.py", "b.py", "c.md"), 1_000, ended("p"), SAID, 2_000]
        assert (("files", 2), ("tests", 0)) == (
            self.found(tmp_path, *items)["edits_unverified"].facts
        )
        search = [runs("c", "rg pytest"), 3_000, ended("c"), SAID, 4_000]
        assert "edits_unverified" in self.found(tmp_path, *items, *search)
        tested = [runs("c", "pytest -q"), 3_000, ended("c", 1), SAID, 4_000]
        assert {} == self.found(tmp_path, *items, *tested)

    def test_a_patch_inside_a_command_is_one(self, tmp_path: Path) -> None:
        """And so is one inside a script of the code-mode tool."""
        text = "apply_patch <<'E'\n*** Update File: a.py\nE"
        items = [typed("Go"), runs("c", text), 1_000, ended("c"), SAID, 2_000]
        assert 1 == self.found(tmp_path, *items)["edits_unverified"].fact("files")

    def test_commands_in_a_script_are_read(self, tmp_path: Path) -> None:
        """The first that matters: here a test run after an edit."""
        script = 'await f({"cmd":"ls"}); await f({"cmd":"go test ./..."})'
        given = {"type": "custom_tool_call", "call_id": "x", "name": "exec", "input": script}
        items = [typed("Go"), patch("p", "a.go"), 1_000, ended("p"), given, 2_000]
        output = {"type": "custom_tool_call_output", "call_id": "x", "output": "ok"}
        assert {} == self.found(tmp_path, *items, output, SAID, 3_000)

    def test_the_plan_and_the_rules(self, tmp_path: Path) -> None:
        """Open steps count, and rules five prompts back."""
        steps = [{"step": "x", "status": "pending"}, {"step": "y", "status": "completed"}]
        plan = {
            "type": "function_call", "call_id": "p", "name": "update_plan",
            "arguments": json.dumps({"plan": steps}),
        }  # fmt: skip
        items: list[Line | int] = [typed("Never push."), plan, 1_000, ended("p")]
        for number in range(5):
            items += [typed(f"Go on {'!' * number}"), SAID, 2_000 + number]
        found = self.found(tmp_path, *items)
        assert ["open_todos", "rules_far_back"] == sorted(found)
        assert 1 == found["open_todos"].fact("items")
        assert 5 == found["rules_far_back"].fact("prompts_since")

    def test_sealed_reasoning_among_sisters_is_not_known(self, tmp_path: Path) -> None:
        """No page says which OpenAI model reads another's; another maker's model does not."""
        sealed = {"type": "reasoning", "encrypted_content": "abc", "summary": []}
        session = codex(tmp_path, typed("Go"), sealed, SAID, 1_000)
        assert {} == reasons(session, "gpt-6.2-sol")
        assert 1 == reasons(session, OPUS)["reasoning_unreadable"].fact("calls")
