"""A session's own rhythm: log-normal quantities, and what a request will bring."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchtax.sessions.rhythm import (
    LogNormal,
    Rhythm,
    line_class,
    new_tokens_distribution,
    tool_class,
)

positive = st.floats(0.01, 1e7)
CLASSES = ("read", "edit", "write", "run", "search", "agent", "web", "todo", "other", "prompt")


@given(median=positive, sigma=st.floats(0, 3), seen=st.lists(positive, max_size=30))
def test_quantiles_are_ordered_and_positive(median: float, sigma: float, seen: list[float]) -> None:
    """Whatever was seen, a higher quantile is a higher value."""
    law = LogNormal(median, sigma)
    for value in seen:
        law.observe(value, least=0.001)
    points = [law.quantile(z) for z in (-2.0, -1.0, 0.0, 1.0, 2.0)]
    assert points == sorted(points)
    assert points[0] > 0
    assert points[0] < points[-1]
    assert law.variance > 0
    assert len(seen) == law.observed


@given(start=positive, value=st.floats(1, 1e6))
def test_it_converges_to_a_constant(start: float, value: float) -> None:
    """Of one value seen again and again the median becomes it and the spread goes."""
    law = LogNormal(start, 1.5)
    for _ in range(500):
        law.observe(value)
    assert law.quantile(0) == pytest.approx(value, rel=0.01)
    assert law.quantile(1.28) / law.quantile(-1.28) < 1.2


@given(value=st.floats(1, 1e5), factor=st.floats(1, 100))
def test_one_value_pulls_towards_itself(value: float, factor: float) -> None:
    """Never beyond it."""
    law = LogNormal(value, 1.0)
    law.observe(value * factor)
    assert value * 0.999 <= law.quantile(0) <= value * factor * 1.001


def test_a_prior_counts_as_a_few_observations() -> None:
    """A heavier prior moves less; values below the least count as the least."""
    light, heavy, zero = LogNormal(100, 1, 1), LogNormal(100, 1, 20), LogNormal(100, 1, 1)
    light.observe(1000)
    heavy.observe(1000)
    zero.observe(0)
    assert 100 < heavy.quantile(0) < light.quantile(0)
    assert 1 < zero.quantile(0) < 100
    assert light.mu == pytest.approx(math.log(light.quantile(0)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Read", "read"),
        ("read_file", "read"),
        ("MultiEdit", "edit"),
        ("exec_command", "run"),
        ("BASH", "run"),
        ("Task", "agent"),
        ("WebFetch", "web"),
        ("update_plan", "todo"),
        ("write_file", "write"),
        ("Grep", "search"),
        ("mcp__github__get_issue", "other"),
        ("", "other"),
    ],
)
def test_tools_of_all_agents_have_a_class(name: str, expected: str) -> None:
    """By name alone; an unknown tool is "other"."""
    assert expected == tool_class(name)


@pytest.mark.parametrize("key", CLASSES)
def test_every_class_has_a_prior_for_results_and_lines(key: str) -> None:
    """And keeps what it learnt."""
    rhythm = Rhythm()
    rhythm.of(key).observe(500)
    assert 1 == rhythm.of(key).observed
    assert rhythm.of(line_class(key)).quantile(0) < 50


def test_more_lines_asked_for_bring_more_tokens() -> None:
    """A range foretells better than the tool's own history, and less widely."""
    rhythm = Rhythm()
    means = [new_tokens_distribution(rhythm, (("read", lines),))[0] for lines in (10, 100, 1000)]
    assert means == sorted(means)
    _, unknown = new_tokens_distribution(rhythm, (("read", None),))
    _, asked = new_tokens_distribution(rhythm, (("read", 1000),))
    assert asked < unknown


@given(
    asked=st.lists(
        st.tuples(
            st.sampled_from([c for c in CLASSES if c != "prompt"]),
            st.none() | st.integers(1, 5000),
        ),
        max_size=6,
    )
)
def test_each_further_tool_brings_more(asked: list[tuple[str, int | None]]) -> None:
    """The mean of a sum is the sum of means; the spread stays finite and above zero."""
    rhythm = Rhythm()
    mu, sd = new_tokens_distribution(rhythm, tuple(asked))
    more_mu, more_sd = new_tokens_distribution(rhythm, (*asked, ("read", None)))
    if asked:
        assert more_mu + more_sd**2 / 2 > mu + sd**2 / 2
    assert 0 < sd < 2
    assert 0 < more_sd < 2


def test_a_person_speaks_next_where_no_tool_was_called() -> None:
    """What is expected then is what this session's prompts have brought."""
    rhythm = Rhythm()
    before, _ = new_tokens_distribution(rhythm, ())
    for _ in range(20):
        rhythm.of("prompt").observe(5000)
    after, _ = new_tokens_distribution(rhythm, ())
    assert after > before
