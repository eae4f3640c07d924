"""How long it takes from a pick on the disk to the question or toast about it, by where it stands.

A real daemon follows the sessions; an editor is attached to it. OpenCode's list of models writes
no session: there the plugin tells of the pick, run by node as OpenCode would. Copilot CLI tells our
extension of it, too. Cursor's editor tells of it with the next prompt, by its hook.
"""

import asyncio
import json
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent_logs import LOGS, OPUS, SONNET, Logged
from agent_picks import PICKS
from service_support import Household, until
from support import need
from switchtax.hooks.commands import commands_here
from switchtax.hooks.plugin_files import plugin_text
from switchtax.service.attached import Attached

__all__ = ["LATE_MS", "asked_ms", "late_ms", "prompted_ms", "said_ms", "toasts_ms"]

LATE_MS = 300.0
FOLLOWED_S = 60.0
PAUSE_S = 0.1
"""Between two picks: nobody is quicker, and in nobody's stead the daemon works ahead."""
GIVEN_UP_S = 5.0
PLAYED_S = 120

DRIVER = """
const [module, file] = process.argv.slice(2)
const fs = await import("node:fs")
const rest = (ms) => new Promise((over) => setTimeout(over, ms))
fs.writeFileSync(file, '{"recent": []}')
let shown = 0
const showToast = async () => { shown = performance.now() }
const hooks = await (await import(module)).Switchtax({ client: { tui: { showToast } } })
const times = []
for (const [session, old, picked] of JSON.parse(process.env.PICKED)) {
  const [model, chosen] = [old, picked].map((modelID) => ({ providerID: "anthropic", modelID }))
  await hooks["chat.message"]({ sessionID: session, model }, { message: { id: "m", model } })
  await rest(Number(process.env.PAUSE_MS))
  shown = 0
  const since = performance.now()
  fs.writeFileSync(file, JSON.stringify({ recent: [chosen] }))
  while (!shown && performance.now() < since + Number(process.env.GIVEN_UP_MS)) await rest(2)
  if (shown) times.push(shown - since)
}
console.log(JSON.stringify(times))
process.exit(0)
"""

SDK = "export const joinSession = async () => globalThis.session\n"
EXTENSION_DRIVER = """
const rest = (ms) => new Promise((over) => setTimeout(over, ms))
let changed, shown = 0
const session = globalThis.session = {
  capabilities: {}, on: (_, handler) => { changed = handler },
  log: async () => { shown = performance.now() },
}
await import(process.argv[2])
const times = []
for (const [id, place, previousModel, newModel] of JSON.parse(process.env.PICKED)) {
  await rest(Number(process.env.PAUSE_MS))
  Object.assign(session, { sessionId: id, workspacePath: place })
  shown = 0
  const since = performance.now()
  await changed({ data: { source: "model_picker", newModel, previousModel } })
  if (shown) times.push(shown - since)
}
console.log(JSON.stringify(times))
process.exit(0)
"""


def late_ms(times: list[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[int(len(times) * 0.95)] if times else 0.0


def asked_ms(house: Household, count: int) -> dict[str, list[float]]:
    """Milliseconds from the line or row of a pick to the question in an editor, by where it is.

    Args:
        house: an empty one.
        count: sessions of each kind, one pick in each: one that is missing was not asked about.
    """
    home = _prepared(house)
    at = time.time() - 10
    logged = {name: [each.make(home, n, at) for n in range(count)] for name, each in PICKS.items()}
    _follow(house, count * len(logged))
    return asyncio.run(_pick_all(house, logged))


def toasts_ms(house: Household, count: int) -> list[float]:
    """Milliseconds from OpenCode's file of picks to the plugin's toast; as `asked_ms`."""
    home = _prepared(house)
    at = time.time() - 10
    sessions = [LOGS["opencode"](home, n, at)[0] for n in range(count)]
    _follow(house, count)
    others = ("claude-sonnet-5-5", "claude-haiku-4-5")
    picked = [(session, OPUS, others[n % 2]) for n, session in enumerate(sessions)]
    state = home / ".local" / "state" / "opencode"
    state.mkdir(parents=True)
    env = {"PAUSE_MS": str(PAUSE_S * 1000), "GIVEN_UP_MS": str(GIVEN_UP_S * 1000)}
    # OpenCode looks below HOME unless these are named.
    own = {name: text for name, text in house.env.items() if name != "XDG_STATE_HOME"}
    with tempfile.TemporaryDirectory() as folder:
        module, driver = Path(folder, "plugin.mjs"), Path(folder, "driver.mjs")
        module.write_text(plugin_text("opencode", ""))
        driver.write_text(DRIVER)
        done = subprocess.run(
            [need("node"), str(driver), str(module), str(state / "model.json")],
            env={**own, **env, "PICKED": json.dumps(picked)},
            capture_output=True, text=True, check=True, timeout=PLAYED_S,
        )  # fmt: skip
    return list(json.loads(done.stdout))


def prompted_ms(house: Household, count: int) -> list[tuple[float, float]]:
    """Milliseconds from a prompt in Cursor to the question in an editor, by its real hook.

    Returns:
        From the hook's start, and from its end: before that Cursor sends nothing.
    """
    home, at = _prepared(house), time.time() - 10
    sessions = [LOGS["cursor"](home, n, at)[0] for n in range(count)]
    _follow(house, count)
    command = commands_here().answering_hook("beforeSubmitPrompt", "cursor")

    def hook(session: str) -> None:
        given = {
            "hook_event_name": "beforeSubmitPrompt", "conversation_id": session, "model": SONNET,
        }  # fmt: skip
        subprocess.run(
            ["sh", "-c", command], input=json.dumps(given).encode(), env=house.env,
            stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip

    return asyncio.run(_prompt_all(house, sessions, hook))


def said_ms(house: Household, count: int) -> list[float]:
    """Milliseconds from Copilot CLI's word of a pick to our extension's lines; as `asked_ms`."""
    home = _prepared(house)
    at = time.time() - 10
    sessions = [LOGS["copilot-cli"](home, n, at) for n in range(count)]
    _follow(house, count)
    picked = [(session, str(path.parent), OPUS, SONNET) for session, path in sessions]
    with tempfile.TemporaryDirectory() as folder:
        sdk = Path(folder, "node_modules", "@github", "copilot-sdk")
        sdk.mkdir(parents=True)
        exports = {"name": "copilot-sdk", "exports": {"./extension": "./extension.mjs"}}
        (sdk / "package.json").write_text(json.dumps(exports))
        (sdk / "extension.mjs").write_text(SDK)
        module, driver = Path(folder, "extension.mjs"), Path(folder, "driver.mjs")
        module.write_text(plugin_text("copilot-cli", ""))
        driver.write_text(EXTENSION_DRIVER)
        more = {"PAUSE_MS": str(PAUSE_S * 1000), "PICKED": json.dumps(picked)}
        done = subprocess.run(
            [need("node"), str(driver), str(module)], env={**house.env, **more},
            capture_output=True, text=True, check=True, timeout=PLAYED_S,
        )  # fmt: skip
    return list(json.loads(done.stdout))


def _prepared(house: Household) -> Path:
    """Its home, with a configuration in which every one of these switches is worth a word."""
    file = Path(house.env["XDG_CONFIG_HOME"]) / "switchtax" / "config.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[material]\nrebuild_usd = 0.01\n")
    return Path(house.env["HOME"])


def _follow(house: Household, count: int) -> None:
    with house.client() as client:
        until(
            lambda: len(client.call("session/list")["sessions"]) == count,
            f"{count} sessions are live",
            FOLLOWED_S,
        )


async def _prompt_all(
    house: Household, sessions: list[str], hook: Callable[[str], None]
) -> list[tuple[float, float]]:
    times = []
    async with _editor(house) as shown:
        for session in sessions:
            started = time.perf_counter()
            await asyncio.to_thread(hook, session)
            ended = time.perf_counter()
            if await shown.waits_for(session):
                at = shown.at[session]
                times.append(((at - started) * 1000, (at - ended) * 1000))
            await asyncio.sleep(PAUSE_S)
    return times


async def _pick_all(house: Household, logged: dict[str, list[Logged]]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in logged}
    async with _editor(house) as shown:
        for name, sessions in logged.items():
            for one in sessions:
                started = time.perf_counter()
                PICKS[name].pick(one, time.time())
                if await shown.waits_for(one[0]):
                    times[name].append((shown.at[one[0]] - started) * 1000)
                    await asyncio.sleep(PAUSE_S)
    return times


@dataclass(eq=False, slots=True)
class _Shown:
    """When an editor was asked about which session."""

    at: dict[str, float] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def show(self, params: dict[str, Any]) -> dict[str, Any]:
        """`warning/show`."""
        self.at[params["session"]] = time.perf_counter()
        self._news.set()
        return {"action": "ok"}

    async def waits_for(self, session: str) -> bool:
        """Whether it is asked about this session within seconds."""
        while session not in self.at:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), GIVEN_UP_S)
            except TimeoutError:
                return False
        return True


@asynccontextmanager
async def _editor(house: Household) -> AsyncIterator[_Shown]:
    """One that has all folders open."""
    shown = _Shown()
    client = await Attached.connect(
        house.where.socket,
        declare={"capabilities": ["warnings"], "workspaces": [str(house.folder)], "focused": True},
        serves={"warning/show": shown.show},
    )
    try:
        yield shown
    finally:
        await client.close()
