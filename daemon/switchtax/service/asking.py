"""Requests that one end of a connection makes of the other: numbered, withdrawn when late."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from switchtax.service.protocol import Notification, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from switchtax.service.protocol import Message, Response

__all__ = ["Asking", "NoAnswer"]

_MOST_AT_ONCE = 256


class NoAnswer(Exception):  # noqa: N818
    """The other end left, answered with an error, or not in time.

    `error` is what it answered, None where it did not.
    """

    def __init__(self, why: str, error: dict[str, Any] | None = None) -> None:
        """Why there is none."""
        super().__init__(why)
        self.error = error


class Asking:
    """The requests that are under way on one connection, this end's own numbers.

    Args:
        send: hands a message to the other end.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        """Nothing is asked yet."""
        self._send = send
        self._next = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ended = False

    async def ask(self, method: str, params: dict[str, Any], deadline_s: float) -> dict[str, Any]:
        """Ask, and wait for the answer; withdrawn with `$/cancel` when given up.

        Raises:
            NoAnswer: there is none in time, or an error.
        """
        if self._ended or len(self._waiting) >= _MOST_AT_ONCE:
            raise NoAnswer(f"{method}: the other end has left, or is asked too much")
        self._next += 1
        number = self._next
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._send(Request(number, method, params))
        try:
            async with asyncio.timeout(deadline_s):
                return await answer
        except TimeoutError as error:
            self._withdraw(number)
            raise NoAnswer(f"{method}: no answer within {deadline_s:.1f} s") from error
        except asyncio.CancelledError:
            self._withdraw(number)
            raise
        finally:
            self._waiting.pop(number, None)

    def _withdraw(self, number: int) -> None:
        self._send(Notification("$/cancel", {"id": number}))

    def take(self, response: Response) -> None:
        """An answer has come; one that nobody waits for is left aside."""
        answer = self._waiting.get(response.id)
        if answer is None or answer.done():
            return
        if response.error is None:
            answer.set_result(response.result or {})
        else:
            answer.set_exception(
                NoAnswer(str(response.error.get("message", "an error")), response.error)
            )

    def end(self) -> None:
        """The other end has left: whoever waits is told."""
        self._ended = True
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(NoAnswer("the other end has left"))
