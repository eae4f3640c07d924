"""How counts compare between tokenizers."""

import pytest

from switchtax.catalog.tokenizers import family, token_ratio

SAME = (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("from_model", "to_model"),
    [
        ("claude-opus-5-5", "claude-sonnet-5-5"),
        ("claude-opus-4-7", "claude-haiku-5-5"),
        ("claude-sonnet-4-5", "claude-haiku-4-5"),
        ("gpt-6.1-sol", "gpt-6.1-terra"),
        ("my-own-model", "My-Own-Model"),
    ],
)
def test_within_a_family_counts_are_equal(from_model: str, to_model: str) -> None:
    """So are those of a model and itself."""
    assert SAME == token_ratio(from_model, to_model)


def test_newer_claude_models_count_more() -> None:
    """Up to 35 % more tokens, about 30 % as published; the way back is the inverse."""
    assert token_ratio("claude-sonnet-4-6", "claude-opus-5-5") == (1.0, 1.3, 1.35)
    low, mid, high = token_ratio("claude-opus-5-5", "claude-sonnet-4-6")
    assert (1 / high, 1 / mid, 1 / low) == pytest.approx((1.0, 1.3, 1.35))


@pytest.mark.parametrize("other", ["gpt-6.1-sol", "grok-4", "my-own-model"])
def test_across_makers_the_interval_is_wide(other: str) -> None:
    """Until the ledger has learnt better."""
    assert token_ratio("claude-opus-5-5", other) == (1.0, 1.15, 1.35)


def test_makers_that_were_measured_have_their_own_interval() -> None:
    """GPT-5 text is 1.57 times as many tokens on a newer Claude; the way back is the inverse."""
    low, mid, high = token_ratio("gpt-5.4", "claude-opus-4-7")
    assert (1.25, 1.57, 1.95) == (low, mid, high)
    assert token_ratio("claude-opus-4-7", "gpt-5.4") == pytest.approx((1 / high, 1 / mid, 1 / low))


def test_two_models_of_unknown_family_are_not_one_family() -> None:
    """Nothing known of either says nothing of both."""
    assert family("my-own-model") == family("another-model") == ""
    assert token_ratio("my-own-model", "another-model") != SAME
