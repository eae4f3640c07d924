"""Honest replay on real sessions: cut before a call, the same is foretold."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from cutting import dumped, foretold_after_cut, foretold_in_replay, with_call_out

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.corpus

FOLDERS = ("claude", "codex", "gemini_jsonl", "pi")
"""Agents that write one line after the other; the others rewrite a whole file."""
LARGEST = 1_000_000
"""Bytes: larger logs take seconds and are of the same builds."""
FEW = 2


def test_random_calls_are_foretold_alike_after_a_cut(corpus: Path, tmp_path: Path) -> None:
    """Two calls of each log, chosen with a fixed seed; forks of a missing parent aside.

    Where a fork begins is told by its whole file, so a part of it cannot say the same.
    """
    dice = random.Random(20261121)
    compared = 0
    for folder in FOLDERS:
        for log in sorted((corpus / folder).glob("*.jsonl")):
            if log.stat().st_size > LARGEST or "livefork-child" in log.name:
                continue
            calls = dumped(log, tmp_path)
            for rows in dice.sample(calls, min(FEW, len(calls))):
                cut = with_call_out(log, rows, tmp_path)
                assert foretold_in_replay(rows) == foretold_after_cut(cut, rows), (log, rows)
                compared += 1
    assert compared > 40
