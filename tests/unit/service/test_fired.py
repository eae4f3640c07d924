"""When hooks last arrived: in memory at once, in the ledger a little later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.ledger.store import Ledger
from switchtax.service.fired import Fired

if TYPE_CHECKING:
    from pathlib import Path


def test_kept_a_little_later(tmp_path: Path) -> None:
    """A hook's answer waits for no disk; the next daemon goes on from the ledger."""
    ledger = Ledger(tmp_path / "ledger.db")
    fired = Fired(ledger)
    fired.note("claude-code", "SessionStart", 5.0)
    assert ({}, 5.0) == (ledger.hooks_fired(), fired.at["claude-code", "SessionStart"])
    fired.keep()
    assert {("claude-code", "SessionStart"): 5.0} == Fired(ledger).at


def test_names_from_outside_are_bounded(tmp_path: Path) -> None:
    """In length and number; a known one goes on being noted."""
    fired = Fired(Ledger(tmp_path / "ledger.db"))
    for number in range(300):
        fired.note("claude-code", f"{number}{'x' * 100}", 1.0)
    assert 200 == len(fired.at)
    assert 40 == max(len(event) for _, event in fired.at)
    fired.note("claude-code", f"0{'x' * 100}", 9.0)
    assert 9.0 in fired.at.values()
