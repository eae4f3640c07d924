"""`warning/show`: an attached editor is asked about a switch; whatever is amiss, no opinion.

One popup for a switch, on one surface; one at a time in an editor, where only what a hook waits for
goes before one that nobody waits for; a few a minute for a session.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from switchtax.service.asking import NoAnswer
from switchtax.wording.switches import popup
from switchtax.wording.warnings import ACTIONS, actions

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.estimates.for_session import Answer
    from switchtax.service.editors import Editor, Editors
    from switchtax.service.holds import Hold
    from switchtax.service.snoozes import Snoozes

__all__ = ["Popups"]

_LOG = logging.getLogger(__name__)
_MOST_WAITING = 3
"""Warnings of one editor, shown and waiting; a further one is not shown."""
_MOST_A_MINUTE = 3
"""Warnings about one session: flapping between models must not become a storm."""
_LEAST_S = 0.3
"""With less time than this nobody can read it."""
_QUIET_S = 60.0
"""Nobody answered: the same switch is not asked about again so soon."""


@dataclass(eq=False, slots=True)
class _Shown:
    """A warning under way, and how many hooks wait for its answer."""

    task: asyncio.Task[str]
    callers: int = 0


class Popups:
    """Asks editors.

    Args:
        editors: who is attached.
        snoozes: who is to be left alone.
        clock: UTC epoch seconds.
        estimate: the estimate's document, as `switch/estimate` gives it.
    """

    def __init__(
        self,
        editors: Editors,
        snoozes: Snoozes,
        clock: Callable[[], float],
        estimate: Callable[[Answer], dict[str, Any]],
    ) -> None:
        """Nothing is shown yet."""
        self.editors, self.snoozes = editors, snoozes
        self._clock, self._estimate = clock, estimate
        self._shown: dict[tuple[str, str], _Shown] = {}
        self._quiet_until: dict[tuple[str, str], float] = {}
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)

    async def chosen_editor(self, hold: Hold) -> Editor | None:
        """The editor that would be asked now; None where nobody should be."""
        found, now = hold.found, self._clock()
        key = (found.session.id, found.model)
        if key in self._shown:
            return await self.editors.of_folder(hold.folder)
        if self.snoozes.covers(found.session.id, now) or self._quiet_until.get(key, 0.0) > now:
            return None
        editor = await self.editors.of_folder(hold.folder)
        if editor is None or editor.waiting >= _MOST_WAITING or self._are_many(found.session.id):
            return None
        return editor

    def may_show(self, session: str) -> bool:
        """Whether one more warning about a session may be shown elsewhere; it counts as shown."""
        if self._are_many(session):
            return False
        self._times[session].append(self._clock())
        return True

    def _are_many(self, session: str) -> bool:
        times = self._times[session]
        while times and times[0] < self._clock() - 60:
            times.popleft()
        return len(times) >= _MOST_A_MINUTE

    async def ask(self, editor: Editor, hold: Hold, deadline_s: float) -> str:
        """The action chosen, one of `wording.warnings.ACTIONS`; "" is no opinion.

        Whoever asks about the same switch meanwhile shares the answer. If all that wait give
        up, the warning is withdrawn.
        """
        key = (hold.found.session.id, hold.found.model)
        shown = self._shown.get(key)
        if shown is None:
            self._times[hold.found.session.id].append(self._clock())
            until = asyncio.get_running_loop().time() + deadline_s
            work = self._show(editor, hold, until)
            shown = self._shown[key] = _Shown(asyncio.create_task(work, name="warning"))
            shown.task.add_done_callback(lambda _: self._shown.pop(key, None))
        shown.callers += 1
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.shield(shown.task)
        except TimeoutError:
            self._leave_alone(key)
            return ""
        finally:
            shown.callers -= 1
            if not shown.callers:
                shown.task.cancel()

    async def _show(self, editor: Editor, hold: Hold, until: float) -> str:
        loop, session = asyncio.get_running_loop(), hold.found.session
        editor.waiting += 1
        try:
            async with editor.turn if hold.waits else editor.aside:
                left = until - loop.time()
                if left < _LEAST_S:
                    return ""
                told = await editor.ask("warning/show", self._warning(hold, left), left)
        except NoAnswer as error:
            _LOG.info("no opinion: %s", error)
            self._leave_alone((session.id, hold.found.model))
            return ""
        finally:
            editor.waiting -= 1
        action = told.get("action")
        if action == "snooze":
            scope = "day" if told.get("for") == "day" else "session"
            self.snoozes.set(session.id, scope, self._clock())
        return action if isinstance(action, str) and action in ACTIONS else ""

    def _leave_alone(self, key: tuple[str, str]) -> None:
        now = self._clock()
        self._quiet_until = {each: at for each, at in self._quiet_until.items() if at > now}
        self._quiet_until[key] = now + _QUIET_S

    def _warning(self, hold: Hold, left_s: float) -> dict[str, Any]:
        from switchtax.brief.reading import has_reader  # not before a popup: the start is short

        found = hold.found
        can_brief = has_reader(found.session.agent)
        titles = actions(found, can_keep=hold.waits, can_brief=can_brief)
        return {
            "session": found.session.id,
            "agent": found.session.agent,
            "folder": hold.folder,
            "from_model": found.session.model,
            "to_model": found.model,
            "lines": popup(found),
            "actions": [{"id": each, "title": title} for each, title in titles.items()],
            "estimate": self._estimate(found),
            "deadline_ms": round(left_s * 1000),
        }
