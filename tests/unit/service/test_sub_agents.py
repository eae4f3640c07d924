"""Sub-agents whose logs are sessions of their own: never taken for the session of a person."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from codex_rollout import THREAD, call, line, rollout
from switchtax.catalog.book import PriceBook
from switchtax.cli import main
from switchtax.service.live import LiveSessions

if TYPE_CHECKING:
    from pathlib import Path

MAIN, CHILD = THREAD % 1, THREAD % 2


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A session of Codex a minute ago, and a sub-agent that it has had since, on another model."""
    main_log = rollout(tmp_path, 1, ago_s=60.0)
    child = main_log.with_name(main_log.name.replace(MAIN, CHILD))
    now = time.time()
    spawned = {"subagent": {"thread_spawn": {"parent_thread_id": MAIN, "depth": 1}}}
    about = {"id": CHILD, "session_id": MAIN, "parent_thread_id": MAIN, "cwd": "/w",
             "cli_version": "0.169.0", "source": spawned, "model_provider": "openai"}  # fmt: skip
    rows = [line(now - 20, "session_meta", **about)]
    rows += call(now - 10, CHILD, 1, model="gpt-6-luna", sent=14_000, read=0)
    child.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_the_session_in_use_is_the_persons(home: Path) -> None:
    """Though the sub-agent spoke last; what that sent is spent by its session."""
    live = LiveSessions(PriceBook(), env={}, home=home)
    for source in live.on_this_machine():
        live.refresh(source)
    (found,) = live.active(time.time())
    assert (MAIN, {f"r1-{CHILD}"}) == (found.session.id, set(found.beside))
    assert found.last_at() > found.session.last_at


def test_status_and_estimate_are_of_it(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest session on this machine is none of a sub-agent, unless one names it."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("CODEX_HOME", raising=False)
    assert 0 == main(["status", "--json"])
    assert [MAIN] == [row["id"] for row in json.loads(capsys.readouterr().out)["sessions"]]
    for words, named in (([], MAIN), ([CHILD], CHILD)):
        assert 0 == main(["estimate", *words, "--json"])
        assert named == json.loads(capsys.readouterr().out)["session"]["id"]
