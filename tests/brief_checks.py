"""What every brief must hold to, whatever the session: used by unit and corpus tests."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.brief.phrases import clean
from switchtax.wording.brief import HEADINGS, footer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.brief.items import Item
    from switchtax.brief.make import Draft
    from switchtax.brief.said import Place

__all__ = ["edited_files", "stands_at", "untraced"]


def untraced(made: Draft) -> list[str]:
    """Lines that are no heading and no item, items without a place, quotes not found there."""
    lines = {f"- {item.text}" for item in made.items}
    fixed = {"", f"# {made.title}", footer(made.turns), *(f"## {h}" for h in HEADINGS.values())}
    found = [line for line in made.markdown.splitlines() if line not in lines | fixed]
    found += [item.text for item in made.items if not item.sources]
    for item in made.items:
        stands = "\n".join(stands_at(place) for place in item.sources)
        found += [quote for quote in item.quotes if not _is_in(quote, stands)]
    return found


def _is_in(quote: str, text: str) -> bool:
    return quote in text or quote.replace("\\", "/") in text.replace("\\", "/")


def stands_at(place: Place) -> str:
    """All texts of a record, each on one line."""
    path = Path(place.path)
    if path.suffix == ".jsonl":
        line = path.read_bytes().split(b"\n")[place.line - 1].decode("utf-8", "replace")
        return "\n".join(_texts(json.loads(line, strict=False)))
    document = json.loads(path.read_text("utf-8"))
    messages = document["messages"]
    known = [m for m in messages if place.id in (m.get("id"), m.get("info", {}).get("id"))]
    if place.line:
        known = [messages[place.line - 1]]
    return "\n".join(_texts(known))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield clean(value)
        if value.startswith("<command-"):
            yield clean(re.sub(r"<command-message>.*?</command-message>|<[^>]+>", " ", value))
        if value[:1] in "{[":
            with contextlib.suppress(ValueError):
                yield from _texts(json.loads(value))
        # The code of a tool that runs code holds its commands as literals.
        for literal in re.findall(r'"(?:[^"\\]|\\.)*"', value):
            with contextlib.suppress(ValueError):
                yield clean(json.loads(literal))
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def edited_files(items: tuple[Item, ...]) -> set[str]:
    """The paths that a brief's section of edited files names."""
    found = set()
    for item in items:
        if item.section == "files":
            folder = item.text.split(": ")[0] if not item.text.startswith(item.quotes[0]) else ""
            found |= {f"{folder}{name}" for name in item.quotes}
    return found
