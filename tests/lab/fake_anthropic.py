"""A Messages API on loopback whose prompt cache bills truly: what clients meet in the lab.

Every answer's `usage` follows from the rules the provider publishes: a cache entry belongs to a
model, to the effort named at the head of the request, and to everything before a breakpoint
(tools, system, messages, in that order); at most four breakpoints; twenty blocks of look-back from
each; a shortest length; five minutes or one hour of life, renewed by use. Tokens are the bytes of a
block divided by four. Each billed answer is one line of the bill, the ground truth that our own
numbers are held against.

The clock is the machine's plus the seconds that stand in the clock file. What is answered stands in
`anthropic_answers.py`.
"""

import hashlib
import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from anthropic_answers import JSON, content_of, events_of, parts_of, reply_to, tokens_of
from loopback import BadRequestError, Handler, Ledger, serving, until_killed

__all__ = ["MODELS", "Cache", "blocks_of", "serve"]

MODELS = (
    "claude-opus-5-5",
    "claude-sonnet-5-5",
    "claude-haiku-5-5",
    "claude-sonnet-4-5",
)
MOST_BREAKPOINTS = 4
LOOK_BACK_BLOCKS = 20
SHORTEST_TOKENS = 1_024
SHORTEST_TOKENS_OF = {"claude-opus": 4_096, "claude-haiku": 4_096}
TTL_S = {"5m": 300.0, "1h": 3_600.0}


@dataclass(frozen=True, slots=True)
class Block:
    """One part of the prompt that a breakpoint can stand on."""

    text: str
    tokens: int
    in_messages: bool
    ttl: str = ""


@dataclass(slots=True)
class _Entry:
    ttl: str
    expires_at: float


def _plain(value: Any) -> Any:
    """A value without the marks that only steer caching."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key != "cache_control"}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _block(value: Any, label: str, *, in_messages: bool = False) -> Block:
    content = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)
    mark = value.get("cache_control") if isinstance(value, dict) else None
    ttl = str((mark or {}).get("ttl") or "5m") if mark else ""
    if ttl and ttl not in TTL_S:
        raise BadRequestError(f"cache_control.ttl: {ttl!r} is neither '5m' nor '1h'")
    return Block(label + content, tokens_of(content), in_messages, ttl)


def blocks_of(request: JSON) -> list[Block]:
    """All blocks of a request in the order in which prefixes are cached."""
    found = [_block(tool, "tool ") for tool in request.get("tools") or []]
    found += [_block(part, "system ") for part in parts_of(request.get("system")) if _counts(part)]
    for message in request.get("messages") or []:
        label = f"{message.get('role', '')} "
        found += [
            _block(part, label, in_messages=True) for part in parts_of(message.get("content"))
        ]
    marked = sum(1 for block in found if block.ttl)
    if marked > MOST_BREAKPOINTS:
        raise BadRequestError(
            f"A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. "
            f"Found {marked}."
        )
    return found


def _counts(part: JSON) -> bool:
    """The client's own attribution line is taken out before the prompt is read."""
    return not str(part.get("text", "")).startswith("x-anthropic-billing-header")


def _setting(request: JSON) -> str:
    """What a cached message depends on besides its text."""
    thinking = request.get("thinking") or {}
    parts = [thinking.get("type", ""), thinking.get("budget_tokens"), request.get("tool_choice")]
    return json.dumps(parts, sort_keys=True)


def _effort_ahead(request: JSON) -> str:
    """The effort that the whole prompt depends on: "" where messages say it themselves.

    A new one at the head of the request "starts the cache over"; one in a system message leaves
    what stands before it. Source: platform.claude.com, "Thinking and prompt caching", "Effort".
    """
    if any(message.get("output_config") for message in request.get("messages") or []):
        return ""
    return str((request.get("output_config") or {}).get("effort", ""))


@dataclass(slots=True)
class Cache:
    """The provider's prompt cache."""

    now: Callable[[], float] = time.time
    _entries: dict[str, _Entry] = field(default_factory=dict)

    def bill(self, request: JSON) -> JSON:
        """The input side of the usage of a request; what it writes is warm from then on."""
        model = str(request.get("model", ""))
        blocks = blocks_of(request)
        keys = list(_keys(f"{model} {_effort_ahead(request)}", blocks, _setting(request)))
        sums = list(itertools.accumulate((block.tokens for block in blocks), initial=0))
        shortest = next(
            (n for name, n in SHORTEST_TOKENS_OF.items() if model.startswith(name)),
            SHORTEST_TOKENS,
        )
        marks = [
            place for place, block in enumerate(blocks) if block.ttl and sums[place + 1] >= shortest
        ]
        now = self.now()
        read_to = self._longest_hit(keys, marks, now)
        written = dict.fromkeys(TTL_S, 0)
        billed_to = read_to
        for place in marks:
            ttl = blocks[place].ttl
            if place + 1 > billed_to:
                written[ttl] += sums[place + 1] - sums[billed_to]
                billed_to = place + 1
            self._keep(keys[place], ttl, now)
        return {
            "input_tokens": sums[-1] - sums[billed_to],
            "cache_creation_input_tokens": sum(written.values()),
            "cache_read_input_tokens": sums[read_to],
            "cache_creation": {
                "ephemeral_5m_input_tokens": written["5m"],
                "ephemeral_1h_input_tokens": written["1h"],
            },
        }

    def _longest_hit(self, keys: list[str], marks: list[int], now: float) -> int:
        """How many blocks are read from the cache; renews what was found."""
        for mark in reversed(marks):
            for place in range(mark, max(-1, mark - LOOK_BACK_BLOCKS), -1):
                entry = self._entries.get(keys[place])
                if entry is not None and entry.expires_at > now:
                    entry.expires_at = now + TTL_S[entry.ttl]
                    return place + 1
        return 0

    def _keep(self, key: str, ttl: str, now: float) -> None:
        found = self._entries.get(key)
        if found is not None and found.expires_at > now:
            # Reading renews a life; it never makes one longer or shorter.
            found.expires_at = now + TTL_S[found.ttl]
            return
        self._entries[key] = _Entry(ttl, now + TTL_S[ttl])


def _keys(depends_on: str, blocks: list[Block], setting: str) -> Iterator[str]:
    digest = hashlib.sha256(depends_on.encode())
    inside = False
    for block in blocks:
        if block.in_messages and not inside:
            inside = True
            digest.update(setting.encode())
        digest.update(hashlib.sha256(block.text.encode()).digest())
        yield digest.hexdigest()


class Provider(Ledger):
    """Answers requests and writes the bill."""

    def __init__(self, folder: Path) -> None:
        """Nothing is cached yet."""
        super().__init__(folder)
        self._cache = Cache(self.now)

    def message(self, request: JSON) -> JSON:
        """The whole answer to a request; one line is added to the bill."""
        reply = reply_to(request)
        with self.lock:
            number = next(self.numbers)
            usage = self._cache.bill(request)
            usage |= {"output_tokens": reply.output_tokens, "service_tier": "standard"}
            line = {
                "id": f"msg_lab{number:06}",
                "t": time.time(),
                "provider_t": self.now(),
                "model": request.get("model"),
                "usage": usage,
                "ends": not reply.tool,
                "purpose": reply.purpose or ("" if request.get("tools") else "side"),
                "tools": len(request.get("tools") or []),
                "messages": len(request.get("messages") or []),
                "effort": (request.get("output_config") or {}).get("effort"),
            }
            self.add(**line)
        return {
            "id": f"msg_lab{number:06}",
            "type": "message",
            "role": "assistant",
            "model": request.get("model"),
            "content": [content_of(reply, number)],
            "stop_reason": "tool_use" if reply.tool else "end_turn",
            "stop_sequence": None,
            "usage": usage,
        }


class _Handler(Handler):
    provider: Provider

    def listed(self, path: str) -> JSON:
        if path != "/v1/models":
            return {}
        made = "2026-01-01T00:00:00Z"
        models = [
            {"type": "model", "id": name, "display_name": name, "created_at": made}
            for name in MODELS
        ]
        return {"data": models, "has_more": False}

    def answer(self, path: str, request: JSON) -> None:
        if path == "/v1/messages":
            self._answer(request)
        elif path == "/v1/messages/count_tokens":
            self.send({"input_tokens": sum(b.tokens for b in blocks_of(request))})
        else:
            self.send({})

    def _answer(self, request: JSON) -> None:
        message = self.provider.message(request)
        time.sleep(self.latency_s)
        if not request.get("stream"):
            self.send(message)
            return
        events = "".join(
            f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events_of(message)
        )
        self.stream(events)


def serve(folder: Path, port: int, latency_s: float = 0.0) -> ThreadingHTTPServer:
    """A server whose bill, clock and port stand in `folder`; port 0 takes a free one."""
    return serving(_Handler, Provider, folder, port, latency_s)


if __name__ == "__main__":
    until_killed(sys.argv[1:], serve)
