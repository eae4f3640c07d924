"""What `import switchtax` adds to a bare start of the same Python."""

import json
import statistics
import subprocess
import time
from collections.abc import Iterator

from bars import CHECKOUT, Bar, Missing

RUNS = 61
IMPORT_MS = 5.0
_LOADED = (
    "import sys; before = set(sys.modules); import switchtax; "
    "found = {n.partition('.')[0] for n in set(sys.modules) - before}; import json; "
    "print(json.dumps(sorted(n for n in found if n not in sys.stdlib_module_names)))"
)


def import_bars() -> Iterator[Bar]:
    """Interleaved starts, so that a slow phase of the machine meets both."""
    python = CHECKOUT / ".venv" / "bin" / "python"
    if not python.exists():
        raise Missing(f"{python} is missing: `make setup`")
    # -I: neither PYTHONPATH nor the working folder counts, only the environment's packages.
    start = [str(python), "-I", "-c"]
    loaded = json.loads(subprocess.run([*start, _LOADED], capture_output=True, check=True).stdout)
    bare, full = [], []
    for _ in range(RUNS):
        bare.append(_wall_ms([*start, "pass"]))
        full.append(_wall_ms([*start, "import switchtax"]))
    added = statistics.median(full) - statistics.median(bare)
    yield Bar(
        "`import switchtax` over bare Python",
        f"{added:+.2f} ms (on {statistics.median(bare):.1f} ms)",
        f"≤ {IMPORT_MS:.0f} ms",
        added <= IMPORT_MS,
    )
    third_party = sorted(set(loaded) - {"switchtax"})
    yield Bar(
        "… third-party modules loaded",
        ", ".join(third_party) or "none",
        "none",
        not third_party,
    )


def _wall_ms(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - started) * 1000


BARS = [import_bars]
