"""The accuracy bars hold on the recorded sessions (docs/accuracy.md keeps the figures)."""

from pathlib import Path

import pytest

import accuracy_measures as measures
from switchtax.estimates.outlook import Moment
from switchtax.score import quantile


@pytest.fixture(scope="module")
def claude(corpus: Path) -> Path:
    return corpus / "claude"


@pytest.mark.parametrize(("state", "bar"), [("warm", 0.999), ("none", 0.915)])
def test_states_are_foretold(claude: Path, state: str, bar: float) -> None:
    """Calls that were warm, or read nothing, were foretold so."""
    right, seen = measures.recall(claude, state)
    assert round(right / seen, 3) >= bar


def test_tokens_written_at_cold_calls(claude: Path) -> None:
    """What a cold call writes again is foretold, the shared start taken off."""
    errors = measures.written_errors(claude)
    assert quantile(errors, 0.5) <= 0.04
    assert quantile(errors, 0.9) <= 0.30


def test_cost_at_choice(claude: Path) -> None:
    """Before the prompt is known the cost is near, its interval honest, and narrow enough."""
    found = measures.costs(claude, Moment.AT_CHOICE)
    assert found.median <= 0.043
    assert 0.77 <= found.coverage <= 0.83
    assert found.width < measures.plain_width(claude)


def test_cost_at_send(claude: Path) -> None:
    """With the prompt known the cost is nearer."""
    found = measures.costs(claude, Moment.AT_SEND)
    assert found.median <= 0.015
    assert found.p90 <= 0.10


def test_real_switches(corpus: Path) -> None:
    """Six of the eight usable real switches lie in the interval given before them."""
    switches = measures.usable_switches(corpus)
    assert 8 == len(switches)
    assert measures.held(switches) >= 6


def test_lab_bills(lab: Path) -> None:
    """The first call after a switch costs what the provider's own bill says, within 2 %."""
    errors = measures.lab_switch_errors(lab)
    for name, error in errors.items():
        if not any(left_out in name for left_out in measures.NOT_IN_THE_LOG):
            assert abs(error) <= 0.02, name
