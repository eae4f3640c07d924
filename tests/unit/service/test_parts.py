"""Smaller parts of the daemon: idleness, places, watches that cannot be had."""

from __future__ import annotations

import asyncio
import logging
import stat
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from watchdog.events import (
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
)
from watchdog.observers.polling import PollingObserver

from switchtax.service.places import places, world, write_atomically
from switchtax.service.server import IdleRule, Server
from switchtax.service.watching import Watching, root_folders

if TYPE_CHECKING:
    from pathlib import Path


def test_idleness_by_the_clock() -> None:
    """Over when it was of no use for the whole time; use begins it anew; zero is never."""
    now = [0.0]
    rule, never = IdleRule(60, lambda: now[0]), IdleRule(0, lambda: now[0])
    now[0] = 59
    assert not rule.is_over(in_use=False)
    assert not rule.is_over(in_use=True)
    now[0] = 118
    assert not rule.is_over(in_use=False)
    now[0] = 119
    assert rule.is_over(in_use=False)
    assert not never.is_over(in_use=False)


def test_places_by_environment(tmp_path: Path) -> None:
    """As the contract with hook clients says."""
    where = places({"XDG_RUNTIME_DIR": "/run/user/7", "XDG_STATE_HOME": "/s", "HOME": "/h"})
    assert f"/run/user/7/switchtax/d-{where.build}.sock" == str(where.socket)
    assert "/s/switchtax/meters/abc.txt" == str(where.meter("abc"))
    assert where.meter("../x").parent == where.meters
    assert "/h/.local/state/switchtax" == str(places({"HOME": "/h"}).state)
    assert str(places({"HOME": "/h"}).runtime).rpartition("/")[2].startswith("switchtax-")
    assert 12 == len(where.build)
    for name in ("CODEX_HOME", "SWITCHTAX_EDITOR_DATA"):
        assert world({"HOME": "/h"}) != world({"HOME": "/h", name: "/c"})


def test_small_files_are_written_whole(tmp_path: Path) -> None:
    """Nothing is left beside, not even where it fails."""
    write_atomically(tmp_path / "a", "text")
    assert ["a"] == [path.name for path in tmp_path.iterdir()]
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_atomically(tmp_path / "folder", "text")
    assert ["a", "folder"] == sorted(path.name for path in tmp_path.iterdir())
    assert stat.S_ISREG((tmp_path / "a").stat().st_mode)


def test_roots_that_cannot_be_watched_are_named(tmp_path: Path) -> None:
    """Too few watches: the root is polled, and doctor can say why."""

    class Exhausted(PollingObserver):
        def schedule(self, *_: Any, **__: Any) -> Any:
            raise OSError(28, "inotify watch limit reached")

    (tmp_path / ".claude" / "projects").mkdir(parents=True)
    loop = asyncio.new_event_loop()
    watching = Watching(loop, lambda _: None, lambda _: None, observer=Exhausted)
    roots = root_folders({}, tmp_path)
    assert ["claude-code"] == [agent for agent, *_ in roots]
    watching.watch(roots)
    watching.watch(roots)
    assert {str(tmp_path / ".claude" / "projects"): "inotify watch limit reached"} == (
        watching.failed
    )
    assert set() == watching.roots
    assert watching.may_have_missed()
    watching.stop()
    loop.close()


def test_documents_of_one_session_are_one_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of any is told once; one that is moved aside and written anew is not gone."""
    monkeypatch.setattr("switchtax.service.watching._WRITTEN_ANEW_S", 0.0)
    tasks = tmp_path / ".config/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks"
    rows, item = tasks / "t1" / "ui_messages.json", tasks / "t1" / "history_item.json"
    rows.parent.mkdir(parents=True)
    rows.write_text("[]")
    changed: list[str] = []
    gone: list[str] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        watching = Watching(
            loop, lambda source: changed.append(source.path), gone.append, observer=PollingObserver
        )
        watching.watch(root_folders({}, tmp_path))
        item.write_text("{}")
        watching.on_any_event(FileCreatedEvent(str(item)))
        watching.on_any_event(FileModifiedEvent(str(item)))
        watching.on_any_event(FileMovedEvent(str(rows), str(rows.with_name(".old.tmp"))))
        for _ in range(5):  # handed over, then looked at
            await asyncio.sleep(0)
        rows.unlink()
        watching.on_any_event(FileDeletedEvent(str(rows)))
        for _ in range(5):  # handed over, then looked at
            await asyncio.sleep(0)
        watching.stop()

    asyncio.run(run())
    assert {str(rows)} == set(changed)
    assert [str(rows)] == gone


@pytest.mark.skipif(sys.platform != "linux", reason="told by watchdog on Linux alone")
def test_a_complaint_of_the_watcher_is_heard_once(tmp_path: Path) -> None:
    """Events were lost: everything is worth a look, until it was looked at."""
    (tmp_path / ".claude" / "projects").mkdir(parents=True)
    loop = asyncio.new_event_loop()
    watching = Watching(loop, lambda _: None, lambda _: None, observer=PollingObserver)
    roots = root_folders({}, tmp_path)
    assert [True, False] == [watching.watch(roots), watching.watch(roots)]
    assert not watching.may_have_missed()
    logging.getLogger("watchdog.observers.inotify_c").warning("events were lost")
    assert [True, False] == [watching.may_have_missed(), watching.may_have_missed()]
    watching.stop()
    logging.getLogger("watchdog.observers.inotify_c").warning("events were lost")
    assert not watching.may_have_missed()
    loop.close()


@pytest.mark.skipif(sys.platform != "linux", reason="told by watchdog on Linux alone")
def test_what_is_watched_is_looked_at_seldom(tmp_path: Path) -> None:
    """A root that is new, or a watcher that complained, is reason enough; else time is."""
    looked: list[str] = []

    async def look_around() -> None:
        looked.append("all")

    (tmp_path / ".claude" / "projects").mkdir(parents=True)
    live = SimpleNamespace(roots=lambda: root_folders({}, tmp_path), watched=set())
    hub = SimpleNamespace(live=live, unwatched={}, look_around=look_around)

    async def run() -> None:
        server = Server(cast("Any", hub), cast("Any", None), IdleRule(0))
        watching = Watching(
            asyncio.get_running_loop(), lambda _: None, lambda _: None, observer=PollingObserver
        )
        for always in (False, False, True):  # the first one finds the root new
            await server.watch_and_look(watching, always=always)
        logging.getLogger("watchdog").warning("events were lost")
        await server.watch_and_look(watching, always=False)
        watching.stop()

    asyncio.run(run())
    assert ["all"] * 3 == looked
