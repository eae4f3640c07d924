"""`prices --refresh`: a newer price table from the user's own copy of genai-prices.

The table goes into the user's data folder and stands before the shipped one. Nothing is fetched
unless the user asks for it: by default the installed package is read, and `online=True` makes the
package fetch its newest published table.
"""

from __future__ import annotations

import os
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

from switchtax.catalog import generate, sheets
from switchtax.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["refresh"]


def refresh(
    target: Path,
    *,
    date: str,
    online: bool = False,
    load: Callable[[str], Any] = import_module,
) -> sheets.Sheets:
    """Write a new table to `target`, whole or not at all, and return it.

    Args:
        target: file to write; its folder is made.
        date: today, ISO, for the table.
        online: fetch the newest table the package's authors publish.
        load: imports a module by name.

    Raises:
        UsageError: the package is not installed.
        DataError: the newest table could not be fetched, or the file not written.
    """
    try:
        providers, version = _providers(online, load)
    except ImportError as error:
        raise UsageError(
            "refreshing prices needs the package genai-prices, which is not installed: "
            "install switchtax[refresh]; the prices shipped with this version stay in force"
        ) from error
    made = generate.table(providers, version=version, date=date)
    draft = target.with_suffix(f".{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(generate.render(made), encoding="utf-8")
        table = sheets.load(draft, "refreshed")
        draft.replace(target)
    except OSError as error:
        raise DataError(
            f"{target}: cannot be written ({error.strerror}); the prices in force stay as they are"
        ) from error
    return table


def _providers(online: bool, load: Callable[[str], Any]) -> tuple[Any, str]:
    """The package's providers, and its version as shown to people."""
    version = metadata.version("genai-prices")
    if not online:
        return load("genai_prices.data").providers, version
    updater = load("genai_prices.update_prices").UpdatePrices()
    try:
        snapshot = updater.fetch()
    except Exception as error:  # whatever its HTTP client raises: the package hides which it uses
        raise DataError(
            f"the newest prices could not be fetched ({error}); the prices in force stay as they "
            "are; without --online the installed package is read"
        ) from error
    if snapshot is None:
        raise DataError("no newer prices were published; the prices in force stay as they are")
    return snapshot.providers, f"{version}, fetched"
