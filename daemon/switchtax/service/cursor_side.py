"""What the daemon does for Cursor beside answering its hooks: it writes their log, and reads it.

A prompt's line is written before the hook is answered, and read right after: whoever can show
words (an editor, the desktop, the status line) has them before the request goes out. The size of
a context comes from the status line, or from the editor's own database, asked in a thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.agents.cursor_composer import composer_places, context_of
from switchtax.agents.cursor_models import is_same, model_in
from switchtax.agents.cursor_recording import COMPOSER
from switchtax.agents.cursor_status_line import read_drawn
from switchtax.errors import SwitchtaxError
from switchtax.service.recording import Recording
from switchtax.service.status_lines import drawn_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from switchtax.service.hub import Hub
    from switchtax.service.live import Live

__all__ = ["AGENT", "DRAWN", "PROMPT", "CursorSide"]

_LOG = logging.getLogger(__name__)
AGENT = "cursor"
PROMPT = "beforeSubmitPrompt"
DRAWN = "statusLine"
"""The event of our own status line: another model was picked."""
_LOOKS_AFTER_S = (1.0, 6.0)
"""Seconds after a turn, and then after that: the editor writes its database a little later."""
_LONGEST_LOOK_S = 0.03
"""What a prompt waits for a database at most; the hook client has 0.15."""


class CursorSide:
    """Cursor's recordings, kept and read.

    Args:
        hub: what the daemon knows.
    """

    def __init__(self, hub: Hub) -> None:
        """Nothing was told yet."""
        self._hub = hub
        self.recording = Recording(hub.places.state, hub.live.clock)
        self._one_look = asyncio.Lock()
        self._tasks: dict[str, asyncio.Task[bool]] = {}
        hub.on_drawn = self.noted

    # -- hooks -----------------------------------------------------------------------

    async def prepare(self, event: object, given: Mapping[str, Any]) -> None:
        """Before a question about another model: how large is the context now? Never raises."""
        live = self._switches(given) if event == PROMPT else None
        if live is None:
            return
        self.noted(live.session.id)
        if not self._one_look.locked():
            look = self._start(live.session.id, self._ask_editor(live.session.id))
            await asyncio.wait({look}, timeout=_LONGEST_LOOK_S)

    def _switches(self, given: Mapping[str, Any]) -> Live | None:
        """The session whose model a prompt changes; None where it does not."""
        conversation = given.get("conversation_id")
        live = self._hub.live.known(conversation) if isinstance(conversation, str) else None
        answered_by = live.session.answered_by if live is not None else ""
        return live if answered_by and not is_same(model_in(given), answered_by) else None

    def answered(self, event: str, given: Mapping[str, Any], output: object) -> None:
        """Keep what a hook told, and read it: before it is answered if it lets a switch through."""
        if not self.recording.hook(event, given, output):
            return
        conversation = str(given["conversation_id"])
        if event == PROMPT and not output and self._switches(given) is not None:
            self._look(conversation)
        else:
            asyncio.get_running_loop().call_soon(self._look, conversation)
        if event == "stop":
            self._start(conversation, self._after_turn(conversation))
        elif event == PROMPT and conversation in self._tasks:
            # Later on the database may tell of the turn that begins now.
            self._start(conversation, self._ask_editor(conversation))

    # -- status line -----------------------------------------------------------------

    def drawn(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """A status line is drawn for another model than before: what stands in it now."""
        told, before = read_drawn(asked.get("now")), read_drawn(asked.get("before"))
        if told is None or not self.recording.path(told.session_id):
            return {}
        same = before is not None and before.session_id == told.session_id
        self.recording.drawn(told, before if same else None)
        self._look(told.session_id)
        meter = self._hub.meters.shown.get(told.session_id)
        return {} if meter is None else {"warn": meter.line}

    def noted(self, conversation: str) -> None:
        """A status line has left something new in its folder. Never raises."""
        try:
            if not self.recording.path(conversation):
                return
            told = drawn_of(self._hub.status_lines.folder, conversation)
            if told is not None and self.recording.drawn(told):
                self._look(conversation)
        except Exception as error:  # the daemon's clock calls: it must not end for this
            _LOG.warning("a status line of Cursor is left aside (%s)", type(error).__name__)

    # -- inside ----------------------------------------------------------------------

    def _look(self, conversation: str) -> None:
        """Read what was just written; the watcher may have it already."""
        path = self.recording.path(conversation)
        try:
            if path:
                self._hub.changed(self._hub.live.by_path(path))
        except (SwitchtaxError, OSError) as error:
            _LOG.warning("a recording is not read (%s)", type(error).__name__)

    async def _after_turn(self, conversation: str) -> bool:
        for seconds in _LOOKS_AFTER_S:
            await asyncio.sleep(seconds)
            if await self._ask_editor(conversation):
                return True
        return False

    async def _ask_editor(self, conversation: str) -> bool:
        """Whether the editor's database had another size of the context."""
        async with self._one_look:
            found = await asyncio.to_thread(_context_of, conversation)
        if found is None or not self.recording.context(conversation, *found, COMPOSER):
            return False
        self._look(conversation)
        return True

    def _start(self, conversation: str, work: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
        """One task for each conversation: what it waited for before is past."""
        before = self._tasks.get(conversation)
        if before is not None:
            before.cancel()
        task = self._tasks[conversation] = asyncio.create_task(work, name="context of Cursor")
        task.add_done_callback(lambda done: self._ended(conversation, done))
        return task

    def _ended(self, conversation: str, task: asyncio.Task[bool]) -> None:
        if self._tasks.get(conversation) is task:
            del self._tasks[conversation]
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.warning("no size of a context (%s)", type(error).__name__)


def _context_of(conversation: str) -> tuple[int, int | None] | None:
    places = composer_places(os.environ, Path.home(), sys.platform)
    return context_of(places, conversation)
