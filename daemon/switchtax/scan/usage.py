"""The usage of sessions: read what is new, take the rest from the index, merge."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from switchtax.agents import build_of
from switchtax.catalog.places import refreshed_file, user_file
from switchtax.scan import store
from switchtax.scan.merge import SessionUsage, merge, skipped
from switchtax.scan.parallel import beside, read_all
from switchtax.scan.pricing import Pricer
from switchtax.scan.reading import Digest, reroll

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from switchtax.catalog.book import PriceBook
    from switchtax.records import Source
    from switchtax.scan.rows import Skip
    from switchtax.scan.watch import Watch

__all__ = ["Found", "price_watches", "usage_of"]

_NAME = "sources"
_MANY = 500
"""Sources read now: from here on a second process is worth its start for writing the index."""
_Kept = dict[str, tuple[tuple[object, ...], tuple[Any, ...]]]
"""Path of a source to what it was like (agent, size, time, stamp, reader) and its digest."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the sources hold."""

    sessions: list[SessionUsage]
    skipped: list[tuple[str, Skip]]
    calls: int
    """Calls in all sources, whatever their time, copies included."""


def usage_of(
    sources: Sequence[Source],
    book: PriceBook,
    *,
    stamps: Mapping[str, int] | None = None,
    index: str | None = None,
    whole: bool = False,
    since: float = 0.0,
    until: float = float("inf"),
    tell: Callable[[float], None] | None = None,
) -> Found:
    """Usage of sources by session.

    Args:
        sources: what to read.
        book: prices each call at its time.
        stamps: per root, a number that changes with the databases beside its sessions.
        index: the folder of the index; None works without one.
        whole: these are all sources of the machine, so the index is written anew.
        since: only calls at or after this time (epoch seconds) count,
        until: and before this one.
        tell: told which share of the reading is done.
    """
    pricer = Pricer(book)
    like = [_like(source, stamps or {}) for source in sources]
    kept, same_prices = _load(index)
    digests: list[Digest | None] = []
    for source, now in zip(sources, like, strict=True):
        known = kept.get(source.path)
        digests.append(Digest(*known[1]) if known and known[0] == now else None)
    fresh = [place for place, known in enumerate(digests) if known is None]
    if not same_prices:
        digests = [known and reroll(known, pricer) for known in digests]
    news = read_all([sources[place] for place in fresh], pricer, tell=tell)
    for place, new in zip(fresh, news, strict=True):
        digests[place] = new
    done = [known for known in digests if known is not None]
    saving = None
    if index and whole and (fresh or not same_prices or len(kept) != len(sources)):
        saving = beside(lambda: _save(index, sources, like, done), len(fresh) > _MANY)
    sessions = merge(sources, done, pricer, since=since, until=until)
    if saving is not None:
        saving()
    return Found(sessions, skipped(sources, done), sum(len(kept.ids) for kept in done))


def price_watches() -> list[Watch]:
    """The price files in force: what they are like, or that there is none."""
    found: list[Watch] = []
    for path in (user_file(), refreshed_file()):
        try:
            stat = os.stat(path)
            found.append((str(path), stat.st_size, stat.st_mtime_ns))
        except OSError:
            found.append((str(path), 0, -1))
    return found


def _like(source: Source, stamps: Mapping[str, int]) -> tuple[object, ...]:
    stamp = 0 if source.path.endswith(".db") else stamps.get(source.root, 0)
    return source.agent, source.size, source.mtime_ns, stamp, build_of(source.agent)


def _load(index: str | None) -> tuple[_Kept, bool]:
    """What the index holds, and whether its money is that of the prices in force."""
    value = store.load(_NAME, index) if index else None
    if value is None or value[0] != store.version():
        return {}, True
    return value[2], value[1] == price_watches()


def _save(
    index: str, sources: Sequence[Source], like: list[tuple[object, ...]], done: list[Digest]
) -> None:
    files = {
        source.path: (now, tuple(digest))
        for source, now, digest in zip(sources, like, done, strict=True)
    }
    store.save(_NAME, (store.version(), price_watches(), files), index)
