"""Edits of a JSON text in place: what is not meant stays as it was, to the byte.

A settings file belongs to its owner: order, indentation and the way numbers are written are
kept by adding, replacing and dropping single values in the text itself. The text must be
valid JSON already.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

__all__ = ["add", "drop", "find", "replace"]

Path = tuple[str | int, ...]
"""Keys and positions from the outermost value inward."""

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class _Part(NamedTuple):
    """A member of an object, or an item of a list: where it and its value lie."""

    key: str | int
    begin: int
    value: int
    end: int


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _parts(text: str, start: int) -> tuple[list[_Part], int]:
    """What the container at `start` holds, and where it closes."""
    parts: list[_Part] = []
    at = _skip(text, start + 1)
    while text[at] not in "}]":
        begin, key = at, len(parts)
        if text[start] == "{":
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value = at
        _, at = _DECODER.raw_decode(text, at)
        parts.append(_Part(key, begin, value, at))
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return parts, at


def _locate(text: str, path: Path) -> _Part | None:
    """Where a value lies; the last one where a key is there twice, as every reader takes it."""
    at = _skip(text, 0)
    found = _Part("", at, at, _DECODER.raw_decode(text, at)[1])
    for step in path:
        if text[found.value] not in "{[":
            return None
        fitting = [part for part in _parts(text, found.value)[0] if part.key == step]
        if not fitting:
            return None
        found = fitting[-1]
    return found


def find(text: str, path: Path) -> Any:
    """The value at a path; None where there is none (or where it is null).

    >>> find('{"a": [1, {"b": 2}]}', ("a", 1, "b"))
    2
    """
    part = _locate(text, path)
    return None if part is None else _DECODER.raw_decode(text, part.value)[0]


def _unit(text: str) -> str:
    """One step of indentation; "" where the text is on one line."""
    parts, _ = _parts(text, _skip(text, 0))
    if not parts:
        return "  "
    gap = _gap(text, parts[0])
    return gap.rpartition("\n")[2] if "\n" in gap else ""


def _gap(text: str, part: _Part) -> str:
    """The space before a part."""
    start = part.begin
    while text[start - 1] in " \t\r\n":
        start -= 1
    return text[start : part.begin]


def _written(value: Any, unit: str, indent: str | None, newline: str) -> str:
    """A new value as its surroundings would have written it."""
    if indent is None or not unit:
        return json.dumps(value)
    return json.dumps(value, indent=unit).replace("\n", newline + indent)


def add(text: str, path: Path, value: Any) -> str:
    """Add a member at the end of its object; where the path ends in -1, an item of a list.

    >>> add('{"a": [1]}', ("a", -1), 2)
    '{"a": [1, 2]}'
    >>> add('{}', ("a",), [])
    '{\\n  "a": []\\n}'
    """
    holder = _locate(text, path[:-1])
    if holder is None:
        raise KeyError(path)
    newline, unit = "\r\n" if "\r\n" in text else "\n", _unit(text)
    label = f"{json.dumps(path[-1])}: " if isinstance(path[-1], str) else ""
    parts, end = _parts(text, holder.value)
    if parts:
        gap = _gap(text, parts[-1]) or " "
        indent = gap.rpartition("\n")[2] if "\n" in gap else None
        piece = f",{gap}{label}{_written(value, unit, indent, newline)}"
        return text[: parts[-1].end] + piece + text[parts[-1].end :]
    outer = unit * (len(path) - 1)
    piece = label + _written(value, unit, outer + unit, newline)
    if unit:
        piece = f"{newline}{outer}{unit}{piece}{newline}{outer}"
    return text[: holder.value + 1] + piece + text[end:]


def replace(text: str, path: Path, value: Any) -> str:
    """Put another value in the place of one.

    >>> replace('{"a":1, "b": 2}', ("a",), "x")
    '{"a":"x", "b": 2}'
    """
    part = _locate(text, path)
    if part is None:
        raise KeyError(path)
    gap = _gap(text, part) if path else ""
    indent = gap.rpartition("\n")[2] if "\n" in gap else None
    newline = "\r\n" if "\r\n" in text else "\n"
    return text[: part.value] + _written(value, _unit(text), indent, newline) + text[part.end :]


def drop(text: str, path: Path) -> str:
    """Take a member or an item out, with its comma.

    >>> drop('{"a": 1, "b": 2}', ("a",)), drop('{"a": 1, "b": 2}', ("b",)), drop('[ 1 ]', (0,))
    ('{"b": 2}', '{"a": 1}', '[]')
    """
    holder, part = _locate(text, path[:-1]), _locate(text, path)
    if holder is None or part is None:
        raise KeyError(path)
    parts, end = _parts(text, holder.value)
    index = parts.index(part)
    if len(parts) == 1:
        return text[: holder.value + 1] + text[end:]
    if index:
        return text[: parts[index - 1].end] + text[part.end :]
    return text[: part.begin] + text[parts[1].begin :]
