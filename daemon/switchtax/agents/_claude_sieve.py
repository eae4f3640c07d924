"""Which lines of Claude Code's transcripts hold a usage, a switch or a compaction.

Told from a few searches in the bytes, without a copy and without decoding: most of a transcript
is passed over.
"""

from __future__ import annotations

__all__ = ["Sieve"]

_SHORT = 4096
"""A switch, a compaction or a command stands on a line shorter than this."""
_HEAD = 900
"""Bytes in which a line names its type."""
_TAIL = 1100
"""Bytes at the end of a line in which the usage of an answer nearly always stands."""
_ROLE, _BY_USER = b'"role":"', b'"role":"user"'
_STDOUT = b"local-command-stdout>"
"""The tag of what a command answered: a switch stands in it."""
_USAGE = b'"output_tokens"'
"""Every usage holds it, and prose that quotes one has its quotes escaped."""
_SHAPE = b'{"type":"api-request-shape"'


class Sieve:
    """Chooses lines; knows the answer that was read last, whose other lines say nothing new."""

    def __init__(self) -> None:
        self.known_answer = (b"", b"")
        """How the last answer names itself, and its output."""

    def note(self, raw: bytes, identity: str) -> None:
        """An answer was read from this line; "" where it was another than the one before."""
        found = raw.find(_USAGE, max(0, len(raw) - _TAIL))
        end = raw.find(b",", found) + 1 if found >= 0 else 0
        known = end and identity
        self.known_answer = (
            (b'"id":"%s"' % identity.encode(), raw[found:end]) if known else (b"", b"")
        )

    def sift(self, block: bytes | bytearray, start: int, stop: int) -> bool:
        """Whether `block[start:stop]` is such a line."""
        find = block.find
        head = start + _HEAD
        if head > stop:
            head = stop
        role = find(_ROLE, start, head)
        if (
            role >= 0
            and block.startswith(_BY_USER, role)
            and find(b'"type":"progress"', start, role) < 0
        ):
            return stop - start <= _SHORT and find(_STDOUT, role, stop) >= 0
        tail = stop - _TAIL
        found = find(_USAGE, tail if tail > start else start, stop)
        if found >= 0:
            known_id, known_output = self.known_answer
            return not (
                known_id
                and block.startswith(known_output, found)
                and find(known_id, start, head) >= 0
            )
        if tail > start and find(_USAGE, start, tail + len(_USAGE)) >= 0:
            return True
        return (
            stop - start <= _SHORT
            and (
                find(b"compact_boundary", start, stop) >= 0
                or find(b'"api-request"', start, head) >= 0
                or find(_STDOUT, start, stop) >= 0
            )
        ) or block.startswith(_SHAPE, start)
