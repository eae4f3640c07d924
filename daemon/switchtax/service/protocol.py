"""MessagePack-RPC: requests, responses and notifications as arrays, cut out of a byte stream.

`[0, id, method, params]`, `[1, id, error | nil, result]`, `[2, method, params]`; params, errors
and results are maps. Whatever is not of this shape, or larger than 16 MiB, ends the connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import msgpack

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "DOOR",
    "MOST_BYTES",
    "PROTOCOL",
    "BadFrame",
    "Code",
    "Framer",
    "Message",
    "Notification",
    "Request",
    "Response",
    "pack",
]

PROTOCOL = 1
"""Version of the methods; a client that speaks another one is told so and left."""
MOST_BYTES = 16 << 20
"""A larger message is refused."""
DOOR = b"SWTX1"
"""A connection that begins so carries one JSON message of a hook client."""


class Code(IntEnum):
    """Why a request failed; the numbers of JSON-RPC and of the language server protocol."""

    PARSE = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    INTERNAL = -32603
    NOT_INITIALIZED = -32002
    WRONG_PROTOCOL = -32001
    NO_SUCH_SESSION = -32004
    TIMED_OUT = -32005
    CANCELLED = -32800


@dataclass(frozen=True, slots=True)
class Request:
    """A call that wants an answer."""

    id: int
    method: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a call: `error` is None where it went well."""

    id: int
    error: dict[str, Any] | None
    result: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Notification:
    """Something told, that wants no answer."""

    method: str
    params: dict[str, Any] = field(default_factory=dict)


Message = Request | Response | Notification


class BadFrame(Exception):  # noqa: N818
    """Bytes that are no message: the connection cannot go on."""


def pack(message: Message) -> bytes:
    """One message as bytes."""
    match message:
        case Request(number, method, params):
            array: list[Any] = [0, number, method, params]
        case Response(number, error, result):
            array = [1, number, error, result]
        case Notification(method, params):
            array = [2, method, params]
    packed: bytes = msgpack.packb(array, use_bin_type=True)
    return packed


class Framer:
    """Cuts a stream of bytes into messages.

    >>> framer = Framer()
    >>> whole = pack(Notification("shutdown"))
    >>> list(framer.feed(whole[:3])), list(framer.feed(whole[3:]))
    ([], [Notification(method='shutdown', params={})])
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Nothing is fed yet."""
        self._most_bytes = most_bytes
        self._unpacker = msgpack.Unpacker(raw=False, max_buffer_size=most_bytes)
        self._fed = 0

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that these bytes complete.

        Raises:
            BadFrame: they are no message, or one that is too large.
        """
        self._put(data)
        while True:
            try:
                value = self._unpacker.unpack()
            except msgpack.OutOfData:
                if self._fed - self._unpacker.tell() >= self._most_bytes:
                    raise BadFrame(f"a message over {self._most_bytes >> 20} MiB") from None
                return
            except Exception as error:
                # msgpack names a dozen: bad bytes, too deep, too many, not text, no key.
                raise BadFrame(f"not MessagePack ({type(error).__name__})") from error
            yield _message(value)

    def _put(self, data: bytes) -> None:
        try:
            self._unpacker.feed(data)
        except msgpack.BufferFull:
            raise BadFrame(f"a message over {self._most_bytes >> 20} MiB") from None
        self._fed += len(data)


def _message(value: object) -> Message:
    match value:
        case [0, int(number), str(method), dict(params)] if 0 <= number < 1 << 32:
            return Request(number, method, _named(params))
        case [1, int(number), None | dict() as error, None | dict() as result]:
            return Response(number, error, result)
        case [2, str(method), dict(params)]:
            return Notification(method, _named(params))
    raise BadFrame("not a request, a response or a notification")


def _named(params: dict[Any, Any]) -> dict[str, Any]:
    if all(isinstance(key, str) for key in params):
        return params
    raise BadFrame("params with a key that is no text")
