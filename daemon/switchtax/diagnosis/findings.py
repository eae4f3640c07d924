"""What a look at one part found: facts and a code, whose words are in `wording.doctor`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Finding", "Level", "good", "note", "trouble"]


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    NOTE = "note"
    """Nothing to mend, but worth knowing."""
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found; `code` names its sentence."""

    topic: str
    code: str
    level: Level
    facts: Mapping[str, Any] = field(default_factory=dict)


def good(topic: str, code: str, **facts: Any) -> Finding:
    """All is well."""
    return Finding(topic, code, Level.OK, facts)


def note(topic: str, code: str, **facts: Any) -> Finding:
    """Worth knowing."""
    return Finding(topic, code, Level.NOTE, facts)


def trouble(topic: str, code: str, **facts: Any) -> Finding:
    """To be mended."""
    return Finding(topic, code, Level.TROUBLE, facts)
