"""`make bench`: measure every bar, show them as a table, keep the table in the docs.

Every module of this folder with a list `BARS` takes part (see `bars.py`); names of
modules as arguments choose among them. The table goes between the two remarks
`bench:start` and `bench:end` of the module's page in `docs/`; lines of modules that
were not run are kept. A short or unmeasured bar ends a strict run with 1.
"""

import importlib
import os
import platform
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bars import CHECKOUT, Bar, Missing, is_strict

FOLDER = Path(__file__).resolve().parent
START, END = "<!-- bench:start -->", "<!-- bench:end -->"
HEAD = ("measure", "measured", "bar", "")


def modules() -> list[str]:
    """The measuring modules, by name."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "run")
    return [name for name in names if hasattr(importlib.import_module(name), "BARS")]


def measure(name: str) -> list[Bar]:
    """All bars of one module; what cannot be measured here is a line that says why."""
    bars: list[Bar] = []
    for function in importlib.import_module(name).BARS:
        try:
            bars += function()
        except Missing as reason:
            bars.append(Bar(f"{name}: {function.__name__}", f"not measured: {reason}", "", False))
    return bars


def verdict(bar: Bar) -> str:
    """The word in the last column."""
    return {True: "ok", False: "short", None: ""}[bar.ok]


def as_text(bars: Sequence[Bar]) -> str:
    """The table for a terminal."""
    rows = [HEAD, *((bar.name, bar.measured, bar.bar, verdict(bar)) for bar in bars)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def machine() -> str:
    """The machine in a few words, and how busy it was."""
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, {python}{load}"


def section(name: str, bars: Sequence[Bar]) -> str:
    """What one module adds to its page."""
    rows = ["| measure | measured | bar | |", "|---|---|---|---|"]
    rows += [f"| {bar.name} | {bar.measured} | {bar.bar} | {verdict(bar)} |" for bar in bars]
    stamp = f"{datetime.now(UTC):%Y-%m-%d}; {machine()}."
    return "\n".join([f"<!-- bench:{name} -->", "", stamp, "", *rows, ""])


def keep(page: Path, name: str, text: str) -> bool:
    """Put a module's section between the page's remarks; False if it has none."""
    whole = page.read_text(encoding="utf-8") if page.is_file() else ""
    before, start, rest = whole.partition(START)
    inside, end, after = rest.partition(END)
    if not (start and end):
        return False
    parts = re.split(r"(?m)^(?=<!-- bench:\w+ -->$)", inside.strip("\n") + "\n")
    sections = {part.split()[1].removeprefix("bench:"): part for part in parts if part.strip()}
    sections[name] = text
    body = "\n".join(sections[key].strip("\n") + "\n" for key in sorted(sections))
    page.write_text(f"{before}{START}\n\n{body}\n{END}{after}", encoding="utf-8")
    return True


def main(names: Sequence[str]) -> int:
    """Measure, show, keep; 1 when a strict run falls short."""
    known = modules()
    if unknown := sorted(set(names) - set(known)):
        print(f"no such measurement: {', '.join(unknown)} (there are: {', '.join(known)})")
        return 2
    short = 0
    for name in names or known:
        bars = measure(name)
        short += sum(bar.ok is False for bar in bars)
        print(f"{as_text(bars)}\n", flush=True)
        page = CHECKOUT / "docs" / getattr(importlib.import_module(name), "PAGE", "performance.md")
        if any(bar.measured.startswith("not measured") for bar in bars):
            print(f"{name}: the last table stays in {page.relative_to(CHECKOUT)}\n")
        elif not keep(page, name, section(name, bars)):
            print(f"{page.relative_to(CHECKOUT)} has no place for the table of {name}\n")
    print(f"{short} short; {machine()}")
    return 1 if short and is_strict() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
