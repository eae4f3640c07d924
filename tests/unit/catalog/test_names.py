"""One normaliser for every spelling of a model."""

import pytest

from switchtax.catalog.names import (
    ModelName,
    Target,
    display_name,
    maker_of,
    normalise,
    resolve_target,
)
from switchtax.records import Unknown

SPELLINGS = [
    # spelled, name, provider
    ("claude-opus-5-5", "claude-opus-5-5", ""),
    ("CLAUDE-OPUS-5-5", "claude-opus-5-5", ""),
    ("claude-opus-4-5-20251101", "claude-opus-4-5", ""),
    ("claude-opus-4-20250514", "claude-opus-4", ""),
    ("claude-opus-4-0", "claude-opus-4", ""),
    ("claude-sonnet-5.0", "claude-sonnet-5", ""),
    ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet", ""),
    ("claude-3-5-haiku-latest", "claude-3-5-haiku", ""),
    ("claude-3.7-sonnet", "claude-3-7-sonnet", ""),
    ("claude-sonnet-4.5", "claude-sonnet-4-5", ""),
    ("claude-4.5-sonnet", "claude-sonnet-4-5", ""),
    ("claude-4-sonnet", "claude-sonnet-4", ""),
    ("claude-opus-4.8-fast", "claude-opus-4-8-fast", ""),
    ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5", "aws-bedrock"),
    ("anthropic.claude-3-haiku-20240307-v1:0:200k", "claude-3-haiku", "aws-bedrock"),
    ("openai.gpt-5.4", "gpt-5.4", "aws-bedrock"),
    (
        "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-5-5-v1:0",
        "claude-opus-5-5",
        "aws-bedrock",
    ),
    (
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3",
        "a1b2c3",
        "aws-bedrock",
    ),
    ("claude-opus-4-1@20250805", "claude-opus-4-1", "google-vertex"),
    ("claude-sonnet-5@default", "claude-sonnet-5", "google-vertex"),
    (
        "projects/p/locations/l/publishers/anthropic/models/claude-opus-4@20250514",
        "claude-opus-4",
        "google-vertex",
    ),
    ("anthropic/claude-opus-5-5", "claude-opus-5-5", "anthropic"),
    ("openai/gpt-6.1-sol", "gpt-6.1-sol", "openai"),
    ("openrouter/anthropic/claude-sonnet-4.5", "claude-sonnet-4-5", "openrouter"),
    ("github-copilot/claude-opus-4.7", "claude-opus-4-7", "github-copilot"),
    ("vertex_ai/claude-opus-5-5", "claude-opus-5-5", "google-vertex"),
    ("lmstudio/qwen3-coder", "qwen3-coder", "lmstudio"),
    ("models/gemini-2.5-pro", "gemini-2.5-pro", ""),
    ("gemini-3.1-pro-preview", "gemini-3.1-pro-preview", ""),
    ("gpt-5-2025-08-07", "gpt-5", ""),
    ("gpt-5-1-codex", "gpt-5.1-codex", ""),
    ("gpt-4-0613", "gpt-4-0613", ""),
    ("gpt-4-32k", "gpt-4-32k", ""),
    ("GLM-5.3", "glm-5.3", ""),
    ("qwen2.5@q4_k_m", "qwen2.5@q4_k_m", ""),
    ("Opus 5.5", "claude-opus-5-5", ""),
    ("Claude Opus 4.5", "claude-opus-4-5", ""),
    ("Sonnet 4.5", "claude-sonnet-4-5", ""),
    ("3.5 haiku", "claude-3-5-haiku", ""),
    ("`Sonnet 4.5`", "claude-sonnet-4-5", ""),
    ("**Fable 5.2**", "claude-fable-5-2", ""),
    ("<b>Haiku 5.5</b>", "claude-haiku-5-5", ""),
    ("\x1b[1mOpus 5.5\x1b[22m", "claude-opus-5-5", ""),
    ("opus (claude-opus-4-5-20251101)", "claude-opus-4-5", ""),
    ("Opus 5.5 (default)", "claude-opus-5-5", ""),
    ("GPT-6.1 Sol", "gpt-6.1-sol", ""),
    ("Gemini 3.8 Flash", "gemini-3.8-flash", ""),
    ("my-own-model", "my-own-model", ""),
    ("<synthetic>", "", ""),
]


@pytest.mark.parametrize(("spelled", "name", "provider"), SPELLINGS)
def test_spellings(spelled: str, name: str, provider: str) -> None:
    """Every spelling seen in a log comes to one name and, where it says so, a provider."""
    found = normalise(spelled)
    assert (name, provider) == (found.name, found.provider)


@pytest.mark.parametrize(
    ("spelled", "tokens"),
    [
        ("claude-opus-5-5[1m]", 1_000_000),
        ("opus[1m]", 1_000_000),
        ("Sonnet 4.5 (1M context)", 1_000_000),
        ("claude-sonnet-4-5[200k]", 200_000),
        ("claude-sonnet-4-5", None),
    ],
)
def test_the_window_of_a_suffix_is_kept(spelled: str, tokens: int | None) -> None:
    """`[1m]` names a window, not a model."""
    found = normalise(spelled)
    assert tokens == found.window_tokens
    assert "[" not in found.name


def test_a_given_provider_goes_before_the_spelling() -> None:
    """The log's own provider field says who sold the call."""
    assert normalise("anthropic/claude-opus-5-5", "openrouter").provider == "openrouter"
    assert normalise("claude-opus-5-5", "Amazon-Bedrock").provider == "aws-bedrock"
    assert normalise("claude-opus-5-5", "my-proxy").provider == "my-proxy"


def test_the_date_is_kept_beside_the_name() -> None:
    """A few snapshots have prices of their own."""
    assert normalise("gpt-4o-2024-05-13").dated == "gpt-4o-2024-05-13"
    assert normalise("claude-opus-4-1@20250805").dated == "claude-opus-4-1-20250805"
    assert normalise("gpt-4o").dated == ""


def test_bedrock_routes() -> None:
    """Global and regional endpoints cost differently."""
    assert normalise("global.anthropic.claude-opus-5-5-v1:0").route == "global"
    assert normalise("eu.anthropic.claude-opus-5-5-v1:0").route == "regional"
    assert normalise("claude-opus-5-5").route == ""


def test_without_a_provider_the_maker_sells() -> None:
    """List prices are the maker's."""
    assert normalise("claude-opus-5-5").seller == "anthropic"
    assert normalise("openrouter/claude-opus-5.5").seller == "openrouter"
    assert maker_of("gpt-6.1-sol") == "openai"
    assert maker_of("my-own-model") == ""


KNOWN = ["claude-opus-4-8", "claude-opus-5", "claude-opus-5-5", "gpt-5.6-sol", "gpt-6-sol"]


def test_an_alias_is_the_newest_of_its_family() -> None:
    """The choice is stated, so that a person can object."""
    how = '"opus" taken as claude-opus-5-5, the newest in the catalogue'
    assert Target(ModelName("claude-opus-5-5"), how) == resolve_target("Opus", KNOWN)


def test_an_alias_keeps_window_and_provider() -> None:
    """`opus[1m]` asks for the large window of whatever opus is."""
    target = resolve_target("anthropic/opus[1m]", KNOWN)
    assert isinstance(target, Target)
    assert (target.name.window_tokens, target.name.provider) == (1_000_000, "anthropic")


def test_a_full_name_is_taken_as_it_is() -> None:
    """Also one that the catalogue does not know yet."""
    assert Target(ModelName("claude-opus-9"), "named in full") == resolve_target("opus-9", KNOWN)


@pytest.mark.parametrize("alias", ["default", "opusplan", "fable"])
def test_an_alias_without_a_model_is_unknown(alias: str) -> None:
    """Nothing is chosen for what names nothing."""
    assert isinstance(resolve_target(alias, KNOWN), Unknown)


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("claude-opus-5-5", "Opus 5.5"),
        ("claude-sonnet-4-5-20250929", "Sonnet 4.5"),
        ("claude-opus-5", "Opus 5"),
        ("claude-3-5-haiku", "Haiku 3.5"),
        ("claude-3-opus", "Opus 3"),
        ("claude-opus-4.8-fast", "Opus 4.8 Fast"),
        ("claude-opus-5-5[1m]", "Opus 5.5 (1M)"),
        ("gpt-6.1-sol", "GPT-6.1 Sol"),
        ("gpt-5.3-codex", "GPT-5.3 Codex"),
        ("gpt-oss-120b", "GPT OSS 120b"),
        ("glm-5.3", "GLM-5.3"),
        ("gemini-3.8-flash", "Gemini 3.8 Flash"),
        ("deepseek-v4-pro", "DeepSeek V4 Pro"),
        ("opus", "Opus"),
        ("", ""),
    ],
)
def test_names_for_people(model: str, shown: str) -> None:
    """As their makers write them, without the maker's name."""
    assert shown == display_name(model)
