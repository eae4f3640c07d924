"""A file in memory a block at a time, so that its lines can be looked at where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io

__all__ = ["LONGEST_LINE", "Window"]

LONGEST_LINE = 64 * 2**20
"""Bytes. A longer line is passed over and reported: no agent writes one on purpose."""
BLOCK = 2**20
"""Bytes read at once."""

_spare: list[tuple[bytearray, memoryview]] = []
"""Buffers of files that are done: clearing a new one takes as long as reading it full."""


class Window:
    """The bytes `block[start:end]` of a file; `offset` is where `block` begins in it."""

    def __init__(self, file: io.FileIO, offset: int) -> None:
        self.file = file
        self.offset = offset
        self.start = self.end = 0
        self.searched = 0
        """No line ends between `start` and here."""
        self.passed_at = 0
        """Where the line began that was last passed over."""
        self._passing = False
        self.block, self.view = _spare.pop() if _spare else _buffer(BLOCK)

    def fill(self) -> bool:
        """Read on behind what was kept; False at the end of the file."""
        while True:
            if len(self.block) - self.end < BLOCK // 2:
                block, view = _buffer(2 * len(self.block))
                view[: self.end] = self.view[: self.end]
                self.block, self.view = block, view
            self.start, self.searched = 0, self.end
            got = self.file.readinto(self.view[self.end :])
            self.end += got
            if not got or not self._passing:
                return bool(got)
            line_end = self.block.find(b"\n", 0, self.end) + 1
            if line_end:
                self._passing = False
                self.start = self.searched = line_end
                return True
            self.offset, self.end = self.offset + self.end, 0

    def keep(self, start: int) -> bool:
        """Drop all before `start`; True where the line from there on is too long, dropped too."""
        self.offset += start
        kept = self.end - start
        if start and kept:
            self.view[:kept] = self.view[start : self.end].tobytes()
        self.end = kept
        if kept < LONGEST_LINE:
            return False
        self._passing, self.passed_at = True, self.offset
        self.offset, self.end = self.offset + kept, 0
        return True

    def rest(self) -> bytes:
        """What stands behind the last line's end."""
        return self.view[: self.end].tobytes()

    def close(self) -> None:
        """Give the buffer to the next file."""
        if len(self.block) == BLOCK:
            _spare.append((self.block, self.view))


def _buffer(size: int) -> tuple[bytearray, memoryview]:
    block = bytearray(size)
    return block, memoryview(block)
