"""Frames: whole messages out of any cut of the stream; everything else is refused."""

from __future__ import annotations

import contextlib
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchtax.service.protocol import (
    BadFrame,
    Framer,
    Message,
    Notification,
    Request,
    Response,
    pack,
)

PARAMS = st.dictionaries(st.text(max_size=8), st.integers(0, 9) | st.text(max_size=8), max_size=3)
MESSAGES: st.SearchStrategy[Message] = (
    st.builds(Request, st.integers(0, 2**32 - 1), st.text(max_size=20), PARAMS)
    | st.builds(Notification, st.text(max_size=20), PARAMS)
    | st.builds(Response, st.integers(0, 99), st.none(), PARAMS)
)


@given(st.lists(MESSAGES, max_size=5), st.integers(1, 40))
def test_any_cut_of_the_stream_gives_the_same_messages(sent: list[Message], step: int) -> None:
    """However the bytes arrive."""
    stream = b"".join(map(pack, sent))
    framer = Framer()
    found: list[Message] = []
    for start in range(0, len(stream), step):
        found += framer.feed(stream[start : start + step])
    assert sent == found


@pytest.mark.parametrize(
    "value",
    [
        7,
        "text",
        [],
        [3, "method", {}],
        [0, -1, "method", {}],
        [0, 1 << 40, "method", {}],
        [0, 1, 2, {}],
        [0, 1, "method", []],
        [0, 1, "method", {}, 5],
        [1, 1, "error", {}],
        [2, "method", {1: 2}],
        [2, None, {}],
    ],
)
def test_what_is_no_message_is_refused(value: Any) -> None:
    """By shape, not by luck."""
    with pytest.raises(BadFrame):
        list(Framer().feed(msgpack.packb(value)))


@given(st.binary(max_size=200))
def test_random_bytes_never_raise_anything_else(data: bytes) -> None:
    """BadFrame, or nothing yet."""
    with contextlib.suppress(BadFrame):
        list(Framer().feed(data))


def test_a_giant_is_refused_before_it_is_whole() -> None:
    """As soon as more than the limit has arrived, in one piece or in many."""
    head = b"\xdb\x7f\xff\xff\xff"
    with pytest.raises(BadFrame, match="over"):
        list(Framer(1 << 20).feed(head + b"x" * (2 << 20)))
    framer = Framer(1 << 20)
    with pytest.raises(BadFrame):
        for _ in range(40):
            list(framer.feed(head if _ == 0 else b"x" * 65_536))


def test_many_small_messages_pass_beyond_the_limit() -> None:
    """The limit is on one message, not on a conversation."""
    framer = Framer(1 << 16)
    one = pack(Notification("a", {"b": "x" * 1000}))
    assert 500 == sum(len(list(framer.feed(one))) for _ in range(500))
