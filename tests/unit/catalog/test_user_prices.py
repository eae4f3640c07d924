"""The user's own price file."""

from pathlib import Path

import pytest

from switchtax.catalog.cards import Rates, Tier
from switchtax.catalog.user_prices import load
from switchtax.errors import PriceFileError
from switchtax.records import Unknown

FULL = """\
# my prices
[models."Opus 5.5"]
input = 4.1
output = 20
cache_read = 0.205
cache_write_5m = 5.125
cache_write_1h = 8.2
context_window = 500_000
note = "negotiated"

[models."Opus 5.5".fast]
input = 8
output = 40

[[models."Opus 5.5".tiers]]
above_tokens = 200_000
input = 8.2
output = 30

[[models."Opus 5.5".tiers]]
above_tokens = 100_000
input = 6
output = 25
"""


def _load(tmp_path: Path, text: str) -> dict[tuple[str, str], object]:
    path = tmp_path / "prices.toml"
    path.write_text(text)
    return dict(load(path))


def test_a_full_card(tmp_path: Path) -> None:
    """Decimals become exact integers; what is left out is unknown."""
    path = tmp_path / "prices.toml"
    path.write_text(FULL)
    card = load(path)["", "claude-opus-5-5"]
    gone = [
        Unknown(f"no {key} for Opus 5.5 in {path}")
        for key in ("cache_read", "cache_write_5m", "cache_write_1h")
    ]
    assert card.rates == Rates(4_100_000, 20_000_000, 205_000, 5_125_000, 8_200_000)
    assert card.tiers == (
        Tier(100_000, Rates(6_000_000, 25_000_000, *gone)),
        Tier(200_000, Rates(8_200_000, 30_000_000, *gone)),
    )
    assert card.fast == Rates(8_000_000, 40_000_000, *gone)
    assert (card.context_window_tokens, card.origin, card.source) == (500_000, "user", str(path))


def test_a_card_for_one_seller(tmp_path: Path) -> None:
    """The provider stands before the model."""
    found = _load(tmp_path, '[models."openrouter/my-model"]\ninput = 0\noutput = 0.5\n')
    assert list(found) == [("openrouter", "my-model")]


HEAD = '[models."my-model"]\ninput = 1\noutput = 2\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "cache_raed = 0.1\n", r":4: models\.my-model\.cache_raed: unknown key"),
        ('[models."my-model"]\ninput = 1\n', r":1: models\.my-model: output is missing"),
        (HEAD + 'cache_read = "0.1"\n', r":4: models\.my-model\.cache_read: expected USD"),
        (HEAD + "cache_read = -1\n", r":4: .*expected USD"),
        (HEAD + "cache_read = true\n", r":4: .*expected USD"),
        (HEAD + "cache_read = inf\n", r":4: .*expected USD"),
        (HEAD + "cache_read = 0.0000001\n", r":4: .*more than six decimals"),
        (HEAD + "context_window = 1.5\n", r":4: .*whole number of tokens"),
        ('models."m\\u0079" = 1\n', r":1: models\.my: expected a table"),
        (HEAD + "tiers = 1\n", r":4: .*list of tables"),
        (HEAD + "fast = 1\n", r":4: .*expected a table"),
        (
            HEAD + '[[models."my-model".tiers]]\ninput = 1\noutput = 2\n',
            r":4: models\.my-model\.tiers\.0: expected above_tokens",
        ),
        (FULL + "oops = 1\n", r":24: models\.Opus 5\.5\.tiers\.1\.oops: unknown key"),
        ("[models]\nx = 1\n", r":2: models\.x: expected a table"),
        ("models = 1\n", r":1: models: expected tables"),
        ("[model.x]\ninput = 1\n", r":1: model: only \[models"),
        ('[models."opus"]\ninput = 1\noutput = 2\n', r":1: models\.opus: an alias"),
        ("input = = 1\n", r"not TOML \(.*line 1"),
    ],
)
def test_a_mistake_names_file_line_key_and_way_out(tmp_path: Path, text: str, message: str) -> None:
    """Nothing of a broken file is used."""
    with pytest.raises(PriceFileError, match=message) as caught:
        _load(tmp_path, text)
    assert str(caught.value).startswith(str(tmp_path / "prices.toml"))
    assert "stay in force" in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder in its place, for instance."""
    with pytest.raises(PriceFileError, match="cannot be read"):
        load(tmp_path)
