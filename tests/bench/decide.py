"""`decide` on the wire, as a router asks: a thousand live sessions, three of six candidates."""

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bars import Bar, Missing
from daemon import SESSIONS, loaded, share
from history import grow, path_of, write_many
from households import household, resident_mb, settled

from switchtax.service.client import Client

MODELS = (
    "claude-opus-5-5",
    "claude-sonnet-5-5",
    "claude-haiku-5-5",
    "claude-fable-5-2",
    "claude-opus-4-5",
    "claude-haiku-4-5",
)
"""A router's pool; any three of them are candidates of a question."""
LEARNING, ASKED, GROWING = 40, 4_000, 200
P99_MS = 2.0


class Took(NamedTuple):
    """One question and its answer, in milliseconds: on the wire, and of the daemon's processor."""

    wire: float
    cpu: float


def took(client: Client, session: str, models: list[str], turns: int = 10) -> Took:
    """Ask once. The processor time is all that the daemon took meanwhile, for whatever."""
    used, started = _used_ns(client), time.perf_counter()
    client.call("decide", {"session": session, "models": models, "turns": turns})
    wire = (time.perf_counter() - started) * 1000
    return Took(wire, (_used_ns(client) - used) / 1e6)


def _used_ns(client: Client) -> int:
    """Nanoseconds that the daemon's main thread has run so far."""
    pid = client.server["pid"]
    try:
        return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0])
    except OSError as error:
        raise Missing("the time a thread takes is read from /proc (Linux)") from error


def decide_bars() -> Iterator[Bar]:
    """Random sessions and candidates: standing still, just grown, and never asked about."""
    dice = random.Random(5)
    with household() as house:
        home = Path(house.env["HOME"])
        ids = write_many(home, SESSIONS, ends_at=time.time(), over_s=3_000)
        with house.client("bench") as client:
            loaded(house, SESSIONS)
            pid = int(client.server["pid"])
            settled(pid)
            before_mb = resident_mb(pid)
            early = [_any(client, dice, ids) for _ in range(LEARNING)]
            settled(pid)
            held_mb = resident_mb(pid) - before_mb
            still = [_any(client, dice, ids) for _ in range(ASKED)]
            grown = [_grown_ms(client, home, dice, ids, turn) for turn in range(GROWING)]
            odd = [_any(client, dice, ids, turns=20 + n) for n in range(GROWING)]
    wire = share([each.wire for each in still], 0.99)
    yield Bar(
        f"`decide`, {SESSIONS:,} live sessions, {ASKED:,} questions of three out of "
        f"{len(MODELS)} candidates: 99th percentile on the wire",
        _of([each.wire for each in still]),
        f"≤ {P99_MS:.0f} ms",
        wire <= P99_MS,
    )
    yield Bar(
        "… processor time of the daemon meanwhile, for whatever",
        _of([each.cpu for each in still]),
    )
    yield Bar(f"… the {LEARNING} first ones, from which the candidates are learnt", _both(early))
    yield Bar(f"… 0.1 s after each of {GROWING} new turns", _both(grown))
    yield Bar("… worked out while asked (a horizon not asked about before)", _both(odd))
    yield Bar(f"… memory for {len(MODELS)} candidates of each session", f"+{held_mb:.0f} MB")


def _of(times: list[float]) -> str:
    return f"{share(times, 0.99):.2f} ms (median {statistics.median(times):.2f})"


def _both(times: list[Took]) -> str:
    return f"{_of([each.cpu for each in times])}; wire {_of([each.wire for each in times])}"


def _any(client: Client, dice: random.Random, ids: list[str], turns: int = 10) -> Took:
    """A session and three candidates by chance."""
    return took(client, dice.choice(ids), dice.sample(MODELS, 3), turns)


def _grown_ms(client: Client, home: Path, dice: random.Random, ids: list[str], turn: int) -> Took:
    """The first question once the daemon has read a new turn and told its meter."""
    place = dice.randrange(len(ids))
    grow(path_of(home, ids[place], place), ids[place], 100 + turn, at=time.time())
    time.sleep(0.1)
    return took(client, ids[place], dice.sample(MODELS, 3))


BARS = [decide_bars]
