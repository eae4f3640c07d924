"""Wall time and memory of one command, its children included."""

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bars import Missing

__all__ = ["Cost", "cost_of", "peak_memory_of"]

_PROC = Path("/proc")
_SAMPLE_S = 0.01


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took; `largest_bytes` is the peak of its largest process."""

    wall_s: float
    largest_bytes: int


def _start(command: Sequence[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise Missing(f"{command[0]} did not start: {error}") from error


def _finish(process: subprocess.Popen[bytes], command: Sequence[str]) -> int:
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    # 4 is "done, but some data is incomplete" (an unpriced model).
    if process.returncode not in (0, 4):
        raise Missing(f"`{' '.join(command)}` ended with {process.returncode}")
    # Kilobytes on Linux, bytes on macOS.
    return usage.ru_maxrss * (1024 if os.uname().sysname == "Linux" else 1)


def cost_of(command: Sequence[str], environ: dict[str, str]) -> Cost:
    """Run a command once, its output thrown away."""
    started = time.perf_counter()
    process = _start(command, environ)
    largest = _finish(process, command)
    return Cost(time.perf_counter() - started, largest)


def peak_memory_of(command: Sequence[str], environ: dict[str, str]) -> int:
    """The highest sum over all processes of a command, shared pages counted once.

    Sampled, and so in a run that is not timed. Where the system does not tell, the
    peak of the largest process.
    """
    process = _start(command, environ)
    peak = 0
    done = threading.Event()

    def sample() -> None:
        nonlocal peak
        while not done.wait(_SAMPLE_S):
            peak = max(peak, sum(_resident(pid) for pid in _family(process.pid)))

    sampler = threading.Thread(target=sample, name="memory sampler")
    sampler.start()
    try:
        largest = _finish(process, command)
    finally:
        done.set()
        sampler.join()
    return max(peak, largest)


def _family(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        for children in (_PROC / str(current) / "task").glob("*/children"):
            try:
                waiting += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
    return found


def _resident(pid: int) -> int:
    """Proportional set size: a page shared by two processes counts half in each."""
    try:
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
