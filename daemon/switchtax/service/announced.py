"""A switch that a log announces: whoever may be told is told at once, before the next prompt.

Nothing waits for the answer and nothing sets the switch back: the question has actions without a
consequence for the agent. One popup for a switch, on one surface: the editor that has the session's
folder open, else the desktop where the user wants that; neither where a hook of ours has shown it,
nor where the session's own host warns of it: there the meter says the numbers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.material import is_material
from switchtax.records import Call
from switchtax.service.claims import claim_of
from switchtax.service.holds import Hold
from switchtax.sessions.fold import same_model
from switchtax.wording.warnings import notification

if TYPE_CHECKING:
    from switchtax.estimates.for_session import Answer
    from switchtax.service.desktop import Desktop
    from switchtax.service.following import News
    from switchtax.service.hub import Hub
    from switchtax.service.live import Live
    from switchtax.service.popups import Popups
    from switchtax.sessions.fold import Session

__all__ = ["Announced"]

_LOG = logging.getLogger(__name__)
FRESH_S = 30.0
"""An older announcement is history that was found at the start."""
SHOWN_S = 120.0
"""How long a question stands, at most; it goes with the first call."""
_REMEMBERED = 500


@dataclass(eq=False, slots=True)
class _Pending:
    """The switch that a session has announced and not made."""

    model: str
    at: float
    task: asyncio.Task[None] | None = None
    answered: str = ""
    """The model, as estimates name it, once somebody has pressed a button."""
    out: asyncio.Event = field(default_factory=asyncio.Event)
    """The words are on their way, or there are none."""


@dataclass(slots=True)
class Announced:
    """Tells of switches as logs announce them.

    Args:
        hub: sessions, settings and ledger.
        popups: asks editors.
        desktop: shows notifications.
    """

    hub: Hub
    popups: Popups
    desktop: Desktop
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _told: dict[str, list[str]] = field(default_factory=dict)
    """By session, the targets that a hook's answer has shown since its last call."""

    def told(self, found: Answer) -> None:
        """A hook of ours has shown this switch in the agent's own interface."""
        self._told.setdefault(found.session.id, []).append(found.model)
        while len(self._told) > _REMEMBERED:
            del self._told[next(iter(self._told))]

    def is_answered(self, found: Answer) -> bool:
        """Whether somebody has seen this very switch, and pressed a button."""
        pending = self._pending.get(found.session.id)
        return pending is not None and bool(pending.answered) and pending.answered == found.model

    def news(self, news: News, lives: list[Live]) -> None:
        """Look at what was read: a choice begins a question, a call ends it."""
        changed = {record.session_id for record in news.records}
        answered = {record.session_id for record in news.records if isinstance(record, Call)}
        for session in answered:
            self._told.pop(session, None)
        for live in lives:
            if live.session.id in changed:
                self._look(live)

    async def out(self, session: str, within_s: float) -> None:
        """Wait until the words of a switch just announced are on their way, so long at most."""
        pending = self._pending.get(session)
        if pending is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    await pending.out.wait()

    def gone(self, session: str) -> None:
        """A session's file was removed."""
        self._told.pop(session, None)
        self._withdraw(session)

    def _look(self, live: Live) -> None:
        session = live.session
        target = session.signs.chosen_model
        pending = self._pending.get(session.id)
        if session.current is None or not target or same_model(target, session.model):
            self._withdraw(session.id)
            return
        chosen = session.chosen[-1]
        known = pending is not None and pending.model == target
        fresh = self.hub.live.clock() - FRESH_S < chosen.at
        if known or chosen.automatic or not fresh:
            return
        self._withdraw(session.id)
        pending = self._pending[session.id] = _Pending(target, chosen.at)
        pending.task = asyncio.get_running_loop().create_task(
            self._tell(live, pending), name="announced switch"
        )

    def _withdraw(self, session: str) -> None:
        pending = self._pending.pop(session, None)
        if pending is not None and pending.task is not None:
            pending.task.cancel()

    async def _tell(self, live: Live, pending: _Pending) -> None:
        try:
            await self._tell_of(live, pending)
        except Exception as error:  # nobody waits for it: a log line is all that it may cost
            _LOG.warning("an announced switch is not told (%s)", type(error).__name__)
        finally:
            pending.out.set()

    async def _tell_of(self, live: Live, pending: _Pending) -> None:
        now, session, config = self.hub.live.clock(), live.session, self.hub.settings.config
        if _is_warned_by_its_host(session):
            return
        found = self.hub.live.answer(live.source.path, session.id, pending.model, now)
        if found is None or not is_material(found, config.material):
            return
        if self.popups.snoozes.covers(session.id, now) or self._was_told(found):
            return
        hold = Hold(found, session.cwd, waits=False)
        if await self.popups.editors.of_folder(session.cwd) is not None:
            editor = await self.popups.chosen_editor(hold)
            if editor is not None:
                self.hub.keeping.shown(claim_of(found), "editor")
                pending.out.set()
                if await self.popups.ask(editor, hold, SHOWN_S):
                    pending.answered = found.model
        elif config.notifications.desktop and self.popups.may_show(session.id):
            self.hub.keeping.shown(claim_of(found), "desktop")
            pending.out.set()
            await self.desktop.show(*notification(found))

    def _was_told(self, found: Answer) -> bool:
        return any(same_model(found.model, each) for each in self._told.get(found.session.id, ()))


def _is_warned_by_its_host(session: Session) -> bool:
    """VS Code has a warning of its own beside the models of its Copilot sessions."""
    return session.agent == "copilot-cli" and session.entrypoint.startswith("vscode")
