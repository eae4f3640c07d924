"""What a measurement is, and where its data and programs are kept.

A module in this folder takes part in `make bench` by a list `BARS` of functions
without arguments, each of which yields `Bar`s; `PAGE` names the page in `docs/`
whose table they fill (default `performance.md`). A part that is missing raises
`Missing`: its bars are shown as not measured, which a strict run counts as short.
"""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))

from support import CHECKOUT, clean_environment, is_strict, shared_path

__all__ = [
    "CHECKOUT",
    "Bar",
    "Measure",
    "Missing",
    "bench_folder",
    "clean_environment",
    "corpus_folder",
    "is_strict",
]


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the table. `ok` is None for a figure that has no bar of its own."""

    name: str
    measured: str
    bar: str = ""
    ok: bool | None = None


Measure = Callable[[], Iterable[Bar]]


class Missing(Exception):  # noqa: N818  (reads better where it is raised)
    """A measurement cannot be made here; the text names the part and the way out."""


def bench_folder() -> Path:
    """Where built homes and fetched programs stay between runs."""
    named = os.environ.get("SWITCHTAX_BENCH_DIR")
    cache = os.environ.get("XDG_CACHE_HOME")
    default = (Path(cache) if cache else Path.home() / ".cache") / "switchtax-bench"
    folder = Path(named) if named else default
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def corpus_folder() -> Path:
    """The corpus of real sessions."""
    folder = shared_path() / "corpus"
    if not folder.is_dir():
        raise Missing("the corpus is missing: name the folder above it in SWITCHTAX_SHARED")
    return folder
