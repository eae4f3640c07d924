"""How caches behave, as recorded."""

import pytest

from switchtax.catalog import rules
from switchtax.catalog.cards import CacheKind

CAUSES = {"model", "effort", "fast", "tools", "system", "account", "images"}


@pytest.mark.parametrize(
    ("model", "provider", "kind", "ttl_s", "minimum"),
    [
        ("claude-opus-5-5", "anthropic", CacheKind.EXPLICIT, 300, 512),
        ("claude-sonnet-5", "anthropic", CacheKind.EXPLICIT, 300, 1024),
        ("claude-opus-4-7", "anthropic", CacheKind.EXPLICIT, 300, 2048),
        ("claude-haiku-4-5", "anthropic", CacheKind.EXPLICIT, 300, 4096),
        ("gpt-5.5", "openai", CacheKind.BEST_EFFORT, 300, 1024),
        ("gpt-5.6-sol", "openai", CacheKind.EXPLICIT, 1800, 1024),
        ("gpt-6.1-sol", "openai", CacheKind.EXPLICIT, 1800, 1024),
        ("gemini-2.5-pro", "google", CacheKind.BEST_EFFORT, None, 2048),
        ("gemini-3.8-flash", "google", CacheKind.BEST_EFFORT, None, 4096),
        ("gemini-1.5-pro", "google", CacheKind.NONE, None, 4096),
        ("kimi-k3", "moonshotai", CacheKind.EXPLICIT, 300, 256),
        ("qwen3", "nobody", CacheKind.UNKNOWN, None, 0),
    ],
)
def test_the_longest_prefix_counts(
    model: str, provider: str, kind: CacheKind, ttl_s: int | None, minimum: int
) -> None:
    """A row for the model goes before its provider's default."""
    found = rules.find(model, provider)
    assert (kind, ttl_s, minimum) == (found.kind, found.ttl_s, found.minimum_tokens)


def test_effort_breaks_by_model() -> None:
    """Documented for Opus, Sonnet and Haiku 5.5 and Fable from 5.1 on, at Anthropic only."""
    kept = [
        model
        for model in (
            "opus-5", "opus-5-5", "sonnet-5", "sonnet-5-5", "haiku-4-5", "haiku-5-5", "fable-5",
            "fable-5-1",
        )
        if "effort" not in rules.find(f"claude-{model}", "anthropic").breaks_on
    ]  # fmt: skip
    assert kept == ["opus-5-5", "sonnet-5-5", "haiku-5-5", "fable-5-1"]


def test_every_row_names_its_source() -> None:
    """URL, date, and causes that the code knows."""
    for provider, found in rules.rows().items():
        for row in found:
            assert row.provider == provider
            assert row.source.startswith("https://"), row
            assert row.source_date.startswith("2026-"), row
            assert set(row.breaks_on) <= CAUSES
            assert "model" in row.breaks_on


def test_explicit_rows_have_a_lifetime() -> None:
    """Else there would be no clock to show."""
    for found in rules.rows().values():
        assert all(row.ttl_s for row in found if row.kind is CacheKind.EXPLICIT)


@pytest.mark.parametrize(("key", "value"), [("minimum_tokens", "512"), ("breaks_on", "model")])
def test_a_row_of_the_wrong_type_fails_at_once(key: str, value: str) -> None:
    """A mistake in our own data is a bug, not a value."""
    good = {
        "model_prefix": "",
        "kind": "none",
        "refreshed_by_use": False,
        "minimum_tokens": 1,
        "block_tokens": 1,
        "lookback_blocks": 0,
        "writes_billed": False,
        "breaks_on": ["model"],
        "source": "",
        "source_date": "",
    }
    with pytest.raises(TypeError):
        rules._row("p", good | {key: value})
