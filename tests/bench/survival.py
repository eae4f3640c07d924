"""What a daemon must survive: fifty clients that start it at once, and being killed any time."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bars import Bar
from history import grow, path_of, write_many
from households import end, household

from service_support import Household
from switchtax.catalog.book import open_book
from switchtax.documents import session_document
from switchtax.sessions import library

CLIENTS, ROUNDS = 50, 20
KILLS = int(os.environ.get("SWITCHTAX_BENCH_KILLS", "200"))
SESSIONS = 12
_CLIENT = (
    "import sys; from switchtax.service.places import places;"
    "from switchtax.service.instance import find_or_start;"
    "print(find_or_start(places(), deadline_s=60).server['pid'])"
)


def at_once_bars() -> Iterator[Bar]:
    """Fifty processes look for a daemon at the same time, where there is none."""
    daemons = []
    taken = []
    for _ in range(ROUNDS):
        with household() as house:
            started = time.perf_counter()
            racers = [
                subprocess.Popen([sys.executable, "-c", _CLIENT], stdout=subprocess.PIPE)
                for _ in range(CLIENTS)
            ]
            pids = {int(racer.communicate(timeout=120)[0] or 0) for racer in racers}
            taken.append(time.perf_counter() - started)
            house.pids |= pids - {0}
            daemons.append(len(pids))
    yield Bar(
        f"{CLIENTS} clients start it at once, {ROUNDS} times: daemons",
        f"{min(daemons)} to {max(daemons)} (all served within {max(taken):.1f} s)",
        "1 each time",
        set(daemons) == {1},
    )


def kill_bars() -> Iterator[Bar]:
    """Killed at random moments while sessions are written; then compared with a fresh reading."""
    dice = random.Random(11)
    with household() as house:
        home = Path(house.env["HOME"])
        ids = write_many(home, SESSIONS, ends_at=time.time(), over_s=300)
        damaged = 0
        for number in range(KILLS):
            client = house.client("bench")
            pid = int(client.server["pid"])
            until = time.monotonic() + dice.uniform(0.0, 0.25)
            while time.monotonic() < until:
                place = dice.randrange(SESSIONS)
                turn = 1_000 + number * 1_000 + dice.randrange(1_000)
                grow(path_of(home, ids[place], place), ids[place], turn, at=time.time())
                client.call("switch/estimate", {"session": ids[place], "to": ["haiku"]})
            end(pid, signal.SIGKILL)
            client.close()
            house.pids.discard(pid)
            damaged += not is_whole(house.where.ledger)
        other = differences(house, home)
    yield Bar(
        f"killed {KILLS} times while sessions are written: ledgers damaged",
        str(damaged), "0", damaged == 0,
    )  # fmt: skip
    yield Bar(
        f"… sessions of {SESSIONS} whose sums differ from a fresh reading",
        str(other), "0", other == 0,
    )  # fmt: skip


def is_whole(ledger: Path) -> bool:
    """Whether SQLite finds nothing amiss."""
    with sqlite3.connect(ledger) as database:
        rows = database.execute("PRAGMA integrity_check").fetchall()
    database.close()
    return rows == [("ok",)]


def differences(house: Household, home: Path) -> int:
    """Sessions that the daemon now describes otherwise than a reading of their files does."""
    book = open_book(on_error=lambda _: None)
    count = 0
    with house.client("bench") as client:
        for source in library.on_this_machine({}, home):
            told = client.call("session/get", {"session": source.session_id})
            folded = library.fold(source, library.read_all(source), book.rules)
            fresh: dict[str, Any] = session_document(folded[source.session_id], book)
            count += any(told[name] != value for name, value in fresh.items())
    return count


BARS = [at_once_bars, kill_bars]
