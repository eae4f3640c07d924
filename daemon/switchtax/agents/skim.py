"""Taking a short text out of a JSON line that is too large to be worth decoding.

Keys are searched with their quotes (`b'"id"'`): inside a JSON text quotes are escaped, so
what a prompt or a tool result quotes cannot be mistaken for a key.
"""

from __future__ import annotations

__all__ = ["last_text", "text_after"]


def text_after(line: bytes, key: bytes, start: int = 0, end: int = 300) -> str:
    """The text that follows a key within some bytes of a line; "" if there is none.

    >>> text_after(b'{"id":"a1","type": "user"}', b'"type"')
    'user'
    >>> text_after(b'{"id":null,"type":"user"}', b'"id"')
    ''
    """
    found = line.find(key, start, end)
    if found < 0:
        return ""
    after = found + len(key)
    opening = line.find(b'"', after, after + 4)
    if opening < 0 or line[after:opening].strip() != b":":
        return ""
    closing = line.find(b'"', opening + 1, opening + 301)
    return line[opening + 1 : closing].decode("ascii", "replace") if closing > 0 else ""


def last_text(line: bytes, key: bytes, tail: int = 300) -> str:
    """The text that follows a key in the last bytes of a line, or else in its first ones.

    >>> last_text(b'{"data":{},"timestamp":"2026"}', b'"timestamp"')
    '2026'
    """
    found = line.rfind(key, max(0, len(line) - tail))
    return text_after(line, key, found, len(line)) if found >= 0 else text_after(line, key)
