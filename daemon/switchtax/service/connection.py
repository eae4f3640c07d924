"""One client's connection: the handshake, requests side by side, and the door for hooks."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Any

from switchtax.service.asking import Asking
from switchtax.service.holds import Hold
from switchtax.service.params import Fault
from switchtax.service.protocol import (
    DOOR,
    BadFrame,
    Code,
    Framer,
    Request,
    Response,
    pack,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.service.editors import Editor
    from switchtax.service.methods import Methods
    from switchtax.service.protocol import Message

__all__ = ["Connection", "peer_uid"]

_LOG = logging.getLogger(__name__)
_CHUNK = 65_536
_HANDSHAKE_S = 30.0
_DOOR_S = 2.0
_GRACE_S = 0.05
"""Seconds for the answer's way back; the hook client has 0.15."""
_MOST_DOOR = 4 << 20
_MOST_UNREAD = 4 << 20
"""Bytes a client may leave unread before it is dropped: others must not wait for it."""
_MOST_AT_ONCE = 256
_DEADLINE_S = 10.0


class Connection:
    """Serves one client until it leaves, misbehaves, or the daemon ends.

    Args:
        methods: answers requests.
        stop: ends the daemon.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        methods: Methods,
        stop: Callable[[], None],
    ) -> None:
        """Nothing is read yet."""
        self.reader, self.writer, self.methods, self.stop = reader, writer, methods, stop
        self.initialized = False
        self.client = ""
        self.asking = Asking(self.send)
        self._editor: Editor | None = None
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Serve until the end."""
        try:
            async with asyncio.timeout(_HANDSHAKE_S):
                first = await self._first_bytes()
            if first[: len(DOOR)] == DOOR:
                await self._door(first[len(DOOR) :])
            else:
                await self._converse(first)
        except BadFrame as error:
            _LOG.warning("client %s left: %s", self.client or "without a name", error)
            self.send(Response(0, Fault(Code.PARSE, str(error)).document(), None))
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            self.methods.hub.subscribers.discard(self.send)
            self.asking.end()
            if self._editor is not None:
                self.methods.editors.detach(self._editor)
            for task in self._tasks.values():
                task.cancel()
            self.writer.close()

    async def _first_bytes(self) -> bytes:
        data = b""
        while len(data) < len(DOOR) and DOOR.startswith(data):
            more = await self.reader.read(_CHUNK)
            if not more:
                return data
            data += more
        return data

    def send(self, message: Message) -> None:
        """Hand a message to the client; one that does not read is dropped."""
        transport = self.writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > _MOST_UNREAD:
            _LOG.warning("client %s does not read: dropped", self.client)
            transport.abort()
            return
        self.writer.write(pack(message))

    # -- requests ------------------------------------------------------------------

    async def _converse(self, data: bytes) -> None:
        framer = Framer()
        while data:
            for message in framer.feed(data):
                self._take(message)
            if self.writer.transport.is_closing():
                return
            data = await self.reader.read(_CHUNK)

    def _take(self, message: Message) -> None:
        if isinstance(message, Request):
            self.methods.hub.asked_at = time.perf_counter()
            if len(self._tasks) >= _MOST_AT_ONCE or message.id in self._tasks:
                fault = Fault(Code.INVALID_REQUEST, "too many requests at once, or an id twice")
                self.send(Response(message.id, fault.document(), None))
                return
            task = asyncio.create_task(self._serve(message), name=f"request {message.method}")
            self._tasks[message.id] = task
        elif isinstance(message, Response):
            self.asking.take(message)
        elif message.method == "$/cancel":
            found = self._tasks.get(message.params.get("id", -1))
            if found is not None:
                found.cancel()
        elif message.method == "client/focus" and self.initialized:
            self._declare(message.params)

    def _declare(self, declared: dict[str, Any]) -> None:
        """The client can show warnings, or where it stands has changed."""
        editors = self.methods.editors
        if self._editor is None:
            self._editor = editors.attach(self.asking.ask, declared)
        else:
            editors.declare(self._editor, declared)

    async def _serve(self, request: Request) -> None:
        what = request.method
        try:
            async with asyncio.timeout(_deadline_s(request.params)):
                result = await self._answer(request)
            self.send(Response(request.id, None, result))
        except Fault as fault:
            self._fail(request, fault)
            if fault.code is Code.WRONG_PROTOCOL:
                self.writer.close()
        except TimeoutError:
            self._fail(request, Fault(Code.TIMED_OUT, f"{what}: not done in time"))
        except asyncio.CancelledError:
            self._fail(request, Fault(Code.CANCELLED, f"{what}: cancelled"))
        except Exception as error:
            # A defect of ours must not end the other requests; what it says may quote a file.
            kind = type(error).__name__
            _LOG.warning("%s failed: %s", what, kind)
            self._fail(request, Fault(Code.INTERNAL, f"{what} failed ({kind})"))
        finally:
            self._tasks.pop(request.id, None)

    def _fail(self, request: Request, fault: Fault) -> None:
        self.send(Response(request.id, fault.document(), None))

    async def _answer(self, request: Request) -> dict[str, Any]:
        if request.method == "shutdown":
            asyncio.get_running_loop().call_soon(self.stop)
            return {}
        if request.method == "initialize":
            result = self.methods.initialize(request.params)
            self.initialized, self.client = True, str(request.params.get("client", ""))[:40]
            self._declare(request.params)
            return result
        if not self.initialized:
            raise Fault(Code.NOT_INITIALIZED, "the first request must be `initialize`")
        if request.method == "meter/subscribe":
            self.methods.hub.subscribers.add(self.send)
            shown = self.methods.hub.meters.shown.values()
            meters = [meter.document() for meter in shown]
            return {"meters": meters, "complete": self.methods.hub.live.looked}
        return await self.methods.call(request.method, request.params)

    # -- the door --------------------------------------------------------------------

    async def _door(self, data: bytes) -> None:
        """One JSON message of a hook client or a status line, and what it is to print."""
        async with asyncio.timeout(_DOOR_S):
            asked = await self._heard(data)
        await self.methods.prepare(asked)
        output = self._at_door(asked)
        if output == b"{}":
            await self.methods.settle(asked)
        if isinstance(output, Hold):
            may_hold = isinstance(asked, dict) and asked.get("holds") is True
            output = json.dumps(await self._held(output) if may_hold else {}).encode()
        self._reply(output)
        async with asyncio.timeout(_DOOR_S):
            await self.writer.drain()

    async def _heard(self, data: bytes) -> Any:
        """The message; None where it is none."""
        while len(data) < 4:
            data += await self.reader.readexactly(4 - len(data))
        (size,) = struct.unpack(">I", data[:4])
        if size > _MOST_DOOR:
            _LOG.warning("hook client: a message of %d bytes is refused", size)
            raise ConnectionError("too large")
        body = data[4:]
        if len(body) < size:
            body += await self.reader.readexactly(size - len(body))
        try:
            return json.loads(body[:size])
        except (ValueError, RecursionError):
            return None

    def _at_door(self, asked: Any) -> bytes | Hold:
        try:
            hook_input, env = asked.get("input") or {}, asked.get("env") or {}
            if asked.get("client") == "statusline":
                return self.methods.status_line(hook_input).encode()
            event = asked.get("event") or hook_input.get("hook_event_name", "")
            found = self.methods.opinion(str(asked.get("agent", "")), event, hook_input, env)
            if isinstance(found, Hold):
                return found
            if "warn" in found:  # read by a shell, see `Commands.warning_hook`
                return f"!{found['warn']}".encode()
            return json.dumps(found).encode()
        except (ValueError, AttributeError, TypeError, RecursionError) as error:
            _LOG.warning("hook client: not understood (%s)", type(error).__name__)
            return b"{}"

    async def _held(self, hold: Hold) -> dict[str, Any]:
        """What an editor's answer makes of a switch; the hook client is told how long to wait.

        A client that leaves meanwhile (the person pressed Esc) takes the warning with it.
        """
        editor = await self.methods.popups.chosen_editor(hold)
        if editor is None:
            return {}
        hold_s = self.methods.hold_s
        self._reply(b"hold %d" % (hold_s * 1000))
        asking = asyncio.create_task(self.methods.held(editor, hold), name="a held switch")
        leaving = asyncio.create_task(self.reader.read(1), name="a hook client leaves")
        try:
            await asyncio.wait(
                {asking, leaving}, timeout=hold_s + _GRACE_S, return_when=asyncio.FIRST_COMPLETED
            )
            return asking.result() if asking.done() else {}
        finally:
            asking.cancel()
            leaving.cancel()

    def _reply(self, body: bytes) -> None:
        self.writer.write(struct.pack(">I", len(body)) + body)


def _deadline_s(params: dict[str, Any]) -> float:
    """`deadline_ms` of a request, at most a minute; ten seconds where it names none."""
    asked = params.get("deadline_ms")
    if isinstance(asked, bool) or not isinstance(asked, int | float) or asked <= 0:
        return _DEADLINE_S
    return min(60.0, asked / 1000)


def peer_uid(connected: socket.socket) -> int | None:
    """The user at the other end of a Unix socket; None where the system does not say."""
    if sys.platform != "linux" or connected.family != socket.AF_UNIX:
        return None
    told = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", told)
    return int(uid)
