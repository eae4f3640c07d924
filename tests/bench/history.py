"""Sessions made for measuring: any number, of any size, the last used when it is said.

They are Claude Code transcripts of turns with tools, different in length, model and time, and
the same for the same seed. Nothing in them was ever said by anybody.
"""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

from claude_transcript import START, Line, answer, prompt, result, usage

__all__ = ["MODELS", "grow", "session_lines", "write_many", "write_tree"]

MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-2", "claude-haiku-5-5")
_CALL_S = 8.0
_PROJECTS = 40


def session_lines(
    session: str, dice: random.Random, turns: int, *, ends_at: float, first: int = 0
) -> Iterator[str]:
    """The lines of some turns, the last of which ends at that time (UTC epoch seconds)."""
    model = MODELS[sum(session.encode()) % len(MODELS)]
    calls = [(turn, call) for turn in range(turns) for call in range(dice.randint(1, 6))]
    read = 18_000 + 2_500 * first
    for place, (turn, call) in enumerate(calls):
        at = ends_at - START - _CALL_S * (len(calls) - 1 - place)
        written, out = dice.randint(300, 5_000), dice.randint(80, 900)
        serial = f"{session}_{first + turn}_{call}"
        last = place + 1 == len(calls) or calls[place + 1][1] == 0
        block: Line = {"type": "text", "text": "y" * (3 * out)}
        if not last:
            path = {"file_path": f"/home/dev/shop/part_{place % 7}.py"}
            block = {"type": "tool_use", "id": f"toolu_{serial}", "name": "Read", "input": path}
        counts = usage(3, read, written, 0, out)
        lines = [
            answer(
                at,
                f"msg_{serial}",
                counts,
                model=model,
                content=[block],
                stop="end_turn" if last else "tool_use",
                sessionId=session,
            )
        ]
        if call == 0:
            lines.insert(0, prompt(at - 5, "x" * dice.randint(40, 2_000), sessionId=session))
        if not last:
            found = "z" * dice.randint(200, 12_000)
            lines.append(result(at + 2, f"toolu_{serial}", found) | {"sessionId": session})
        yield from (json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        read += written


def write_many(
    home: Path, count: int, *, ends_at: float, over_s: float, seed: int = 4
) -> list[str]:
    """Sessions whose last answers lie evenly within some seconds before a time; their ids."""
    dice = random.Random(seed)
    ids = []
    for number in range(count):
        session = f"{dice.getrandbits(32):08x}-0000-4000-8000-{number:012x}"
        path = path_of(home, session, number)
        path.parent.mkdir(parents=True, exist_ok=True)
        at = ends_at - over_s * (number + 0.5) / count
        path.write_text("".join(session_lines(session, dice, dice.randint(2, 30), ends_at=at)))
        os.utime(path, (at, at))
        ids.append(session)
    return ids


def path_of(home: Path, session: str, number: int) -> Path:
    """Where the transcript of a session lies."""
    return home / ".claude" / "projects" / f"-home-dev-{number % _PROJECTS}" / f"{session}.jsonl"


def grow(path: Path, session: str, turn: int, *, at: float) -> None:
    """One more turn at the end of a transcript, in one write."""
    text = "".join(session_lines(session, random.Random(turn), 1, ends_at=at, first=turn))
    with path.open("a") as file:
        file.write(text)


def write_tree(home: Path, *, projects: int, folders: int, files: int, at: float) -> None:
    """A tree of old sessions: so many projects, folders in each, and files in all, evenly."""
    top = home / ".claude" / "projects"
    places = [
        top / f"-home-dev-{project}" / f"{project:08x}-0000-4000-8000-{folder:012x}" / "subagents"
        for project in range(projects)
        for folder in range(folders)
    ]
    text = "".join(session_lines("old", random.Random(1), 1, ends_at=at))
    for number in range(files):
        path = places[number % len(places)] / f"agent-{number:06x}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (at, at))
