"""What a hook's dialect hands over where an editor is to be asked before the hook answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.estimates.for_session import Answer

__all__ = ["Hold"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A switch that an editor is asked about before the hook answers.

    Args:
        found: what it costs.
        folder: where the session runs.
        outputs: what the hook prints, by the action chosen; no opinion for all others.
    """

    found: Answer
    folder: str
    outputs: Mapping[str, dict[str, Any]] = field(default_factory=dict)
