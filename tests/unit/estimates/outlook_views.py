"""What the next call of a session made by hand will find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from making import BOOK, START
from switchtax.estimates.for_session import foretell
from switchtax.estimates.outlook import Moment

if TYPE_CHECKING:
    from switchtax.estimates.outlook import Outlook
    from switchtax.sessions.fold import Session

__all__ = ["OPUS", "SONNET", "view"]

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"


def view(
    session: Session, at: float, model: str = OPUS, moment: Moment = Moment.AT_CHOICE
) -> Outlook:
    """The next call, `at` seconds after the start."""
    return foretell(session, model, START + at, moment, BOOK).outlook
