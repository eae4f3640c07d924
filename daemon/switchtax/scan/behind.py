"""`python -m switchtax.scan.behind`: brings the index of all sessions up to date, behind.

The daemon starts it at the lowest priority, so that the next `switchtax usage` finds the work
done. Each line it prints is the share that is done, in whole per cent.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from switchtax.catalog.book import open_book
from switchtax.scan.kept import text_of
from switchtax.scan.store import cache_folder
from switchtax.scan.usage import usage_of
from switchtax.scan.watch import find_everything

__all__ = ["main"]

_LOWEST = 19


def main() -> int:
    """Read what is new in every session on this machine; 0 when that is done."""
    if hasattr(os, "nice"):
        os.nice(_LOWEST)
    finds = find_everything(os.environ, Path.home())
    found = usage_of(
        finds.sources,
        open_book(on_error=lambda _: None),  # `usage` itself says what is wrong with it
        stamps=finds.stamps,
        index=cache_folder(),
        whole=True,
        tell=_Steps(),
    )
    if found.calls or not found.skipped:
        text_of(found, finds, os.environ)
    _say(100)
    return 0


class _Steps:
    """Says each tenth that is done, once."""

    def __init__(self) -> None:
        self._said = 0

    def __call__(self, share: float) -> None:
        tenth = int(share * 10)
        if self._said < tenth < 10:
            self._said = tenth
            _say(tenth * 10)


def _say(percent: int) -> None:
    with contextlib.suppress(OSError):  # whoever listened is gone: the work is still of use
        sys.stdout.write(f"{percent}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
