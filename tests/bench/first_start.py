"""The first start on a gigabyte of history: the socket, live sessions, history read behind."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bars import CHECKOUT, Bar, Missing, bench_folder
from history import write_many
from households import household, resident_mb

from service_support import Household
from switchtax.service.client import Client

GIGABYTE = 1_000_000_000
LIVE = 8
SOCKET_S, LIVE_S = 0.5, 2.0
ROUNDS = 5
_MADE = "history-1"
"""Name of the made history; another number where this module makes something else."""


def old_home() -> Path:
    """A home with a gigabyte of sessions of last year; made once."""
    home = bench_folder() / _MADE
    if not home.is_dir():
        with tempfile.TemporaryDirectory(dir=bench_folder()) as building:
            size = number = 0
            while size < GIGABYTE:
                write_many(Path(building), 100, ends_at=1.77e9, over_s=2.6e6, seed=number)
                files = Path(building).rglob("*.jsonl")
                size, number = sum(path.stat().st_size for path in files), number + 1
            shutil.copytree(building, home)
    return home


def first_start_bars() -> Iterator[Bar]:
    """Nothing of ours stands on the disk; the page cache is warm."""
    answered, right, filled, held, usage = [], [], [], [], []
    home = old_home()
    for number in range(ROUNDS):
        with household(home) as house:
            ids = write_many(home, LIVE, ends_at=time.time(), over_s=3_000, seed=900 + number)
            try:
                started = time.monotonic()
                client = house.client("bench")
                answered.append(time.monotonic() - started)
                client.subscribe()
                right.append(_all_right(client, ids) - started)
                if number == 0:
                    filled.append(_filled(client) - started)
                    held.append(resident_mb(int(client.server["pid"])))
                    usage.append(_usage_s(house))
                client.close()
            finally:
                for path in [p for p in home.rglob("*.jsonl") if p.stem in ids]:
                    path.unlink()
    yield Bar(
        f"first start on 1 GB of history ({ROUNDS} times): socket answers, longest",
        f"{max(answered):.2f} s",
        f"≤ {SOCKET_S:.1f} s",
        max(answered) <= SOCKET_S,
    )
    yield Bar(
        f"… all {LIVE} live sessions right, longest",
        f"{max(right):.2f} s",
        f"≤ {LIVE_S:.0f} s",
        max(right) <= LIVE_S,
    )
    yield Bar("… history read behind, with `$/progress`", f"within {filled[0]:.0f} s")
    yield Bar("… memory of the daemon then", f"{held[0]:.0f} MB")
    yield Bar("… and `switchtax usage --json` afterwards", f"{usage[0]:.2f} s")


def _all_right(client: Client, ids: list[str]) -> float:
    """When every live session is listed with what its file holds; monotonic seconds."""
    while True:
        rows: list[dict[str, Any]] = client.call("session/list")["sessions"]
        at = time.monotonic()
        if {row["id"] for row in rows} == set(ids) and all(row["calls"] for row in rows):
            return at


def _filled(client: Client) -> float:
    """When the last word on history came; monotonic seconds."""
    while True:
        told = client.next_push(300)
        if told is None:
            raise Missing("no `$/progress` said that history was read")
        if (told.params.get("token"), told.params.get("done")) == ("history", 100):
            return time.monotonic()


def _usage_s(house: Household) -> float:
    command = [str(CHECKOUT / ".venv" / "bin" / "switchtax"), "usage", "--json"]
    started = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, env=house.env, check=True)
    return time.monotonic() - started


BARS = [first_start_bars]
