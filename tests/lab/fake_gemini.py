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

import argparse
import itertools
import json
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

__all__ = ["Cache", "parts_of", "reply_to", "tokens_of"]

SHORTEST_TOKENS = 4_096
SHORTEST_TOKENS_OF = {"gemini-2.5": 2_048, "gemini-3-flash": 1_024}
LIFE_S = 3_600.0
"""The provider promises none; this one keeps a prefix for an hour."""
SCORE = 50
"""How complex every prompt is, of a hundred."""
LATENCY_S = 0.1
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


class Provider:
    """Answers requests and writes the bill."""

    def __init__(self, bill: Path, clock: Path) -> None:
        """Nothing is cached yet."""
        self._bill, self._clock = bill, clock
        self._lock = threading.Lock()
        self._cache = Cache(self.now)

    def now(self) -> float:
        """The provider's time."""
        try:
            return time.time() + float(self._clock.read_text() or 0)
        except (OSError, ValueError):
            return time.time()

    def answer(self, model: str, request: JSON) -> JSON:
        """The whole answer to a request; one line is added to the bill."""
        reply = reply_to(request)
        output = tokens_of(_text(reply.part))
        with self._lock:
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
            with self._bill.open("a") as file:
                file.write(json.dumps(line) + "\n")
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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    provider: Provider
    latency_s: float

    def do_GET(self) -> None:
        self._write(b"{}", "application/json")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        request = json.loads(raw or b"{}")
        model, _, verb = path.rpartition("/")[2].partition(":")
        if verb == "countTokens":
            total = sum(map(tokens_of, parts_of(request)))
            self._write(json.dumps({"totalTokens": total}).encode(), "application/json")
        elif verb == "streamGenerateContent":
            answer = self._answered(model, request)
            self._write(f"data: {json.dumps(answer)}\n\n".encode(), "text/event-stream")
        elif verb == "generateContent":
            answer = self._answered(model, request)
            self._write(json.dumps(answer).encode(), "application/json")
        else:
            self._write(b"{}", "application/json")

    def _answered(self, model: str, request: JSON) -> JSON:
        answer = self.provider.answer(model, request)
        time.sleep(self.latency_s)
        return answer

    def _write(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def serve(folder: Path, port: int, latency_s: float = 0.0) -> ThreadingHTTPServer:
    """A server whose bill, clock and port stand in `folder`; port 0 takes a free one."""
    folder.mkdir(parents=True, exist_ok=True)
    provider = Provider(folder / "bill.jsonl", folder / "clock")
    handler = type("Handler", (_Handler,), {"provider": provider, "latency_s": latency_s})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    ready = folder / "port.new"
    ready.write_text(str(server.server_address[1]))
    ready.replace(folder / "port")
    return server


def main(arguments: list[str]) -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="a Gemini API on loopback")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--raise-loopback", action="store_true")
    given = parser.parse_args(arguments)
    if given.raise_loopback:
        sys.path.insert(0, str(Path(__file__).parent))
        from fake_anthropic import _raise_loopback

        _raise_loopback()
    serve(given.folder, given.port, LATENCY_S).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
