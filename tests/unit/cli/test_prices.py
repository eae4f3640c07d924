"""`switchtax prices`, as people and programs read it."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from switchtax.catalog.cards import CacheKind, CacheRules
from switchtax.cli import prices
from switchtax.errors import PriceFileError, UsageError

SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "prices.schema.json"


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SWITCHTAX_PRICES", str(tmp_path / "prices.toml"))
    yield


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    prices.add_arguments(parser)
    return prices.run(parser.parse_args(words))


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    document = json.loads(capsys.readouterr().out)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    return document


def test_one_model_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    """Rates by request size, window, cache rule in words, and where each came from."""
    assert _run("Haiku 5.5") == 0
    shown = capsys.readouterr().out
    assert "Haiku 5.5 (claude-haiku-5-5) at anthropic" in shown
    assert "cache write, 1 hour              0.20         1.00" in shown
    assert ">100k" in shown
    assert "1,000,000 tokens" in shown
    assert "kept for 5 minutes, again after each use" in shown
    assert "prices: shipped, 2026-" in shown
    assert "genai-prices" in shown
    assert "https://platform.claude.com/docs/en/build-with-claude/effort" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_an_alias_says_what_it_was_taken_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Fast mode has columns of its own; what no source prices is listed with its reason."""
    assert _run("sol") == 0
    shown = capsys.readouterr().out
    assert '"sol" taken as gpt-6.1-sol' in shown
    assert "fast >272k" in shown
    assert "no 1-hour cache-write price for gpt-6.1-sol at openai" in shown


def test_prices_at_a_time(capsys: pytest.CaptureFixture[str]) -> None:
    """The row valid then, and until when it was."""
    assert _run("claude-sonnet-4-6", "--at", "2026-03-01") == 0
    shown = capsys.readouterr().out
    assert "until 2026-03-13" in shown
    assert ">200k" in shown
    assert _run("claude-sonnet-4-6", "--at", "2026-04-01") == 0
    assert "from 2026-03-13" in capsys.readouterr().out


def test_a_model_without_a_price(capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown, not $0, with a way out and its own exit code."""
    assert _run("my-own-model") == 4
    assert "no price card for my-own-model: unknown, not $0." in capsys.readouterr().out
    assert _run("my-own-model", "--json") == 4
    (model,) = _json(capsys)["models"]
    assert model["rates"] == {"unknown": "no price card for my-own-model"}


def test_a_table_of_current_models(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The newest of each family, then the user's own; 80 columns."""
    own = '[models."gone@p"]\ninput = 1\noutput = 2\n[models."p/mine"]\ninput = 1\noutput = 2\n'
    (tmp_path / "prices.toml").write_text(own)
    assert _run() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].split() == ["Opus", "5.5", "4.00", "20.00", "0.20", "5.00", "8.00", "1M"]
    assert any(line.startswith("Gone@p") and line.endswith("?") for line in lines)
    assert any(line.split()[:3] == ["Mine", "1.00", "2.00"] for line in lines)
    assert all(len(line) <= 80 and line == line.rstrip() for line in lines)


def test_json_of_one_model(capsys: pytest.CaptureFixture[str]) -> None:
    """Whole micro-dollars per million tokens, by schema."""
    assert _run("us.anthropic.claude-opus-5-5-v1:0", "--json", "--at", "1795253400") == 0
    document = _json(capsys)
    (model,) = document["models"]
    assert document["schema"] == "switchtax.prices/1"
    assert document["at"] == 1795253400
    assert (model["provider"], model["rates"]["input"]) == ("aws-bedrock", 4_400_000)
    assert _run("global.anthropic.claude-opus-5-5-v1:0", "--json") == 0
    assert _json(capsys)["models"][0]["rates"]["input"] == 4_000_000


def test_json_of_current_models(capsys: pytest.CaptureFixture[str]) -> None:
    """Every model of the table, by schema."""
    assert _run("--json") == 0
    found = {model["model"]: model for model in _json(capsys)["models"]}
    assert found["claude-opus-5-5"]["fast"]["rates"]["input"] == 8_000_000
    assert found["gemini-4-argon"]["cache"]["ttl_s"] == {"unknown": "no lifetime stated"}


def test_refresh_reads_the_installed_package(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The new table is in force at once."""
    pytest.importorskip("genai_prices")
    assert _run("opus", "--refresh") == 0
    out, err = capsys.readouterr()
    assert "prices refreshed from genai-prices" in err
    assert "prices: refreshed" in out
    assert (tmp_path / "cache" / "switchtax" / "prices.json").exists()


def test_what_a_card_leaves_open(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """No window, no cache rule: said in words."""
    (tmp_path / "prices.toml").write_text('[models."p/mine"]\ninput = 1\noutput = 2\n')
    assert _run("p/mine") == 0
    shown = capsys.readouterr().out
    assert "unknown: no context_window for p/mine" in shown
    assert "how p caches prompts is not recorded." in shown
    assert "cache rule:" not in shown


@pytest.mark.parametrize("words", [("--online",), ("best",), ("opus", "--at", "soon")])
def test_what_cannot_be_asked(words: tuple[str, ...]) -> None:
    """Usage errors name the way out."""
    with pytest.raises(UsageError):
        _run(*words)


def test_a_typo_in_the_users_file_is_told(tmp_path: Path) -> None:
    """With file, line and key."""
    (tmp_path / "prices.toml").write_text('[models."x"]\ninput = 1\nouput = 2\n')
    with pytest.raises(PriceFileError, match=r"prices\.toml:3: models\.x\.ouput"):
        _run()


def _rules(kind: CacheKind, ttl_s: int | None, provider: str = "p") -> CacheRules:
    return CacheRules(provider, "", kind, ttl_s, False, 0, 1, 0, False, ("model", "tools"), "", "")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (_rules(CacheKind.UNKNOWN, None), "how p caches prompts is not recorded."),
        (
            _rules(CacheKind.UNKNOWN, None, ""),
            "how this provider caches prompts is not recorded.",
        ),
        (_rules(CacheKind.NONE, None), "none."),
        (
            _rules(CacheKind.BEST_EFFORT, 300),
            "kept for about 5 minutes; no hit is promised. Lost by a change of model or tools.",
        ),
        (
            _rules(CacheKind.BEST_EFFORT, None),
            "kept for as long as the provider likes; no time is stated. "
            "Lost by a change of model or tools.",
        ),
    ],
)
def test_cache_rules_in_words(rules: CacheRules, words: str) -> None:
    """Plain words for each kind."""
    assert words == prices.cache_words(rules)
