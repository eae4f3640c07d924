"""Reading append-only line files: from an offset on, leniently, once per line.

Every agent that writes JSON lines hands its parser to `read_lines`. What is the same for
all stands here: partial last lines wait, a file that shrank or was replaced is read
again, unreadable lines are skipped and located, oversized lines are passed over.
"""

from __future__ import annotations

import json
import os
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from switchtax.agents._window import LONGEST_LINE, Window
from switchtax.agents.numbers import AbsurdCount
from switchtax.records import Cursor, Depth, Reading, Record, Unreadable

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    from switchtax.records import Source

__all__ = ["LineParser", "decode", "epoch_s", "read_lines"]

LOCATED_MOST = 50
"""How many unreadable lines of one file are located one by one; the rest are counted."""
HEAD = 256
"""Bytes at the start of a file that, hashed, tell whether it was replaced."""
_BINARY_HEAD = 4096
"""Bytes at the start of a file among which no text has a zero."""

T = TypeVar("T")


class LineParser(Protocol):
    """Turns the lines of one agent into records; its state survives in a cursor.

    A parser may also have `sift(block, start, stop) -> bool`: what `wants` says of the line
    `block[start:stop]`, told without a copy of it (most lines of a scan are not wanted).
    """

    out: list[Record]
    """Where `feed` puts what it finds; `read_lines` takes it from there."""

    def wants(self, line: bytes) -> bool:
        """Say cheaply whether a line matters at `Depth.USAGE` (it is not decoded yet)."""
        ...

    def feed(self, line: bytes, number: int, depth: Depth) -> None:
        """Read one line (1-based `number`).

        Raises:
            ValueError: (msgspec's errors are ValueErrors) the line cannot be read.
        """
        ...

    def save(self) -> dict[str, object]:
        """The state as plain values (numbers, strings, lists, dicts)."""
        ...

    def load(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        ...


def decode(decoder: msgspec.json.Decoder[T], line: bytes) -> T:
    """Decode one JSON line; on bad bytes or control characters try leniently.

    Raises:
        ValueError: it is not JSON, or not of the decoder's shape.
    """
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if isinstance(error, msgspec.ValidationError):
            raise
        text = line.decode("utf-8", "replace")
        try:
            loose = json.loads(text, strict=False)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        return decoder.decode(json.dumps(loose))


def epoch_s(text: str | None) -> float:
    """An ISO 8601 time as epoch seconds UTC; 0.0 where it is missing or not a time.

    >>> epoch_s("2026-11-18T09:02:11.412Z")
    1794992531.412
    >>> epoch_s("yesterday")
    0.0
    """
    if not text:
        return 0.0
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return parsed.timestamp()


def read_lines(source: Source, parser: LineParser, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in a line file.

    Raises:
        OSError: the file cannot be opened.
    """
    with open(source.path, "rb", buffering=0) as file:  # noqa: PTH123 - thousands in a scan
        head = file.read(_BINARY_HEAD)
        restarted = cursor is not None and not _goes_on(file, cursor, head)
        if cursor is None or restarted:
            cursor = Cursor()
        elif cursor.state:
            parser.load(cursor.state)
        if cursor.offset == 0 and b"\x00" in head:
            parser.out.append(
                Unreadable(source.session_id, source.path, 1, "not text: a binary file")
            )
            return Reading(parser.out, Cursor(), restarted)
        offset, line = _feed_all(source, file, parser, cursor, depth)
        if len(head) < HEAD:
            file.seek(0)
            head = file.read(HEAD)
        identity = _identity(file, head, offset)
    return Reading(parser.out, Cursor(offset, line, identity, parser.save()), restarted)


def _feed_all(
    source: Source, file: io.FileIO, parser: LineParser, cursor: Cursor, depth: Depth
) -> tuple[int, int]:
    """Hand the lines to the parser; returns the offset and the line to go on from.

    Lines are told apart in the buffer that the system reads into: most lines of a scan are
    not wanted, and those are never copied.
    """
    sift = _sieve(parser) if depth is Depth.USAGE else None
    feed, number = parser.feed, cursor.line - _is_amid(file, cursor.offset)
    skips = _Skips(source, parser.out)
    file.seek(cursor.offset)
    window = Window(file, cursor.offset)
    while window.fill():
        block, view, start, end = window.block, window.view, window.start, window.end
        stop = block.find(b"\n", window.searched, end) + 1
        while stop:
            number += 1
            if sift is None or sift(block, start, stop):
                line = view[start:stop].tobytes()
                try:
                    if not line.isspace():
                        feed(line if sift else _mended(line), number, depth)
                except (ValueError, RecursionError) as error:
                    skips.add(number, window.offset + start, _reason(error))
            start = stop
            stop = block.find(b"\n", start, end) + 1
        if window.keep(start):
            number += 1
            skips.add(number, window.passed_at, f"longer than {LONGEST_LINE >> 20} MiB")
    number += _feed_last(window, parser, number + 1, depth, skips)
    skips.close()
    window.close()
    return window.offset, max(number, cursor.line)


def _feed_last(window: Window, parser: LineParser, number: int, depth: Depth, skips: _Skips) -> int:
    """What stands behind the last newline: a line (1), or one still being written (0)."""
    line = window.rest()
    if not line:
        return 0
    if line.strip() and (depth is Depth.FULL or parser.wants(line)):
        try:
            parser.feed(_mended(line), number, depth)
        except (ValueError, RecursionError):
            skips.add(number, window.offset, "last line is incomplete (still being written?)")
            return 0
    elif not _is_json(line):
        return 0
    window.offset += len(line)
    return 1


def _mended(line: bytes) -> bytes:
    """The line with torn characters replaced: a decoder passes over those it does not look at."""
    if line.isascii():
        return line
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("utf-8", "replace").encode()
    return line


def _is_amid(file: io.FileIO, offset: int) -> bool:
    """Whether the line before the offset was read before its newline was written."""
    if offset == 0:
        return False
    file.seek(offset - 1)
    return file.read(1) != b"\n"


def _sieve(parser: LineParser) -> Callable[[bytearray, int, int], bool]:
    """How a parser chooses lines where they lie: by its own `sift`, else by `wants`."""
    own: Callable[[bytearray, int, int], bool] | None = getattr(parser, "sift", None)
    if own is not None:
        return own
    wants = parser.wants
    return lambda block, start, stop: wants(memoryview(block)[start:stop].tobytes())


class _Skips:
    """Unreadable lines of one file: the first ones located, the rest counted."""

    def __init__(self, source: Source, out: list[Record]) -> None:
        self.source, self.out = source, out
        self.located = 0
        self.more = 0
        self.last = (0, 0)

    def add(self, line: int, offset: int, reason: str) -> None:
        if self.located < LOCATED_MOST:
            self.located += 1
            self.out.append(
                Unreadable(self.source.session_id, self.source.path, line, reason, offset)
            )
        else:
            self.more += 1
            self.last = (line, offset)

    def close(self) -> None:
        if self.more:
            line, offset = self.last
            self.out.append(
                Unreadable(
                    self.source.session_id,
                    self.source.path,
                    line,
                    "more unreadable lines up to this one",
                    offset,
                    self.more,
                )
            )


def _reason(error: Exception) -> str:
    """Why a line was skipped, without a word of what it holds."""
    if isinstance(error, msgspec.ValidationError):
        return f"unexpected shape: {error}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, AbsurdCount):
        return str(error)
    return "not valid JSON"


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return not line.strip()
    return True


def _identity(file: io.FileIO, head: bytes, offset: int) -> tuple[int, int, int]:
    """The file, and a hash of its first bytes as far as they were read."""
    stat = os.fstat(file.fileno())
    return stat.st_dev, stat.st_ino, zlib.crc32(head[: min(HEAD, offset)])


def _goes_on(file: io.FileIO, cursor: Cursor, head: bytes) -> bool:
    """Whether the file is the one the cursor was made on, and still as long."""
    if cursor.offset == 0:
        return True
    if file.seek(0, os.SEEK_END) < cursor.offset:
        return False
    return cursor.identity == _identity(file, head, cursor.offset)
