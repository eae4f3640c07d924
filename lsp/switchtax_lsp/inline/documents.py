"""Open documents that set models: their values, with what the daemon knows of each model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lsprotocol import types as lsp
from pygls import uris

from switchtax_lsp.inline.features import Named
from switchtax_lsp.inline.kinds import Kind, kind_of
from switchtax_lsp.inline.values import Value, values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pygls.workspace import TextDocument

    from switchtax_lsp.link import Link

__all__ = ["Documents"]

_MOST_BYTES = 1 << 20
"""A settings file larger than this is none that a person writes."""


class Documents:
    """Asks the daemon about the models of a document; knows nothing of the editor."""

    def __init__(self, link: Link, home: str) -> None:
        """Nothing is open yet."""
        self._link = link
        self._home = os.path.join(os.path.realpath(home), "")  # noqa: PTH118

    def kind(self, uri: str) -> Kind | None:
        """What kind of file a document is; None if it sets no models."""
        path = uris.to_fs_path(uri)
        return kind_of(path) if path else None

    async def named(self, document: TextDocument) -> list[Named]:
        """The models that a document names; [] where the daemon cannot say."""
        kind = self.kind(document.uri)
        text = document.source
        if kind is None or len(text) > _MOST_BYTES:
            return []
        found = values(text, kind)
        rows = await self.rows(kind, document.uri, [each.spelled for each in found])
        lines = document.lines
        return [
            Named(value, _range(document, lines, value), row)
            for value, row in zip(found, rows, strict=False)
        ]

    async def rows(self, kind: Kind, uri: str, spelled: list[str]) -> list[dict[str, Any]]:
        """What the daemon knows of models, and of switching the sessions of this file to them."""
        sessions = list(self.sessions(kind, uri))
        asked = {"agent": kind.agent, "models": spelled, "sessions": sessions}
        told = await self._link.ask("model/list", asked) if spelled else None
        return told["models"] if told else []

    async def offered(self, kind: Kind, uri: str) -> list[dict[str, Any]]:
        """All models that may be written there."""
        asked = {"agent": kind.agent, "sessions": list(self.sessions(kind, uri))}
        told = await self._link.ask("model/list", asked)
        return told["models"] if told else []

    def sessions(self, kind: Kind, uri: str) -> Mapping[str, Mapping[str, Any]]:
        """Live sessions that read this file: its agent's, in its project or, at home, in all."""
        root = os.path.join(os.path.realpath(kind.root(uris.to_fs_path(uri) or "")), "")  # noqa: PTH118
        return {
            name: meter
            for name, meter in self._link.meters.items()
            if meter["agent"] == kind.agent
            and (root == self._home or os.path.join(meter["cwd"], "").startswith(root))  # noqa: PTH118
        }

    def transcripts(self) -> dict[str, tuple[str, str]]:
        """By session: the URI of its transcript, and its meter."""
        return {
            name: ("file://" + quote(meter["path"]), meter["line"])
            for name, meter in self._link.meters.items()
        }


def _range(document: TextDocument, lines: Any, value: Value) -> lsp.Range:
    line = lines[value.start.line] if value.start.line < len(lines) else ""
    count = document.position_codec.client_num_units
    start, end = count(line[: value.start.column]), count(line[: value.end.column])
    row = value.start.line
    return lsp.Range(lsp.Position(row, start), lsp.Position(row, end))
