"""The plugin for OpenCode, run by node as OpenCode would, against a small daemon or none."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from hook_doors import FakeDaemon
from support import need
from switchtax.hooks.plugin_files import plugin_text

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = plugin_text("opencode", "")
MODEL = {"providerID": "anthropic", "modelID": "claude-sonnet-5-5"}
TOAST = {"title": "switchtax", "message": "a line", "variant": "warning"}
DEADLINE_MS = 300

DRIVER = """
const { Switchtax } = await import(process.argv[2] === "run" ? process.argv[3] : process.argv[2])
const toasts = [], steps = []
const showToast = async (toast) => { toasts.push(toast); if (process.env.BROKEN) throw new Error }
const hooks = await Switchtax({ client: { tui: { showToast } } })
for (const [hook, input, output] of JSON.parse(process.env.STEPS)) {
  const since = performance.now()
  let thrown = ""
  try {
    const over = hooks[hook](input, output)
    while (performance.now() < since + Number(process.env.BUSY_MS)) {}
    await over
  } catch (error) { thrown = error.message }
  steps.push({ ms: performance.now() - since, thrown })
}
console.log(JSON.stringify({ toasts, steps }))
process.exit(0)
"""


def message(model: dict[str, str] = MODEL, id_: str = "msg_1") -> list[Any]:
    """A prompt is about to go out."""
    given = {"sessionID": "ses_1", "model": model}
    return ["chat.message", given, {"message": {"id": id_, "model": model}, "parts": []}]


def params(agent: str = "build", id_: str = "msg_1") -> list[Any]:
    """A call is about to be made."""
    return ["chat.params", {"sessionID": "ses_1", "agent": agent, "message": {"id": id_}}, {}]


def play(folder: Path, *steps: list[Any], alone: bool = False, **env: str) -> dict[str, Any]:
    """Run the plugin through some hooks; what it showed, and how long each took."""
    module, driver = folder / "plugin.mjs", folder / "driver.mjs"
    if not module.exists():
        module.write_text(PLUGIN)
    driver.write_text(DRIVER)
    words = [need("node"), str(driver), *(["run"] if alone else []), str(module)]
    done = subprocess.run(
        words,
        env={
            "HOME": str(folder),
            "PATH": os.environ["PATH"],
            "XDG_RUNTIME_DIR": str(folder),
            "STEPS": json.dumps(steps),
            **env,
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    return dict(json.loads(done.stdout))


def framed(body: bytes) -> bytes:
    """An answer as it comes through the door."""
    return len(body).to_bytes(4, "big") + body


def answering(told: dict[str, Any], event: bytes = b"chat.message") -> Any:
    """A daemon that says the same to every event of a name."""
    return lambda raw: framed(json.dumps(told if event in raw else {}).encode())


def test_a_toast(tmp_path: Path) -> None:
    """What the daemon says stands in the corner; it was told session, model and database."""
    with FakeDaemon(tmp_path, answering({"toast": TOAST})) as daemon:
        played = play(tmp_path, message())
    assert [{"body": {**TOAST, "duration": 12_000}}] == played["toasts"]
    (asked,) = [json.loads(raw) for raw in daemon.messages if b"chat.message" in raw]
    assert ("opencode", "plugin") == (asked["agent"], asked["client"])
    assert {
        "session_id": "ses_1",
        "database": str(tmp_path / ".local" / "share" / "opencode" / "opencode.db"),
        "provider": "anthropic",
        "model": "claude-sonnet-5-5",
        "attended": True,
    } == asked["input"]


def test_an_agent_that_is_busy(tmp_path: Path) -> None:
    """While the agent itself keeps the loop, the deadline is not the daemon's."""
    with FakeDaemon(tmp_path, answering({"toast": TOAST})):
        played = play(tmp_path, message(), BUSY_MS=str(2 * DEADLINE_MS))
    assert 1 == len(played["toasts"])


def test_a_busy_agent_and_a_hung_daemon(tmp_path: Path) -> None:
    """One more deadline is waited, no longer."""
    busy_ms = 2 * DEADLINE_MS
    with FakeDaemon(tmp_path, silent=True):
        played = play(tmp_path, message(), BUSY_MS=str(busy_ms))
    (step,) = played["steps"]
    assert step["ms"] < busy_ms + 2 * DEADLINE_MS


def test_the_database_is_where_opencode_has_it(tmp_path: Path) -> None:
    """XDG and OPENCODE_DB are respected."""
    with FakeDaemon(tmp_path) as daemon:
        play(tmp_path, message(), XDG_DATA_HOME="/data")
        play(tmp_path, message(), XDG_DATA_HOME="/data", OPENCODE_DB="mine.db")
        play(tmp_path, message(), OPENCODE_DB="/elsewhere/mine.db")
    asked = [json.loads(raw)["input"] for raw in daemon.messages if b"chat.message" in raw]
    places = ["/data/opencode/opencode.db", "/data/opencode/mine.db", "/elsewhere/mine.db"]
    assert places == [each["database"] for each in asked]


def test_a_stop(tmp_path: Path) -> None:
    """Only the call of that prompt is stopped, once; a title's call never is."""
    with FakeDaemon(tmp_path, answering({"stop": "why"})):
        steps = [message(), params("title"), params(id_="msg_0"), params(), params()]
        played = play(tmp_path, *steps)
    assert ["", "", "", "why", ""] == [step["thrown"] for step in played["steps"]]
    assert [] == played["toasts"]


def test_another_prompt_forgets_the_stop(tmp_path: Path) -> None:
    """A prompt that was never called for does not stop a later one."""
    seen: list[bytes] = []

    def first_only(raw: bytes) -> bytes:
        seen.append(raw)
        stops = sum(b"chat.message" in each for each in seen) == 1 and b"chat.message" in raw
        return framed(b'{"stop": "why"}' if stops else b"{}")

    with FakeDaemon(tmp_path, first_only):
        played = play(tmp_path, message(), message(id_="msg_2"), params(id_="msg_1"))
    assert ["", "", ""] == [step["thrown"] for step in played["steps"]]


def test_nobody_there(tmp_path: Path) -> None:
    """`opencode run` says so: the daemon stops nothing there."""
    with FakeDaemon(tmp_path) as daemon:
        play(tmp_path, message(), alone=True)
    (asked,) = [json.loads(raw) for raw in daemon.messages if b"chat.message" in raw]
    assert asked["input"]["attended"] is False


def picking(folder: Path, *steps: list[Any]) -> list[dict[str, Any]]:
    """What the daemon is asked of a pick that comes after some hooks."""
    state = folder / ".local" / "state" / "opencode"
    state.mkdir(parents=True)
    (state / "model.json").write_text('{"recent": []}')
    pick = json.dumps({"recent": [MODEL]})
    driver = DRIVER.replace(
        "console.log",
        f"(await import('node:fs')).writeFileSync({json.dumps(str(state / 'model.json'))}, "
        f"{json.dumps(pick)});\n"
        "for (let n = 0; n < 200 && !toasts.length; n++) await new Promise(r => setTimeout(r, 25))"
        "\nconsole.log",
    )
    with FakeDaemon(folder, answering({"toast": TOAST}, b"model.picked")) as daemon:
        module = folder / "plugin.mjs"
        module.write_text(PLUGIN)
        (folder / "picking.mjs").write_text(driver)
        done = subprocess.run(
            [need("node"), str(folder / "picking.mjs"), str(module)],
            env={
                "HOME": str(folder),
                "PATH": os.environ["PATH"],
                "XDG_RUNTIME_DIR": str(folder),
                "STEPS": json.dumps(steps),
            },
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    assert 1 == len(json.loads(done.stdout)["toasts"])
    return [json.loads(raw)["input"] for raw in daemon.messages if b"model.picked" in raw]


def test_a_model_is_picked(tmp_path: Path) -> None:
    """The file of OpenCode's picks is watched once a prompt has gone out in this window."""
    (asked,) = picking(tmp_path, message({**MODEL, "modelID": "claude-opus-5-5"}))
    assert ("ses_1", "claude-sonnet-5-5") == (asked["session_id"], asked["model"])


def test_a_pick_is_not_meant_for_a_sub_agent(tmp_path: Path) -> None:
    """Even if its session was prompted last."""
    child = message({**MODEL, "modelID": "claude-opus-5-5"})
    child[1]["sessionID"] = "ses_child"
    info = {"id": "ses_child", "parentID": "ses_1"}
    created = {"type": "session.created", "properties": {"info": info}}
    first = message({**MODEL, "modelID": "claude-opus-5-5"})
    (asked,) = picking(tmp_path, first, ["event", {"event": created}, None], child)
    assert "ses_1" == asked["session_id"]


STRANGE = [b"no JSON", b"7", b"null", b'{"toast": 7, "stop": []}', b'{"stop": {"a": 1}}']


@pytest.mark.parametrize("answer", [b"", b"\0\0", b"\xff" * 9, *map(framed, STRANGE)])
def test_strange_answers(tmp_path: Path, answer: bytes) -> None:
    """Nothing is thrown, nothing stopped."""
    with FakeDaemon(tmp_path, lambda _: answer):
        played = play(tmp_path, message(), params())
    assert ["", ""] == [step["thrown"] for step in played["steps"]]


def test_strange_inputs(tmp_path: Path) -> None:
    """Hooks of a later OpenCode may be called otherwise."""
    strange: list[list[Any]] = [[hook, *given] for hook in ("chat.message", "chat.params", "event")
                                for given in ([None, None], [{}, {}], [7, "x"])]  # fmt: skip
    with FakeDaemon(tmp_path, answering({"toast": TOAST})):
        played = play(tmp_path, *strange, message(), BROKEN="1")
    assert [""] * 10 == [step["thrown"] for step in played["steps"]]
    assert 1 == len(played["toasts"])


@pytest.mark.parametrize("daemon", ["absent", "silent", "slow", "gone", "not ours"])
def test_no_daemon_that_answers(tmp_path: Path, daemon: str) -> None:
    """The prompt waits no longer than the deadline."""
    folder = tmp_path / "switchtax"
    slow = {"silent": {"silent": True}, "slow": {"delay_s": 2.0}}.get(daemon)
    if slow is not None:
        with FakeDaemon(tmp_path, **slow):  # type: ignore[arg-type]
            played = play(tmp_path, message())
    else:
        with FakeDaemon(tmp_path, answering({"toast": TOAST})) as running:
            if daemon == "not ours":
                folder.chmod(0o755)
                played = play(tmp_path, message())
                assert [] == running.messages
        if daemon == "absent":
            (folder / "current").unlink()
        if daemon != "not ours":
            played = play(tmp_path, message())
    (step,) = played["steps"]
    assert ("", []) == (step["thrown"], played["toasts"])
    assert step["ms"] < DEADLINE_MS + 200


def test_it_starts_a_daemon_once(tmp_path: Path) -> None:
    """Where none answers; of several attempts in a row only one is made."""
    starts, python = tmp_path / "starts", tmp_path / 'py"thon'
    python.write_text(f'#!/bin/sh\necho "$@" >> {starts}\n')
    python.chmod(0o700)
    (tmp_path / "plugin.mjs").write_text(plugin_text("opencode", str(python)))
    play(tmp_path, message(), message())
    play(tmp_path, message())
    deadline = time.monotonic() + 10
    while not starts.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "-m switchtax daemon start\n" == starts.read_text()


def test_a_python_that_is_gone(tmp_path: Path) -> None:
    """Nothing is thrown, and OpenCode ends as it would."""
    (tmp_path / "plugin.mjs").write_text(plugin_text("opencode", "/gone/python"))
    played = play(tmp_path, message())
    assert "" == played["steps"][0]["thrown"]


def test_it_exports_one_function() -> None:
    """OpenCode calls each that a plugin exports."""
    assert 1 == PLUGIN.count("\nexport ")
