"""The client for an event loop: calls side by side, pushes, requests of the daemon served.

An editor's language server holds one of these; `instance.find_or_start` (in a thread) makes
sure that there is a daemon first.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Self

from switchtax import __version__
from switchtax.errors import DaemonUnavailable, Refused
from switchtax.service.asking import Asking, NoAnswer
from switchtax.service.listening import open_streams
from switchtax.service.protocol import (
    PROTOCOL,
    BadFrame,
    Code,
    Framer,
    Notification,
    Request,
    Response,
    pack,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from switchtax.service.protocol import Message

    Serve = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
    Told = Callable[[Notification], None]

__all__ = ["Attached"]

_LOG = logging.getLogger(__name__)
_CHUNK = 65_536


class Attached:
    """One connection to a daemon, on the event loop that made it.

    Args:
        serves: what the daemon may ask of us: an async function for each method, from params
            to result. It is cancelled when the daemon no longer wants the answer.
        on_push: told of every notification.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        serves: Mapping[str, Serve] | None = None,
        on_push: Told | None = None,
    ) -> None:
        """Connected; `connect` shakes hands too."""
        self._reader, self._writer = reader, writer
        self._serves, self._on_push = dict(serves or {}), on_push
        self._asking = Asking(self._send)
        self._serving: dict[int, asyncio.Task[None]] = {}
        self._reading = asyncio.create_task(self._read(), name="reading from the daemon")
        self.server: dict[str, Any] = {}

    @classmethod
    async def connect(
        cls,
        path: Path,
        *,
        declare: Mapping[str, Any] | None = None,
        serves: Mapping[str, Serve] | None = None,
        on_push: Told | None = None,
        deadline_s: float = 5.0,
    ) -> Self:
        """Connect to the socket at a path and shake hands.

        Args:
            path: where the daemon listens.
            declare: added to `initialize`: `client`, `capabilities`, `workspaces`, `focused`.
            serves: see the class.
            on_push: see the class.
            deadline_s: for all of it.

        Raises:
            DaemonUnavailable: nobody answers there, or not in our protocol.
        """
        try:
            reader, writer = await open_streams(path, deadline_s)
        except (OSError, TimeoutError) as error:
            raise DaemonUnavailable(
                f"no daemon answers ({error}). `switchtax daemon start` starts it."
            ) from error
        client = cls(reader, writer, serves=serves, on_push=on_push)
        hello = {"protocol": PROTOCOL, "client": "editor", "version": __version__}
        try:
            client.server = await client.call(
                "initialize", hello | dict(declare or {}), deadline_s=deadline_s
            )
        except BaseException:
            await client.close()
            raise
        return client

    async def call(
        self, method: str, params: dict[str, Any] | None = None, *, deadline_s: float = 10.0
    ) -> dict[str, Any]:
        """Ask, and wait for the answer; several may be under way.

        Raises:
            Refused: the daemon answered with an error.
            DaemonUnavailable: it left, or did not answer in time.
        """
        try:
            return await self._asking.ask(method, params or {}, deadline_s)
        except NoAnswer as error:
            if error.error is not None:
                raise Refused(int(error.error.get("code", 0)), str(error)) from error
            raise DaemonUnavailable(f"the daemon did not answer: {error}.") from error

    def notify(self, method: str, params: dict[str, Any]) -> None:
        """Tell the daemon something, for example `client/focus`."""
        self._send(Notification(method, params))

    async def gone(self) -> None:
        """Wait until the daemon has left, or we have."""
        await asyncio.wait({self._reading})

    async def close(self) -> None:
        """Leave; requests under way on either side are given up."""
        self._reading.cancel()
        await asyncio.wait({self._reading})

    def _send(self, message: Message) -> None:
        if not self._writer.transport.is_closing():
            self._writer.write(pack(message))

    async def _read(self) -> None:
        framer = Framer()
        try:
            while data := await self._reader.read(_CHUNK):
                for message in framer.feed(data):
                    self._take(message)
        except (OSError, BadFrame) as error:
            _LOG.warning("the daemon is left: %s", error)
        finally:
            self._asking.end()
            for task in self._serving.values():
                task.cancel()
            self._writer.close()

    def _take(self, message: Message) -> None:
        if isinstance(message, Response):
            self._asking.take(message)
        elif isinstance(message, Request):
            work = self._serve(message)
            self._serving[message.id] = asyncio.create_task(work, name=message.method)
        elif message.method == "$/cancel":
            serving = self._serving.get(message.params.get("id", -1))
            if serving is not None:
                serving.cancel()
        elif self._on_push is not None:
            self._on_push(message)

    async def _serve(self, request: Request) -> None:
        handler, error, result = self._serves.get(request.method), None, None
        try:
            if handler is None:
                error = {"code": int(Code.METHOD_NOT_FOUND), "message": request.method}
            else:
                result = await handler(request.params)
        except asyncio.CancelledError:
            error = {"code": int(Code.CANCELLED), "message": f"{request.method}: cancelled"}
        except Exception as failed:
            # The daemon goes on without an opinion; the type says enough for the log.
            kind = type(failed).__name__
            _LOG.warning("%s failed: %s", request.method, kind)
            error = {"code": int(Code.INTERNAL), "message": f"{request.method} failed ({kind})"}
        finally:
            self._serving.pop(request.id, None)
        self._send(Response(request.id, error, result))
