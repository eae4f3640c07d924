"""The shipped table is what the generator makes of the package."""

import datetime
import json
import runpy
import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from switchtax.catalog import generate
from switchtax.catalog.sheets import SCHEMA, SHIPPED, shipped


def test_the_shipped_table_is_up_to_date(tmp_path: Path) -> None:
    """Regenerating gives the same bytes; else run `python -m switchtax.catalog.generate`."""
    pytest.importorskip("genai_prices")
    table = shipped()
    target = tmp_path / "prices.json"
    generate.main([str(target)], date=table.date)
    if json.loads(target.read_text())["source"] != table.source:
        pytest.skip("another version of genai-prices is installed")
    assert SHIPPED.read_text() == target.read_text()


def test_without_a_file_name_the_shipped_table_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The developer's usual call."""
    pytest.importorskip("genai_prices")
    monkeypatch.setattr(generate, "SHIPPED", tmp_path / "prices.json")
    generate.main([], date="2026-11-21")
    assert json.loads((tmp_path / "prices.json").read_text())["date"] == "2026-11-21"


def test_run_as_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m switchtax.catalog.generate FILE` writes today's table."""
    pytest.importorskip("genai_prices")
    target = tmp_path / "prices.json"
    monkeypatch.setattr("sys.argv", ["generate", str(target)])
    monkeypatch.delitem(sys.modules, "switchtax.catalog.generate")
    runpy.run_module("switchtax.catalog.generate", run_name="__main__")
    assert json.loads(target.read_text())["schema"] == SCHEMA


class _Price:
    """As the package's ModelPrice: attributes only where there is a price."""

    def __init__(self, **prices: object) -> None:
        self.__dict__.update(prices)


def _tiered(base: str, *tiers: tuple[int, str]) -> object:
    return SimpleNamespace(
        base=Decimal(base),
        tiers=[SimpleNamespace(start=start, price=Decimal(price)) for start, price in tiers],
    )


def _model(identity: str, prices: object, **more: object) -> object:
    fields: dict[str, object] = {
        "id": identity,
        "match": SimpleNamespace(equals=identity),
        "context_window": 1_000,
        "prices": prices,
        "price_variants": None,
    }
    return SimpleNamespace(**(fields | more))


def _table(*models: object, provider: str = "openai") -> dict[str, object]:
    source = SimpleNamespace(id=provider, pricing_urls=["https://example.org"], models=models)
    other = SimpleNamespace(id="voyageai", pricing_urls=[], models=())
    made = generate.table([source, other], version="9", date="2026-11-21")
    found: dict[str, object] = made["providers"][generate.PROVIDERS[provider]]
    assert len(made["providers"]) == 1
    return found


def test_tiers_fast_rates_and_free_writes() -> None:
    """Where only some prices have tiers, the others stay; who bills no writes bills input."""
    standard = _Price(
        input_mtok=_tiered("1", (100, "2"), (200, "3")), output_mtok=Decimal("4"), other=None
    )
    variants = [
        SimpleNamespace(when={"processing": "batch"}, prices=_Price(input_mtok=Decimal("0.5"))),
        SimpleNamespace(
            when={"service_tier": "fast"}, prices=_Price(input_mtok=Decimal("9"), output_mtok=None)
        ),
    ]
    found = _table(_model("gpt-x", standard, price_variants=variants))
    m = 1_000_000
    assert found["models"] == {
        "gpt-x": [
            1_000,
            [
                [
                    None,
                    None,
                    [m, 4 * m, None, m, m],
                    [
                        [100, [2 * m, 4 * m, None, 2 * m, 2 * m]],
                        [200, [3 * m, 4 * m, None, 3 * m, 3 * m]],
                    ],
                    [9 * m, 4 * m, None, 9 * m, 9 * m],
                ]
            ],
        ]
    }


def test_claude_writes_are_never_taken_as_free() -> None:
    """A Claude row without write prices has unknown write prices."""
    price = _Price(input_mtok=Decimal("3"), output_mtok=Decimal("15"))
    found = _table(_model("claude-old", price), provider="anthropic")
    assert found["models"] == {
        "claude-old": [1_000, [[None, None, [3_000_000, 15_000_000, None, None, None]]]]
    }


def test_dates_hours_aliases_and_what_is_left_out() -> None:
    """Names spelled out in a match become aliases; images, and rows without prices, do not."""
    price = _Price(input_mtok=Decimal("1"), output_mtok=Decimal("1"))
    offset = datetime.timezone(datetime.timedelta(hours=2))
    periods = [
        SimpleNamespace(constraint=None, prices=price),
        SimpleNamespace(
            constraint=SimpleNamespace(start_date=datetime.date(2026, 8, 17)), prices=price
        ),
        SimpleNamespace(
            constraint=SimpleNamespace(
                start_time=datetime.time(1, 30), end_time=datetime.time(3, 0, tzinfo=offset)
            ),
            prices=price,
        ),
        SimpleNamespace(constraint=None, prices=_Price(input_mtok=Decimal("1"))),
    ]
    clause = SimpleNamespace(
        or_=[
            SimpleNamespace(equals="gpt-y"),
            SimpleNamespace(starts_with="gpt-y-also"),
            SimpleNamespace(contains="half-a-"),
            SimpleNamespace(regex="^gpt-y"),
        ]
    )
    found = _table(
        _model("gpt-y", periods, match=clause),
        _model("gpt-image-9", price),
        _model("gpt-free", _Price(web_searches_kcount=Decimal("1"))),
    )
    rates = [1_000_000, 1_000_000, None, 1_000_000, 1_000_000]
    assert found["aliases"] == {"gpt-y-also": "gpt-y"}
    assert found["models"] == {
        "gpt-y": [
            1_000,
            [[None, None, rates], ["2026-08-17", None, rates], [None, [5400, 3600], rates]],
        ]
    }


def test_of_two_rows_for_one_model_the_fuller_counts() -> None:
    """OpenRouter has some with and without a vendor; equally full, that with a vendor."""
    some = {"input_mtok": Decimal("1"), "output_mtok": Decimal("1")}
    more = some | {"cache_read_mtok": Decimal("2")}
    found = _table(
        _model("a", _Price(**more)),
        _model("v/a", _Price(**some)),
        _model("b", _Price(**some)),
        _model("v/b", _Price(**more)),
        _model("c", _Price(**(some | {"input_mtok": Decimal("3")}))),
        _model("v/c", _Price(**some)),
        provider="openrouter",
    )
    models: Any = found["models"]
    newest = {name: periods[-1][2] for name, (_, periods) in models.items()}
    m = 1_000_000
    assert newest["a"] == newest["b"] == [m, m, 2 * m, m, m]
    assert newest["c"] == [m, m, None, m, m]


def test_bedrock_routes_have_rows_of_their_own() -> None:
    """Global endpoints cost less than regional ones; their match clauses are no names."""
    price = _Price(input_mtok=Decimal("1"), output_mtok=Decimal("1"))
    found = _table(
        _model("global.anthropic.claude-z-1-v1:0", price),
        _model("regional.anthropic.claude-z-1-v1:0", price),
        provider="aws",
    )
    assert list(found["models"]) == ["claude-z-1", "global.claude-z-1"]  # type: ignore[call-overload]
    assert found["aliases"] == {}
