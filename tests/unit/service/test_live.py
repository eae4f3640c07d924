"""The sessions that are kept ready know of each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from switchtax.catalog.book import PriceBook
from switchtax.estimates.outlook import Moment, outlook
from switchtax.service.live import LiveSessions
from switchtax.sessions import library

if TYPE_CHECKING:
    from switchtax.sessions.fold import Session

FIXTURES = Path(__file__).parents[2] / "contract" / "claude-code" / "fixtures"
FIRST = 1_795_248_385.0
"""When the first of two recorded sessions began; the second began two seconds later."""
SWITCHED = FIRST + 2.8
OPUS = "claude-opus-5-5"
SHARED_TOKENS = 12_048
"""What the second session's first request to the other model was billed as read."""


class Home:
    """Two sessions with the same tools, in folders of two projects."""

    def __init__(self, home: Path) -> None:
        self.now = SWITCHED
        projects = home / ".claude" / "projects"
        self.other = self._put(projects / "one" / "sdk-nohook.jsonl", lines=None)
        self.own = self._put(projects / "two" / "sdk-allow.jsonl", lines=20)
        self.live = LiveSessions(PriceBook(), env={}, home=home, clock=lambda: self.now)

    def _put(self, path: Path, lines: int | None) -> Path:
        recorded = FIXTURES / f"claude-code_2.1.329_{path.name}"
        path.parent.mkdir(parents=True)
        path.write_text("".join(recorded.open().readlines()[:lines]))
        return path

    def read(self, path: Path) -> Session:
        """A session, brought up to date."""
        self.live.refresh(library.sources_at(path)[0])
        return self.live.of_path(str(path))[0].session


def test_a_start_is_known_across_folders(tmp_path: Path) -> None:
    """The other project's session has sent the model these tools: as many tokens are read."""
    home = Home(tmp_path)
    session = home.read(home.own)
    assert 0 == outlook(session, OPUS, SWITCHED, Moment.AT_CHOICE).read_tokens.mid
    home.read(home.other)
    found = outlook(session, OPUS, SWITCHED, Moment.AT_CHOICE).read_tokens
    assert SHARED_TOKENS == pytest.approx(found.mid, rel=0.01)
    assert found.low < SHARED_TOKENS < found.high


def test_what_nobody_used_for_hours_is_let_go(tmp_path: Path) -> None:
    """No cache lives that long; a start that was sent since stays known."""
    home = Home(tmp_path)
    session = home.read(home.own)
    home.read(home.other)
    home.live.let_go(SWITCHED)
    assert 0 < outlook(session, OPUS, SWITCHED, Moment.AT_CHOICE).read_tokens.mid
    home.live.let_go(SWITCHED + 3 * 3_600)
    assert 0 == outlook(session, OPUS, SWITCHED, Moment.AT_CHOICE).read_tokens.mid
