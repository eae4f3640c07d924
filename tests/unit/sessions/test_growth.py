"""How many tokens new content adds: learnt within the session, from a prior."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchtax.sessions.calibration import Z80
from switchtax.sessions.growth import Grown, Growth, Pieces

FAMILIES = (
    "claude-before-4-7",
    "claude-from-4-7",
    "openai-o200k",
    "openai-gpt-6",
    "gemini",
    "",
    "never heard of",
)
counts = st.integers(0, 400_000)
pieces = st.builds(
    Pieces,
    output_tokens=counts,
    output_recorded=st.booleans(),
    text_chars=counts,
    call_chars=counts,
    reasoning_chars=counts,
    sealed_chars=counts,
    result_chars=counts,
    prompt_chars=counts,
    attachment_chars=counts,
    images=st.integers(0, 20),
    results=st.integers(0, 50),
    attachments=st.integers(0, 50),
    summary_chars=counts,
)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_prior_for_every_tokenizer(family: str) -> None:
    """Before anything was seen a result has a quarter to a half of a token a character."""
    growth = Growth(family)
    assert 0.2 < growth.piece_tokens(100_000) / 100_000 < 0.5
    assert 0.2 < growth.tokens_per_char < 0.5
    assert 1.0 <= growth.piece_tokens(0)


@pytest.mark.parametrize("density", [0.2, 0.34, 0.5])
def test_tokens_per_character_are_learnt(density: float) -> None:
    """A dozen tool results of a session tell how dense its language is."""
    growth = Growth("claude-before-4-7")
    for number in range(40):
        chars = 4_000 + 700 * (number % 9)
        growth.observe(Pieces(result_chars=chars, results=1), density * chars)
    found = growth.expected_tokens(Pieces(result_chars=10_000, results=1))
    assert found == pytest.approx(10_000 * density, rel=0.03)
    assert 40 == growth.observed


def test_one_odd_request_moves_it_little() -> None:
    """Ten times the usual, once, changes what is expected next by less than a tenth."""
    growth, usual = Growth("claude-before-4-7"), Pieces(result_chars=8_000, results=1)
    for _ in range(20):
        growth.observe(usual, 2_700)
    before = growth.expected_tokens(usual)
    growth.observe(usual, 27_000)
    assert before < growth.expected_tokens(usual) < 1.1 * before


def test_what_is_known_loosely_teaches_less() -> None:
    """A size that may be off by thousands moves the model less than an exact one."""
    exact, loose, seen = Growth(), Growth(), Pieces(attachment_chars=40_000)
    exact.observe(seen, 20_000)
    loose.observe(seen, 20_000, unsure_tokens=10_000)
    prior = Growth().expected_tokens(seen)
    assert prior < loose.expected_tokens(seen) < exact.expected_tokens(seen)


def test_spread_follows_the_residuals() -> None:
    """Requests just as expected narrow it; scattered ones widen it, up to a limit."""
    narrow, wide, usual = Growth(), Growth(), Pieces(result_chars=8_000, results=1)
    for number in range(60):
        narrow.observe(usual, narrow.expected_tokens(usual))
        wide.observe(usual, 100 if number % 2 else 9_000)
    assert narrow.spread < 0.1
    assert 1.0 < wide.spread <= 5.0


@given(new=pieces, family=st.sampled_from(FAMILIES))
def test_nothing_is_negative(new: Pieces, family: str) -> None:
    """Whatever stands in a log, sizes are at least zero and the parts make the whole."""
    growth = Growth(family)
    whole = growth.expected_tokens(new)
    answer, rest = growth.answer_tokens(new), growth.new_tokens(new)
    assert min(whole, answer, rest) >= 0.0
    assert whole == pytest.approx(answer + rest)


@given(seen=st.lists(st.tuples(pieces, st.floats(-50_000, 400_000)), max_size=12), new=pieces)
def test_nothing_learnt_makes_a_size_negative_or_lost(
    seen: list[tuple[Pieces, float]], new: Pieces
) -> None:
    """Also after requests that shrank or that make no sense."""
    growth = Growth("claude-from-4-7")
    for one, grown in seen:
        growth.observe(one, grown)
    for value in (growth.expected_tokens(new), growth.answer_tokens(new), growth.new_tokens(new)):
        assert 0.0 <= value < float("inf")
    assert growth.noise_tokens(growth.expected_tokens(new)) >= 30.0


def test_an_answer_counts_by_tokens_or_else_by_text() -> None:
    """Never both: where the output is recorded its text adds nothing."""
    growth = Growth("claude-before-4-7")
    told = Pieces(output_tokens=1000, text_chars=99_999)
    assert growth.answer_tokens(told) == pytest.approx(1000)
    placeholder = Pieces(output_tokens=8, output_recorded=False, text_chars=1000)
    assert 200 < growth.answer_tokens(placeholder) < 300
    assert growth.answer_noise_tokens(placeholder) > growth.answer_noise_tokens(
        Pieces(output_tokens=260)
    )


@pytest.mark.parametrize(
    "field",
    ["result_chars", "prompt_chars", "attachment_chars", "images", "results", "summary_chars"],
)
def test_anything_after_the_answer_is_new(field: str) -> None:
    """The answer itself is not."""
    assert Pieces(**{field: 1}).anything_new
    assert not Pieces(output_tokens=5, text_chars=5).anything_new


@given(
    answer=st.floats(0, 50_000),
    noise=st.floats(1, 5_000),
    mu=st.floats(0, 10),
    sd=st.floats(0.05, 1.6),
)
def test_limits_before_the_content_is_known(
    answer: float, noise: float, mu: float, sd: float
) -> None:
    """More lies above the middle than below; a limit is at its own standard normal point."""
    grown = Grown(answer, noise, mu, sd)
    up, down = grown.deviation_tokens(Z80), grown.deviation_tokens(-Z80)
    assert down < 0 < up
    assert -down <= up + 1e-6
    assert grown.z_of(grown.mid_tokens + up) == pytest.approx(Z80)
    assert grown.z_of(grown.mid_tokens + down) == pytest.approx(-Z80)
    assert grown.z_of(grown.mid_tokens) == pytest.approx(0.0)
