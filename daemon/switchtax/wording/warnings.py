"""The words of a warning that a person answers: its actions, and what an agent is told then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.catalog.names import display_name
from switchtax.records import Unknown
from switchtax.wording.numbers import money, tokens
from switchtax.wording.switches import popup

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer

__all__ = [
    "ACTIONS",
    "actions",
    "go_ahead",
    "go_or_keep",
    "if_picked",
    "kept",
    "notification",
    "sent_again",
    "sent_back",
    "stopped_once",
]

ACTIONS = ("switch", "keep", "ok", "brief", "snooze")
"""What a person may choose."""


def actions(found: Answer, *, can_keep: bool = True, can_brief: bool = True) -> dict[str, str]:
    """The actions of a warning, in their order: name and title.

    Where nothing can set the switch back, there is nothing to choose between: "OK". Where a
    session's words cannot be read, none can write a brief.
    """
    own = display_name(found.session.model)
    choice = {"switch": "Switch", "keep": f"Keep {own}"} if can_keep else {"ok": "OK"}
    return choice | ({"brief": "Brief…"} if can_brief else {}) | {"snooze": "Snooze"}


def notification(found: Answer) -> tuple[str, list[str]]:
    """A switch on the desktop: title and lines."""
    own, other = display_name(found.session.model), display_name(found.model)
    return f"switchtax: {own} → {other}", popup(found)


def go_ahead(found: Answer) -> str:
    """A question that is answered with yes or no; no keeps the model."""
    own, other = display_name(found.session.model), display_name(found.model)
    return f"Switch from {own} to {other}?"


def go_or_keep(found: Answer) -> tuple[str, str]:
    """Both answers to a question before a request: go on, or stay until a model is chosen."""
    own, other = display_name(found.session.model), display_name(found.model)
    return f"Go on with {other}", f"Keep {own} until I choose one with /model"


def kept(found: Answer, *, for_brief: bool = False) -> str:
    """Why a switch did not happen, in one line: an agent shows it to the person who chose so."""
    own, rebuilt = display_name(found.session.model), found.estimate.rebuild
    why = "a brief comes first" if for_brief else "you kept it in the editor"
    if isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown):
        return f"Still on {own}: {why}."
    size, cost = tokens(rebuilt.tokens.mid), money(rebuilt.cost.mid)
    other = display_name(found.model)
    return f"Still on {own}: {why}. {other} would re-read {size} tokens ({cost})."


def if_picked(lines: list[str]) -> list[str]:
    """A model that was chosen in one of an agent's windows, nobody knows in which."""
    return ["If this session goes on with the model just chosen:", *lines]


def sent_back(lines: list[str], command: str = "/model") -> list[str]:
    """A prompt that is sent back once before a switch takes effect: what it costs, the way on."""
    return [*lines, f"Nothing was sent. Send it again to go on, or choose a model with {command}."]


def sent_again(lines: list[str]) -> list[str]:
    """The same where models are picked in menus as well as by commands.

    >>> len(sent_again([])[0])
    71
    """
    return [*lines, "Nothing was sent. Send it again to switch, or pick the old model first."]


def stopped_once(lines: list[str]) -> list[str]:
    """A prompt that waits in the conversation, before a switch takes effect: both ways on."""
    return [*lines, 'Nothing was sent; your prompt is kept. Say "go on", or go back with /model.']
