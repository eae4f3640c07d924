"""What is known of waits beforehand: every row is whole, and found by the model's name."""

from __future__ import annotations

import pytest

from switchtax.catalog import latency
from switchtax.catalog.latency import latency_prior


def test_the_longest_prefix_counts() -> None:
    """A family's row goes before its maker's."""
    found = [latency_prior(name) for name in ("gpt-5.3-codex-spark", "gpt-6.1-sol")]
    assert ["gpt-5.3-codex-spark", "gpt-"] == [row.prefix for row in found if row]


def test_a_row_takes_from_its_maker_what_it_does_not_say() -> None:
    """Haiku's start is its own, its rates per token are Claude's."""
    haiku, other = latency_prior("claude-haiku-5-5"), latency_prior("claude-opus-5-5")
    assert haiku is not None
    assert other is not None
    assert haiku.prefill_s_per_mtok == other.prefill_s_per_mtok
    assert haiku.generate_s_per_ktok < other.generate_s_per_ktok


def test_any_spelling() -> None:
    """Dates and sellers do not matter."""
    dated = latency_prior("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
    assert latency_prior("claude-sonnet-4-5") == dated


@pytest.mark.parametrize("model", ["qwen3-coder:30b", "llama-4", "", "fixture-model"])
def test_nothing_is_made_up_for_unknown_makers(model: str) -> None:
    """Local models are timed before anything is said of them."""
    assert latency_prior(model) is None


def test_every_row_has_sense_and_a_source() -> None:
    """Reading is quicker than processing; what is not measured is wider; each says where from."""
    rows = latency._rows()
    assert len({row.prefix for row in rows}) == len(rows) >= 8
    for row in rows:
        assert 0 < row.read_s_per_mtok < row.prefill_s_per_mtok < 100, row.prefix
        assert 0 < row.start_s < 10, row.prefix
        assert 0 < row.spread < row.cold_spread, row.prefix
        assert row.source.startswith("https://"), row.prefix
        assert "2025-01-01" <= row.source_date <= "2026-12-31", row.prefix
    measured = [row.cold_spread for row in rows if row.measured]
    assert max(measured) < min(row.cold_spread for row in rows if not row.measured)
