"""A switch that a log announces: from its line on the disk to the question in an editor."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bars import Bar
from households import household

from codex_rollout import THREAD, append, picked, rollout
from service_support import ready
from switchtax.service.attached import Attached

SESSIONS = 60
LATE_MS = 300.0
"""One question a session and minute at most three: so many sessions, one switch each."""
PAUSE_S = 0.1


def announced_bars() -> Iterator[Bar]:
    """Sixty sessions of Codex, one after another switched with `/model`."""
    with household() as house:
        home, config = Path(house.env["HOME"]), Path(house.env["XDG_CONFIG_HOME"])
        (config / "switchtax").mkdir(parents=True, exist_ok=True)
        (config / "switchtax" / "config.toml").write_text("[material]\nrebuild_usd = 0.01\n")
        paths = {
            THREAD % number: rollout(home, number, cwd=str(house.folder))
            for number in range(SESSIONS)
        }
        ready(house, *paths).close()
        times = asyncio.run(_switch_all(house.where.socket, str(house.folder), paths))
    late = sorted(times)[int(len(times) * 0.95)]
    yield Bar(
        "announced switch on the disk → question in an editor, 95th percentile",
        f"{late:.0f} ms (median {statistics.median(times):.0f}, {len(times)} of {SESSIONS} asked)",
        f"≤ {LATE_MS:.0f} ms",
        late <= LATE_MS and len(times) == SESSIONS,
    )


async def _switch_all(socket: Path, folder: str, paths: dict[str, Path]) -> list[float]:
    """Milliseconds of each switch that was asked about."""
    shown: dict[str, float] = {}
    seen = asyncio.Event()

    async def show(params: dict[str, Any]) -> dict[str, Any]:
        shown[params["session"]] = time.perf_counter()
        seen.set()
        return {"action": "ok"}

    client = await Attached.connect(
        socket,
        declare={"capabilities": ["warnings"], "workspaces": [folder], "focused": True},
        serves={"warning/show": show},
    )
    times = []
    for session, path in paths.items():
        seen.clear()
        started = time.perf_counter()
        append(path, *picked(time.time(), "gpt-6.1-terra"))
        try:
            await asyncio.wait_for(seen.wait(), 5.0)
        except TimeoutError:
            continue
        times.append((shown[session] - started) * 1000)
        await asyncio.sleep(PAUSE_S)
    await client.close()
    return times


BARS = [announced_bars]
