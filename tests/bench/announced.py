"""A switch that stands on the disk before it is made: from there to the question or the toast."""

import statistics
from collections.abc import Iterator

from bars import Bar
from households import household

from pick_times import LATE_MS, asked_ms, late_ms, prompted_ms, said_ms, toasts_ms

SESSIONS = 60
"""Of each kind: one pick in each, as no session is asked about often."""


def announced_bars() -> Iterator[Bar]:
    """Every agent's sessions, picked in one after another, with an editor attached."""
    with household() as house:
        for name, times in asked_ms(house, SESSIONS).items():
            yield _bar(f"a pick in {name} → question in an editor", times)
    with household() as house:
        both = prompted_ms(house, SESSIONS)
        yield _bar("a prompt in Cursor to another model → question", [each for each, _ in both])
        after = late_ms([each for _, each in both])
        yield Bar("… from the end of its hook, 95th percentile", f"{after:.0f} ms")
    with household() as house:
        yield _bar("a pick in OpenCode's `model.json` → toast", toasts_ms(house, SESSIONS))
    with household() as house:
        yield _bar("a pick in Copilot CLI → words of our extension", said_ms(house, SESSIONS))


def _bar(name: str, times: list[float]) -> Bar:
    late = late_ms(times)
    middle = statistics.median(times) if times else 0.0
    return Bar(
        f"{name}, 95th percentile",
        f"{late:.0f} ms (median {middle:.0f}, {len(times)} of {SESSIONS})",
        f"≤ {LATE_MS:.0f} ms",
        late <= LATE_MS and len(times) == SESSIONS,
    )


BARS = [announced_bars]
