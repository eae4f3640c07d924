"""What a Codex line is, told from its first bytes; conversation items leave only their time.

Most of a rollout is conversation, and single tool outputs reach megabytes: a scan neither
decodes nor copies them, yet a call's start is the line that triggered it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from switchtax.agents._codex_replay import kind_of
from switchtax.agents._codex_shapes import decode_line

if TYPE_CHECKING:
    from collections.abc import Container

    from switchtax.agents._codex_state import State

__all__ = ["Heads", "is_count", "kind_in"]

_HEAD = 240
"""Bytes of a line that tell what it is; `payload` opens before that in every version seen."""
_TIME = b'"timestamp":"'
_KIND = b'"payload":{"type":"'
_COUNT = b'"payload":{"type":"token_count"'
_ITEM = b'"type":"response_item"'
_EVENT = b'"type":"event_msg"'
_SKIPPED = (b'"type":"world_state"', b'"type":"inter_agent_communication')
_ASSISTANT = b'"role":"assistant"'
_OPENING = re.compile(
    rb'\{"timestamp":"([^"]{0,40})",(?:"ordinal":\d+,)?"type":"(\w+)"'
    rb',"payload":\{(?:"type":"(\w+)")?'
)
"""How every build opens a line; anything else is looked at more slowly."""

_OUTPUTS = frozenset(
    {
        b"reasoning",
        b"function_call",
        b"custom_tool_call",
        b"local_shell_call",
        b"web_search_call",
        b"image_generation_call",
        b"tool_search_call",
    }
)


class _Host(Protocol):
    s: State


class Heads:
    """Chooses the lines that matter for usage, and keeps the times of the others."""

    def __init__(self, host: _Host, events: Container[bytes]) -> None:
        self.host = host
        self.events = events

    def wants(self, line: bytes) -> bool:
        """Whether a line matters for usage; conversation items only leave their time."""
        head = line[:_HEAD]
        if _ITEM in head:
            if not line.endswith(b"\n"):
                return True  # it may be half a line: decoding tells
            self.note(line)
            return False
        if _EVENT in head:
            kind = kind_in(head)
            return not kind or kind in self.events
        return not any(skipped in head for skipped in _SKIPPED)

    def sift(self, block: bytearray, start: int, stop: int) -> bool:
        """The same for a whole line where it lies: most are not copied, let alone decoded."""
        found = _OPENING.match(block, start, stop)
        if found is None or found[3] is None:
            return self.wants(bytes(memoryview(block)[start:stop]))
        top, kind = bytes(found[2]), bytes(found[3])
        if top == b"response_item":
            within = min(stop, start + _HEAD)
            self._mark(found[1], kind, block.find(_ASSISTANT, found.end(), within) > 0)
            return False
        return top != b"event_msg" or kind in self.events

    def note(self, line: bytes) -> None:
        """Keep the time of a conversation item: when a request began and was answered.

        Not decoded: these lines are most of a rollout, and can be megabytes of tool output.
        """
        head = line[:_HEAD]
        start = head.find(_TIME) + len(_TIME)
        kind = kind_in(head) or _kind_late(line)
        self._mark(head[start : head.find(b'"', start)], kind, _ASSISTANT in head)

    def _mark(self, time: bytes, kind: bytes, by_model: bool) -> None:
        s = self.host.s
        at = time.decode("ascii", "replace")
        if kind in _OUTPUTS or (by_model and kind == b"message"):
            s.request = s.request or s.trigger or at
            s.output = at
            s.searches += kind == b"web_search_call"
        else:
            s.trigger = at


def is_count(line: bytes) -> bool:
    """Whether a line is a token_count, written as every build writes it."""
    return _COUNT in line[:_HEAD]


def kind_in(line: bytes) -> bytes:
    """The `type` of a payload that opens with it; empty where it does not."""
    head = line[:_HEAD]
    start = head.find(_KIND)
    if start < 0:
        return b""
    start += len(_KIND)
    return head[start : head.find(b'"', start)]


def _kind_late(line: bytes) -> bytes:
    """The kind of an item whose `type` is not its first key (files another tool rewrote)."""
    try:
        return kind_of(decode_line(line))
    except (ValueError, RecursionError):
        return b""
