"""What becomes of a switch that was asked about and not made: one offer, where it is cheaper.

A "no" has no hook of its own. It is known by what does not come: after the question no
PostModelSwitch, and at the next prompt the session is still on its model.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.advice import sub_agent_way
from switchtax.hooks.remembering import shorten
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model
from switchtax.wording import sub_agent_offer

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.for_session import Answer

__all__ = ["Declined"]

_REMEMBERED = 500


@dataclass(slots=True)
class Declined:
    """Questions that are open, by session, and offers made, by session and model."""

    open: OrderedDict[str, str] = field(default_factory=OrderedDict)
    offered: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def asked(self, session: str, model: str) -> None:
        """The user was asked about a switch to this model."""
        self.open[session] = model
        shorten(self.open, _REMEMBERED)

    def made(self, session: str) -> None:
        """The session has switched: nothing was declined."""
        self.open.pop(session, None)

    def offer(self, stay: Answer, session: str, ask: Callable[[str], Answer | None]) -> str:
        """What the agent is told at the next prompt; "" mostly.

        Once per session and model, and only where the next turn in a sub-agent costs less than
        switching for it.

        Args:
            stay: the session as it is now.
            session: its id, as the hook names it.
            ask: gives the answer for a model.
        """
        model = self.open.pop(session, "")
        now = stay.session
        if not model or (session, model) in self.offered or same_model(model, now.model):
            return ""
        if now.signs.chosen_model and same_model(model, now.signs.chosen_model):
            return ""
        found = ask(model)
        way = None if found is None else sub_agent_way(found)
        if found is None or way is None or isinstance(way.next_turn, Unknown):
            return ""
        switch = found.estimate.next_turn.switch
        if isinstance(switch, Unknown) or way.next_turn.mid >= switch.mid:
            return ""
        self.offered[session, model] = None
        shorten(self.offered, _REMEMBERED)
        return sub_agent_offer(way)
