"""What is worth a word before a switch: its price, its wait, or its risk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from making import BOOK, START, make, talk
from switchtax.config import Material
from switchtax.estimates.drift import Level, Risk
from switchtax.estimates.for_session import Answer, answer
from switchtax.estimates.latency import Wait
from switchtax.material import is_material
from switchtax.records import Unknown

SONNET = "claude-sonnet-5-5"
LOW = Risk(Level.LOW, 0, ())
QUICK = Wait(2.0, 4.0, 1.5, 3.0, 0.5, 1.0, "hand")


def small(**changes: object) -> Answer:
    """A switch of some cents, quick and without a risk, but for the changes."""
    found = answer(make(*talk(4, first=50_000)), SONNET, START + 250, BOOK)
    return replace(found, **({"wait": QUICK, "risk": LOW} | changes))  # type: ignore[arg-type]


def test_a_small_one_is_not() -> None:
    """Nor is one of which wait and risk are unknown."""
    assert not is_material(small())
    assert not is_material(small(wait=Unknown("never seen"), risk=Unknown("no log")))


@pytest.mark.parametrize(("extra_s", "worth"), [(2.9, False), (3.0, True), (-4.0, False)])
def test_a_long_wait_is(extra_s: float, worth: bool) -> None:
    """By its median: three seconds by default."""
    assert worth == is_material(small(wait=replace(QUICK, extra_p50_s=extra_s)))


@pytest.mark.parametrize(
    ("level", "least", "worth"),
    [
        (Level.MEDIUM, "high", False),
        (Level.HIGH, "high", True),
        (Level.SEVERE, "high", True),
        (Level.HIGH, "severe", False),
        (Level.LOW, "low", True),
    ],
)
def test_a_high_risk_is(level: Level, least: str, worth: bool) -> None:
    """That level, and those above it."""
    assert worth == is_material(small(risk=Risk(level, 0, ())), Material(risk=least))


def test_a_price_as_configured() -> None:
    """The amount that must be re-read."""
    assert is_material(small(), Material(rebuild_usd_micros=100_000))


def test_nothing_is_worth_a_word_where_nothing_is_lost() -> None:
    """A cold cache stays silent, however high the risk."""
    cold = answer(make(*talk(4, first=50_000)), SONNET, START + 9_000, BOOK)
    assert not is_material(replace(cold, risk=Risk(Level.SEVERE, 9, ())))


def test_a_model_that_the_agent_chooses_is_not() -> None:
    """Neither on the way there nor back: what it costs is not known."""
    dear = {"risk": Risk(Level.SEVERE, 9, ())}
    assert is_material(small(**dear))
    assert not is_material(small(**dear, model="default"))
    auto = answer(make(*talk(4, first=50_000, model="auto")), SONNET, START + 250, BOOK)
    assert not is_material(replace(auto, **dear))  # type: ignore[arg-type]
