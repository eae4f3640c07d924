"""Whether a switch is worth a word before it: the same rule on every surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.catalog.sellers import FAMILIES
from switchtax.config import Material
from switchtax.estimates.drift import Level
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer

__all__ = ["is_material"]

_LEVELS = tuple(Level)
"""From the lowest on."""


def is_material(found: Answer, limits: Material | None = None) -> bool:
    """Whether a switch is worth a question: for its price, its wait, or its risk.

    It is not where nothing is lost: the session's own cache is cold, its history was cleared or
    never sent, the target is the model in force; nor where all that is known of it is small.

    Args:
        found: the switch.
        limits: from where on, the defaults where the caller names none.
    """
    session, limits = found.session, limits or Material()
    if session.current is None or session.signs.cleared or same_model(found.model, session.model):
        return False
    if found.stay.outlook.state != "warm" or _is_left_open(session.model, found.model):
        return False
    return _is_dear(found, limits) or _is_slow(found, limits) or _is_risky(found, limits)


def _is_left_open(*models: str) -> bool:
    """Whether a name leaves the choice to the agent: what the switch costs is not known."""
    families = [normalise(model).family for model in models]
    return any(family and not FAMILIES[family] for family in families)


def _is_dear(found: Answer, limits: Material) -> bool:
    rebuilt = found.estimate.rebuild
    if isinstance(rebuilt, Unknown) or isinstance(rebuilt.cost, Unknown):
        return False
    first = 0 if isinstance(rebuilt.compaction, Unknown) else rebuilt.compaction.mid
    return rebuilt.cost.mid + first >= limits.rebuild_usd_micros


def _is_slow(found: Answer, limits: Material) -> bool:
    return not isinstance(found.wait, Unknown) and found.wait.extra_p50_s >= limits.wait_s


def _is_risky(found: Answer, limits: Material) -> bool:
    if isinstance(found.risk, Unknown):
        return False
    return _LEVELS.index(Level(found.risk.level)) >= _LEVELS.index(Level(limits.risk))
