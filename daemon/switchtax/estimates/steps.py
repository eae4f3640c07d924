"""Long work in small steps: whoever does it may see to something else in between.

A function of steps is a generator that yields nothing and returns its result; it calls others
with `yield from`. Who has the time finishes it at once.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

__all__ = ["Steps", "finish"]

T = TypeVar("T")
Steps = Generator[None, None, T]


def finish(steps: Steps[T]) -> T:
    """Do all of it now.

    >>> def counting():
    ...     yield
    ...     return 3
    >>> finish(counting())
    3
    """
    while True:
        try:
            next(steps)
        except StopIteration as done:
            found: T = done.value
            return found
