"""Claude Code: transcripts under `<root>/projects/<slug>/<session>.jsonl`.

One response stands on several lines (one per content block) that repeat the same message
id and usage; the largest output wins. Input counters are disjoint, thinking is inside
output. Sub-agents are sidechain files, sidechain lines, or `agent_progress` lines that
carry a sub-agent's own usage. Builds from 2.1.329 on also record each request as it starts.

Source: docs/formats/claude-code.md; real client 2.1.329, 2026-11-21.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents._claude_parser import Parser
from switchtax.agents.folders import jsonl_files
from switchtax.agents.lines import read_lines
from switchtax.records import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from switchtax.records import Cursor, Depth, Reading

__all__ = ["AGENT_ID", "claims", "find", "read", "roots"]

AGENT_ID = "claude-code"

_SUBAGENT = re.compile(r"agent-[^/\\]+\.jsonl$")


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """`$CLAUDE_CONFIG_DIR` (a comma-separated list is accepted), else `~/.claude`."""
    configured = env.get("CLAUDE_CONFIG_DIR", "").strip()
    if configured:
        return [Path(part.strip()).expanduser() for part in configured.split(",") if part.strip()]
    return [home / ".claude"]


def find(root: Path) -> Iterator[Source]:
    """Every transcript under a root, a project folder, or the one file named."""
    if root.is_file():
        stat = root.stat()
        yield _source(str(root), "", stat.st_size, stat.st_mtime_ns)
        return
    projects = root / "projects"
    top = str(projects if projects.is_dir() else root)
    for path, size, mtime_ns in jsonl_files(top, "tool-results"):
        yield _source(path, str(root), size, mtime_ns)


def _source(path: str, root: str, size: int, mtime_ns: int) -> Source:
    folder, name = os.path.split(path)
    session_id, sidechain = name.removesuffix(".jsonl"), False
    if _SUBAGENT.match(name):
        sidechain = True
        parent, last = os.path.split(folder)
        if last == "subagents":
            session_id = os.path.basename(parent)  # noqa: PTH119
    return Source(AGENT_ID, path, session_id, root, sidechain, size, mtime_ns)


def claims(path: Path, head: bytes) -> bool:
    """A root has `projects/`; a transcript's lines carry these names."""
    if not head:
        return (path / "projects").is_dir()
    return b'"sessionId"' in head and (
        b'"parentUuid"' in head or b'"leafUuid"' in head or b'"permissionMode"' in head
    )


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """Read what is new in one transcript.

    Raises:
        OSError: the file cannot be opened.
    """
    return read_lines(source, Parser(source), cursor, depth)
