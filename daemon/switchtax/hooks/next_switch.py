"""What plugins' dialects share: is the next call a switch, is it worth a word, was it said."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.hooks.remembering import is_new
from switchtax.material import is_material
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from switchtax.config.keys import Material
    from switchtax.estimates.for_session import Answer

    Ask = Callable[[str, str, str], "Answer | None"]
    """Place of the log, session id, target ("" for the session's own model)."""

__all__ = ["Seen", "Switch", "next_switch"]


@dataclass(slots=True)
class Seen:
    """Switches that were said; the caller keeps it, one for all sessions of an agent."""

    since: float = 0.0
    told: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def first(self, session: str, switch: str) -> bool:
        """Whether this was not said before; it was afterwards."""
        return is_new(self.told, (session, switch))


@dataclass(frozen=True, slots=True)
class Switch:
    """A switch that is worth a word."""

    found: Answer
    key: str
    """The last call and the target: the same switch, however often it is announced."""


def next_switch(
    place: str, asked: Mapping[str, Any], ask: Ask, material: Material
) -> Switch | None:
    """The switch that a session's next call would be; None where nothing need be said.

    Args:
        place: the session's file or database, "" where only its id is known.
        asked: `session_id`, and the next call's `provider` and `model`.
        ask: gives the `Answer` for a place, session and target, or None.
        material: what is below all of these is not said.

    Raises:
        LookupError: one of them is missing.
    """
    session, model = asked["session_id"], asked["model"]
    stay = ask(place, session, "")
    if stay is None or stay.session.current is None or same_model(model, stay.session.model):
        return None
    found = ask(place, session, f"{asked['provider']}/{model}") or ask(place, session, model)
    if found is None or not is_material(found, material):
        return None
    return Switch(found, f"{stay.session.current.id}:{found.model}")
