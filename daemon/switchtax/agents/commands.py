"""What a shell command says of the size of its output: a number, never the command itself."""

from __future__ import annotations

import re

__all__ = ["MOST_LINES", "lines_asked"]

MOST_LINES = 100_000
"""A larger limit says nothing about what will come."""

_RANGE = re.compile(r"\bsed -n ['\"]?(\d+),(\d+)p")
_COUNT = re.compile(r"\b(?:head|tail) (?:-n ?|--lines=|-)(\d+)\b")


def lines_asked(command: str) -> int | None:
    """The lines a command prints at most, where it says so plainly.

    >>> lines_asked("sed -n '10,80p' src/a.py"), lines_asked("pytest | tail -20")
    (71, 20)
    >>> lines_asked("ls -la") is None
    True
    """
    if found := _RANGE.search(command):
        lines = int(found[2]) - int(found[1]) + 1
    elif found := _COUNT.search(command):
        lines = int(found[1])
    else:
        return None
    return lines if 0 < lines < MOST_LINES else None
