"""Questions to the other end of a connection, and what becomes of them when it goes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from switchtax.service.asking import Asking, NoAnswer
from switchtax.service.protocol import Notification, Response

if TYPE_CHECKING:
    from switchtax.service.protocol import Message


def test_who_is_told_to_stop_stops_though_the_other_end_goes_at_that_moment() -> None:
    """Else it would take it for a lost daemon, look for another, and never end."""

    async def scene() -> None:
        asking = Asking(lambda _: None)
        asked = asyncio.create_task(asking.ask("status", {}, 5))
        await asyncio.sleep(0)
        asking.end()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

    asyncio.run(scene())


def test_an_answer_that_does_not_come_is_withdrawn() -> None:
    said: list[Message] = []

    async def scene() -> None:
        with pytest.raises(NoAnswer, match="no answer within"):
            await Asking(said.append).ask("status", {}, 0.001)

    asyncio.run(scene())
    assert Notification("$/cancel", {"id": 1}) == said[-1]


def test_an_error_is_told_with_its_code() -> None:
    async def scene() -> None:
        asking = Asking(lambda _: None)
        asked = asyncio.create_task(asking.ask("estimate", {}, 5))
        await asyncio.sleep(0)
        asking.take(Response(1, {"code": -32004, "message": "no such session"}, None))
        with pytest.raises(NoAnswer) as told:
            await asked
        assert {"code": -32004, "message": "no such session"} == told.value.error

    asyncio.run(scene())
