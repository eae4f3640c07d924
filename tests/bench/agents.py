"""Every agent's hook or plugin: from its call to the words of a switch, and with us in trouble."""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bars import Bar, Missing
from households import household

from agent_logs import CONTEXT_TOKENS, LOGS, OPUS, SONNET
from agent_picks import copilot_cli
from hook_doors import FakeDaemon, inputs
from service_support import Household, until
from support import need
from switchtax.hooks.commands import Commands, commands_here
from switchtax.hooks.plugin_files import plugin_text

SESSIONS = 40
CALLS = int(os.environ.get("SWITCHTAX_BENCH_TROUBLE_CALLS", "120"))
"""With us in trouble, of each agent."""
LATE_MS = 300.0
AT_ONCE = 2
SLOW_S = 0.8
CONFIG = "[material]\nrebuild_usd = 0.01\n[cursor]\nblock_unannounced = true\n"
"""Cursor shows words of a hook only where they refuse the prompt."""
NOTHING = {"cursor": "{}\n"}
"""What a hook prints that has nothing to say, where that is anything."""
PLUGINS = ("opencode", "pi")
TROUBLES = ("dead", "hung", "slow", "absent")

PLUGIN_DRIVER = """
const [agent, module] = process.argv.slice(2)
const plugin = await import(module)
let words = []
const calls = JSON.parse(process.env.CALLS), times = [], thrown = []
const pi = { on: (name, hook) => { on[name] = hook } }, on = {}
const ui = { notify: (text) => words.push(text), setStatus() {}, confirm: async () => true }
const showToast = async ({ body }) => { words.push(body.message) }
const client = { tui: { showToast } }
const hooks = agent === "pi" ? (plugin.default(pi), on) : await plugin.Switchtax({ client })
for (const { session, place, model } of calls) {
  const ctx = {
    hasUI: true, mode: "tui", ui, model: { provider: "anthropic", id: model },
    sessionManager: { getSessionId: () => session, getSessionFile: () => place },
  }
  const given = { providerID: "anthropic", modelID: model }
  words = []
  const since = performance.now()
  try {
    if (agent === "pi") await hooks.model_select({ source: "set", model: ctx.model }, ctx)
    else {
      const message = { id: "m", model: given }
      await hooks["chat.message"]({ sessionID: session, model: given }, { message })
      await hooks["chat.params"]({ sessionID: session, agent: "build", message }, {})
    }
  } catch (error) { thrown.push(error.message) }
  times.push([performance.now() - since, words.length])
}
console.log(JSON.stringify({ times, thrown }))
process.exit(0)
"""


def asked(agent: str, session: str, place: Path) -> tuple[str, dict[str, Any]]:
    """The event at which an agent's hook says a switch, and what that agent writes to it."""
    more: dict[str, Any]
    common = {"session_id": session, "transcript_path": str(place), "cwd": "/w"}
    if agent == "claude-code":
        event = "PreModelSwitch"
        more = dict(next(inputs(event)))
        more |= {"from_model": OPUS, "to_model": SONNET, "requested_model": "sonnet"}
        more |= {"source": "command"}
        more |= {"context_tokens": CONTEXT_TOKENS, "prompt_id": session, **common}
    elif agent == "codex":
        event = "UserPromptSubmit"
        more = {"model": "gpt-6.1-terra", "permission_mode": "default", "prompt": "x"}
    elif agent == "cursor":
        event = "beforeSubmitPrompt"
        more = {"conversation_id": session, "generation_id": "g", "model": SONNET, "prompt": "x"}
    elif agent == "gemini-cli":
        event = "BeforeModel"
        messages = [{"role": "user", "content": "<session_context>\n"}]
        more = {"llm_request": {"model": "gemini-2.5-pro", "messages": messages}}
    else:
        given = {"sessionId": session, "timestamp": 1, "cwd": "/w", "prompt": "x"}
        return "userPromptSubmitted", given
    return event, common | {"hook_event_name": event} | more


def command_of(agent: str, event: str, commands: Commands) -> str:
    """What stands in the agent's settings."""
    if agent == "copilot-cli":
        return commands.warning_hook(event, agent)
    if agent == "cursor":
        return commands.answering_hook(event, agent)
    return commands.hook(event, agent)


def hook_call(
    command: str, given: Mapping[str, Any], env: Mapping[str, str]
) -> tuple[float, str, int]:
    """Milliseconds, words and exit code of one hook, as the agent runs it."""
    attended = {**env, "CLAUDE_CODE_SESSION_ATTENDED": "1", "CLAUDE_CODE_ENTRYPOINT": "cli"}
    started = time.perf_counter()
    done = subprocess.run(
        ["sh", "-c", command], input=json.dumps(given), capture_output=True, text=True,
        env=attended, check=False,
    )  # fmt: skip
    return (time.perf_counter() - started) * 1000, done.stdout + done.stderr, done.returncode


def delivery_bars() -> Iterator[Bar]:
    """Forty live sessions of each agent, each switched once."""
    with household() as house:
        home, config = Path(house.env["HOME"]), Path(house.env["XDG_CONFIG_HOME"])
        (config / "switchtax").mkdir(parents=True, exist_ok=True)
        (config / "switchtax" / "config.toml").write_text(CONFIG)
        at = time.time() - 10
        logged = {a: [make(home, n, at) for n in range(SESSIONS)] for a, make in LOGS.items()}
        for each in logged["copilot-cli"]:  # its hook is told no model: that stands in the log
            copilot_cli(each, at + 1)
        _followed(house, sum(map(len, logged.values())))
        for agent, sessions in logged.items():
            measure = _plugin_times if agent in PLUGINS else _hook_times
            times = measure(agent, sessions, house)
            late = sorted(times)[int(len(times) * 0.95)] if times else 0.0
            middle = statistics.median(times) if times else 0.0
            yield Bar(
                f"{agent}: {'plugin' if agent in PLUGINS else 'hook'} called → words of a switch,"
                " 95th percentile",
                f"{late:.0f} ms (median {middle:.0f}, {len(times)} of {SESSIONS} said)",
                f"≤ {LATE_MS:.0f} ms",
                late <= LATE_MS and len(times) == SESSIONS,
            )


def _followed(house: Household, count: int) -> None:
    """Wait until the daemon has read them all."""
    with house.client() as client:
        until(
            lambda: len(client.call("session/list")["sessions"]) == count,
            f"{count} sessions are live",
            60.0,
        )


def _hook_times(agent: str, sessions: list[tuple[str, Path]], house: Household) -> list[float]:
    times = []
    for session, place in sessions:
        event, given = asked(agent, session, place)
        command = command_of(agent, event, commands_here())
        took, words, _ = hook_call(command, given, house.env)
        if "must re-read" in words or "re-reads" in words:
            times.append(took)
    return times


def _plugin_times(agent: str, sessions: list[tuple[str, Path]], house: Household) -> list[float]:
    calls = [{"session": s, "place": str(place), "model": SONNET} for s, place in sessions]
    told = _played(agent, calls, house.env, sys.executable)
    return [took for took, words in told["times"] if words]


def _played(
    agent: str, calls: list[dict[str, str]], env: Mapping[str, str], python: str
) -> dict[str, Any]:
    """The plugin in one process of node, as its agent would call it."""
    with tempfile.TemporaryDirectory() as folder:
        module, driver = Path(folder, "plugin.mjs"), Path(folder, "driver.mjs")
        module.write_text(plugin_text(agent, python))
        driver.write_text(PLUGIN_DRIVER)
        done = subprocess.run(
            [str(need("node")), str(driver), agent, str(module)],
            env={**env, "CALLS": json.dumps(calls)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise Missing(f"node could not run the plugin for {agent}: {done.stderr[:200]}")
    return dict(json.loads(done.stdout))


def trouble_bars() -> Iterator[Bar]:
    """What would block a turn: a hook's exit code or words, a plugin that throws."""
    for agent in LOGS:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            silent = FakeDaemon(root / "hung", silent=True)
            slow = FakeDaemon(root / "slow", answer=lambda _: b"\0\0\0\2{}", delay_s=SLOW_S)
            run = _plugin_blocked if agent in PLUGINS else _hooks_blocked
            with silent, slow:
                made, blocked, longest = run(agent, root)
        yield Bar(
            f"{agent}: {made} calls, switchtax dead, hung, slow or absent: turns blocked",
            f"{blocked} (longest call {longest:.0f} ms)", "0", blocked == 0,
        )  # fmt: skip


def _environment(root: Path, trouble: str) -> dict[str, str]:
    runtime = root / (trouble if trouble != "absent" else "dead")
    return {"XDG_RUNTIME_DIR": str(runtime), "HOME": str(root), "PATH": os.environ["PATH"]}


def _hooks_blocked(agent: str, root: Path) -> tuple[int, int, float]:
    here = commands_here()
    gone = Commands("/nowhere/python3", "/nowhere/python3", str(root / "gone/switchtax/hooks"))
    event, given = asked(agent, "s", root / "none")
    running = Commands(here.base_python, "/nowhere/python3", here.folder)

    def one(trouble: str) -> tuple[float, str, int]:
        commands = gone if trouble == "absent" else running
        return hook_call(command_of(agent, event, commands), given, _environment(root, trouble))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(one, itertools.islice(itertools.cycle(TROUBLES), CALLS)))
    blocked = sum(words != NOTHING.get(agent, "") or code != 0 for _, words, code in done)
    return len(done), blocked, max(took for took, _, _ in done)


def _plugin_blocked(agent: str, root: Path) -> tuple[int, int, float]:
    each = CALLS // len(TROUBLES) // 5
    calls = [{"session": f"s{n}", "place": "/none", "model": SONNET} for n in range(each)]
    made, blocked, longest = 0, 0, 0.0
    for trouble in TROUBLES:
        told = _played(agent, calls, _environment(root, trouble), "/nowhere/python3")
        made += len(told["times"])
        blocked += len(told["thrown"]) + sum(bool(words) for _, words in told["times"])
        longest = max(longest, *(took for took, _ in told["times"]))
    return made, blocked, longest


BARS: list[Callable[[], Iterator[Bar]]] = [delivery_bars, trouble_bars]
