"""Limits that move until they hold what they promise."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchtax.sessions import calibration
from switchtax.sessions.calibration import Calibration

PROMISED = 1 - 2 * calibration.OUTSIDE
DRAWS = {
    "normal": lambda rng: rng.gauss(0, 1),
    "narrow": lambda rng: rng.gauss(0, 0.6),
    "wide": lambda rng: rng.gauss(0, 2),
    "off the middle": lambda rng: rng.gauss(0.5, 1),
    "skewed": lambda rng: rng.expovariate(1) - 0.7,
    "long tails": lambda rng: rng.gauss(0, 1) / max(0.3, abs(rng.gauss(0, 1))),
}


@pytest.mark.parametrize("name", DRAWS)
def test_coverage_converges_to_what_is_promised(name: str) -> None:
    """Whatever the noise, the promised share lies inside and the rest evenly on both sides."""
    rng = random.Random(7)
    limits = Calibration()
    below = above = 0
    for _ in range(200):
        limits.observe(DRAWS[name](rng))
    for _ in range(4000):
        z = DRAWS[name](rng)
        below += z < limits.low
        above += z > limits.high
        limits.observe(z)
    assert 1 - (below + above) / 4000 == pytest.approx(PROMISED, abs=0.02)
    assert below == pytest.approx(above, abs=160)


@given(st.lists(st.floats(allow_nan=False), max_size=200))
def test_limits_stay_within_bounds(outcomes: list[float]) -> None:
    """No outcome, however far out, opens an interval without end or closes it."""
    limits = Calibration()
    for z in outcomes:
        limits.observe(z)
        assert -4.0 <= limits.low <= -0.25
        assert 0.25 <= limits.high <= 4.0
    assert len(outcomes) == limits.observed


def test_a_young_session_moves_faster() -> None:
    """The first outcomes count for more; an outcome inside narrows, one outside widens."""
    young, old = Calibration(), Calibration()
    for _ in range(30):
        old.observe(0.0)
    first, later = Calibration(), Calibration(old.low, old.high, old.observed)
    first.observe(9.0)
    later.observe(9.0)
    assert first.high - young.high > later.high - old.high > 0
    assert (first.low > young.low) and (old.high < young.high)
