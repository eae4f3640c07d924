"""What the model of the lab says to a request of the Messages API, and how it is sent.

"Done.", unless the newest prompt holds `[[say N]]` (a text of N bytes), or
`[[read FILE]]` / `[[bash COMMAND]]` / `[[task PROMPT]]` (one tool use each, in order, then the
closing text).
A client that asks for a summary gets a long one.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["JSON", "Reply", "content_of", "events_of", "parts_of", "reply_to", "tokens_of"]

JSON = dict[str, Any]


def tokens_of(text: str) -> int:
    """A deterministic count: four bytes are a token."""
    return -(-len(text.encode()) // 4)


def parts_of(content: Any) -> list[Any]:
    """The blocks of a message or of a system prompt."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return list(content or [])


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says: text, or one tool use."""

    text: str = ""
    tool: str = ""
    tool_input: JSON = field(default_factory=dict)
    purpose: str = ""
    """"compaction" where a summary was asked for."""

    @property
    def output_tokens(self) -> int:
        """What the answer is billed as."""
        return tokens_of(self.text or json.dumps(self.tool_input))


_ALSO = {"task": "agent"}
"""Claude Code's name for what others call a task."""
_ORDER = re.compile(r"\[\[(say|read|bash|task) ([^\]]+)\]\]")
SUMMARY_BYTES = 8_000
_FILLER = "All of it is as it was before, and nothing is left to do here. "


def reply_to(request: JSON) -> Reply:
    """The scripted answer to a request."""
    orders: list[tuple[str, str]] = []
    done = 0
    for message in request.get("messages") or []:
        parts = parts_of(message.get("content"))
        if message.get("role") == "assistant":
            if all(part.get("type") != "tool_use" for part in parts):
                orders, done = [], 0  # that turn is over
            continue
        for part in parts:
            if part.get("type") == "text" and (found := _ORDER.findall(part["text"])):
                orders, done = found, 0
            elif part.get("type") == "tool_result":
                done += 1
    if _asks_for_summary(request):
        return Reply(f"<summary>{_filler(SUMMARY_BYTES)}</summary>", purpose="compaction")
    uses = [order for order in orders if order[0] != "say"]
    if done < len(uses):
        kind, value = uses[done]
        for tool in request.get("tools") or []:
            if str(tool.get("name")).lower() in (kind, _ALSO.get(kind)):
                return Reply(tool=tool["name"], tool_input=_given(tool, kind, value))
    said = next((int(value) for kind, value in orders if kind == "say"), 0)
    return Reply(_filler(said) if said else "Done.")


def _given(tool: JSON, kind: str, value: str) -> JSON:
    """A tool's input, with the name that its client gives to a file's path."""
    if kind == "bash":
        return {"command": value}
    takes = (tool.get("input_schema") or {}).get("properties") or {}
    if kind == "task":
        told = {"description": "a task", "prompt": value}
        if "agent_type" in takes:
            return told | {"agent_type": "general-purpose", "name": "helper", "mode": "sync"}
        kinds = {"Agent": "general-purpose"}
        return told | {"subagent_type": kinds.get(str(tool.get("name")), "general")}
    return {next((n for n in ("file_path", "filePath", "path") if n in takes), "file_path"): value}


def _filler(size: int) -> str:
    return (_FILLER * (size // len(_FILLER) + 1))[:size]


def _asks_for_summary(request: JSON) -> bool:
    messages = request.get("messages") or [{}]
    texts = [part.get("text", "") for part in parts_of(messages[-1].get("content"))]
    # What a sub-agent reports comes with a summary of its own.
    return any("<summary>" in text and "<task-not" not in text for text in texts[-1:])


def content_of(reply: Reply, number: int) -> JSON:
    """The one block of an answer."""
    if reply.tool:
        return {
            "type": "tool_use",
            "id": f"toolu_lab{number:06}",
            "name": reply.tool,
            "input": reply.tool_input,
        }
    return {"type": "text", "text": reply.text}


def events_of(message: JSON) -> Iterator[JSON]:
    """The answer as a stream."""
    (content,) = message["content"]
    opening = message["usage"] | {"output_tokens": 1}
    ends = {"stop_reason": None, "stop_sequence": None}
    yield {
        "type": "message_start",
        "message": message | ends | {"content": [], "usage": opening},
    }
    if content["type"] == "tool_use":
        empty = content | {"input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(content["input"])}
    else:
        empty = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": content["text"]}
    yield {"type": "content_block_start", "index": 0, "content_block": empty}
    yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": message["stop_reason"], "stop_sequence": None},
        "usage": message["usage"],
    }
    yield {"type": "message_stop"}
