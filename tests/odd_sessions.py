"""Sessions that commands must bear: as short and long as can be, without time, against it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from claude_transcript import START, Line, answer, prompt, result, usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["AT", "ODD", "odd_session"]

AT = START + 100_000
"""A time after all of them, UTC epoch seconds."""


def _calls(
    count: int, *, first: int = 40_000, model: str = "claude-opus-5-5", step_s: float = 15.0
) -> Iterator[Line]:
    """A prompt, then calls that each read a file; the last one closes the turn, just before AT."""
    begin = AT - START - step_s * count
    yield prompt(begin - 5, "Add a page of prices to the shop. Never touch the schema.")
    read = 0
    for number in range(count):
        at, wrote = begin + step_s * number, first if number == 0 else 40
        last = number + 1 == count
        use = {"type": "tool_use", "id": f"t{number}", "name": "Read",
               "input": {"file_path": f"/home/dev/shop/part_{number % 7}.py"}}  # fmt: skip
        text = {"type": "text", "text": "It is done."}
        yield answer(
            at, f"msg_{number}", usage(3, read, wrote, 0, 60), model=model,
            content=[text if last else use], stop="end_turn" if last else "tool_use",
        )  # fmt: skip
        if not last:
            yield result(at + 2, f"t{number}", "z" * 120)
        read += wrote


def _without_times() -> Iterator[Line]:
    for line in _calls(12):
        yield {name: value for name, value in line.items() if name != "timestamp"}


def _against_the_clock() -> Iterator[Line]:
    """The second half lies two hours before the first."""
    lines = list(_calls(12))
    half, earlier = len(lines) // 2, list(_calls(12, step_s=700))
    yield from lines[:half]
    for line, old in zip(lines[half:], earlier[half:], strict=True):
        yield {**line, "timestamp": old["timestamp"]}


ODD: dict[str, Callable[[], Iterator[Line]]] = {
    "one call": lambda: _calls(1),
    "5,000 calls": lambda: _calls(5_000),
    "no times": _without_times,
    "the clock goes back": _against_the_clock,
    "an unknown model": lambda: _calls(12, model="mystery-1"),
    "larger than a window": lambda: _calls(12, first=400_000),
}


def odd_session(name: str, folder: Path) -> Path:
    """The log of one of them."""
    path = folder / "0d5e4c3b-0000-4000-8000-000000000001.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in ODD[name]()), encoding="utf-8")
    return path
