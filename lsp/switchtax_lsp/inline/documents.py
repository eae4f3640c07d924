"""Open documents that set models: their values, with what the daemon knows of each model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lsprotocol import types as lsp
from pygls import uris

from switchtax.catalog.names import display_name
from switchtax_lsp.inline.features import Named
from switchtax_lsp.inline.kinds import Kind, kind_of
from switchtax_lsp.inline.values import values

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pygls.workspace import TextDocument

    from switchtax_lsp.inline.values import Place, Value
    from switchtax_lsp.link import Link

__all__ = ["Documents"]

_MOST_BYTES = 1 << 20
"""A settings file larger than this is none that a person writes."""


class Documents:
    """Asks the daemon about the models of a document; knows nothing of the editor."""

    def __init__(self, link: Link, home: str) -> None:
        """Nothing is open yet."""
        self._link = link
        self._read: dict[str, tuple[str, list[Value]]] = {}
        """By URI, the text read last and the models found in it: one version is asked for often."""
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
        known = self._read.get(document.uri)
        found = known[1] if known is not None and known[0] == text else values(text, kind)
        self._read[document.uri] = (text, found)
        rows = await self.rows(kind, document.uri, [each.spelled for each in found])
        lines = document.lines
        return [
            Named(
                value,
                _range(document, lines, value.start, value.end),
                _range(document, lines, value.after, value.after).end,
                row,
            )
            for value, row in zip(found, rows, strict=False)
        ]

    def close(self, uri: str) -> None:
        """A document is closed."""
        self._read.pop(uri, None)

    async def rows(self, kind: Kind, uri: str, spelled: list[str]) -> list[dict[str, Any]]:
        """What the daemon knows of models, and of switching the sessions of this file to them."""
        return await self._rows(kind, uri, {"models": spelled}) if spelled else []

    async def offered(self, kind: Kind, uri: str) -> list[dict[str, Any]]:
        """All models that may be written there."""
        return await self._rows(kind, uri, {})

    async def _rows(self, kind: Kind, uri: str, which: dict[str, Any]) -> list[dict[str, Any]]:
        meters = self.sessions(kind, uri)
        asked = {"agent": kind.agent, "sessions": list(meters), **which}
        told = await self._link.ask("model/list", asked)
        rows = told["models"] if told else []
        return [{**row, "warm_until_at": _warm_until(row, meters.values())} for row in rows]

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


def _warm_until(row: Mapping[str, Any], meters: Iterable[Mapping[str, Any]]) -> float | None:
    """Until when a cache of this model is warm, of the sessions on it and those that left it."""
    times = [each["warm_until_at"] for each in row["switches"]]
    if isinstance(row["model"], str):
        name = display_name(row["model"])
        same = (meter for meter in meters if display_name(meter["model"]) == name)
        times += [meter["cache"]["warm_until_at"] for meter in same]
    return max((at for at in times if isinstance(at, int | float)), default=None)


def _range(document: TextDocument, lines: Any, start: Place, end: Place) -> lsp.Range:
    line = lines[start.line] if start.line < len(lines) else ""
    count = document.position_codec.client_num_units
    first, last = (lsp.Position(at.line, count(line[: at.column])) for at in (start, end))
    return lsp.Range(first, last)
