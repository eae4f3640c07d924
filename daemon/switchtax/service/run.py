"""The daemon's process: puts the parts together and runs until it may end."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys

from switchtax.catalog.book import open_book
from switchtax.errors import SwitchtaxError
from switchtax.ledger.store import Ledger
from switchtax.service.hub import Hub
from switchtax.service.instance import AlreadyRunning, listen
from switchtax.service.keeping import Keeping
from switchtax.service.live import LiveSessions
from switchtax.service.methods import Methods
from switchtax.service.places import Places, places
from switchtax.service.quiet_log import keep_loop_quiet, prepare_log
from switchtax.service.server import IdleRule, Server
from switchtax.service.settings import Settings

__all__ = ["main", "serve"]

_LOG = logging.getLogger(__name__)
_SWITCH_S = 0.0005
"""Seconds after which the loop lets the watcher's threads run: a change passes three of them."""


def main() -> int:
    """Run the daemon in this process; 0 when it ended as asked, or another one lives."""
    prepare_log()
    try:
        serve(places())
    except AlreadyRunning:
        _LOG.info("another daemon lives: this one ends")
    except SwitchtaxError as error:
        print(f"switchtax: {error}", file=sys.stderr)  # noqa: T201 - what its caller reads
        return error.exit_code
    return 0


def serve(where: Places) -> None:
    """Serve until stopped.

    Raises:
        SwitchtaxError: it cannot serve here.
    """
    where.prepare_state()
    with listen(where) as listening:
        book = open_book(on_error=lambda error: _LOG.warning("%s", error))
        ledger = Ledger(where.ledger)
        settings = Settings(os.environ)
        hub = Hub(LiveSessions(book, settings=settings), where, Keeping(ledger, book))
        sys.setswitchinterval(_SWITCH_S)
        gc.freeze()  # what is loaded by now stays: looking through it again would cost idle time
        # An answer makes thousands of short-lived tuples. Everything is looked through by the
        # server in a quiet moment: 50 ms with a thousand sessions.
        gc.set_threshold(50_000, 20, 100_000)
        _LOG.info("build %s, process %d: serving", where.build, os.getpid())

        async def run() -> None:
            keep_loop_quiet(asyncio.get_running_loop())
            idle = IdleRule(settings.config.daemon.idle_exit_s)
            await Server(hub, Methods(hub, where.build), idle).run(listening)

        asyncio.run(run())
        hub.fired.keep()
        ledger.prune()
        ledger.close()
    _LOG.info("process %d: ended", os.getpid())
