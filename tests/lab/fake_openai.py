"""Responses and Chat Completions on loopback, with a prompt cache that bills truly.

The cache works by itself: a prompt is tools, instructions and messages, in that order; prefixes of
1,024 tokens and more are kept in steps of 128, for a model and an effort; use renews their life.
GPT-5.6 and later are billed for what they write. Tokens are bytes divided by four. Each answered
request is one line of the bill, `bill.jsonl`:

`id, t, provider_t, path, model, usage{input, cached, written, output}, purpose, ends, tools,
messages, effort, thread`; cached and written tokens are inside `input`, as on the wire. `purpose`
is "" for the conversation, "compaction" where a summary was asked for, "title", "sub-agent", else
"side".

The clock is the machine's plus the seconds that stand in the clock file.

What is answered stands in `openai_answers.py`.

Source: developers.openai.com, guide "Prompt caching" and references, 2026-11-21.
"""

import hashlib
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from loopback import BadRequestError, Handler, Ledger, serving, until_killed
from openai_answers import (
    BYTES_A_TOKEN,
    JSON,
    Reply,
    completion_chunks,
    completion_of,
    items_of,
    reply_to,
    response_events,
    response_of,
)

__all__ = ["Cache", "prompt_of", "serve"]

STEP_TOKENS = 128
SHORTEST_TOKENS = 1_024
BILLS_WRITES = re.compile(r"gpt-(5\.[6-9]|[6-9])")
TTL_S, LATER_TTL_S = 600.0, 1_800.0
"""Of models before GPT-5.6, and of those since."""
NOT_SHOWN = frozenset({"id", "status", "internal_chat_message_metadata_passthrough"})


# -- the prompt and its cache --------------------------------------------------------------


def prompt_of(request: JSON) -> list[bytes]:
    """The parts of a prompt in the order in which prefixes are kept, of either interface."""
    parts = list(request.get("tools") or [])
    if request.get("instructions"):
        parts.append({"role": "system", "content": request["instructions"]})
    given = request.get("input", request.get("messages"))
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if not isinstance(given, list) or not given:
        raise BadRequestError("input: a text or a list is needed")
    if request.get("previous_response_id"):
        raise BadRequestError("previous_response_id: nothing is stored here")
    parts += [_as_shown(item) for item in given]
    return [json.dumps(part, sort_keys=True, ensure_ascii=False).encode() for part in parts]


def _as_shown(item: Any) -> Any:
    """An item as the model gets it: what names or dates it for a client is no part of a prompt."""
    return {k: v for k, v in item.items() if k not in NOT_SHOWN} if isinstance(item, dict) else item


def effort_of(request: JSON) -> str | None:
    """How hard the model is to think, of either interface."""
    effort = (request.get("reasoning") or {}).get("effort", request.get("reasoning_effort"))
    return effort if isinstance(effort, str) else None


@dataclass(slots=True)
class Cache:
    """The provider's prompt cache: prefixes by what they depend on, and when they end."""

    now: Callable[[], float] = time.time
    _until: dict[str, float] = field(default_factory=dict)

    def bill(self, request: JSON) -> dict[str, int]:
        """Input, cached and written tokens; what is sent is warm from then on."""
        model = str(request.get("model", ""))
        prompt = b"".join(prompt_of(request))
        total = -(-len(prompt) // BYTES_A_TOKEN)
        keys = list(_keys(f"{model} {effort_of(request)}", prompt))
        now = self.now()
        places = range(len(keys), 0, -1)
        alive = next((n for n in places if self._until.get(keys[n - 1], 0) > now), 0)
        later = bool(BILLS_WRITES.match(model))
        for key in keys:
            self._until[key] = now + (LATER_TTL_S if later else TTL_S)
        cached = _tokens_at(alive)
        written = _tokens_at(len(keys)) - cached if later else 0
        return {"input": total, "cached": cached, "written": written}


def _tokens_at(place: int) -> int:
    """Tokens of the prefix at a step; the first step is the shortest prefix that is kept."""
    return SHORTEST_TOKENS + (place - 1) * STEP_TOKENS if place else 0


def _keys(depends_on: str, prompt: bytes) -> Iterator[str]:
    digest, done = hashlib.sha256(depends_on.encode()), 0
    size = len(prompt) // BYTES_A_TOKEN
    for end in range(SHORTEST_TOKENS, size + 1, STEP_TOKENS):
        digest.update(prompt[done : end * BYTES_A_TOKEN])
        done = end * BYTES_A_TOKEN
        yield digest.hexdigest()


# -- the server --------------------------------------------------------------------------------


class Provider(Ledger):
    """Answers requests and writes the bill."""

    def __init__(self, folder: Path) -> None:
        """Nothing is cached yet."""
        super().__init__(folder)
        self._cache = Cache(self.now)

    def answer(
        self, path: str, request: JSON, named: Mapping[str, str]
    ) -> tuple[str, Reply, dict[str, int]]:
        """Number, words and usage of an answer; one line is added to the bill.

        Args:
            path: of the interface.
            request: its body.
            named: its headers, where Codex names a thread and says whether a sub-agent asks.
        """
        reply = reply_to(request)
        asks = "sub-agent" if "x-openai-subagent" in named else ""
        with self.lock:
            id_ = f"lab{next(self.numbers):06}"
            usage = {**self._cache.bill(request), "output": reply.output_tokens}
            prefix = "resp_" if path.endswith("/responses") else "chatcmpl-"
            line = {
                "id": prefix + id_,
                "t": time.time(),
                "provider_t": self.now(),
                "path": path,
                "model": request.get("model"),
                "usage": usage,
                "purpose": reply.purpose or asks,
                "ends": not reply.tool,
                "tools": len(request.get("tools") or []),
                "messages": len(items_of(request)),
                "effort": effort_of(request),
                "thread": named.get("thread-id") or named.get("session-id") or "",
            }
            self.add(**line)
        return id_, reply, usage


class _Handler(Handler):
    provider: Provider

    def listed(self, _path: str) -> JSON:
        return {"object": "list", "data": []}

    def answer(self, path: str, request: JSON) -> None:
        if path.endswith("/responses"):
            self._answer(path, request, response_of, response_events)
        elif path.endswith("/chat/completions"):
            self._answer(path, request, completion_of, completion_chunks)
        else:
            self.send({})

    def _answer(
        self,
        path: str,
        request: JSON,
        whole: Callable[[str, str, Reply, dict[str, int]], JSON],
        stream: Callable[[JSON], Iterator[JSON]],
    ) -> None:
        named = {name.lower(): value for name, value in self.headers.items()}
        id_, reply, usage = self.provider.answer(path, request, named)
        message = whole(id_, str(request.get("model", "")), reply, usage)
        time.sleep(self.latency_s)
        if not request.get("stream"):
            self.send(message)
            return
        text = ""
        for event in stream(message):
            name = f"event: {event['type']}\n" if "type" in event else ""
            text += f"{name}data: {json.dumps(event)}\n\n"
        end = "" if path.endswith("/responses") else "data: [DONE]\n\n"
        self.stream(text + end)


def serve(folder: Path, port: int, latency_s: float = 0.0) -> ThreadingHTTPServer:
    """A server whose bill, clock and port stand in `folder`; port 0 takes a free one."""
    return serving(_Handler, Provider, folder, port, latency_s)


if __name__ == "__main__":
    until_killed(sys.argv[1:], serve)
