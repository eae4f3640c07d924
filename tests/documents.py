"""Sessions kept in documents that agents write anew: read as they grow, message by message."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agent_reading import calls, source
from switchtax.agents import AgentModule
from switchtax.records import Cursor, Depth, Record

__all__ = ["grown", "rewritten"]


def rewritten(path: Path, change: Callable[[Any], Any]) -> None:
    """Write a document anew, changed."""
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def grown(
    agent: AgentModule, document: Path, scratch: Path, depth: Depth
) -> Iterator[tuple[int, list[Record], list[Record]]]:
    """What a reader has told after each message more, and what a fresh reading tells then.

    Args:
        agent: the reader.
        document: the main one of a session, in a folder of its own.
        scratch: where a copy of the folder grows.
        depth: how much is told.
    """
    folder = scratch / document.parent.name
    shutil.copytree(document.parent, folder)
    copy = folder / document.name
    whole = json.loads(document.read_text())
    items = whole["messages"] if isinstance(whole, dict) else whole
    told: list[Record] = []
    cursor: Cursor | None = None
    for upto in range(1, len(items) + 1):
        part = {**whole, "messages": items[:upto]} if isinstance(whole, dict) else items[:upto]
        copy.write_text(json.dumps(part))
        reading = agent.read(source(agent, copy), cursor, depth)
        told = reading.records if reading.restarted else told + reading.records
        cursor = reading.cursor
        fresh = agent.read(source(agent, copy), None, depth).records
        yield upto, _settled(told), _settled(fresh)


def _settled(records: list[Record]) -> list[Record]:
    """Each call once, as it was told last; the rest as it is."""
    last = {call.id: call for call in calls(records)}
    seen: set[str] = set()
    kept: list[Record] = []
    for record in records:
        identity = getattr(record, "id", "") if type(record).__name__ == "Call" else ""
        if not identity:
            kept.append(record)
        elif identity not in seen:
            seen.add(identity)
            kept.append(last[identity])
    return kept
