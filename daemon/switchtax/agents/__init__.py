"""One module per coding agent: where its sessions lie, and its lines turned into records.

Every agent module holds facts, never dollars, and offers the same names (see `AgentModule`).
A new agent is one file here, one line in `_MODULES`, one page in `docs/formats/`, fixtures.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from switchtax.records import Cursor, Depth, Reading, Source

__all__ = ["AGENT_IDS", "AgentModule", "agent_module"]

_MODULES = {
    "claude-code": "claude_code",
    "codex": "codex",
    "opencode": "opencode",
    "copilot-cli": "copilot_cli",
    "gemini-cli": "gemini_cli",
    "pi": "pi",
}

AGENT_IDS = tuple(_MODULES)


class AgentModule(Protocol):
    """What each agent module offers."""

    AGENT_ID: str

    def roots(self, env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
        """Folders (or databases) where the agent keeps sessions, found as the agent does.

        `platform` is `sys.platform`. Environment overrides win; folders need not exist.
        """
        ...

    def find(self, root: Path) -> Iterator[Source]:
        """All session sources under a root of this agent, with size and mtime.

        `root` may also be a sub-folder of one, or a file: whatever `claims` accepts.
        """
        ...

    def claims(self, path: Path, head: bytes) -> bool:
        """Whether a path is this agent's: a file by its first bytes, a folder by its layout.

        `head` is up to 64 KiB from the start of a file, empty for a folder.
        """
        ...

    def read(self, source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
        """Read what is new since the cursor.

        Raises:
            OSError: the source cannot be opened.
        """
        ...


def agent_module(agent_id: str) -> AgentModule:
    """The module of an agent, imported when first asked for.

    Raises:
        KeyError: no such agent.
    """
    return cast("AgentModule", import_module(f"switchtax.agents.{_MODULES[agent_id]}"))
