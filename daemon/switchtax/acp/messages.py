"""The messages of the Agent Client Protocol that a switch of models shows in, and our own.

**Source:** agentclientprotocol.com, protocol version 1: session config options, elicitation,
session updates; read 2026-08-22.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

__all__ = [
    "Head",
    "Params",
    "answer",
    "cancel",
    "config_update",
    "elicitation",
    "head_of",
    "model_option",
    "notice",
    "permission",
    "refusal",
    "told_choice",
]

_CANCELLED = -32800


class Params(msgspec.Struct, rename="camel"):
    """The parameters that matter, of whatever method; those of a wrong type are not read."""

    session_id: Any = None
    config_id: Any = None
    value: Any = None
    model_id: Any = None
    cwd: Any = None
    client_capabilities: Any = None
    update: Any = None
    request_id: Any = None


class Head(msgspec.Struct):
    """One message: a request has a method and an id, a notification no id, an answer no method."""

    id: Any = None
    method: Any = None
    params: msgspec.Raw = msgspec.Raw(b"null")
    result: msgspec.Raw = msgspec.Raw(b"")
    error: msgspec.Raw = msgspec.Raw(b"")

    @property
    def is_answer(self) -> bool:
        """Whether it answers a request."""
        return self.method is None and self.id is not None

    def told(self) -> Params:
        """Its parameters; empty ones where they cannot be read."""
        try:
            return _PARAMS.decode(self.params)
        except msgspec.MsgspecError:
            return Params()

    def outcome(self) -> dict[str, Any]:
        """The result of an answer that went well; {} of any other."""
        try:
            found = msgspec.json.decode(self.result) if bytes(self.result) else {}
        except msgspec.MsgspecError:
            return {}
        return found if isinstance(found, dict) else {}


_HEAD = msgspec.json.Decoder(Head)
_PARAMS = msgspec.json.Decoder(Params)


def head_of(line: bytes) -> Head | None:
    """What a line says, or None where that is no JSON-RPC message (a batch, a torn line)."""
    try:
        return _HEAD.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


# -- what an agent offers ------------------------------------------------------------------


def model_option(options: Any) -> dict[str, Any] | None:
    """The option that chooses the model: by its category, else by its id or name."""
    found = [each for each in options if isinstance(each, dict)] if _is_list(options) else []
    for name in ("category", "id", "configId", "name"):
        for option in found:
            if str(option.get(name, "")).lower() == "model":
                return option
    return None


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


# -- what we say ----------------------------------------------------------------------------


def _line(**message: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode() + b"\n"


def answer(request_id: Any, result: dict[str, Any]) -> bytes:
    """An answer in the agent's place."""
    return _line(id=request_id, result=result)


def refusal(request_id: Any, text: str) -> bytes:
    """An error in the agent's place: nothing was changed."""
    return _line(id=request_id, error={"code": _CANCELLED, "message": text})


def config_update(session_id: str, options: list[Any]) -> bytes:
    """The options as they still are, so that the client's picker shows them again."""
    update = {"sessionUpdate": "config_option_update", "configOptions": options}
    return _line(method="session/update", params={"sessionId": session_id, "update": update})


def notice(session_id: str, lines: list[str]) -> bytes:
    """Something told that wants no answer."""
    title, *rest = lines
    update: dict[str, Any] = {"sessionUpdate": "notice", "severity": "warning", "title": title}
    if rest:
        update["description"] = "\n".join(rest)
    return _line(method="session/update", params={"sessionId": session_id, "update": update})


def elicitation(request_id: str, session_id: str, lines: list[str], keep: str) -> bytes:
    """A form with one choice."""
    choice = {
        "type": "string",
        "title": "Switch the model?",
        "oneOf": [{"const": "switch", "title": "Switch"}, {"const": "keep", "title": keep}],
    }
    schema = {"type": "object", "properties": {"choice": choice}, "required": ["choice"]}
    params = {
        "sessionId": session_id,
        "mode": "form",
        "message": "\n".join(lines),
        "requestedSchema": schema,
    }
    return _line(id=request_id, method="elicitation/create", params=params)


def permission(request_id: str, session_id: str, lines: list[str], keep: str) -> bytes:
    """The question that every client can ask, in the shape of a tool's permission."""
    text = {"type": "content", "content": {"type": "text", "text": "\n".join(lines)}}
    call = {
        "toolCallId": request_id,
        "title": lines[0],
        "kind": "switch_mode",
        "status": "pending",
        "content": [text],
    }
    options = [
        {"optionId": "switch", "name": "Switch", "kind": "allow_once"},
        {"optionId": "keep", "name": keep, "kind": "reject_once"},
    ]
    params = {"sessionId": session_id, "toolCall": call, "options": options}
    return _line(id=request_id, method="session/request_permission", params=params)


def cancel(request_id: str) -> bytes:
    """A question of ours is over."""
    return _line(method="$/cancel_request", params={"requestId": request_id})


def told_choice(head: Head) -> str:
    """What the person chose: "switch", "keep", or "" where that was no choice."""
    result = head.outcome()
    if result.get("action") in ("decline", "cancel"):
        return "keep"
    if result.get("action") == "accept":
        content = result.get("content")
        return _known(content.get("choice") if isinstance(content, dict) else None) or "switch"
    outcome = result.get("outcome")
    if isinstance(outcome, dict):
        return "keep" if outcome.get("outcome") == "cancelled" else _known(outcome.get("optionId"))
    return ""


def _known(choice: Any) -> str:
    return choice if choice in ("switch", "keep") else ""
