"""The price table: rows become cards."""

import datetime
import json
from pathlib import Path

import pytest

from switchtax.catalog.names import normalise
from switchtax.catalog.sheets import Sheets, load, shipped
from switchtax.errors import PriceFileError
from switchtax.records import Unknown


def _at(text: str) -> float:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp()


def _rates(micros: int) -> list[int]:
    return [micros] * 5


PERIODS = [
    [None, None, _rates(1)],
    ["2026-08-17", None, _rates(2)],
    [None, [3600, 14400], _rates(3)],
    [None, [79200, 1800], _rates(4)],
]
SHEETS = Sheets(
    "shipped",
    "test",
    "2026-11-21",
    {
        "maker": {
            "url": "https://example.org",
            "aliases": {"also": "model"},
            "models": {"model": [None, PERIODS], "later": [7, [["2026-08-17", None, _rates(9)]]]},
        }
    },
)


@pytest.mark.parametrize(
    ("time", "micros", "since", "until"),
    [
        ("2026-08-16T12:00", 1, "", "2026-08-17"),
        ("2026-08-17T12:00", 2, "2026-08-17", ""),
        ("2026-08-16T02:00", 3, "", "2026-08-17"),
        ("2026-08-18T00:10", 4, "", ""),
        ("2026-08-18T23:00", 4, "", ""),
    ],
)
def test_the_price_valid_at_the_call(time: str, micros: int, since: str, until: str) -> None:
    """By date, and by hour of the day where a provider has off-peak prices."""
    card = SHEETS.card(normalise("also"), "maker", _at(time))
    assert card is not None
    assert (micros, since, until) == (card.rates.input, card.valid_from, card.valid_until)
    assert isinstance(card.context_window_tokens, Unknown)


def test_before_its_first_price_a_model_has_its_first_price() -> None:
    """A card's start is when the price was first seen, which may be after the call."""
    card = SHEETS.card(normalise("later"), "maker", _at("2026-01-01T00:00"))
    assert card is not None
    assert (card.rates.input, card.context_window_tokens) == (9, 7)


def test_no_row_no_card() -> None:
    """Neither an unknown model nor an unknown provider has one."""
    assert SHEETS.card(normalise("other"), "maker", 0.0) is None
    assert SHEETS.card(normalise("model"), "nobody", 0.0) is None
    assert SHEETS.models("nobody") == []
    assert SHEETS.models("maker") == ["model", "later"]


def test_the_shipped_table_is_read_once() -> None:
    """Loading is not repeated for each book."""
    assert shipped() is shipped()


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", json.dumps({"schema": "switchtax.price-table/9"})]
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: str) -> None:
    """The message names the file and the way out."""
    path = tmp_path / "prices.json"
    path.write_text(content)
    with pytest.raises(PriceFileError, match=r"prices\.json.*--refresh"):
        load(path, "refreshed")
