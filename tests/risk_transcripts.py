"""Transcripts that make a risk true, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_reading import read_file
from claude_transcript import answer, result, transcript, usage
from making import BOOK
from switchtax.agents import agent_module
from switchtax.estimates.drift import Fit, Reason, Risk, risk_of
from switchtax.estimates.interval import exactly
from switchtax.sessions.fold import Session

if TYPE_CHECKING:
    from pathlib import Path

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
SOL, TERRA = "gpt-6.1-sol", "gpt-6.1-terra"
Line = dict[str, Any]
ROOM = Fit(True, exactly(50_000), 1_000_000)


def reasons(session: Session, model: str, fit: Fit = ROOM) -> dict[str, Reason]:
    """The reasons of a handoff by signal."""
    risk = risk_of(session, model, fit)
    assert isinstance(risk, Risk)
    return {reason.signal: reason for reason in risk.reasons}


def thought(sealed: bool = True) -> Line:
    """A block of reasoning, as newer clients keep it: without its text."""
    return {"type": "thinking", "thinking": "" if sealed else "hm", "signature": "c2ln"}


def use(id_: str, name: str, **given: object) -> Line:
    """A tool call."""
    return {"type": "tool_use", "id": id_, "name": name, "input": given}


def claude(folder: Path, *lines: Line) -> Session:
    """The session of a transcript."""
    path = transcript(folder, *lines)
    session = Session("claude-code", path.stem, str(path), rules_for=BOOK.rules)
    session.add_all(read_file(agent_module("claude-code"), path))
    return session


def says(second: float, *blocks: Line, model: str = OPUS) -> Line:
    """An answer of these blocks."""
    counts = usage(4, read=50_000, five=500, out=40)
    return answer(second, f"msg_{second}", counts, content=list(blocks), model=model)


def done(second: float, model: str = OPUS) -> Line:
    """An answer that ends a turn."""
    return says(second, {"type": "text", "text": "Done."}, model=model)


def edits(second: float, *paths: str, ok: bool = True) -> list[Line]:
    """An answer that edits files, and the results."""
    uses = [use(f"e{second}-{n}", "Edit", file_path=path) for n, path in enumerate(paths)]
    results = [
        result(second + 1, f"e{second}-{n}", **({} if ok else {"is_error": True}))
        for n in range(len(paths))
    ]
    return [says(second, *uses), *results]


def shell(second: float, text: str, **more: object) -> list[Line]:
    """An answer that runs a command, and its result."""
    return [
        says(second, use(f"b{second}", "Bash", command=text)),
        result(second + 1, f"b{second}", **more),
    ]
