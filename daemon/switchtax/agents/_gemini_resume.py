"""What a resumed Gemini CLI sends again: tool results that its history holds twice.

A tool's result stands in the answer that asked for it and in a user message of its own. 0.61.0
takes both into the history that it writes at a resume, and sends that: 20.9k tokens became 33.9k.
A later resume sends both again, but adds none. The history stands in the chat before the first
request, so this is read, not guessed: where a build writes each result once, nothing is added.

Source: real client 0.61.0 against a provider of our own, 2026-11-21.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.agents._gemini_parts import compact_chars, parts_of, response_chars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from switchtax.agents._gemini_shapes import Message

__all__ = ["Again", "sent_again"]


@dataclass(frozen=True, slots=True)
class Again:
    """From where on a history is another one, and what stands there."""

    answer: str
    """Id of the first answer whose results are there once more: what its own request sent is the
    same as before."""
    chars: int
    """Characters from that answer on, without the last answer, which is told by its tokens."""
    copies: Mapping[str, int]
    """How often each result is there now, by its id."""


def sent_again(shapes: Sequence[Message], known: Mapping[str, int]) -> Again | None:
    """What a history that was written at a resume adds to the one sent before.

    Args:
        shapes: its messages, in order.
        known: how often each result was in the history before, by its id.

    Returns:
        None where no result is there more often.
    """
    copies: Counter[str] = Counter()
    first, asked = -1, -1
    for place, shape in enumerate(shapes):
        if shape.type == "gemini":
            asked = place
            continue
        for part in parts_of(shape.content):
            identity = part.functionResponse.id if part.functionResponse else None
            if identity and identity in known:
                copies[identity] += 1
                if first < 0 and copies[identity] > known[identity]:
                    first = asked
    if first < 0:
        return None
    last = len(shapes) - (asked == len(shapes) - 1)
    chars = sum(_chars(shape) for shape in shapes[first:last])
    return Again(shapes[first].id or "", chars, copies)


def _chars(shape: Message) -> int:
    """A message's characters; a call of a tool as it stands there."""
    found = 0
    for part in (parts := parts_of(shape.content)):
        found += len(part.text or "")
        if part.functionResponse is not None:
            found += response_chars(part.functionResponse.response)
    if shape.type == "gemini" and not any(part.text for part in parts):
        found += compact_chars(shape.content)
    return found
