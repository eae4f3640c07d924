"""`make mutation`: how many small faults in the arithmetic the unit tests notice.

Copies the package and the tests of `estimates` to a scratch folder, lets mutmut change one thing
at a time there, and prints the score and what survived. The property tests stay out: they are
random, and the score should not be. The checkout is never touched; mutmut lives in an environment
of its own inside `.venv`.

    python tests/mutation.py [--limit SECONDS] [--only FILE...]
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv" / "mutation"
REQUIRED = ("mutmut>=3.8,<4", "pytest>=8.3")
ROOM = "switchtax/estimates"
TESTS = "unit/estimates"
BAR_PERCENT = 95.0
WORKERS = 2
NOTICED = frozenset({"killed", "timeout", "suspicious", "segfault"})
MISSED = frozenset({"survived", "no tests"})

PYTEST_INI = """\
[pytest]
addopts = -q --import-mode=importlib
pythonpath = tests
"""
SETUP_CFG = """\
[mutmut]
source_paths = src
also_copy =
    tests
    pytest.ini
pytest_add_cli_args_test_selection = tests/{tests}
only_mutate =
{files}
"""


def environment() -> Path:
    """The folder of mutmut's commands, made on the first run."""
    commands = ENVIRONMENT / "bin"
    if not (commands / "mutmut").exists():
        print("installing mutmut (once) ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        pip = [str(commands / "python"), "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "--disable-pip-version-check", *REQUIRED], check=True)
    return commands


def lay_out(scratch: Path, only: list[str]) -> int:
    """Copy what is mutated and what checks it; returns the number of files to mutate."""
    skip = shutil.ignore_patterns("__pycache__", "test_laws.py")
    shutil.copytree(CHECKOUT / "daemon" / "switchtax", scratch / "src" / "switchtax", ignore=skip)
    shutil.copytree(CHECKOUT / "tests" / TESTS, scratch / "tests" / TESTS, ignore=skip)
    chosen = [
        path.relative_to(scratch).as_posix()
        for path in sorted((scratch / "src" / ROOM).glob("*.py"))
        if is_arithmetic(path) and (not only or path.name in only)
    ]
    files = "\n".join(f"    {path}" for path in chosen)
    (scratch / "setup.cfg").write_text(SETUP_CFG.format(tests=TESTS, files=files))
    (scratch / "pytest.ini").write_text(PYTEST_INI)
    return len(chosen)


def is_arithmetic(path: Path) -> bool:
    """Whether a module only counts: those that read a session are tested with sessions."""
    return "switchtax.sessions" not in path.read_text()


def run(commands: Path, scratch: Path, limit_s: float) -> bool:
    """Run mutmut for at most that long; False if it did not get through."""
    command = [str(commands / "mutmut"), "run", "--max-children", str(WORKERS)]
    with (scratch / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=scratch,
            env=os.environ | {"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            return False
    return True


def outcomes(commands: Path, scratch: Path) -> dict[str, str]:
    """Each mutant with what became of it."""
    listed = subprocess.run(
        [str(commands / "mutmut"), "results", "--all", "true"],
        cwd=scratch, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    pairs = (line.strip().rpartition(": ") for line in listed.splitlines() if ": " in line)
    return {name: status for name, _, status in pairs}


def report(found: dict[str, str]) -> float:
    """Print what survived, file by file, and the score; returns it in percent."""
    counts = Counter(found.values())
    noticed = sum(counts[status] for status in NOTICED)
    missed = sum(counts[status] for status in MISSED)
    for name in sorted(name for name, status in found.items() if status in MISSED):
        print(f"  {found[name]:9} {name}")
    score = 100.0 * noticed / max(1, noticed + missed)
    unchecked = len(found) - noticed - missed
    print(f"{noticed} of {noticed + missed} faults noticed, {unchecked} not tried")
    print(f"mutation score {score:.1f} % (bar {BAR_PERCENT:.0f} %)")
    return score


def main() -> int:
    """Mutate, report, and fail below the bar or when nothing was tried."""
    options = argparse.ArgumentParser(description="mutation testing of the arithmetic")
    options.add_argument("--limit", type=float, default=900.0, help="seconds at most")
    options.add_argument("--only", nargs="*", default=[], help="file names in estimates/")
    chosen = options.parse_args()
    commands = environment()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        scratch = Path(folder)
        files = lay_out(scratch, chosen.only)
        print(f"mutating {files} files, at most {chosen.limit:.0f} s ...", flush=True)
        finished = run(commands, scratch, chosen.limit)
        found = outcomes(commands, scratch)
        if not set(found.values()) & (NOTICED | MISSED):
            print((scratch / "log").read_text()[-3000:])
            print("no fault was tried: see above")
            return 1
    score = report(found)
    print(f"{'done' if finished else 'stopped'} after {time.monotonic() - started:.0f} s")
    return 0 if score >= BAR_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main())
