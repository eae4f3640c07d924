"""What a proxy or a plugin says before a switch: the lines, and whether they are worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.errors import NoSuchSession, UsageError
from switchtax.material import is_material
from switchtax.service.claims import claim_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.service.hub import Hub
    from switchtax.service.live import Live

__all__ = ["find", "words"]


def find(hub: Hub, session: str, cwd: str, since: float) -> Live:
    """The session of this id; else the one used last in a folder since then.

    Raises:
        NoSuchSession: there is neither.
    """
    try:
        live = hub.live.find(session)
        if live.session.id == session:  # a proxy's short id may begin another session's
            return live
    except UsageError:
        pass
    for live in hub.live.active(hub.live.clock()):  # the newest one first
        if cwd and live.session.cwd == cwd and live.last_at() >= since:
            return live
    raise NoSuchSession(f"{session}: no session with this id, and none in use in its folder.")


def words(hub: Hub, live: Live, spelled: Sequence[str], surface: str) -> dict[str, Any]:
    """The lines of a switch, whether it is worth a question, and the name of the choice to stay.

    Args:
        hub: what the daemon knows.
        live: the session.
        spelled: the target's names, the likeliest first.
        surface: where the lines are shown, for the ledger.

    Raises:
        UsageError: none of the names is known.
    """
    session, config = live.session, hub.settings.config
    target, turns = _target(hub, live, spelled), config.horizon.turns
    found = hub.live.standing.answer(live, target, hub.live.clock(), turns)
    found = hub.live.on_plan(found)
    material = is_material(found, config.material)
    if material:
        hub.keeping.shown(claim_of(found), surface)
    return {
        "session": session.id,
        "model": session.model,
        "to": found.model,
        "lines": wording.popup(found),
        "material": material,
        "keep": wording.keep_words(session.model),
    }


def _target(hub: Hub, live: Live, spelled: Sequence[str]) -> str:
    for each in spelled:
        try:
            return hub.live.targets(live.session, [each])[0]
        except UsageError as error:
            last = error
    raise last
