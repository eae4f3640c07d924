"""The extension for Copilot CLI, run by node as Copilot would, against a small daemon or none."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from hook_doors import FakeDaemon
from support import need
from switchtax.hooks.plugin_files import plugin_text

if TYPE_CHECKING:
    from pathlib import Path

EXTENSION = plugin_text("copilot-cli", "")
OPUS, SONNET = "claude-opus-5.5", "claude-sonnet-5.5"
CHOSEN = {
    "source": "model_picker", "newModel": OPUS,
    "previousModel": SONNET, "previousReasoningEffort": "medium",
}  # fmt: skip
SDK = """
export const joinSession = async () => {
  if (process.env.BROKEN) throw new Error("no session")
  return globalThis.session
}
"""
DRIVER = """
const did = [], handlers = {}
globalThis.session = {
  sessionId: "s1", workspacePath: "/state/s1",
  capabilities: { ui: { elicitation: !process.env.NO_UI } },
  on: (kind, handler) => { handlers[kind] = handler },
  log: async (text, options) => { did.push(["log", text, options.level]) },
  ui: { confirm: async (text) => { did.push(["confirm", text]); return !!process.env.YES } },
  setModel: async (model, options) => { did.push(["set", model, options.reasoningEffort]) },
}
await import(process.argv[2])
for (const event of JSON.parse(process.env.EVENTS)) {
  await handlers["session.model_change"]?.(event)
}
const until = performance.now() + Number(process.env.REST_MS)
while (performance.now() < until) await new Promise((over) => setTimeout(over, 10))
console.log(JSON.stringify(did))
process.exit(0)
"""


def framed(body: bytes) -> bytes:
    """An answer as it comes through the door."""
    return len(body).to_bytes(4, "big") + body


def play(folder: Path, *events: dict[str, Any], rest_ms: int = 0, **env: str) -> list[Any]:
    """Run it through some events; what it did."""
    sdk = folder / "node_modules" / "@github" / "copilot-sdk"
    sdk.mkdir(parents=True, exist_ok=True)
    exports = {"name": "copilot-sdk", "exports": {"./extension": "./extension.mjs"}}
    (sdk / "package.json").write_text(json.dumps(exports))
    (sdk / "extension.mjs").write_text(SDK)
    (folder / "extension.mjs").write_text(EXTENSION)
    (folder / "driver.mjs").write_text(DRIVER)
    done = subprocess.run(
        [need("node"), str(folder / "driver.mjs"), str(folder / "extension.mjs")],
        env={
            "HOME": str(folder), "PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(folder),
            "EVENTS": json.dumps(events), "REST_MS": str(rest_ms), **env,
        },
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (0, "") == (done.returncode, done.stderr)
    return list(json.loads(done.stdout))


def answering(told: object) -> Any:
    """A daemon that says the same to everything."""
    return lambda _: framed(json.dumps(told).encode())


def test_lines_are_shown(tmp_path: Path) -> None:
    """The daemon was told session, log and model."""
    with FakeDaemon(tmp_path, answering({"lines": ["one", "two"]})) as daemon:
        assert [["log", "one\ntwo", "warning"]] == play(tmp_path, {"data": CHOSEN})
    (asked,) = [json.loads(raw) for raw in daemon.messages]
    assert ("copilot-cli", "session.model_change") == (asked["agent"], asked["event"])
    assert {
        "sessionId": "s1", "file": "/state/s1/events.jsonl", "model": OPUS, "can_ask": True,
    } == asked["input"]  # fmt: skip


@pytest.mark.parametrize("yes", [False, True])
def test_a_question(tmp_path: Path, yes: bool) -> None:
    """No sets the old model back, with its effort."""
    env = {"YES": "1"} if yes else {}
    with FakeDaemon(tmp_path, answering({"question": "Switch?"})):
        asked, *done = play(tmp_path, {"data": CHOSEN}, **env)
    assert ["confirm", "Switch?"] == asked
    assert ([] if yes else [["set", SONNET, "medium"]]) == done


def test_where_nobody_can_be_asked(tmp_path: Path) -> None:
    """The daemon is told so."""
    with FakeDaemon(tmp_path) as daemon:
        assert [] == play(tmp_path, {"data": CHOSEN}, NO_UI="1")
    assert [False] == [json.loads(raw)["input"]["can_ask"] for raw in daemon.messages]


def test_a_session_that_is_taken_up(tmp_path: Path) -> None:
    """The question is asked without a choice, once the terminal shows the session."""
    with FakeDaemon(tmp_path, answering({"lines": ["one"]})) as daemon:
        assert [["log", "one", "warning"]] == play(tmp_path, rest_ms=800)
    assert [""] == [json.loads(raw)["input"]["model"] for raw in daemon.messages]


def test_what_nobody_has_chosen(tmp_path: Path) -> None:
    """What it set back itself, and what a sub-agent runs on."""
    with FakeDaemon(tmp_path, answering({"lines": ["one"]})):
        own, of_agent = ({"data": {**CHOSEN, "source": each}} for each in ("sdk", "agent"))
        assert [] == play(tmp_path, own, of_agent, {"data": CHOSEN, "agentId": "a"})


STRANGE = [b"no JSON", b"7", b"null", b'{"lines": 7, "question": []}', b'{"lines": []}']


@pytest.mark.parametrize("answer", [b"", b"\0\0", b"\xff" * 9, *map(framed, STRANGE)])
def test_strange_answers(tmp_path: Path, answer: bytes) -> None:
    """Nothing is said, nothing thrown."""
    with FakeDaemon(tmp_path, lambda _: answer):
        assert [] == play(tmp_path, {"data": CHOSEN}, {}, {"data": None})


def test_nobody_answers(tmp_path: Path) -> None:
    """No daemon, a hung one, a session that cannot be joined."""
    assert [] == play(tmp_path, {"data": CHOSEN})
    with FakeDaemon(tmp_path, silent=True):
        assert [] == play(tmp_path, {"data": CHOSEN})
    assert [] == play(tmp_path, {"data": CHOSEN}, BROKEN="1")
