"""What the model of the lab says to a request, and how both of OpenAI's interfaces put it.

"Done.", unless the newest prompt holds `[[say N]]` (a text of N bytes), or `[[read FILE]]`,
`[[bash COMMAND]]` and `[[task PROMPT]]` (one tool call each, in order, then the closing text; see
`TOOLS`). A task is a sub-agent on another model, which is waited for.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "BYTES_A_TOKEN",
    "JSON",
    "SUB_AGENT",
    "TOOLS",
    "Reply",
    "completion_chunks",
    "completion_of",
    "items_of",
    "message_parts",
    "reply_to",
    "response_events",
    "response_of",
    "tokens_of",
]

BYTES_A_TOKEN = 4
SUMMARY_BYTES = 4_000
SUB_AGENT = "gpt-6-luna"
"""The model that sub-agents get."""
TOOLS: dict[str, dict[str, str]] = {
    "read": {"read": "filePath", "view": "path", "read_file": "path"},
    "bash": {"bash": "command", "exec_command": "cmd", "shell_command": "command"},
    "task": {"spawn_agent": "message"},
    "wait": {"wait_agent": "timeout_ms"},
}
"""For each order, the tools that clients offer for it, and the name of its argument there."""


JSON = dict[str, Any]


def tokens_of(text: str) -> int:
    """A deterministic count: four bytes are a token."""
    return -(-len(text.encode()) // BYTES_A_TOKEN)


def message_parts(content: Any) -> list[str]:
    """The texts of a message."""
    if isinstance(content, str):
        return [content]
    parts = [part for part in content or [] if isinstance(part, dict)]
    return [str(part["text"]) for part in parts if isinstance(part.get("text"), str)]


def items_of(request: JSON) -> list[JSON]:
    """What a request holds, of either interface."""
    given = request.get("input", request.get("messages"))
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    return [item for item in given or [] if isinstance(item, dict)]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model says: text, or one tool call."""

    text: str = ""
    tool: str = ""
    tool_input: JSON = field(default_factory=dict)
    space: str = ""
    """The namespace of the tool."""
    purpose: str = ""
    sealed: bool = False
    """A compaction that only the provider can read: one item of its own kind."""

    @property
    def output_tokens(self) -> int:
        """What the answer is billed as."""
        return tokens_of(self.text or json.dumps(self.tool_input))


_ORDER = re.compile(r"\[\[(say|read|bash|task) ([^\]]+)\]\]")
_SUMMARY = re.compile(r"next LLM|CONTEXT CHECKPOINT|<summary>|continuing our conversation", re.I)
_TITLE = re.compile(r"Do not answer the request|title generator|generate a title", re.I)
_FILLER = "All of it is as it was before, and nothing is left to do here. "


def reply_to(request: JSON) -> Reply:
    """The scripted answer to a request."""
    orders, done, newest = _orders(request)
    system = " ".join(_texts_of_role(request, ("system", "developer")))[:4_000]
    if _SUMMARY.search(newest) and not orders:
        return Reply(_filler(SUMMARY_BYTES), purpose="compaction")
    if any(item.get("type") == "compaction_trigger" for item in items_of(request)[-1:]):
        return Reply(_filler(SUMMARY_BYTES), purpose="compaction", sealed=True)
    if _TITLE.search(newest) or _TITLE.search(system):
        return Reply("A title", purpose="title")
    uses = [use for order in orders for use in _uses(*order)]
    if done < len(uses):
        kind, told = uses[done]
        offered = _offered(request)
        for name, argument in TOOLS[kind].items():
            if name in offered:
                told = told if isinstance(told, dict) else {argument: told}
                return Reply(tool=name, tool_input=told, space=offered[name])
    said = next((int(value) for kind, value in orders if kind == "say"), 0)
    inside = any(item.get("type") == "additional_tools" for item in items_of(request))
    purpose = "" if inside or request.get("tools") else "side"
    return Reply(_filler(said) if said else "Done.", purpose=purpose)


def _uses(kind: str, value: str) -> list[tuple[str, JSON | str]]:
    """The tool calls of an order. Codex does not wait for a sub-agent unless it is told to."""
    if kind == "say":
        return []
    if kind == "task":
        told = {"task_name": "helper", "message": value, "fork_turns": "none", "model": SUB_AGENT}
        return [("task", told), ("wait", {"timeout_ms": 10_000})]
    return [(kind, value)]


def _texts_of_role(request: JSON, roles: tuple[str, ...]) -> list[str]:
    found = [str(request.get("instructions") or "")]
    for item in items_of(request):
        if item.get("role") in roles:
            found += message_parts(item.get("content"))
    return found


def _orders(request: JSON) -> tuple[list[tuple[str, str]], int, str]:
    """The orders of the newest prompt, how many tool results came since, and its last text."""
    orders: list[tuple[str, str]] = []
    done, newest = 0, ""
    for item in items_of(request):
        role, kind = item.get("role"), str(item.get("type", ""))
        if role == "tool" or kind.endswith("_call_output"):
            done += 1
        elif role == "user":
            texts = message_parts(item.get("content"))
            newest = texts[-1] if texts else newest
            orders, done = _ORDER.findall(" ".join(texts)), 0
    return orders, done, newest


def _offered(request: JSON) -> dict[str, str]:
    """Tools by name, each with the namespace that it stands in, if any."""
    inside = [item for item in items_of(request) if item.get("type") == "additional_tools"]
    given = [request, *inside]
    found = {}
    for tool in (tool for each in given for tool in each.get("tools") or []):
        if isinstance(tool, dict):
            space = str(tool.get("name", "")) if tool.get("type") == "namespace" else ""
            for one in tool.get("tools", []) if space else [tool]:
                found[str((one.get("function") or one).get("name", ""))] = space
    return found


def _filler(size: int) -> str:
    return (_FILLER * (size // len(_FILLER) + 1))[:size]


# -- both interfaces -------------------------------------------------------------------------


def _response_usage(usage: dict[str, int]) -> JSON:
    return {
        "input_tokens": usage["input"],
        "input_tokens_details": {
            "cached_tokens": usage["cached"],
            "cache_write_tokens": usage["written"],
        },
        "output_tokens": usage["output"],
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage["input"] + usage["output"],
    }


def response_of(id_: str, model: str, reply: Reply, usage: dict[str, int]) -> JSON:
    """The whole answer of the Responses API."""
    if reply.tool:
        item: JSON = {
            "type": "function_call", "id": f"fc_{id_}", "call_id": f"call_{id_}",
            "name": reply.tool, "arguments": json.dumps(reply.tool_input), "status": "completed",
        }  # fmt: skip
        if reply.space:
            item["namespace"] = reply.space
    elif reply.sealed:
        item = {"type": "compaction", "id": f"cmp_{id_}", "encrypted_content": reply.text}
    else:
        text = {"type": "output_text", "text": reply.text, "annotations": []}
        item = {
            "type": "message", "id": f"msg_{id_}", "role": "assistant",
            "status": "completed", "content": [text],
        }  # fmt: skip
    return {
        "id": f"resp_{id_}", "object": "response", "created_at": int(time.time()),
        "status": "completed", "model": model, "output": [item], "usage": _response_usage(usage),
    }  # fmt: skip


def response_events(response: JSON) -> Iterator[JSON]:
    """The answer as a stream."""
    (item,) = response["output"]
    begun = {**response, "status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    place: JSON = {"output_index": 0}
    if item["type"] == "message":
        (part,) = item["content"]
        inside = {**place, "item_id": item["id"], "content_index": 0}
        empty = {**item, "content": [], "status": "in_progress"}
        yield {"type": "response.output_item.added", **place, "item": empty}
        yield {"type": "response.content_part.added", **inside, "part": {**part, "text": ""}}
        yield {"type": "response.output_text.delta", **inside, "delta": part["text"]}
        yield {"type": "response.output_text.done", **inside, "text": part["text"]}
        yield {"type": "response.content_part.done", **inside, "part": part}
    elif item["type"] == "compaction":
        yield {"type": "response.output_item.added", **place, "item": item}
    else:
        empty = {**item, "arguments": "", "status": "in_progress"}
        inside = {**place, "item_id": item["id"]}
        yield {"type": "response.output_item.added", **place, "item": empty}
        delta = {"type": "response.function_call_arguments.delta", "delta": item["arguments"]}
        yield {**delta, **inside}
        over = {"type": "response.function_call_arguments.done", "arguments": item["arguments"]}
        yield {**over, **inside}
    yield {"type": "response.output_item.done", **place, "item": item}
    yield {"type": "response.completed", "response": response}


def completion_of(id_: str, model: str, reply: Reply, usage: dict[str, int]) -> JSON:
    """The whole answer of the Chat Completions API."""
    message: JSON = {"role": "assistant", "content": reply.text or None}
    if reply.tool:
        function = {"name": reply.tool, "arguments": json.dumps(reply.tool_input)}
        message["tool_calls"] = [{"id": f"call_{id_}", "type": "function", "function": function}]
    ends = "tool_calls" if reply.tool else "stop"
    details = {"cached_tokens": usage["cached"], "cache_write_tokens": usage["written"]}
    return {
        "id": f"chatcmpl-{id_}", "object": "chat.completion", "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": ends}],
        "usage": {
            "prompt_tokens": usage["input"], "prompt_tokens_details": details,
            "completion_tokens": usage["output"],
            "completion_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage["input"] + usage["output"],
        },
    }  # fmt: skip


def completion_chunks(completion: JSON) -> Iterator[JSON]:
    """The answer as a stream; usage in a last chunk without choices."""
    (choice,) = completion["choices"]
    head = {**completion, "object": "chat.completion.chunk"}
    head.pop("usage")
    delta = dict(choice["message"])
    if "tool_calls" in delta:
        delta["tool_calls"] = [{"index": 0, **each} for each in delta["tool_calls"]]
    yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    last = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    yield {**head, "choices": [last]}
    yield {**head, "choices": [], "usage": completion["usage"]}
