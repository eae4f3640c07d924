"""Agents whose tasks are documents that are written anew: every recorded one, as it grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent_reading import read_file
from documents import grown
from switchtax.agents import agent_module
from switchtax.records import Content, Depth, Prompt, Todos, ToolUse

HERE = Path(__file__).parent
SKIPPED = (Prompt, Content, ToolUse, Todos)
"""What a scan leaves out."""
DOCUMENTS = [
    pytest.param(agent, path, id=f"{path.parent.parent.name}/{path.name}")
    for agent in ("cline", "roo-code")
    for kind in ("ui_messages.json", "*.messages.json")
    for path in sorted((HERE / agent / "fixtures").glob(f"*/*/{kind}"))
]


@pytest.mark.parametrize("depth", Depth)
@pytest.mark.parametrize(("agent", "path"), DOCUMENTS)
def test_one_that_grows_tells_what_a_fresh_reading_tells(
    agent: str, path: Path, depth: Depth, tmp_path: Path
) -> None:
    """After each message more, all that was told is what the whole document tells."""
    for upto, told, fresh in grown(agent_module(agent), path, tmp_path, depth):
        assert fresh == told, upto


@pytest.mark.parametrize(("agent", "path"), DOCUMENTS)
def test_a_scan_tells_the_same_calls(agent: str, path: Path) -> None:
    """It skips sizes, tools and prompts only; models are told all the same."""
    module = agent_module(agent)
    full = [record for record in read_file(module, path) if not isinstance(record, SKIPPED)]
    assert full == read_file(module, path, Depth.USAGE)
