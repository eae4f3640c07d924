"""Recorded sessions, and what each is known to hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from switchtax.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["EXPECTED", "Billed", "Recorded", "recorded_in"]

EXPECTED = ".expected.json"
"""How the file ends that stands beside a session and says what it holds."""
_ENDS = (".jsonl", ".json", ".db")


class Billed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call as its provider billed it; None where the bill does not say."""

    model: str
    uncached_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None
    """All that was billed as output, reasoning included."""
    sent_tokens: int | None = None
    """All that was sent, where the bill does not tell its parts."""
    cache_write_1h_tokens: int | None = None
    """Of what was written, that which lives for an hour."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A session that an agent wrote.

    Args:
        path: its file (lines or one document) or database.
        calls: the calls of the conversation and beside it, in order; None: not known.
        announced: the models that were chosen before a call, in order; None: not known.
        lies_at: where the agent keeps it below a home, with `/`; "" leaves that unchecked.
        grow: writes the session into a file bit by bit, and yields after each; a file of lines
            grows by its lines without it.
    """

    path: Path
    calls: tuple[Billed, ...] | None = None
    announced: tuple[str, ...] | None = None
    lies_at: str = ""
    grow: Callable[[Path], Iterator[None]] | None = None

    @property
    def is_lines(self) -> bool:
        """Whether it is a file of lines that is appended to."""
        return self.path.suffix == ".jsonl"


class _Expected(msgspec.Struct, forbid_unknown_fields=True):
    """What stands in an `.expected.json`."""

    calls: tuple[Billed, ...]
    announced: tuple[str, ...] | None = None
    lies_at: str = ""


def recorded_in(folder: Path) -> list[Recorded]:
    """The sessions in a folder, by name; beside `NAME.jsonl` stands `NAME.expected.json`.

    Raises:
        DataError: there is none, or what one should hold is missing or not understood.
    """
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in _ENDS or path.name.endswith(EXPECTED):
            continue
        beside = path.with_name(path.stem + EXPECTED)
        try:
            expected = msgspec.json.decode(beside.read_bytes(), type=_Expected)
        except FileNotFoundError:
            raise DataError(f"{beside}: not there. It says what {path.name} holds.") from None
        except msgspec.DecodeError as error:
            raise DataError(f"{beside}: {error}.") from None
        found.append(Recorded(path, expected.calls, expected.announced, expected.lies_at))
    if not found:
        raise DataError(f"{folder}: no session in it ({', '.join(_ENDS)}).")
    return found
