"""A switch that an editor is to be asked about; mostly a hook waits for the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.estimates.for_session import Answer

__all__ = ["Hold"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A switch that an editor is asked about.

    Args:
        found: what it costs.
        folder: where the session runs.
        outputs: what the hook prints, by the action chosen; no opinion for all others.
        waits: a hook waits for the answer; else the switch is made, and nothing sets it back.
    """

    found: Answer
    folder: str
    outputs: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    waits: bool = True
