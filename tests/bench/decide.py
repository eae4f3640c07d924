"""`decide` on the wire: a real daemon, a real socket, three candidates."""

import time
from collections.abc import Iterator
from pathlib import Path

from bars import Bar
from households import household, settled

from service_support import lines
from switchtax.service.client import Client

MODELS = ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"]
ASKED = {"session": "s1", "models": MODELS, "turns": 10}
STANDING, GROWING = 2_000, 200
P99_MS = 2.0


def took_ms(client: Client) -> float:
    """One question and its answer."""
    started = time.perf_counter()
    client.call("decide", ASKED)
    return (time.perf_counter() - started) * 1000


def share(times: list[float], part: float) -> float:
    """The time that this part of the questions stays within."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def decide_bars() -> Iterator[Bar]:
    """A session that stands still, and one that has grown before each question."""
    with household() as house:
        log = house.transcript(turns=40)
        with house.client("bench") as client:
            client.call("decide", ASKED)
            settled(int(client.server["pid"]))
            still = [took_ms(client) for _ in range(STANDING)]
            grown = [after_a_turn_ms(client, log, 40 + number) for number in range(GROWING)]
            first = [anew_ms(client, number) for number in range(GROWING)]
    late = share(still, 0.99)
    yield Bar(
        f"`decide`, 3 candidates, {STANDING:,} questions on the wire, 99th percentile",
        f"{late:.2f} ms (median {share(still, 0.5):.2f})",
        f"≤ {P99_MS:.0f} ms",
        late <= P99_MS,
    )
    yield Bar(
        f"… 0.1 s after each of {GROWING} new turns",
        f"{share(grown, 0.99):.2f} ms (median {share(grown, 0.5):.2f})",
    )
    yield Bar(
        "… worked out while asked (a horizon not asked about before)",
        f"{share(first, 0.99):.2f} ms (median {share(first, 0.5):.2f})",
    )


def after_a_turn_ms(client: Client, log: Path, turn: int) -> float:
    """The first question once the daemon has read a new turn and told its meter."""
    with log.open("a") as more:
        more.write(lines(turn, 1, ends_at=time.time()))
    time.sleep(0.1)
    return took_ms(client)


def anew_ms(client: Client, number: int) -> float:
    """A question that was never asked: nothing of its answer is kept."""
    started = time.perf_counter()
    client.call("decide", {**ASKED, "turns": 20 + number})
    return (time.perf_counter() - started) * 1000


BARS = [decide_bars]
