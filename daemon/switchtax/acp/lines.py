"""Cutting a stream of bytes into the lines of JSON-RPC over standard input and output."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["LONGEST", "Lines"]

LONGEST = 32 << 20
"""Bytes of a line from which on it is passed on in pieces, unread."""


@dataclass(slots=True)
class Lines:
    r"""Whole lines out of pieces of any size; joined again they are what came in.

    >>> lines = Lines()
    >>> lines.feed(b'{"id"'), lines.feed(b":1}\n{}\n{"), lines.rest()
    ([], [b'{"id":1}\n', b'{}\n'], b'{')
    """

    longest: int = LONGEST
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that these bytes complete, with their ends; one too long comes in pieces."""
        if b"\n" not in data:
            self._parts.append(data)
            self._size += len(data)
            return [self.rest()] if self._size > self.longest else []
        whole = self.rest() + data
        end = whole.rindex(b"\n") + 1
        if end < len(whole):
            self._parts, self._size = [whole[end:]], len(whole) - end
        return [line + b"\n" for line in whole[: end - 1].split(b"\n")]

    def rest(self) -> bytes:
        """What came after the last line; it is no longer kept."""
        whole = b"".join(self._parts)
        self._parts, self._size = [], 0
        return whole
