"""Settings that people write: JSON with comments and commas too many."""

from __future__ import annotations

import re

import msgspec

__all__ = ["plain", "setting"]

_STRING = rb'"(?:[^"\\]|\\.)*"'
_COMMENT = rb"(?>//[^\n]*|/\*.*?\*/)"
"""As a whole: what stands in one closes nothing."""
_COMMA_TOO_MANY = rb",(?=(?:\s|" + _COMMENT + rb")*[}\]])"
_TOKEN = re.compile(b"|".join((_STRING, _COMMENT, _COMMA_TOO_MANY)), re.DOTALL)


def plain(text: bytes) -> bytes:
    """The same without what plain JSON does not have."""
    bare = text.removeprefix(b"\xef\xbb\xbf")
    return _TOKEN.sub(lambda found: found[0] if found[0].startswith(b'"') else b" ", bare)


def setting(text: bytes, name: str) -> object:
    """What a settings file says of one name; None where it says nothing, or cannot be read.

    >>> setting(b'{"a.b": "//c", /* d */ }', "a.b")
    '//c'
    """
    try:
        held = msgspec.json.decode(plain(text))
    except (msgspec.DecodeError, RecursionError):
        return None
    return held.get(name) if isinstance(held, dict) else None
