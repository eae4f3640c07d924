"""Cuts a log before a call and asks again: the same must be foretold as in the replay."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from commands import run

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["dumped", "foretold_after_cut", "foretold_in_replay", "with_call_out"]

KEYS = ("predicted_state", "predicted_read_tokens", "predicted_usd_micros")

Rows = dict[str, dict[str, Any]]
"""The rows of one call by moment."""


def dumped(path: Path, scratch: Path) -> list[Rows]:
    """What `backtest --dump` writes for a log: its calls in order."""
    file = scratch / "dump.jsonl"
    run("backtest", path, "--dump", file)
    calls: dict[str, Rows] = defaultdict(dict)
    for line in file.read_text().splitlines():
        row = json.loads(line)
        calls[row["call"]][row["moment"]] = row
    return list(calls.values())


def with_call_out(path: Path, rows: Rows, scratch: Path) -> Path:
    """A copy of a log that ends before the first line of a call, under the same name."""
    folder = scratch / "cut"
    folder.mkdir(exist_ok=True)
    lines = path.read_bytes().splitlines(keepends=True)
    copy = folder / path.name
    copy.write_bytes(b"".join(lines[: rows["at_send"]["line"] - 1]))
    return copy


def foretold_after_cut(cut: Path, rows: Rows) -> dict[str, Any]:
    """What `estimate --at` says of the next call of a cut log, by moment."""
    one = rows["at_send"]
    found = run("estimate", cut, "--at", repr(one["at"]), "--to", one["model"], "--json")
    assert 0 == found.code, found.err
    (estimate,) = json.loads(found.out)["estimates"]
    return {
        moment: {key: said[key] for key in KEYS} for moment, said in estimate["prediction"].items()
    }


def foretold_in_replay(rows: Rows) -> dict[str, Any]:
    """What the replay said of a call, by moment."""
    return {moment: {key: row[key] for key in KEYS} for moment, row in rows.items()}
