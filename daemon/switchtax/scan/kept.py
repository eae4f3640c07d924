"""The document of the whole machine: made, and kept as the answer to the next question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import json

from switchtax.scan.document import document
from switchtax.scan.front import keep
from switchtax.scan.usage import price_watches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.scan.usage import Found
    from switchtax.scan.watch import Finds

__all__ = ["text_of"]

_NAMES = (
    "HOME", "USERPROFILE", "SWITCHTAX_PRICES", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "PYTHONPATH",  # where agents of third parties may be installed
)  # fmt: skip


def text_of(found: Found, finds: Finds | None, env: Mapping[str, str]) -> bytes:
    """The document of what was found, as `usage --json` prints it.

    Args:
        found: the usage of the sources.
        finds: what was looked at, where that is everything: the text is kept for the next time.
        env: the environment that says where everything lies.
    """
    text = json.encode(document(found)) + b"\n"
    if finds is not None:
        asked = finds.asked | {name: env.get(name) for name in _NAMES}
        keep(asked, finds.watches + price_watches(), text)
    return text
