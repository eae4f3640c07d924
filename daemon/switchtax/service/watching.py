"""Watching agents' folders: each change of a session file reaches the event loop once.

One recursive watch per root, of the events that matter alone: unfiltered, watchdog 7.1 feeds on
the opening and closing of folders by its own walk above some 4,000 folders. What a watch misses
(an overflow, a folder too many) is found by the look at everything: after five minutes where the
watcher complained of anything, else every fifteen. Where no watch can be had, the sources of live
sessions are looked at every two seconds.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from switchtax.agents import agent_ids, agent_module, suffixes

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator, Mapping

    from watchdog.events import FileSystemEvent
    from watchdog.observers.api import BaseObserver, ObservedWatch

    from switchtax.records import Source

__all__ = ["Watching", "root_folders"]

_LOG = logging.getLogger(__name__)
_EVENTS = [
    FileModifiedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
]
_DATABASE_LOGS = ("-wal", "-journal")
_DOCUMENT = ".json"
_WRITTEN_ANEW_S = 1.0
"""Some agents move a document aside before they put the new one in its place."""
_WATCHER_LOG = logging.getLogger("watchdog")
_TELLS_OVERFLOW = ("linux",)
"""Where watchdog warns of events that were lost."""


def root_folders(env: Mapping[str, str], home: Path) -> list[tuple[str, Path, Path]]:
    """What there is to watch: agent, its root, and the folder of it that holds sessions."""
    found = []
    for agent in agent_ids():
        for root in agent_module(agent).roots(env, home, sys.platform):
            if not root.exists():  # nearly all of them: asked every few seconds
                continue
            projects = root / "projects"
            folder = projects if agent == "claude-code" and projects.is_dir() else root
            folder = folder if folder.is_dir() else folder.parent
            if folder.is_dir():
                found.append((agent, root, folder))
    return found


class _Complaints(logging.Handler):
    """Hears what watchdog logs: an overflow of the kernel's queue is told nowhere else."""

    told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Remember that something was wrong; what, does not matter."""
        self.told = True


class Watching(FileSystemEventHandler):
    """Watches the roots that exist, and those that appear later.

    Args:
        loop: where `changed` and `gone` are called.
        changed: told of a source that was written to.
        gone: told of a path that is no more.
        observer: made when first needed; tests hand in their own.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        changed: Callable[[Source], None],
        gone: Callable[[str], None],
        *,
        observer: Callable[[], BaseObserver] = Observer,
    ) -> None:
        """Nothing is watched yet."""
        self._loop, self._changed, self._gone = loop, changed, gone
        self._make = observer
        self._observer: BaseObserver | None = None
        self._roots: dict[str, tuple[str, Path]] = {}
        self._known: dict[str, Source] = {}
        self._pending: set[str] = set()
        self._suffixes = suffixes()
        self._watches: dict[str, ObservedWatch] = {}
        self.failed: dict[str, str] = {}
        """Roots that could not be watched, and why: they are polled."""
        self.lost: dict[str, str] = {}
        """Folders that were watched until they were removed, and their agents' roots."""
        self._complaints = _Complaints(logging.WARNING)
        _WATCHER_LOG.addHandler(self._complaints)

    def watch(self, roots: list[tuple[str, Path, Path]]) -> bool:
        """Watch what is not watched yet (walks the folders: may run in a thread).

        Returns:
            Whether there was anything new to watch.
        """
        before = len(self._roots)
        for agent, root, folder in self._unwatched(roots):
            key = str(folder)
            try:
                if self._observer is None:
                    self._observer = self._make()
                    self._observer.start()
                self._watches[key] = self._observer.schedule(
                    self, key, recursive=True, event_filter=_EVENTS
                )
            except (OSError, RuntimeError) as error:
                self.failed[key] = str(getattr(error, "strerror", "") or error)
                _LOG.warning("%s cannot be watched (%s): it is polled", key, self.failed[key])
            else:
                self._roots[key] = (agent, root)
        for key in [key for key, root in self.lost.items() if root in self.roots]:
            del self.lost[key]
        return len(self._roots) > before

    def is_new(self, roots: list[tuple[str, Path, Path]]) -> bool:
        """Whether one of these appeared since `watch` was called last."""
        return any(self._unwatched(roots))

    def _unwatched(self, roots: list[tuple[str, Path, Path]]) -> Iterator[tuple[str, Path, Path]]:
        for found in roots:
            if (key := str(found[2])) not in self._roots and key not in self.failed:
                yield found

    def may_have_missed(self) -> bool:
        """Whether something may have been written unseen since this was asked last."""
        told, self._complaints.told = self._complaints.told, False
        return told or bool(self.failed or self.lost) or sys.platform not in _TELLS_OVERFLOW

    @property
    def roots(self) -> set[str]:
        """The agents' roots that are watched."""
        return {str(root) for _, root in list(self._roots.values())}

    def stop(self) -> None:
        """Watch nothing any more."""
        _WATCHER_LOG.removeHandler(self._complaints)
        if self._observer is not None:
            self._observer.stop()
            self._observer.join(2.0)
            self._observer = None

    # -- on the observer's thread -----------------------------------------------------

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Hand an event over to the loop."""
        source, to = os.fsdecode(event.src_path), os.fsdecode(event.dest_path or "")
        if isinstance(event, FileMovedEvent | DirMovedEvent):
            self._hand(self._vanished, source)
            self._hand(self._written, to)
        elif isinstance(event, FileDeletedEvent | DirDeletedEvent):
            self._hand(self._vanished, source)
        elif source not in self._pending:
            self._pending.add(source)
            self._hand(self._written, source)

    def _hand(self, function: Callable[[str], None], path: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, path)

    # -- on the loop ------------------------------------------------------------------

    def _written(self, path: str) -> None:
        self._pending.discard(path)
        for end in _DATABASE_LOGS:
            path = path.removesuffix(end)
        known = self._known.get(path)
        if known is not None:
            self._changed(known)
            return
        folder = os.path.isdir(path)  # noqa: PTH112 - at every event
        if not folder and not path.endswith(self._suffixes):
            return
        for source in self._sources_at(path):
            if not folder:
                self._known[path] = source
            self._changed(source)

    def _sources_at(self, path: str) -> list[Source]:
        """The sources in a file or folder that is new, as its agent finds them."""
        inside = [
            (key, agent, root)
            for key, (agent, root) in list(self._roots.items())
            if path.startswith(key + os.sep)
        ]
        if not inside:
            return []
        _, agent, root = max(inside, key=lambda each: len(each[0]))
        module = agent_module(agent)
        folder = path if os.path.isdir(path) else os.path.dirname(path)  # noqa: PTH112, PTH120
        found = [
            source
            for source in module.find(Path(folder))
            if path in (source.path, *source.beside) or source.path.startswith(path + os.sep)
        ]
        return [_rooted(source, str(root)) for source in found]

    def _vanished(self, path: str) -> None:
        """A file or folder was removed or moved away; a document may only be written anew."""
        if path.endswith(_DOCUMENT):
            self._loop.call_later(_WRITTEN_ANEW_S, self._is_gone, path)
        else:
            self._is_gone(path)

    def _is_gone(self, path: str) -> None:
        if path.endswith(_DOCUMENT) and os.path.exists(path):  # noqa: PTH110 - at every event
            return
        for known in [p for p in self._known if p == path or p.startswith(path + os.sep)]:
            del self._known[known]
        for key in [k for k in list(self._roots) if k == path or k.startswith(path + os.sep)]:
            self._lose(key)
        self._gone(path)

    def _lose(self, key: str) -> None:
        """A watched folder itself was removed: its watch ends with it, and another one is due."""
        _, root = self._roots.pop(key)
        self.lost[key] = str(root)
        watch = self._watches.pop(key, None)
        if self._observer is not None and watch is not None:
            with contextlib.suppress(KeyError, OSError):
                self._observer.unschedule(watch)


def _rooted(source: Source, root: str) -> Source:
    return replace(source, root=root)
