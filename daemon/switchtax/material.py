"""Whether a switch is worth a word before it: the same rule on every surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.config import Material
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer

__all__ = ["MATERIAL_USD_MICROS", "is_material"]

MATERIAL_USD_MICROS = Material().rebuild_usd_micros
"""A rebuild below this is not worth a question, unless the user has set another amount."""


def is_material(found: Answer, usd_micros: int = MATERIAL_USD_MICROS) -> bool:
    """Whether a switch is worth a question.

    It is not where nothing is lost: the session's own cache is cold, its history was cleared or
    never sent, the target is the model in force; nor where the amount is small or not known.
    """
    session, rebuilt = found.session, found.estimate.rebuild
    if session.current is None or session.signs.cleared or same_model(found.model, session.model):
        return False
    if found.stay.outlook.state != "warm":
        return False
    if isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown):
        return False
    return rebuilt.cost.mid >= usd_micros
