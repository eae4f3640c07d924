"""The daemon's loop: accepts clients, keeps up with sessions, ends when nobody needs it."""

from __future__ import annotations

import asyncio
import gc
import itertools
import logging
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from switchtax.service import history
from switchtax.service.connection import Connection, peer_uid

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from switchtax.ledger.store import Ledger
    from switchtax.service.hub import Hub
    from switchtax.service.listening import Listening
    from switchtax.service.methods import Methods
    from switchtax.service.watching import Watching

__all__ = ["IdleRule", "Server"]

_LOG = logging.getLogger(__name__)
_TICK_S = 5.0
_POLL_S = 2.0
_QUIET_S, _FLUSH_S = 0.01, 1.0
"""Seconds without a question after which the ledger holds what was shown, and the longest that
it waits for such a moment."""
_ROUNDS, _MOST_ROUNDS = 50, 1_000
"""Collections of what is young after which all garbage is collected: when nobody has asked for a
moment, or at once."""
_COLLECT_QUIET_S = 1.0
_SPREAD_S = 300.0
"""Seconds between two looks for new roots, and at everything where a watcher may have missed
something: 0.16 s of work with 20,000 files."""
_SELDOM = 3
"""Where every root is watched and the watcher complained of nothing, everything is looked at
this many times less often."""


class IdleRule:
    """When a daemon that nobody uses may end.

    Args:
        limit_s: seconds without clients and live sessions; 0 means never.
        clock: seconds that never go back.
    """

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """The daemon has just been of use."""
        self.limit_s, self._clock = limit_s, clock
        self._used_at = clock()

    def is_over(self, *, in_use: bool) -> bool:
        """Whether it has been of no use for long enough."""
        if in_use:
            self._used_at = self._clock()
        return 0 < self.limit_s <= self._clock() - self._used_at


class Server:
    """Serves one listening socket until it is told to end."""

    def __init__(self, hub: Hub, methods: Methods, idle: IdleRule) -> None:
        """Not serving yet."""
        self.hub, self.methods, self.idle = hub, methods, idle
        self.watching: Watching | None = None
        self.connections: set[Connection] = set()
        self._stopped = asyncio.Event()
        self._looking = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._history_read = False

    def stop(self) -> None:
        """End soon: requests that wait are cancelled, what was written is delivered."""
        self._stopped.set()

    async def run(self, listening: Listening) -> None:
        """Serve until stopped, by a signal, `shutdown`, or because nobody needs it."""
        loop = asyncio.get_running_loop()
        ledger = self.hub.keeping.ledger
        ledger.on_queued = lambda: self.start("ledger", self._flush(ledger))
        if sys.platform != "win32":  # pragma: no branch
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if await listening.admits(reader):
                await self._accept(reader, writer)
            else:
                _LOG.warning("a caller without the token was refused")
                writer.close()

        server = await asyncio.start_server(accept, sock=listening.socket)
        self.start("useful switches", self.hub.weigh())
        self.start("keeping up", self._keep_up())
        self.start("polling", self._poll())
        self.start("clock", self._tick())
        await self._stopped.wait()
        server.close()
        if self.watching is not None:
            self.watching.stop()
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._see_off(each) for each in [*self.connections]))

    def start(self, name: str, work: Coroutine[None, None, None]) -> None:
        """Run something beside; if it fails that is logged, and the rest goes on."""
        task = asyncio.create_task(self._guarded(name, work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, name: str, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except Exception as error:
            # The type alone: what an exception says may quote a transcript.
            _LOG.error("%s ended: %s", name, type(error).__name__)

    async def _flush(self, ledger: Ledger) -> None:
        """Between two questions: whoever asks is not to wait for the disk."""
        until = time.perf_counter() + _FLUSH_S
        await asyncio.sleep(_QUIET_S)
        while (now := time.perf_counter()) < until and now - self.hub.asked_at < _QUIET_S:
            await asyncio.sleep(_QUIET_S)
        while await asyncio.to_thread(ledger.flush_some):
            await asyncio.sleep(_QUIET_S / 2)
        await asyncio.to_thread(ledger.tidy)

    async def _see_off(self, connection: Connection) -> None:
        connection.writer.close()
        try:
            async with asyncio.timeout(0.5):
                await connection.writer.wait_closed()
        except (OSError, TimeoutError):
            connection.writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uid = peer_uid(writer.get_extra_info("socket"))
        if uid is not None and uid != os.getuid():
            _LOG.warning("user %d was refused", uid)
            writer.close()
            return
        connection = Connection(reader, writer, self.methods, self.stop)
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)

    async def _keep_up(self) -> None:
        from switchtax.service.watching import Watching

        loop = asyncio.get_running_loop()
        self.watching = Watching(loop, self.hub.changed, self.hub.gone)
        for times in itertools.count():
            await self.watch_and_look(self.watching, always=times % _SELDOM == 0)
            if not self._history_read:
                self._history_read = True
                self.start("old sessions", self._read_history())
            await asyncio.sleep(_SPREAD_S)

    async def watch_and_look(self, watching: Watching, *, always: bool = True) -> None:
        """Watch what is not watched yet, then read what was written before that.

        Unless `always`, nothing is read where all was watched and nothing missed.
        """
        async with self._looking:
            roots = await asyncio.to_thread(self.hub.live.roots)
            new = await asyncio.to_thread(watching.watch, roots)
            self.hub.live.watched, self.hub.unwatched = watching.roots, watching.failed
            if watching.may_have_missed() or new or always:
                await self.hub.look_around()

    async def _read_history(self) -> None:
        """Once in a daemon's life; what is written later, `usage` itself reads in no time."""
        await asyncio.sleep(_history_after_s())
        await history.fill(
            lambda done: self.hub.push("$/progress", token="history", done=done, of=100)
        )

    async def _poll(self) -> None:
        """Where a folder cannot be watched, its live sessions are looked at again and again.

        One that was removed is watched again as soon as it, or the agent's root, is there.
        """
        while True:
            await asyncio.sleep(_POLL_S)
            watching = self.watching
            if watching is None:
                continue
            if watching.failed:
                self.hub.poll()
            if watching.lost:
                self.hub.live.watched = watching.roots
                there = await asyncio.to_thread(self.hub.live.roots)
                if {str(root) for _, root, _ in there} & set(watching.lost.values()):
                    await self.watch_and_look(watching)

    def _collect(self) -> None:
        """Let no question wait for the collector if it can be helped."""
        rounds = gc.get_count()[2]
        quiet = time.perf_counter() - self.hub.asked_at > _COLLECT_QUIET_S
        if rounds >= _MOST_ROUNDS or (quiet and rounds >= _ROUNDS):
            gc.collect()

    async def _tick(self) -> None:
        while True:
            interval_s = min(_TICK_S, self.idle.limit_s / 4 or _TICK_S)
            await asyncio.sleep(interval_s)
            if self.hub.settings.look():
                self.idle.limit_s = self.hub.settings.config.daemon.idle_exit_s
                self.hub.take_up_settings()
            self.hub.take_up_prices()
            self.hub.take_up_status_lines()
            for _ in self.hub.tick(self.hub.live.clock()):
                await asyncio.sleep(0)
            self._collect()
            if self.watching is not None and self.watching.is_new(self.hub.live.roots()):
                await self.watch_and_look(self.watching)
            in_use = any(each.initialized for each in self.connections)
            in_use = in_use or bool(self.hub.meters.shown) or self.methods.cursor.recording.awaits()
            if self.idle.is_over(in_use=in_use):
                _LOG.info("nobody has needed this for %.0f s: it ends", self.idle.limit_s)
                self.stop()


def _history_after_s() -> float:
    """SWITCHTAX_HISTORY_AFTER_S, else a few seconds."""
    try:
        return float(os.environ.get("SWITCHTAX_HISTORY_AFTER_S", history.AFTER_S))
    except ValueError:
        return history.AFTER_S
