"""Settings of editors: JSON with comments and commas too many."""

from __future__ import annotations

import re

import msgspec

__all__ = ["setting"]

_STRING = rb'"(?:[^"\\]|\\.)*"'
_COMMENT = rb"//[^\n]*|/\*.*?\*/"
_COMMA_TOO_MANY = rb",(?=(?:\s|" + _COMMENT + rb")*[}\]])"
_TOKEN = re.compile(b"|".join((_STRING, _COMMENT, _COMMA_TOO_MANY)), re.DOTALL)


def setting(text: bytes, name: str) -> object:
    """What a settings file says of one name; None where it says nothing, or cannot be read.

    >>> setting(b'{"a.b": "//c", /* d */ }', "a.b")
    '//c'
    """
    plain = _TOKEN.sub(lambda found: found[0] if found[0].startswith(b'"') else b" ", text)
    try:
        held = msgspec.json.decode(plain.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError):
        return None
    return held.get(name) if isinstance(held, dict) else None
