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
_EVENTS = (
    b"token_count",
    b"thread_settings_applied",
    b"task_started",
    b"turn_started",
    b"task_complete",
    b"turn_complete",
    b"turn_aborted",
)
_SEARCH = b"web_search_call"
_OUTPUTS = (
    b"reasoning",
    b"function_call",
    b"custom_tool_call",
    b"local_shell_call",
    b"image_generation_call",
    b"tool_search_call",
    _SEARCH,
)
_OPENING = re.compile(
    rb'\{"timestamp":"(?P<time>[^"]{0,40})",(?:"ordinal":\d+,)?"type":"(?:'
    rb'response_item","payload":\{(?:"summary":\[\],)?"type":"(?:'
    rb"(?P<search>%b)|(?P<output>%b)|(?P<message>message)|(?P<input>\w+))"
    rb'|event_msg","payload":\{"type":"(?:(?P<event>%b)|\w+))"'
    rb'|\{"type":"event_msg","timestamp":"[^"]{0,40}","payload":\{"type":"(?P<count>token_count)"'
    % (_SEARCH, b"|".join(_OUTPUTS[:-1]), b"|".join(_EVENTS))
)
"""How builds open a line; anything else is looked at more slowly. The last group that fits says
what the line is: a piece of the answer, of the input, an event that matters, or not ("time")."""


class _Host(Protocol):
    s: State


class Heads:
    """Chooses the lines that matter for usage, and keeps the times of the others."""

    def __init__(self, host: _Host) -> None:
        self.host = host

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
            return not kind or kind in _EVENTS
        return not any(skipped in head for skipped in _SKIPPED)

    def sift(self, block: bytearray, start: int, stop: int) -> bool:
        """The same for a whole line where it lies: most are not copied, let alone decoded."""
        found = _OPENING.match(block, start, stop)
        if found is None:
            return self.wants(bytes(memoryview(block)[start:stop]))
        what = found.lastgroup
        if what == "time":
            return False
        if what == "event" or what == "count":
            return True
        if what == "message":
            by_model = block.find(_ASSISTANT, found.end(), min(stop, start + _HEAD)) > 0
        else:
            by_model = what != "input"
        self._mark(found[1], by_model, what == "search")
        return False

    def note(self, line: bytes) -> None:
        """Keep the time of a conversation item: when a request began and was answered.

        Not decoded: these lines are most of a rollout, and can be megabytes of tool output.
        """
        head = line[:_HEAD]
        start = head.find(_TIME) + len(_TIME)
        kind = kind_in(head) or _kind_late(line)
        by_model = kind in _OUTPUTS or (kind == b"message" and _ASSISTANT in head)
        self._mark(head[start : head.find(b'"', start)], by_model, kind == _SEARCH)

    def _mark(self, time: bytes, by_model: bool, search: bool) -> None:
        s = self.host.s
        at = time.decode("ascii", "replace")
        if by_model:
            s.request = s.request or s.trigger or at
            s.output = at
            s.searches += search
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
