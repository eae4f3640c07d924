"""Reading what is said, agent by agent: one small file for each, imported when asked for.

Apart from `agents`, which keeps no text and has to be fast: this runs on demand, once.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

from switchtax.agents import AGENT_IDS
from switchtax.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.brief.said import Said
    from switchtax.records import Source

__all__ = ["has_reader", "json_lines", "json_value", "said_in", "texts"]

_READERS = {
    "claude-code": "reading_claude",
    "codex": "reading_codex",
    "copilot-cli": "reading_copilot",
    "gemini-cli": "reading_gemini",
    "opencode": "reading_opencode",
    "pi": "reading_pi",
}
_LONGEST_LINE = 64 << 20


class Reader(Protocol):
    """What each agent's file offers."""

    def said(self, source: Source, session_id: str) -> Iterator[Said]:
        """Everything said in the main chain of a session, in order.

        Raises:
            OSError: the source cannot be opened.
        """
        ...


def has_reader(agent: str) -> bool:
    """Whether what is said in sessions of an agent can be read here, and a brief be written."""
    return agent in _READERS


def said_in(source: Source, session_id: str) -> list[Said]:
    """What is said in a session of a source.

    Raises:
        OSError: the source cannot be opened.
        UsageError: nothing here reads what this agent's sessions say.
    """
    if not has_reader(source.agent):
        from switchtax.wording.brief import no_reader

        raise UsageError(no_reader(source.path, source.agent, ours=source.agent in AGENT_IDS))
    reader = cast("Reader", import_module(f"switchtax.brief.{_READERS[source.agent]}"))
    return list(reader.said(source, session_id))


def json_value(data: bytes | str) -> Any:
    """A JSON value, leniently; None where it is none."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def json_lines(path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a line file with their 1-based lines; what cannot be read is passed over.

    Raises:
        OSError: it cannot be opened.
    """
    with open(path, "rb") as file:  # noqa: PTH123 - a line at a time
        for number, line in enumerate(file, 1):
            value = json_value(line) if len(line) <= _LONGEST_LINE else None
            if isinstance(value, dict):
                yield number, value


def texts(content: object) -> str:
    """The text of a message's content: a string, or the text parts of a list."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return ""
    found = []
    for part in content:
        text = part.get("text") if isinstance(part, dict) else part
        if isinstance(text, str):
            found.append(text)
    return "\n".join(found)
