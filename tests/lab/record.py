"""Records sessions of real clients as fixtures: `python tests/lab/record.py FOLDER [NAME…]`.

Each session becomes a transcript and its bill. Long texts, most of them the client's own, are
replaced by filler of the same length; hashes in them no longer match. Paths and keys of the
machine stand in neither file.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from client import CLAUDE_CODE, Lab, open_lab  # noqa: E402
from codex import CODEX, Codex, open_codex  # noqa: E402

LONG = 240
"""Characters from which on a text is replaced; what commands say is shorter."""

_LETTER = re.compile(r'[^\s"\\]')


def filled(value: Any) -> Any:
    """A value whose long texts say nothing any more."""
    if isinstance(value, dict):
        return {key: filled(each) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each) for each in value]
    if isinstance(value, str) and len(value) > LONG:
        return _LETTER.sub("x", value)
    return value


def write(lab: Lab | Codex, log: Path, stem: Path) -> None:
    """Write a session of a lab and its bill, as `STEM.jsonl` and `STEM.billing.jsonl`."""
    place = str(lab.folder)
    munged = place.replace("/", "-").replace("_", "-").replace(".", "-")
    lines = []
    for line in log.read_text().splitlines():
        plain = line.replace(place, "/lab").replace(munged, "-lab")
        lines.append(
            json.dumps(filled(json.loads(plain)), ensure_ascii=False, separators=(",", ":"))
        )
    stem.with_name(f"{stem.name}.jsonl").write_text("\n".join(lines) + "\n")
    bill = "".join(json.dumps(line) + "\n" for line in lab.bill())
    stem.with_name(f"{stem.name}.billing.jsonl").write_text(bill)


def back_after_many_tools(lab: Lab) -> None:
    """A switch away, a long turn of tool calls, and back beyond the look-back."""
    for number in range(12):
        (lab.work / f"part-{number}.txt").write_text(f"part {number}\n" * 20)
    parts = " ".join(f"[[read part-{number}.txt]]" for number in range(12))
    lab.run("[[read notes.txt]]", "--model", "sonnet")
    lab.run(parts, "--continue", "--model", "opus")
    lab.run("third", "--continue", "--model", "sonnet")


def models_in_turns(lab: Lab) -> None:
    """Two models in turns in the terminal, the second round warm."""
    with lab.terminal("--model", "sonnet") as terminal:
        terminal.prompt("[[read notes.txt]]")
        for number, name in enumerate(("opus", "sonnet", "opus", "sonnet")):
            terminal.switch(name)
            terminal.prompt(f"turn {number}")


def a_terminal_then_exec(lab: Codex) -> None:
    """Begun at a screen, then resumed without one on another model, and on the first again."""
    with lab.terminal() as seat:
        seat.prompt("[[say 3000]]")
        seat.prompt("second")
    lab.run("third", "-m", "gpt-5.5", resume=True)
    lab.run("fourth", "-m", "gpt-6.1-sol", resume=True)


OF_CLAUDE_CODE: dict[str, Callable[[Lab], None]] = {
    "lab-back-after-many-tools": back_after_many_tools,
    "lab-models-in-turns": models_in_turns,
}
OF_CODEX: dict[str, Callable[[Codex], None]] = {"lab-terminal-then-exec": a_terminal_then_exec}


def main(folder: Path, named: list[str]) -> None:
    """Record sessions anew: the ones named, else all."""
    for name in [each for each in OF_CLAUDE_CODE if each in named or not named]:
        with open_lab() as claude:
            (claude.work / "notes.txt").write_text("a line among the notes that is read\n" * 1_200)
            OF_CLAUDE_CODE[name](claude)
            write(claude, claude.newest(), folder / f"claude-code_{CLAUDE_CODE}_{name}")
    for name in [each for each in OF_CODEX if each in named or not named]:
        with open_codex() as codex:
            OF_CODEX[name](codex)
            write(codex, codex.log(), folder / f"codex_{CODEX}_{name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
