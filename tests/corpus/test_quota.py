"""Shares of a plan's windows in the recorded Codex sessions (docs/accuracy.md has the figures)."""

from pathlib import Path

from quota_measures import Held, coverage, pairs_in


def test_observed_percentages_lie_in_their_range(corpus: Path) -> None:
    """Few are there: each foretold from those before it, and from the others."""
    accounts = pairs_in(corpus / "codex")
    assert Held(1, 1, 12) == coverage(accounts)
    assert Held(6, 5, 12) == coverage(accounts, from_others=True)
