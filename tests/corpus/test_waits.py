"""Waits foretold on the recorded sessions hold their bar (docs/accuracy.md has the figures)."""

from pathlib import Path

import pytest

from latency_measures import scored, told


@pytest.mark.parametrize(
    "agents", [("claude-code", "codex"), ("claude-code",), ("codex",)], ids="-".join
)
def test_waits_of_claude_code_and_codex(corpus: Path, agents: tuple[str, ...]) -> None:
    """In the order of time: ranges of 80 % hold, and lose less than constant and prior do."""
    found = scored(told(corpus, agents))
    assert 0.77 <= found.held <= 0.83
    assert found.loss < found.constant
    assert found.loss < found.prior


def test_together_they_are_foretold_better_than_by_each_models_own_past(corpus: Path) -> None:
    """The harder constant: running quantiles of each model's own earlier waits."""
    found = scored(told(corpus, ("claude-code", "codex")))
    assert found.loss < found.of_model
