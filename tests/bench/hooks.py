"""What a hook and the status line add to an agent, and what a daemon in trouble does to it."""

import itertools
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bars import Bar

from hook_doors import BASE, CLIENT, FIXTURES, FakeDaemon, call, inputs
from switchtax.hooks.commands import commands_here

RUNS = 101
CALLS = int(os.environ.get("SWITCHTAX_BENCH_CALLS", "10000"))
AT_ONCE = 2
HOOK_RATIO, HOOK_P95_MS, STATUS_LINE_MS = 1.5, 50.0, 10.0
P999_MS, LONGEST_MS = 300.0, 1000.0

Command = list[str]


def framed(answer: bytes) -> bytes:
    """An answer as the daemon sends it."""
    return len(answer).to_bytes(4, "big") + answer


def wall_ms(command: Command, given: bytes, env: dict[str, str]) -> float:
    """One whole process, from start to end."""
    started = time.perf_counter()
    subprocess.run(command, input=given, stdout=subprocess.PIPE, env=env, check=True)
    return (time.perf_counter() - started) * 1000


def in_turn(commands: list[Command], given: bytes, env: dict[str, str]) -> list[list[float]]:
    """Each command's times; they take turns, so that a slow phase of the machine meets all."""
    times: list[list[float]] = [[] for _ in commands]
    for _ in range(RUNS):
        for command, taken in zip(commands, times, strict=True):
            taken.append(wall_ms(command, given, env))
    return times


def share(times: list[float], part: float) -> float:
    """The time that this part of the runs stays within."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def hook_bars() -> Iterator[Bar]:
    """The client beside a bare start of the same Python, with a daemon that answers at once."""
    given = json.dumps(next(inputs("PreModelSwitch"))).encode()
    reason = {"hookSpecificOutput": {"permissionDecision": "ask", "reason": "x" * 200}}
    commands = [
        [BASE, "-I", "-S", "-c", "pass"],
        [BASE, "-I", "-S", str(CLIENT), "claude-code", "PreModelSwitch"],
        ["sh", "-c", commands_here().hook("PreModelSwitch")],
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeDaemon(Path(folder), answer=lambda _: framed(json.dumps(reason).encode())),
    ):
        env = {"XDG_RUNTIME_DIR": folder, "PATH": "/usr/bin:/bin"}
        bare, hook, wrapped = in_turn(commands, given, env)
    ratio = statistics.median(hook) / statistics.median(bare)
    yield Bar(
        "hook, whole process, over bare Python",
        f"{ratio:.2f}x ({statistics.median(hook):.1f} ms on {statistics.median(bare):.1f} ms)",
        f"≤ {HOOK_RATIO}x",
        ratio <= HOOK_RATIO,
    )
    late = share(hook, 0.95)
    yield Bar("… 95th percentile", f"{late:.1f} ms", f"≤ {HOOK_P95_MS:.0f} ms", late <= HOOK_P95_MS)
    yield Bar("… with the shell that wraps it", f"{statistics.median(wrapped):.1f} ms")


def status_line_bars() -> Iterator[Bar]:
    """Our part of the status line, as it stands in the settings."""
    given = (FIXTURES / "claude-code.statusline.jsonl").read_bytes().splitlines()[1]
    session = json.loads(given)["session_id"]
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder, "switchtax")
        for name in ("meters", "statusline"):
            (state / name).mkdir(parents=True)
        (state / "meters" / f"{session}.txt").write_text("Sonnet 4.5 · 23k context\n")
        ours = ["sh", "-c", commands_here().status_line("")]
        env = {"XDG_STATE_HOME": folder, "PATH": "/usr/bin:/bin"}
        bare, line = in_turn([["sh", "-c", ":"], ours], given, env)
        time.sleep(0.2)
    median = statistics.median(line)
    yield Bar(
        "status line, our part",
        f"{median:.1f} ms (an empty shell {statistics.median(bare):.1f} ms)",
        f"≤ {STATUS_LINE_MS:.0f} ms",
        median <= STATUS_LINE_MS,
    )


def trouble_bars() -> Iterator[Bar]:
    """Thousands of calls while the daemon is dead, hung, slow or restarting."""
    codes: list[int] = []
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        hung = FakeDaemon(root / "hung", silent=True)
        slow = FakeDaemon(root / "slow", answer=lambda _: framed(b"{}"), delay_s=0.02)
        stop = threading.Event()
        restarting = threading.Thread(target=restart, args=(root / "again", stop.is_set))
        kinds = itertools.cycle(["dead", "again", "slow", "again", "dead", "hung", "dead", "again"])
        with hung, slow, ThreadPoolExecutor(AT_ONCE) as pool:
            restarting.start()
            for run in pool.map(lambda kind: call(root / kind), itertools.islice(kinds, CALLS)):
                codes.append(run.code)
                times.append(run.seconds * 1000)
            stop.set()
            restarting.join()
    failed, late = sum(code != 0 for code in codes), sum(each > LONGEST_MS for each in times)
    name = f"{len(codes):,} hook calls, daemon dead, hung, slow or restarting"
    yield Bar(f"{name}: exits other than 0", str(failed), "0", failed == 0)
    yield Bar("… over a second", str(late), "0", late == 0)
    tail = share(times, 0.999)
    yield Bar("… 99.9th percentile", f"{tail:.0f} ms", f"≤ {P999_MS:.0f} ms", tail <= P999_MS)


def restart(runtime: Path, stopped: Callable[[], bool]) -> None:
    """A daemon that comes and goes."""
    while not stopped():
        with FakeDaemon(runtime, answer=lambda _: framed(b"{}")):
            time.sleep(0.03)
        (runtime / "switchtax" / "current").unlink()
        time.sleep(0.01)


BARS = [hook_bars, status_line_bars, trouble_bars]
