"""The one connection to the daemon: found or started, kept alive, made anew when it breaks."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from switchtax.errors import DaemonUnavailable, Refused, SwitchtaxError
from switchtax.service.attached import Attached

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from switchtax.service.places import Places
    from switchtax.service.protocol import Notification

    Show = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

__all__ = ["Link"]

_LOG = logging.getLogger(__name__)
_AGAIN_S = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each further attempt; the last one for all that follow."""
_PULSE_S = 5.0
_PULSE_DEADLINE_S = 3.0
_CALL_S = 3.0


class Link:
    """Keeps meters as the daemon tells them, and its warnings shown.

    Args:
        where: the user's places.
        show: shows a warning; gives the action chosen.
        changed: called when meters or the state are other than before.
        happened: told of what has just happened in a session.
    """

    def __init__(
        self,
        where: Places,
        show: Show,
        changed: Callable[[], None],
        happened: Callable[[dict[str, Any]], None],
    ) -> None:
        """Not connected; `run` connects."""
        self._where, self._show = where, show
        self._changed, self._happened = changed, happened
        self._daemon: Attached | None = None
        self.state = "starting"
        self.meters: dict[str, dict[str, Any]] = {}
        self._workspaces: list[str] = []
        self._focused = False

    async def run(self) -> None:
        """Stay connected, for ever."""
        failed = 0
        while True:
            try:
                await self._live()
                failed = 0
            except (SwitchtaxError, OSError) as error:
                _LOG.info("no daemon: %s", error)
            self._daemon = None
            self._set_state("unavailable")
            await asyncio.sleep(_AGAIN_S[min(failed, len(_AGAIN_S) - 1)])
            failed += 1

    async def _live(self) -> None:
        await asyncio.to_thread(self._find_or_start)
        daemon = await Attached.connect(
            self._where.socket,
            declare={
                "client": "lsp",
                "capabilities": ["warnings"],
                "workspaces": self._workspaces,
                "focused": self._focused,
            },
            serves={"warning/show": self._show},
            on_push=self._pushed,
        )
        try:
            await self._hear_all(daemon)
            self._daemon = daemon
            self._set_state("ok")
            gone = asyncio.create_task(daemon.gone(), name="the daemon leaves")
            while not gone.done():
                await asyncio.wait({gone}, timeout=_PULSE_S)
                if not gone.done():
                    await self._hear_all(daemon)  # a daemon that hangs is found by it, too
        finally:
            await daemon.close()

    def _find_or_start(self) -> None:
        from switchtax.service.instance import find_or_start

        find_or_start(self._where, name="lsp").close()

    async def _hear_all(self, daemon: Attached) -> None:
        told = await daemon.call("meter/subscribe", deadline_s=_PULSE_DEADLINE_S)
        meters = {meter["session"]: meter for meter in told["meters"]}
        if meters != self.meters:
            self.meters = meters
            self._changed()

    def _pushed(self, push: Notification) -> None:
        if push.method == "meter/didChange":
            self.meters[push.params["session"]] = push.params
            self._changed()
        elif push.method == "meter/gone":
            if self.meters.pop(push.params.get("session", ""), None) is not None:
                self._changed()
        elif push.method == "session/event":
            self._happened(push.params)

    def _set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._changed()

    def stand(self, workspaces: Sequence[str] | None = None, focused: bool | None = None) -> None:
        """The editor's folders, and whether it has the focus."""
        if workspaces is not None:
            self._workspaces = list(workspaces)
        if focused is not None:
            self._focused = focused
        if self._daemon is not None:
            self._daemon.notify(
                "client/focus", {"workspaces": self._workspaces, "focused": self._focused}
            )

    async def call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Ask the daemon.

        Raises:
            DaemonUnavailable: there is none now, or it does not answer.
            Refused: it answered with an error.
        """
        if self._daemon is None:
            raise DaemonUnavailable("no daemon answers now; switchtax looks for it.")
        return await self._daemon.call(method, params, deadline_s=_CALL_S)

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
        """Ask the daemon; None where it cannot say."""
        try:
            return await self.call(method, params)
        except (DaemonUnavailable, Refused):
            return None
