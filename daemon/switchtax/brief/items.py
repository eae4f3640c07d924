"""The lines of a brief before they are chosen: each with the place it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from switchtax.brief.said import Place

__all__ = ["Item", "Section"]


class Section(StrEnum):
    """The parts of a brief, in order."""

    GOAL = "goal"
    CONSTRAINTS = "constraints"
    FILES = "files"
    CHECKS = "checks"
    REPOSITORY = "repository"
    TODO = "todo"
    DECISIONS = "decisions"
    UNCERTAIN = "uncertain"
    NEXT = "next"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Item:
    """One line, never without a source.

    `quotes` are the parts of `text` that stand word for word at a source (white space and what
    looks like a secret aside); the rest is wording, names and numbers. `order` is where it
    stands among its section's lines; a lower `rank` is chosen first.
    """

    section: Section
    text: str
    sources: tuple[Place, ...]
    quotes: tuple[str, ...] = ()
    rank: int = 0
    order: int = 0
    must: bool = False
