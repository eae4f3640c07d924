"""What is said in a transcript: prompts, answers, tool uses and their results, with their place."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MOST_RESULT_CHARS", "Kind", "Place", "Said", "shortened"]

MOST_RESULT_CHARS = 20_000
"""Of a longer result the middle is left out: what failed stands at its start or its end."""


class Kind(StrEnum):
    """Who said it."""

    PROMPT = "prompt"
    """A person's own words."""
    TEXT = "text"
    """The model's words."""
    TOOL = "tool"
    """The model used a tool."""
    RESULT = "result"
    """What the tool gave back."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a 1-based line, or the id of a row or message, or both.

    `path` is a transcript, or for the state of a repository the folder it was asked in; `id`
    is then the command.
    """

    path: str
    line: int = 0
    id: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said.

    `given` is a tool's input. `ok` is how a result ended: None where the log does not say.
    `refused`: the person did not let the tool run, or broke it off.
    """

    kind: Kind
    place: Place
    text: str = ""
    tool: str = ""
    tool_id: str = ""
    given: Mapping[str, object] = field(default_factory=dict)
    ok: bool | None = None
    refused: bool = False


def shortened(text: str) -> str:
    """A result without its middle, where it is very long."""
    if len(text) <= MOST_RESULT_CHARS:
        return text
    half = MOST_RESULT_CHARS // 2
    return f"{text[:half]}\n{text[-half:]}"
