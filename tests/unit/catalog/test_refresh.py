"""Refreshing prices from the user's own copy of the package."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from switchtax.catalog.places import refreshed_file, user_file
from switchtax.catalog.refresh import refresh
from switchtax.errors import DataError, UsageError

DATE = "2026-11-22"
PROVIDER = SimpleNamespace(id="openai", pricing_urls=["https://example.org"], models=())


def _absent(name: str) -> object:
    raise ModuleNotFoundError(name)


def _package(name: str, snapshot: object = None, error: Exception | None = None) -> object:
    def fetch() -> object:
        if error:
            raise error
        return snapshot

    if name == "genai_prices.data":
        return SimpleNamespace(providers=[PROVIDER])
    return SimpleNamespace(UpdatePrices=lambda: SimpleNamespace(fetch=fetch))


def test_the_installed_package_is_read(tmp_path: Path) -> None:
    """Nothing is fetched; the folder is made; no draft is left behind."""
    pytest.importorskip("genai_prices")
    target = tmp_path / "new" / "prices.json"
    table = refresh(target, date=DATE)
    assert (table.origin, table.date) == ("refreshed", DATE)
    assert [path.name for path in target.parent.iterdir()] == ["prices.json"]


def test_without_the_package_the_message_names_the_extra(tmp_path: Path) -> None:
    """And says what stays in force."""
    with pytest.raises(UsageError, match=r"switchtax\[refresh\].*stay in force"):
        refresh(tmp_path / "prices.json", date=DATE, load=_absent)


def test_online_only_when_asked(tmp_path: Path) -> None:
    """Then the package fetches its newest table."""
    snapshot = SimpleNamespace(providers=[PROVIDER])
    table = refresh(
        tmp_path / "prices.json", date=DATE, online=True, load=lambda n: _package(n, snapshot)
    )
    assert table.source.endswith("fetched")
    assert list(table.providers) == ["openai"]


@pytest.mark.parametrize(
    ("error", "message"), [(OSError("no network"), "no network"), (None, "no newer prices")]
)
def test_what_could_not_be_fetched(tmp_path: Path, error: Exception | None, message: str) -> None:
    """The prices in force stay as they are."""
    with pytest.raises(DataError, match=f"{message}.*stay as they"):
        refresh(
            tmp_path / "prices.json",
            date=DATE,
            online=True,
            load=lambda name: _package(name, None, error),
        )


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        refresh(tmp_path / "file" / "prices.json", date=DATE, load=_package)


def test_where_the_files_stand() -> None:
    """Environment first, then the folders of the user."""
    home = Path.home()
    assert user_file({"SWITCHTAX_PRICES": "~/p.toml"}) == home / "p.toml"
    assert user_file({"XDG_CONFIG_HOME": "/c"}) == Path("/c/switchtax/prices.toml")
    assert user_file({}) == home / ".config/switchtax/prices.toml"
    assert refreshed_file({"XDG_CACHE_HOME": "/d"}) == Path("/d/switchtax/prices.json")
    assert refreshed_file({}).is_relative_to(home)
    assert user_file().name == "prices.toml"
    assert refreshed_file().name == "prices.json"
