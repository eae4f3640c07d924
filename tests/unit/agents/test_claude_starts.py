"""What of tools and system prompt is marked for the cache: lengths and digests."""

import json

import pytest
from msgspec import Raw

from switchtax.agents._claude_starts import ends_of, starts_of
from switchtax.records import Start

TOOLS = [{"name": "Read"}, {"name": "Bash"}]
SYSTEM = [{"type": "text", "text": "You are."}, {"type": "text", "text": "Be good."}]


def _raw(value: object) -> Raw:
    return Raw(json.dumps(value).encode())


def _marks(*paths: list[object]) -> Raw:
    return _raw([{"path": path, "value": {"type": "ephemeral"}} for path in paths])


def _starts(shape: object, *paths: list[object]) -> tuple[Start, ...]:
    return starts_of(_marks(*paths), ends_of(_raw(shape)))


def _chars(*parts: object) -> int:
    return sum(len(json.dumps(part)) for part in parts)


def test_a_start_reaches_to_its_mark() -> None:
    """Tools stand first, then the system prompt part by part; marks among messages are none."""
    shape = {"system": SYSTEM, "tools": TOOLS}
    short, long = _starts(shape, ["messages", 1, "content", 0], ["system", 1], ["system", 0])
    assert (_chars(*TOOLS, SYSTEM[0]), _chars(*TOOLS, *SYSTEM)) == (short.chars, long.chars)
    (tools,) = _starts(shape, ["tools", 1])
    assert _chars(*TOOLS) == tools.chars


def test_two_shapes_share_what_is_equal() -> None:
    """Another last part of the system prompt leaves the start before it alone."""
    other = [SYSTEM[0], {"type": "text", "text": "Be quick."}]
    marks = (["system", 0], ["system", 1])
    one = _starts({"tools": TOOLS, "system": SYSTEM}, *marks)
    two = _starts({"tools": TOOLS, "system": other}, *marks)
    assert one[0] == two[0]
    assert one[1].digest != two[1].digest
    reordered = _starts({"tools": TOOLS[::-1], "system": SYSTEM}, *marks)
    assert reordered[0].digest != one[0].digest


def test_without_tools_only_the_system_prompt_opens_it() -> None:
    """A mark on tools that are not there is no start."""
    found = _starts({"system": SYSTEM}, ["tools", 0], ["system", 0])
    assert [_chars(SYSTEM[0])] == [start.chars for start in found]


@pytest.mark.parametrize("shape", ["nothing", {"tools": 3}, {"tools": TOOLS, "system": "text"}])
def test_a_shape_of_another_form_has_no_starts(shape: object) -> None:
    """A build that writes it otherwise is read as one that does not tell."""
    assert () == _starts(shape, ["system", 0])


@pytest.mark.parametrize("marks", [{"path": 1}, "x", [{"path": ["system", -1]}], [{}]])
def test_marks_of_another_form_name_nothing(marks: object) -> None:
    """Nor does a place that the shape does not have."""
    assert () == starts_of(_raw(marks), ends_of(_raw({"tools": TOOLS, "system": SYSTEM})))
    assert () == _starts({"tools": TOOLS, "system": SYSTEM}, ["system", 7])
