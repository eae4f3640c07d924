"""The scan of a large home by `switchtax usage`, beside ccusage's in the same minutes.

Both read the same ~0.9 GB from a warm page cache, in turns, so that a slow phase of
the machine meets both. Cold: our index is deleted before each run. Second: it is
there and nothing is new.
"""

import platform
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bars import CHECKOUT, Bar, Missing, bench_folder, clean_environment
from home import COPIES, large_home
from processes import Cost, cost_of, peak_memory_of

CCUSAGE = "20.0.24"
RUNS = 5
COLD_RATIO = 1.0
SECOND_RATIO = 0.05
MEMORY_MB = 250


def ccusage() -> Path:
    """The native program of the pinned ccusage, fetched once with npm."""
    folder = bench_folder() / f"ccusage-{CCUSAGE}"
    launcher = folder / "node_modules" / ".bin" / "ccusage"
    if not launcher.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Missing("npm is missing: it fetches ccusage, which our scan is compared with")
        with tempfile.TemporaryDirectory(dir=bench_folder()) as building:
            command = [npm, "install", "--silent", "--prefix", building, f"ccusage@{CCUSAGE}"]
            done = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
            if done.returncode:
                raise Missing(f"npm could not fetch ccusage@{CCUSAGE}")
            shutil.copytree(building, folder, symlinks=True, dirs_exist_ok=True)
    # The launcher makes the native program executable when it first runs.
    subprocess.run([launcher, "--version"], stdout=subprocess.DEVNULL, check=True)
    native = sorted(folder.glob("node_modules/@ccusage/*/bin/ccusage*"))
    if not native:
        raise Missing(f"ccusage@{CCUSAGE} has no native program for {platform.platform()}")
    return native[0]


def scan_bars() -> Iterator[Bar]:
    """Cold and second scan against ccusage, and the memory of the cold one."""
    home = large_home()
    theirs = [str(ccusage()), "session", "--json", "--offline"]
    ours = [str(CHECKOUT / ".venv" / "bin" / "switchtax"), "usage", "--json"]
    with tempfile.TemporaryDirectory(dir=bench_folder()) as cache:
        environ = clean_environment(home) | {"XDG_CACHE_HOME": cache}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        index = Path(cache) / "switchtax"
        # Warms the page cache and writes bytecode; not counted.
        cost_of(theirs, environ)
        cost_of(ours, environ)
        if not index.exists():
            raise Missing(f"`switchtax usage` left no index in {index}")
        cold: list[Cost] = []
        other: list[Cost] = []
        second: list[Cost] = []
        for _ in range(RUNS):
            shutil.rmtree(index)
            cold.append(cost_of(ours, environ))
            other.append(cost_of(theirs, environ))
            second.append(cost_of(ours, environ))
        shutil.rmtree(index)
        memory = peak_memory_of(ours, environ)
    yield from _table(cold, second, other, memory)


def _table(cold: list[Cost], second: list[Cost], other: list[Cost], memory: int) -> Iterator[Bar]:
    yield Bar(
        f"`ccusage session --json --offline` {CCUSAGE} (native), corpus × {COPIES}",
        f"{_wall(other):.2f} s, {max(run.largest_bytes for run in other) / 1e6:.0f} MB",
    )
    ratio = _ratio(cold, other)
    yield Bar(
        "`switchtax usage --json`, cold",
        f"{_wall(cold):.2f} s = {ratio:.2f}x",
        f"≤ {COLD_RATIO:.1f}x",
        ratio <= COLD_RATIO,
    )
    yield Bar(
        "… its memory, all processes",
        f"{memory / 1e6:.0f} MB",
        f"≤ {MEMORY_MB} MB",
        memory <= MEMORY_MB * 1e6,
    )
    ratio = _ratio(second, other)
    yield Bar(
        "`switchtax usage --json`, nothing new",
        f"{_wall(second):.2f} s = {ratio:.3f}x",
        f"≤ {SECOND_RATIO:.2f}x",
        ratio <= SECOND_RATIO,
    )


def _wall(runs: list[Cost]) -> float:
    return statistics.median(run.wall_s for run in runs)


def _ratio(ours: list[Cost], theirs: list[Cost]) -> float:
    """The median over the pairs that ran next to each other."""
    return statistics.median(
        mine.wall_s / other.wall_s for mine, other in zip(ours, theirs, strict=True)
    )


BARS = [scan_bars]
