"""Waits made by hand, for tests of what is learnt from them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.latency_fit import Work
from switchtax.sessions.waits import Waited

if TYPE_CHECKING:
    from collections.abc import Iterable

OPUS, SONNET, LOCAL = "claude-opus-4-5", "claude-sonnet-4-5", "qwen3-coder:30b"
WARM, COLD = Work(1_000, 90_000), Work(91_000, 0)


def waited(n: int, wait_s: float, work: Work = WARM, **more: object) -> Waited:
    """The n-th call of a session, a minute after the one before."""
    values: dict[str, object] = {
        "session_id": "s",
        "call_id": f"c{n}",
        "agent": "claude-code",
        "model": OPUS,
        "at": 1e9 + 60.0 * n,
        "wait_s": wait_s,
        "processed_tokens": round(work.processed_tokens),
        "read_tokens": round(work.read_tokens),
        "block_tokens": 100.0,
    }
    return Waited(**(values | more))  # type: ignore[arg-type]


def taught(waits: Iterable[Waited]) -> LatencyBook:
    """A book that has seen these."""
    book = LatencyBook()
    for each in waits:
        book.learn(each)
    return book


def history(
    count: int, *, start_s: float = 3.0, per_100k_s: float = 2.0, seed: int = 1, **more: object
) -> list[Waited]:
    """Calls of a provider that we know: a tenth are cold, waits scatter by a third."""
    random_ = random.Random(seed)
    found = []
    for n in range(count):
        work = COLD if n % 10 == 9 else WARM
        middle = start_s + per_100k_s * work.processed_tokens / 1e5
        found.append(waited(n, middle * random_.lognormvariate(0, 0.33), work, **more))
    return found
