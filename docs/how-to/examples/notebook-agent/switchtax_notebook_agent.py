"""notebook-agent: one run per file, `<root>/runs/<run>.jsonl`, a JSON object per line.

`open` begins a run, `ask` is a person's request, `model` a choice in the menu, `answer` what a
model said, with its tokens. Its `input` counts all that was sent, cached tokens included.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from switchtax.agents.folders import jsonl_files
from switchtax.agents.lines import decode, epoch_s, read_lines
from switchtax.agents.numbers import AbsurdCount, is_absurd
from switchtax.records import Call, Depth, ModelChosen, Prompt, SessionInfo, Source, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from switchtax.records import Cursor, Reading, Record

PROTOCOL = 1
AGENT_ID = "notebook-agent"


def roots(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    """`$NOTEBOOK_AGENT_HOME`, else `~/.notebook-agent`."""
    return [Path(env.get("NOTEBOOK_AGENT_HOME") or home / ".notebook-agent")]


def find(root: Path) -> Iterator[Source]:
    """Every run under a root, or the one file named."""
    if root.is_file():
        stat = root.stat()
        yield Source(AGENT_ID, str(root), root.stem, "", False, stat.st_size, stat.st_mtime_ns)
    for path, size, mtime_ns in jsonl_files(str(root)):
        yield Source(AGENT_ID, path, Path(path).stem, str(root), False, size, mtime_ns)


def claims(path: Path, head: bytes) -> bool:
    """A root has a folder `runs`; a run begins with its `open`."""
    if not head:
        return path.name == ".notebook-agent" and (path / "runs").is_dir()
    first = head.split(b"\n", 1)[0]
    return b'"kind":"open"' in first and b'"run":' in first


def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
    """What is new in a run. Raises OSError where it cannot be opened."""
    return read_lines(source, RunParser(source), cursor, depth)


class Tokens(msgspec.Struct):
    """As notebook-agent counts them; what a line lacks is zero."""

    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0


class Line(msgspec.Struct):
    """The fields that matter; all others are passed over."""

    kind: str
    at: str = ""
    run: str = ""
    id: str = ""
    folder: str = ""
    version: str = ""
    to: str = ""
    model: str = ""
    sent_at: str = ""
    text: str = ""
    tokens: Tokens | None = None


LINE = msgspec.json.Decoder(Line)


class RunParser:
    """Turns lines into records; between two readings it remembers run and model."""

    def __init__(self, source: Source) -> None:
        """Nothing is read yet; `read_lines` takes from `out` what `feed` puts there."""
        self.out: list[Record] = []
        self.run = source.session_id
        self.model = ""

    def save(self) -> dict[str, object]:
        """What must be known to go on, as plain values."""
        return {"run": self.run, "model": self.model}

    def load(self, state: dict[str, object]) -> None:
        """Go on from there."""
        self.run, self.model = str(state["run"]), str(state["model"])

    def wants(self, line: bytes) -> bool:
        """Whether a line matters when only usage is asked for: it is not decoded otherwise."""
        return b'"kind":"ask"' not in line

    def feed(self, line: bytes, number: int, depth: Depth) -> None:
        """Read one line; a ValueError makes it an `Unreadable` with its line."""
        found = decode(LINE, line)
        at = epoch_s(found.at)
        if found.kind == "open":
            self.run = found.run or self.run
            folder, version = found.folder, found.version
            about = SessionInfo(self.run, at, folder, agent_version=version, line=number)
            self.out.append(about)
        elif found.kind == "ask" and depth is Depth.FULL:
            self.out.append(Prompt(self.run, at, found.id, number, chars=len(found.text)))
        elif found.kind == "model" and found.to != self.model:
            chosen = ModelChosen(self.run, at, found.to, self.model or None, "menu", line=number)
            self.out.append(chosen)
            self.model = found.to
        elif found.kind == "answer" and found.tokens is not None:
            self.answer(found, found.tokens, number, at)

    def answer(self, found: Line, tokens: Tokens, number: int, at: float) -> None:
        """One request: the buckets are made disjoint here, once."""
        plain = tokens.input - tokens.cached - tokens.written
        if is_absurd(plain, tokens.cached, tokens.written, tokens.output):
            raise AbsurdCount("a token count is negative or absurd")
        usage = Usage(plain, tokens.cached, tokens.written, 0, tokens.output)
        begun = min(epoch_s(found.sent_at) or at, at)
        self.out.append(Call(self.run, found.id, at, found.model, usage, number, begun))
        self.model = found.model
