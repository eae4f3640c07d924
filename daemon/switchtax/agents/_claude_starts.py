"""What of tools and system prompt Claude Code has cached: lengths and digests, no text.

A request's shape is told once, and with each request where its cache marks stand. Two requests
that are equal up to a mark share the provider's cache that far, in whichever session they are.

Source: docs/formats/claude-code.md; real client 2.1.329, 2026-11-21.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec import Raw, Struct

from switchtax.records import Start

__all__ = ["Ends", "ends_of", "starts_of"]

Ends = list[tuple[str, int]]
"""Digest and length of what stands up to the end of the tools, and of each system part."""

_DIGEST_BYTES = 12


class _Shape(Struct):
    """Tools stand before the system prompt in what the provider caches."""

    tools: list[Raw] = []
    system: list[Raw] | str = []


class _Mark(Struct):
    """One place with a cache mark: `["system", 1]` or `["tools", 11]`."""

    path: list[str | int] = []


_SHAPE = msgspec.json.Decoder(_Shape)
_MARKS = msgspec.json.Decoder(list[_Mark])


def ends_of(shape: Raw) -> Ends:
    """Where a start of a shape may end; empty for a shape of another build's form."""
    try:
        told = _SHAPE.decode(bytes(shape))
    except msgspec.DecodeError:
        return []
    if isinstance(told.system, str):
        return []
    content, chars = hashlib.blake2b(digest_size=_DIGEST_BYTES), 0
    found: Ends = []
    for number, part in enumerate((*told.tools, *told.system)):
        content.update(bytes(part))
        chars += len(bytes(part))
        if number >= len(told.tools) - 1:
            found.append((content.hexdigest(), chars))
    return found if told.tools else [("", 0), *found]


def starts_of(marks: Raw, ends: Ends) -> tuple[Start, ...]:
    """The starts that a request's marks name, the shortest first."""
    try:
        told = _MARKS.decode(bytes(marks))
    except msgspec.DecodeError:
        return ()
    places = set()
    for mark in told:
        match mark.path:
            case ["tools", *_]:
                places.add(0)
            case ["system", int(number), *_] if number >= 0:
                places.add(number + 1)
            case _:
                pass  # a mark among the messages
    named = (ends[place] for place in sorted(places) if place < len(ends))
    return tuple(Start(digest, chars) for digest, chars in named if chars)
