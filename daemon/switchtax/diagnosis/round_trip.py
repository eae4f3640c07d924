"""A hook there and back: the real client, the real daemon, and an event that means nothing."""

from __future__ import annotations

import json
import subprocess
import time
from statistics import median
from typing import TYPE_CHECKING

from switchtax.diagnosis.findings import Finding, good, note, trouble
from switchtax.service.fired import TEST_EVENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["round_trip"]

_TOPIC = "round trip"
_TIMES = 5
_WATCHDOG_MS = 150.0
"""The client gives up by then, without an opinion."""


def round_trip(words: Sequence[str], env: Mapping[str, str], pid: int) -> Finding:
    """Run the hook client a few times; what it prints must come from this daemon.

    Args:
        words: the interpreter, its options, and the client.
        env: the client's environment.
        pid: the daemon's process; 0 means that none runs.
    """
    if not pid:
        return note(_TOPIC, "trip-none")
    command = [*words, "claude-code", TEST_EVENT]
    sent = json.dumps({"hook_event_name": TEST_EVENT}).encode()
    took: list[float] = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        try:
            done = subprocess.run(
                command, input=sent, capture_output=True, env=dict(env), timeout=2, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return trouble(_TOPIC, "trip-failed", reason=type(error).__name__)
        took.append((time.perf_counter() - started) * 1000)
        if not _is_from(done.stdout, pid):
            reason = "no answer" if not done.stdout else "a strange answer"
            return trouble(_TOPIC, "trip-failed", reason=reason)
    took_ms = round(median(took), 1)
    level = trouble if took_ms > _WATCHDOG_MS else good
    code = "trip-slow" if took_ms > _WATCHDOG_MS else "trip-done"
    return level(_TOPIC, code, took_ms=took_ms, slowest_ms=round(max(took), 1), times=_TIMES)


def _is_from(answer: bytes, pid: int) -> bool:
    try:
        return bool(json.loads(answer)["pid"] == pid)
    except (ValueError, LookupError, TypeError):
        return False
