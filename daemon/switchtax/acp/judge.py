"""Asking the daemon what a switch costs; in time, or there is nothing to say."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from switchtax.acp.proxy import Judgement
from switchtax.errors import SwitchtaxError

if TYPE_CHECKING:
    from switchtax.acp.known import Chosen, Session
    from switchtax.service.client import Client
    from switchtax.service.places import Places

__all__ = ["DaemonJudge"]

_DEADLINE_S = 0.3


class DaemonJudge:
    """Keeps one connection to the daemon, made in the background and made anew when it breaks."""

    def __init__(self, where: Places, since: float) -> None:
        """Begin to look for the daemon, or to start it.

        Args:
            where: the user's places.
            since: when the agent was started, UTC epoch seconds.
        """
        self._where, self._since = where, since
        self._client: Client | None = None
        self._alone = threading.Lock()
        self._connecting: threading.Thread | None = None
        self._connect_soon()

    def __call__(self, session: Session, chosen: Chosen) -> Judgement | None:
        """What to say of a switch; None without a daemon, without a session, or too late."""
        with self._alone:
            client = self._client
            if client is None:
                self._connect_soon()
                return None
            try:
                told = client.call(
                    "switch/words",
                    {
                        "session": chosen.session_id,
                        "cwd": session.cwd,
                        "since": self._since,
                        "to": [chosen.value, chosen.name],
                        "surface": "acp",
                    },
                    deadline_s=_DEADLINE_S,
                )
            except SwitchtaxError:
                client.close()
                self._client = None
                self._connect_soon()
                return None
        lines = [str(line) for line in told.get("lines") or ()]
        return Judgement(lines, bool(lines and told.get("material")), str(told.get("keep", "")))

    def _connect_soon(self) -> None:
        if self._connecting is None or not self._connecting.is_alive():
            self._connecting = threading.Thread(target=self._connect, daemon=True)
            self._connecting.start()

    def _connect(self) -> None:
        from switchtax.service.instance import find_or_start

        try:
            found = find_or_start(self._where, name="acp")
        except (SwitchtaxError, OSError):
            return
        self._client = found
