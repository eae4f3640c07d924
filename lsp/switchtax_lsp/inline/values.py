"""Where a document names models: found in its syntax tree, errors or not.

A tree is had of any text; what stands in a part that cannot be read is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from switchtax_lsp.inline.kinds import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node, Parser

    from switchtax_lsp.inline.kinds import Effect, Kind

__all__ = ["Place", "Value", "values"]

_MAY_NAME = re.compile(rb"model\b|MODEL\b|name\b")
"""How the keys end that set a model, in every kind of file."""
_FENCE = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)(?:^---[ \t]*\r?$|\Z)", re.S | re.M)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text: line and column, both from 0, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Value:
    """A model that a document names; `start` and `end` are inside the quotes, `after` is behind."""

    key: str
    spelled: str
    effect: Effect
    start: Place
    end: Place
    after: Place


def values(text: str, kind: Kind) -> list[Value]:
    """The models named in a text, in its order."""
    raw = text.encode("utf-8", "surrogatepass")
    lines_before = 0
    if kind.language is Language.FRONT_MATTER:
        found = _FENCE.match(raw)
        if found is None:
            return []
        lines_before = raw[: found.start(1)].count(b"\n")
        raw = found[1]
    language = "yaml" if kind.language is Language.FRONT_MATTER else str(kind.language)
    root = _parser(language).parse(raw).root_node
    lines = raw.split(b"\n")
    out = []
    for path, start, end in _WALKS[language](root):
        effect = kind.effect_of(".".join(path))
        if effect is not None and start.start_point.row == end.end_point.row:
            out.append(_value(path, (start, end), effect, lines, lines_before))
    return out


def _value(
    path: tuple[str, ...], nodes: tuple[Node, Node], effect: Effect, lines: list[bytes], shift: int
) -> Value:
    start, end = nodes[0].start_point, nodes[1].end_point
    line = lines[start.row]
    first, last = start.column, end.column
    if line[first : first + 1] in (b'"', b"'"):
        first += 1
        if last > first and line[last - 1 : last] == line[first - 1 : first]:
            last -= 1
    spelled = line[first:last].decode("utf-8", "replace")
    column = len(line[:first].decode("utf-8", "replace"))
    row = start.row + shift
    behind = len(line[: end.column].decode("utf-8", "replace"))
    places = (Place(row, at) for at in (column, column + len(spelled), behind))
    return Value(".".join(path), spelled, effect, *places)


@cache
def _parser(language: str) -> Parser:
    from importlib import import_module

    from tree_sitter import Language as Grammar
    from tree_sitter import Parser

    return Parser(Grammar(import_module(f"tree_sitter_{language}").language()))


def _json(root: Node) -> Iterator[tuple[tuple[str, ...], Node, Node]]:
    """Only the keys that may name a model are looked at: the tree of 5,000 lines takes 20 ms."""
    for found in _MAY_NAME.finditer(root.text or b""):
        start, end = found.span()
        pair = root.descendant_for_byte_range(start, end)
        while pair is not None and pair.type != "pair":
            pair = pair.parent
        if pair is None:
            continue
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is None or value is None or not key.start_byte <= start < end <= key.end_byte:
            continue
        if value.type == "string":
            yield _path_of(pair), value, value


def _path_of(pair: Node) -> tuple[str, ...]:
    """The keys that lead to a pair, the outermost first."""
    path: list[str] = []
    at: Node | None = pair
    while at is not None:
        key = at.child_by_field_name("key") if at.type == "pair" else None
        path += [_plain(key)] if key is not None else []
        at = at.parent
    return tuple(reversed(path))


def _toml(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node, Node]]:
    for child in node.children:
        if child.type == "pair" and len(child.named_children) == 2:
            key, value = child.named_children
            inner = (*path, *_dotted(key))
            if value.type == "string":
                yield inner, value, value
            else:
                yield from _toml(value, inner)
        elif child.type in ("table", "table_array_element") and child.named_children:
            yield from _toml(child, _dotted(child.named_children[0]))
        elif child.type == "inline_table" or child.has_error:
            yield from _toml(child, path)


def _dotted(key: Node) -> tuple[str, ...]:
    if key.type == "dotted_key":
        return tuple(part for each in key.named_children for part in _dotted(each))
    return (_plain(key),)


def _yaml(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node, Node]]:
    for child in node.children:
        if child.type not in ("block_mapping_pair", "flow_pair"):
            yield from _yaml(child, path)
            continue
        key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
        if key is None or value is None:
            continue
        inner = (*path, _plain(key))
        scalar = value.named_children[-1] if value.named_children else value
        if scalar.type in ("plain_scalar", "double_quote_scalar", "single_quote_scalar"):
            yield inner, scalar, scalar
        else:
            yield from _yaml(value, inner)


def _plain(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace").strip("\"'")


_WALKS: dict[str, Callable[[Node], Iterator[tuple[tuple[str, ...], Node, Node]]]] = {
    "json": _json,
    "toml": _toml,
    "yaml": _yaml,
}
