"""A Gemini API on loopback whose implicit cache bills truly: what Gemini CLI meets in the lab.

The cache is a prefix's and belongs to one model: of a request that begins like an earlier one, the
shared beginning is read from it, to the token, once it is long enough. Nothing is billed for
writing. Tokens are the bytes of the request's parts divided by four. Each billed answer is one line
of the bill, the ground truth that our own numbers are held against.

The clock is the machine's plus the seconds that stand in the clock file.

Answers: "Done.", unless the newest prompt holds `[[say N]]` (a text of N bytes), `[[read FILE]]` or
`[[task PROMPT]]` (one tool call each, in order, then the closing text). A sub-agent ends at once;
the client that asks how complex a prompt is, to choose a model, is told a middling score.
"""

import itertools
import json
import re
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from loopback import Handler, Ledger, serving, until_killed

__all__ = ["Cache", "parts_of", "reply_to", "tokens_of"]

SHORTEST_TOKENS = 4_096
SHORTEST_TOKENS_OF = {"gemini-2.5": 2_048, "gemini-3-flash": 1_024}
LIFE_S = 3_600.0
"""The provider promises none; this one keeps a prefix for an hour."""
SCORE = 50
"""How complex every prompt is, of a hundred."""
MOST_KEPT = 200

JSON = dict[str, Any]


def tokens_of(text: str) -> int:
    """A deterministic count: four bytes are a token."""
    return -(-len(text.encode()) // 4)


def parts_of(request: JSON) -> list[str]:
    """All that is sent, in the order in which prefixes are cached."""
    found = [_text(tool) for tool in request.get("tools") or []]
    found += [_text(part) for part in (request.get("systemInstruction") or {}).get("parts") or []]
    for content in request.get("contents") or []:
        found += [f"{content.get('role')} {_text(part)}" for part in content.get("parts") or []]
    return found


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@dataclass(slots=True)
class Cache:
    """Prefixes seen, by model."""

    now: Callable[[], float] = time.time
    _seen: dict[str, deque[tuple[float, list[str]]]] = field(default_factory=dict)

    def bill(self, model: str, request: JSON) -> tuple[int, int]:
        """Tokens sent, and how many of them were read from the cache."""
        parts = parts_of(request)
        sent = sum(map(tokens_of, parts))
        seen = self._seen.setdefault(model, deque(maxlen=MOST_KEPT))
        alive = [past for at, past in seen if at + LIFE_S > self.now()]
        shared = max((_shared_tokens(parts, past) for past in alive), default=0)
        seen.append((self.now(), parts))
        shortest = next(
            (n for name, n in SHORTEST_TOKENS_OF.items() if model.startswith(name)),
            SHORTEST_TOKENS,
        )
        return sent, shared if shared >= shortest else 0


def _shared_tokens(parts: list[str], past: list[str]) -> int:
    """How much of a request is the beginning of an earlier one."""
    shared = 0
    for here, there in zip(parts, past, strict=False):
        if here != there:
            return shared + _same_bytes(here, there) // 4
        shared += tokens_of(here)
    return shared


def _same_bytes(here: str, there: str) -> int:
    """How far two texts are the same."""
    length = min(len(here), len(there))
    differs = next((n for n in range(length) if here[n] != there[n]), length)
    return len(here[:differs].encode())


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says: text, or one call of a tool."""

    text: str = ""
    tool: str = ""
    args: JSON = field(default_factory=dict)

    @property
    def part(self) -> JSON:
        """The answer's only part."""
        if self.tool:
            call = {"name": self.tool, "args": self.args}
            # Without a signature the client makes one up, and takes it back at the next prompt.
            return {"functionCall": call, "thoughtSignature": "bGFi"}
        return {"text": self.text}


_ORDER = re.compile(r"\[\[(say|read|task) ([^\]]+)\]\]")
_ENDS_A_SUB_AGENT = "complete_task"


def _filler(size: int) -> str:
    """A text of so many bytes; the client takes one that repeats itself for a model gone astray."""
    lines = (f"{number:06} is as it was before. " for number in itertools.count())
    return "".join(itertools.islice(lines, size // 20 + 1))[:size]


def purpose_of(request: JSON) -> str:
    """What a request is for: "" is the conversation itself."""
    if "complexity_score" in _text(request.get("generationConfig")):
        return "routing"
    if _ENDS_A_SUB_AGENT in _tools(request):
        return "sub-agent"
    return "" if request.get("tools") else "side"


def _filled(schema: JSON) -> Any:
    """The shortest value that a schema takes."""
    if schema.get("type") == "object":
        takes = schema.get("properties") or {}
        return {name: _filled(takes.get(name, {})) for name in schema.get("required") or takes}
    return [] if schema.get("type") == "array" else "Done."


def _tools(request: JSON) -> dict[str, JSON]:
    offered = [tool.get("functionDeclarations") or [] for tool in request.get("tools") or []]
    return {str(each.get("name")): each for each in itertools.chain.from_iterable(offered)}


def reply_to(request: JSON) -> Reply:
    """The scripted answer to a request: what the newest prompt orders, tool results counted."""
    purpose = purpose_of(request)
    if purpose == "routing":
        return Reply(json.dumps({"complexity_reasoning": "none", "complexity_score": SCORE}))
    if purpose == "sub-agent":
        takes = _tools(request)[_ENDS_A_SUB_AGENT].get("parametersJsonSchema") or {}
        return Reply(tool=_ENDS_A_SUB_AGENT, args=_filled(takes))
    orders: list[tuple[str, str]] = []
    done = 0
    for content in request.get("contents") or []:
        parts = content.get("parts") or []
        if content.get("role") == "model":
            if not any("functionCall" in part for part in parts):
                orders, done = [], 0  # that turn is over
            continue
        for part in parts:
            if "functionResponse" in part:
                done += 1
            elif found := _ORDER.findall(part.get("text", "")):
                orders, done = found, 0
    uses = [order for order in orders if order[0] != "say"]
    if done < len(uses):
        kind, value = uses[done]
        if kind == "read":
            return Reply(tool="read_file", args={"file_path": value})
        return Reply(tool="invoke_agent", args={"agent_name": "generalist", "prompt": value})
    said = next((int(value) for kind, value in orders if kind == "say"), 0)
    return Reply(_filler(said) if said else "Done.")


class Provider(Ledger):
    """Answers requests and writes the bill."""

    def __init__(self, folder: Path) -> None:
        """Nothing is cached yet."""
        super().__init__(folder)
        self._cache = Cache(self.now)

    def answer(self, model: str, request: JSON) -> JSON:
        """The whole answer to a request; one line is added to the bill."""
        reply = reply_to(request)
        output = tokens_of(_text(reply.part))
        with self.lock:
            sent, cached = self._cache.bill(model, request)
            line = {
                "t": time.time(),
                "model": model,
                "sent_tokens": sent,
                "cached_tokens": cached,
                "output_tokens": output,
                "ends": not reply.tool,
                "purpose": purpose_of(request),
                "thinking": (request.get("generationConfig") or {}).get("thinkingConfig"),
                "tools": len(request.get("tools") or []),
                "contents": len(request.get("contents") or []),
            }
            self.add(**line)
        content = {"role": "model", "parts": [reply.part]}
        usage = {
            "promptTokenCount": sent,
            "candidatesTokenCount": output,
            "totalTokenCount": sent + output,
            "cachedContentTokenCount": cached,
        }
        return {
            "candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
            "usageMetadata": usage,
            "modelVersion": model,
        }


class _Handler(Handler):
    provider: Provider

    def answer(self, path: str, request: JSON) -> None:
        model, _, verb = path.rpartition("/")[2].partition(":")
        if verb == "countTokens":
            self.send({"totalTokens": sum(map(tokens_of, parts_of(request)))})
        elif verb == "streamGenerateContent":
            self.stream(f"data: {json.dumps(self._answered(model, request))}\n\n")
        elif verb == "generateContent":
            self.send(self._answered(model, request))
        else:
            self.send({})

    def _answered(self, model: str, request: JSON) -> JSON:
        answer = self.provider.answer(model, request)
        time.sleep(self.latency_s)
        return answer


def serve(folder: Path, port: int, latency_s: float = 0.0) -> ThreadingHTTPServer:
    """A server whose bill, clock and port stand in `folder`; port 0 takes a free one."""
    return serving(_Handler, Provider, folder, port, latency_s)


if __name__ == "__main__":
    until_killed(sys.argv[1:], serve)
