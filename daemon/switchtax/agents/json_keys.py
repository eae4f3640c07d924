"""A value deep in decoded JSON of which nothing is sure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["at_keys"]


def at_keys(given: Any, *keys: str) -> Any:
    """What stands under these keys, one inside the other; None where one is missing.

    >>> at_keys({"model": {"id": "m"}}, "model", "id"), at_keys({"model": "m"}, "model", "id")
    ('m', None)
    """
    for key in keys:
        given = given.get(key) if isinstance(given, Mapping) else None
    return given
