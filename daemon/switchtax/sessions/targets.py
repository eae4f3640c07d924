"""The model that a person, a hook or a setting names as a target of one session.

An agent's picker may name more than the model: in Cursor effort, thinking and fast mode stand
at the end of it (`claude-opus-5.5-thinking-high`). They are taken off as its reader does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.agents.cursor_models import model_of
from switchtax.catalog.names import normalise
from switchtax.records import Unknown

if TYPE_CHECKING:
    from switchtax.catalog.book import PriceBook
    from switchtax.catalog.names import Target
    from switchtax.sessions.fold import Session

__all__ = ["bare", "target_of"]

_CURSOR = "cursor"


def target_of(session: Session, spelled: str, book: PriceBook) -> Target | Unknown:
    """The model meant; an alias is the newest of its family that the session's provider sells.

    Args:
        session: the session, in whose agent's spelling the model may be named.
        spelled: an id, a display name, a picker's name or an alias.
        book: the models that can be meant.
    """
    if not spelled.strip():
        return Unknown("no model is named")
    own = normalise(session.model, session.seller_of(session.model)) if session.model else None
    name = bare(spelled) if session.agent == _CURSOR else spelled
    return book.resolve_target(name, own.seller if own else "")


def bare(spelled: str) -> str:
    """A name of Cursor's picker without its settings; any other as it is.

    >>> bare("Sonnet 5.5 Thinking High"), bare("gpt-5.6-sol-high-fast"), bare("sonnet")
    ('claude-sonnet-5-5', 'gpt-5.6-sol', 'sonnet')
    """
    asked = normalise(spelled)
    found = asked.name if asked.family else model_of(asked.name).name
    return spelled if found == asked.name else found
