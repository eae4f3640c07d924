"""Briefs of real sessions: short enough, complete where it counts, and nothing made up."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from brief_checks import edited_files, stands_at, untraced
from switchtax.brief.choose import tokens_of
from switchtax.brief.files import shown_path
from switchtax.brief.make import BUDGET_TOKENS, Draft, draft_of
from switchtax.catalog.book import open_book
from switchtax.errors import NoSuchSession
from switchtax.records import Source, ToolUse
from switchtax.sessions import library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from switchtax.records import Record
    from switchtax.sessions.fold import Session

pytestmark = pytest.mark.corpus

FOLDERS = ("claude", "codex", "copilot", "gemini", "gemini_jsonl", "opencode", "pi")
LEAST = 20
EDITS = re.compile(
    r"(?:multi_?edit|edit|write|notebookedit|apply_patch|create|replace|write_file)$", re.I
)
SHELLS = re.compile(r"(?:bash|exec_command|run_shell_command|shell)$", re.I)
EXIT = re.compile(r"(?:exited with code|exit code|Exit Code:|Exit code:?) (-?\d+)")
REFUSED = ("doesn't want to proceed", "Operation Cancelled")


def briefs(corpus: Path) -> Iterator[tuple[Source, Session, list[Record], Draft]]:
    """Every session of the corpus in which something was asked."""
    book = open_book()
    for folder in FOLDERS:
        for source in library.sources_at(corpus / folder):
            if source.sidechain:
                continue
            records = library.read_all(source)
            for session in library.fold(source, records, book.rules).values():
                try:
                    made = draft_of(source, session.id, session.cwd, BUDGET_TOKENS)
                except NoSuchSession:
                    continue
                yield source, session, records, made


@pytest.fixture(scope="module")
def made(corpus: Path) -> list[tuple[Source, Session, list[Record], Draft]]:
    """The briefs, written once."""
    found = list(briefs(corpus))
    assert len(found) >= LEAST
    assert {"claude-code", "codex", "copilot-cli", "gemini-cli", "opencode", "pi"} == {
        source.agent for source, *_ in found
    }
    return found


def test_within_the_budget(made: list[tuple[Source, Session, list[Record], Draft]]) -> None:
    """By an estimate of tokens that is rather too high."""
    over = {s.path: d.tokens for s, _, _, d in made if tokens_of(d.markdown) > BUDGET_TOKENS}
    assert {} == over


def test_nothing_is_made_up(made: list[tuple[Source, Session, list[Record], Draft]]) -> None:
    """Each line has a place, and what it quotes stands there word for word."""
    assert {} == {s.path: lines for s, _, _, draft in made if (lines := untraced(draft))}


def test_every_edited_file_is_named(
    made: list[tuple[Source, Session, list[Record], Draft]],
) -> None:
    """All that the records of tool uses tell of, failed and refused ones apart."""
    for source, session, records, draft in made:
        failed = {r.id for r in records if isinstance(r, ToolUse) and r.ok is False}
        raw = Path(source.path).read_text("utf-8", "replace").split("\n")
        expected = {
            shown_path(record.path, session.cwd).replace("\\", "/")
            for record in records
            if isinstance(record, ToolUse)
            and record.path
            and EDITS.match(record.name)
            and not record.sidechain
            and record.id.split("#")[0].split("/")[0] not in failed
            and not _refused(record, raw)
        }
        named = {path.replace("\\", "/") for path in edited_files(draft.items)}
        assert expected <= named, source.path


def _refused(record: ToolUse, raw: list[str]) -> bool:
    return any(record.id in line and any(why in line for why in REFUSED) for line in raw)


def test_the_last_failing_command_is_named(
    made: list[tuple[Source, Session, list[Record], Draft]],
) -> None:
    """The last shell command whose result says that it failed, in any session that has one."""
    seen = 0
    for source, _, records, draft in made:
        if not source.path.endswith(".jsonl"):
            continue
        raw = Path(source.path).read_text("utf-8", "replace").split("\n")
        shells = {
            r.id: r
            for r in records
            if isinstance(r, ToolUse) and SHELLS.match(r.name) and r.ok is None and not r.sidechain
        }
        last = None
        for record in records:
            if isinstance(record, ToolUse) and record.ok is not None and record.id in shells:
                line = raw[record.line - 1]
                codes = EXIT.findall(line[:2_000]) if source.agent == "codex" else []
                if record.ok is False or codes[:1] not in ([], ["0"]):
                    last = None if any(why in line for why in REFUSED) else shells[record.id]
        if last is None:
            continue
        seen += 1
        (item,) = [i for i in draft.items if i.text.startswith("Last failing command: ")]
        assert last.line == item.sources[0].line, source.path
        assert item.quotes[0] in stands_at(item.sources[0])
    assert seen >= 10
