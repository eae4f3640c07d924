"""`make test`: every check of the project, the reason of each failure, one exit code.

The static checks share the cores first, then pytest takes both. A strict run
measures coverage too, which takes a third longer, and applies its rules. All
checks run whatever the earlier ones said. The last line is pytest's own closing
line. `--lint` stops before pytest.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORKERS = 2

OVERALL_PERCENT = 92.0
COMPLETE_ROOMS = ("switchtax/estimates", "switchtax/catalog")
PLAIN_LIMIT_S = 180
CLOSING = re.compile(r"\b(no tests ran|\d+ [a-z]+)\b.* in \d+[.\d]*s\b")


@dataclass(frozen=True, slots=True)
class Check:
    """What one check brought; `reason` is empty when it passed."""

    name: str
    seconds: float
    reason: str = ""
    output: str = ""

    def __str__(self) -> str:
        mark = "FAILED" if self.reason else "ok"
        return f"{mark:7}{self.name:22}{self.seconds:6.1f} s"


def tool(name: str, *arguments: str) -> list[str]:
    """The command line of a tool that stands beside this interpreter."""
    return [str(BIN / name), *arguments]


def run_quiet(name: str, command: Sequence[str]) -> Check:
    """Run a check whose output matters only when it fails."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return Check(name, time.monotonic() - started, f"{name} did not start: {error}")
    reason = f"{name} ended with {done.returncode}" if done.returncode else ""
    return Check(name, time.monotonic() - started, reason, done.stdout)


def static_checks(scratch: Path) -> list[Check]:
    """Everything that reads the code without running it; the slowest starts first."""
    site = str(scratch / "site")
    commands = {
        "mypy": tool("mypy"),
        "ruff check": tool("ruff", "check", "--no-fix", "."),
        "ruff format": tool("ruff", "format", "--check", "."),
        "import-linter": tool("lint-imports", "--no-cache", "--no-logo"),
        "mkdocs build": tool("mkdocs", "build", "--strict", "--quiet", "--site-dir", site),
    }
    checks = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for check in pool.map(run_quiet, commands, commands.values()):
            print(check, flush=True)
            if check.reason:
                print(check.output.rstrip(), flush=True)
            checks.append(check)
    return checks


def run_pytest(data: Path | None, arguments: Sequence[str]) -> tuple[Check, str]:
    """Run the tests, output shown as it comes; also the closing line.

    With `data`, what they cover is measured into files of that name.
    """
    started = time.monotonic()
    measured = ["-m", "coverage", "run"] if data else []
    command = [sys.executable, *measured, "-m", "pytest", "-n", str(WORKERS)]
    command += ["--dist", "loadgroup"]  # tests that share one costly window stay together
    process = subprocess.Popen(
        [*command, "--color=no", *arguments],
        cwd=CHECKOUT,
        env=os.environ | ({"COVERAGE_FILE": str(data)} if data else {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    closing = "pytest ended without a summary"
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        if CLOSING.search(line):
            closing = line.strip(" =\n")
    status = process.wait()
    reason = f"pytest ended with {status}: {closing}" if status else ""
    return Check("pytest", time.monotonic() - started, reason), closing


def set_up_lab() -> Check:
    """Find or install the programs that run real clients; without them their tests fail."""
    return run_quiet("lab setup", ["sh", "tests/lab/setup.sh"])


def set_up_editors() -> Check:
    """Find or install Emacs, and what reads Lua; without them their tests fail."""
    return run_quiet("editors setup", ["sh", "tests/editors/setup.sh"])


def set_up_vscode() -> Check:
    """Find or install a browser and the workbench it shows; without them their tests fail."""
    return run_quiet("vscode setup", ["sh", "tests/editors/setup_vscode.sh", sys.executable])


def apply_coverage_rules(scratch: Path) -> Check:
    """All lines and branches of the pure rooms, and most of the whole."""
    started = time.monotonic()
    name = "coverage"
    report = scratch / "coverage.json"
    data = f"--data-file={scratch / 'coverage'}"
    for step in (["combine", "-q", data], ["json", "-q", data, "-o", str(report)]):
        check = run_quiet(name, [sys.executable, "-m", "coverage", *step])
        if check.reason:
            return check
    measured = json.loads(report.read_text())
    short = [
        text
        for path, file in sorted(measured["files"].items())
        if any(room in Path(path).as_posix() for room in COMPLETE_ROOMS)
        for text in _gaps(path, file)
    ]
    percent = measured["totals"]["percent_covered"]
    reasons = []
    if short:
        reasons.append(f"{' and '.join(COMPLETE_ROOMS)} must be covered completely")
    if percent < OVERALL_PERCENT:
        reasons.append(f"{percent:.1f} % overall is below {OVERALL_PERCENT:g} %")
        short += _lowest(measured["files"])
    named = f"coverage {percent:.1f} %"
    return Check(named, time.monotonic() - started, "; ".join(reasons), "\n".join(short))


def _gaps(path: str, file: dict[str, Any]) -> list[str]:
    lines = file["missing_lines"]
    # A branch out of a line that never ran says nothing new; negative targets are exits.
    branches = [
        f"{start}->{end if end > 0 else 'exit'}"
        for start, end in file["missing_branches"]
        if start not in lines
    ]
    found = []
    if lines:
        found.append(f"{path}: lines not run: {_ranges(lines)}")
    if branches:
        found.append(f"{path}: branches not taken: {', '.join(branches)}")
    return found


def _ranges(numbers: Sequence[int]) -> str:
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{a}-{b}" if a < b else str(a) for a, b in spans)


def _lowest(files: dict[str, Any]) -> list[str]:
    ranked = sorted(files.items(), key=lambda item: -item[1]["summary"]["missing_lines"])
    return [
        f"{path}: {file['summary']['percent_covered']:.0f} %"
        for path, file in ranked[:8]
        if file["summary"]["missing_lines"]
    ]


def main(arguments: Sequence[str]) -> int:
    """Run the checks; 0 when all passed."""
    started = time.monotonic()
    strict = os.environ.get("SWITCHTAX_STRICT", "") == "1"
    lint_only = "--lint" in arguments
    passed_on = [argument for argument in arguments if argument != "--lint"]
    closing = ""
    with tempfile.TemporaryDirectory(prefix="switchtax-test-") as folder:
        scratch = Path(folder)
        checks = static_checks(scratch)
        if not lint_only:
            if strict:
                for set_up in (set_up_lab, set_up_editors, set_up_vscode):
                    checks.append(set_up())
                    print(checks[-1], checks[-1].output.rstrip(), sep="\n", flush=True)
            tests, closing = run_pytest(scratch / "coverage" if strict else None, passed_on)
            after = [tests]
            if strict:
                after.append(apply_coverage_rules(scratch))
            checks += after
            for check in after:
                print(check)
                if check.reason and check.output:
                    print(check.output.rstrip())
    total = time.monotonic() - started
    failed = [check for check in checks if check.reason]
    for check in failed:
        print(f"reason: {check.reason}")
    kind = "strict" if strict else "plain"
    print(f"{kind} run: {len(failed)} of {len(checks)} checks failed, {total:.0f} s in total")
    if not (strict or lint_only) and total > PLAIN_LIMIT_S:
        print(f"note: a plain run should take at most {PLAIN_LIMIT_S} s")
    if closing:
        print(closing, flush=True)
    return 1 if failed else 0


def _open_stdin() -> None:
    # Started with stdin closed, the next file opened would become fd 0 of our children.
    try:
        os.fstat(0)
    except OSError:
        os.open(os.devnull, os.O_RDONLY)


if __name__ == "__main__":
    _open_stdin()
    sys.exit(main(sys.argv[1:]))
