"""A session that is being written, texts in a session, damage to one: what checks are made of."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.records import Call, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from switchtax.agents import AgentModule
    from switchtax.records import Depth, Record, Source
    from switchtax.testing.recorded import Recorded

__all__ = [
    "calls_of",
    "copy_of",
    "cut_places",
    "grown",
    "placeless",
    "source_of",
    "texts_in",
    "with_line",
]

_MOST_CUTS = 40
_WORDS = re.compile(r"\S+(?:\s+\S+){4,}")
"""Five words and more are a text; names of models and folders have fewer."""


def source_of(agent: AgentModule, path: Path) -> Source | None:
    """The one source that an agent finds in a file; None where it finds none, or several."""
    found = list(agent.find(path))
    return found[0] if len(found) == 1 else None


def copy_of(session: Recorded, scratch: Path) -> Path:
    """A copy under the same name: nothing is ever written beside a recorded session."""
    scratch.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(session.path, scratch / session.path.name))


def calls_of(records: Iterable[Record]) -> list[Call]:
    """The calls, a later record of an id in place of an earlier one."""
    return list({each.id: each for each in records if isinstance(each, Call)}.values())


def cut_places(lines: int) -> list[int]:
    """Lines before which a file is cut: all of them, or 40 at even distances."""
    if lines <= _MOST_CUTS:
        return list(range(lines + 1))
    return [place * lines // _MOST_CUTS for place in range(_MOST_CUTS + 1)]


def grown(
    agent: AgentModule, session: Recorded, path: Path, steps: Iterable[object], depth: Depth
) -> tuple[list[Record], bool]:
    """Records of a file that is read after each step, and whether one reading began anew."""
    base, cursor, restarted = source_of(agent, session.path), None, False
    assert base is not None
    records: list[Record] = []
    for _ in steps:
        if not path.exists():
            continue
        reading = agent.read(replace(base, path=str(path)), cursor, depth)
        records += [each for each in reading.records if not _is_half(each)]
        restarted |= cursor is not None and reading.restarted
        cursor = reading.cursor
    return records, restarted


def _is_half(record: Record) -> bool:
    """Whether a record only says that the last line was still being written."""
    return isinstance(record, Unreadable) and record.reason.startswith("last line")


def placeless(record: Record) -> Record:
    """The record without its line."""
    return replace(record, line=0)


def with_line(path: Path, line: bytes) -> int:
    """Put a line into the middle of a file; returns its number, from 1 on."""
    lines = path.read_bytes().splitlines(keepends=True)
    place = len(lines) // 2
    lines[place:place] = [line + b"\n"]
    path.write_bytes(b"".join(lines))
    return place + 1


def texts_in(path: Path) -> set[str]:
    """What people and models said in a session: every string of five words and more."""
    return {
        text
        for value in _values(path)
        for text in _strings(value)
        if _WORDS.fullmatch(text.strip())
    }


def _values(path: Path) -> Iterator[Any]:
    if path.suffix == ".db":
        yield from _cells(path)
        return
    data = path.read_text("utf-8", "replace")
    for part in data.splitlines() if path.suffix == ".jsonl" else [data]:
        with contextlib.suppress(ValueError):
            yield json.loads(part)


def _cells(path: Path) -> Iterator[Any]:
    with closing(sqlite3.connect(path)) as db:
        names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            for row in db.execute(f'SELECT * FROM "{name}"'):
                for cell in row:
                    if isinstance(cell, str):
                        try:
                            yield json.loads(cell)
                        except ValueError:
                            yield cell


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
