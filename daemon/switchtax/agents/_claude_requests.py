"""Claude Code's request records: what each request carries, in characters, by hashes.

From 2.1.329 on the transcript tells each request as it is sent: its tools and system prompt
("shape"), and its messages as hashes of blobs told once. Only sizes and hashes are kept.

Source: docs/formats/claude-code.md; real client 2.1.329, 2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product, zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from switchtax.agents._claude_starts import Ends

__all__ = ["Requests"]

_REMEMBERED = 8
"""Requests whose message lists are kept: a new one builds on one of the last."""

_RESULTS = "results "
_PROMPT = "prompt "


@dataclass(slots=True)
class Requests:
    """Sizes of shapes and messages by hash, and the message lists of the last requests."""

    shapes: dict[str, int] = field(default_factory=dict)
    ends: dict[str, Ends] = field(default_factory=dict)
    """Where starts of a shape may end."""
    messages: dict[str, int] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    last_shape: str = ""
    last_list: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    """Characters of what was said since the last request and is sent under hashes that no blob
    tells, in the log's order: answers by id, between them the results of their tools, and
    prompts, which a blob tells where something is attached to them."""
    matched: set[str] = field(default_factory=set)
    """Messages whose size is that of an answer or of results, not a blob's."""

    def shape(self, name: str, chars: int, ends: Ends) -> None:
        """A shape was told."""
        self.shapes[name], self.ends[name] = chars, ends

    def message(self, name: str, chars: int) -> None:
        """A message was told."""
        self.messages[name] = chars

    def answer(self, call_id: str, chars: int) -> None:
        """A part of an answer was told."""
        self.answers[call_id] = self.answers.get(call_id, 0) + chars

    def results(self, chars: int) -> None:
        """A line with results of tools; those without an answer between are one message."""
        if not chars:
            return
        last = next(reversed(self.answers), "")
        self.answer(last if last.startswith(_RESULTS) else f"{_RESULTS}{len(self.answers)}", chars)

    def prompt(self, chars: int) -> None:
        """A line that a person typed."""
        self.answer(f"{_PROMPT}{len(self.answers)}", chars)

    def sent(
        self, request: str, shape: str, base: str, kept: int, tail: list[str]
    ) -> tuple[int, int]:
        """Characters of a request, and of the start it shares with the one before.

        Both are 0 where a part was never told. The start is shared as far as shape and
        messages are equal; with another shape nothing is.
        """
        names = [*self.lists.get(base, [])[:kept], *tail]
        self._match(names)
        same = shape == self.last_shape
        known = shape in self.shapes and all(name in self.messages for name in names)
        total = self.shapes[shape] + sum(self.messages[n] for n in names) if known else 0
        common = 0
        if known and same:
            common = self.shapes[shape]
            for name, before in zip(names, self.last_list, strict=False):
                if name != before:
                    break
                common += self.messages[name]
        self.lists[request] = names
        while len(self.lists) > _REMEMBERED:
            del self.lists[next(iter(self.lists))]
        self.last_shape, self.last_list = shape, names
        return total, common

    def _match(self, names: list[str]) -> None:
        """Give new messages that no blob tells the sizes of what was said, if as many.

        A message that says what an earlier one said has that one's hash, and is known.
        """
        pairs = zip_longest(names, self.last_list[: len(names)])
        shared = next((n for n, (one, other) in enumerate(pairs) if one != other), len(names))
        new = [n for n in names[shared:] if n not in self.messages or n in self.matched]
        untold = [name for name in names if name not in self.messages]
        said = [chars for name, chars in self.answers.items() if not name.startswith(_PROMPT)]
        for each, told in product((new, untold), (list(self.answers.values()), said)):
            if len(each) == len(told):
                sizes = dict(zip(each, told, strict=True))
                self.messages.update((name, sizes[name]) for name in untold if name in sizes)
                self.matched.update(untold)
                break
        self.answers.clear()

    def save(self) -> dict[str, object]:
        """The state as plain values."""
        return {
            "shapes": self.shapes,
            "ends": self.ends,
            "messages": self.messages,
            "lists": self.lists,
            "last_shape": self.last_shape,
            "last_list": self.last_list,
            "answers": self.answers,
            "matched": sorted(self.matched),
        }

    def load(self, state: object) -> None:
        """Go on from a saved state."""
        if not isinstance(state, dict):
            return
        self.shapes = dict(state["shapes"])
        self.ends = {
            name: [(str(digest), int(chars)) for digest, chars in ends]
            for name, ends in state["ends"].items()
        }
        self.messages = dict(state["messages"])
        self.lists = {name: list(names) for name, names in state["lists"].items()}
        self.last_shape = str(state["last_shape"])
        self.last_list = list(state["last_list"])
        self.answers = dict(state["answers"])
        self.matched = set(state["matched"])
