"""What an agent is to switchtax: the protocol that ours and those of third parties satisfy.

A third party names such an object (a module with these functions will do) as an entry point of
the group `switchtax.agents`; docs/how-to/add-an-agent.md has a whole example, and
`switchtax.testing` the checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from switchtax.records import Cursor, Depth, Reading, Source

__all__ = ["PROTOCOL", "SUFFIXES", "AgentModule"]

PROTOCOL = 1
"""Version of this protocol: it rises when an agent written for it would no longer be read."""
SUFFIXES = (".jsonl", ".json", ".db", ".zst")
"""How files end in which agents keep sessions; others are not looked into."""


class AgentModule(Protocol):
    """What each agent offers: facts from its own files, never dollars and never a text.

    Two more names may be left out. `PROTOCOL` (int) is the version of the protocol that the
    agent was written for, 1 where it is missing. `SUFFIXES` (tuple of str) is how its files
    end, where that is none of `switchtax.agents.protocol.SUFFIXES`. A path that ends in `.db`
    is taken for a database of many sessions, whose `-wal` is looked at too.
    """

    AGENT_ID: str
    """Small letters, digits and hyphens. Of an entry point it is the name."""

    def roots(self, env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
        """Folders (or databases) where the agent keeps sessions, found as the agent does.

        Args:
            env: environment variables; those that move the agent's folders win.
            home: the user's home folder.
            platform: as `sys.platform` names it.

        Returns:
            Where to look. Nothing of it need exist; all of it is watched once it does.
        """
        ...

    def find(self, root: Path) -> Iterable[Source]:
        """All session sources under a root of this agent, with bytes and time of last change.

        What cannot be listed, or is not there, is passed over. Sizes and times (ns) come from
        `stat`; a file named after its session has `session_id`.

        Args:
            root: one of `roots`, a folder below it, or a single file: whatever `claims` accepts.
        """
        ...

    def claims(self, path: Path, head: bytes) -> bool:
        """Whether a path is this agent's: a file by its first bytes, a folder by its layout.

        No other agent's file may be claimed.

        Args:
            path: a file or folder that a person named.
            head: up to 64 KiB from the start of a file; empty for a folder.
        """
        ...

    def read(self, source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
        """Read what is new since the cursor.

        Reading in pieces gives the records of one reading. A last line that is still being
        written waits; what cannot be read becomes `Unreadable`, with its line, and stops
        nothing. Of texts only sizes, names and paths are told.

        Args:
            source: what `find` gave, with newer bytes perhaps.
            cursor: where the reading before stopped; None reads from the start.
            depth: `USAGE` may leave out `Prompt`, `Content`, `ToolUse` and what is like them.

        Returns:
            Records in the order of the log (times in UTC epoch seconds, tokens in the
            disjoint buckets of `Usage`), the cursor to go on from, and whether the source was
            replaced and read from the start.

        Raises:
            OSError: the source cannot be opened.
        """
        ...
