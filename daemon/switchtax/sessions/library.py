"""Finding sessions: on this machine, under a path, by id; and loading one.

A path may be a file, a database, an agent's root, a home, or any folder of session files:
which agent it belongs to is told by its content.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.agents import agent_ids, agent_module, suffixes
from switchtax.errors import NoSuchSession, NotASession
from switchtax.records import Call, Depth, Record, Source
from switchtax.sessions.fold import Session
from switchtax.sessions.neighbours import Neighbours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from switchtax.catalog.cards import CacheRules

__all__ = [
    "by_id",
    "fold",
    "neighbours_of",
    "newest",
    "on_this_machine",
    "read_all",
    "settled",
    "sources_at",
]

_LONGEST_TTL_S = 3_600.0
_MOST_NEIGHBOURS = 30
_HEAD = 65_536


def on_this_machine(
    env: Mapping[str, str], home: Path, agents: Iterable[str] | None = None
) -> Iterator[Source]:
    """Every session source of these agents (None: all), where they themselves keep them."""
    for agent in agent_ids() if agents is None else agents:
        module = agent_module(agent)
        for root in module.roots(env, home, sys.platform):
            if root.exists():
                yield from module.find(root)


def sources_at(path: Path) -> list[Source]:
    """The session sources at a path.

    Raises:
        NotASession: there is nothing there that any agent wrote.
    """
    if not path.exists():
        raise NotASession(f"{path}: no such file or folder. Give a session file, folder or id.")
    found = list(_file(path) if path.is_file() else _folder(path))
    if not found:
        raise NotASession(
            f"{path}: no session of a known agent in it ({', '.join(agent_ids())}). "
            "`switchtax sessions` lists what is on this machine."
        )
    return found


def _file(path: Path) -> Iterator[Source]:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for agent in agent_ids():
        module = agent_module(agent)
        if head and module.claims(path, head):
            yield from module.find(path)
            return


def _folder(path: Path) -> Iterator[Source]:
    homes = [
        (agent, root)
        for agent in agent_ids()
        for root in agent_module(agent).roots({}, path, sys.platform)
        if root.exists() and _inside(root, path)
    ]
    if homes:
        for agent, root in homes:
            yield from agent_module(agent).find(root)
        return
    for agent in agent_ids():
        module = agent_module(agent)
        if module.claims(path, b""):
            yield from module.find(path)
            return
    ends = suffixes()
    for folder, _, names in sorted(os.walk(path)):
        for name in sorted(names):
            if name.endswith(ends):
                with contextlib.suppress(OSError):
                    yield from _file(Path(folder, name))


def _inside(root: Path, home: Path) -> bool:
    return home in root.parents or root == home


def newest(sources: Iterable[Source]) -> Source | None:
    """The main-chain source that was written last."""
    return max(
        (source for source in sources if not source.sidechain),
        key=lambda source: source.mtime_ns,
        default=None,
    )


def by_id(wanted: str, sources: Iterable[Source]) -> list[Source]:
    """Sources of the session with this id or id prefix.

    Raises:
        NoSuchSession: none, or several different sessions, begin with it.
    """
    mains = [source for source in sources if not source.sidechain]
    found = [source for source in mains if _begins(source.session_id, wanted)]
    if not found:
        found = [named for source in mains for named in _inside_database(source, wanted)]
    exact = [s for s in found if s.session_id == wanted]
    ids = sorted({s.session_id for s in found})
    if exact:
        return exact
    if not ids:
        raise NoSuchSession(
            f"no session begins with {wanted!r}. `switchtax sessions` lists them; "
            "a path to a session file works too."
        )
    if len(ids) > 1:
        raise NoSuchSession(
            f"{wanted!r} fits {len(ids)} sessions: {', '.join(ids[:5])}"
            f"{' …' if len(ids) > 5 else ''}. Give more of the id."
        )
    return found


def _begins(session_id: str, wanted: str) -> bool:
    """Whether an id begins so, with or without what it has in common with others of its agent.

    That is a mark that some agents put before it, or the first digits of a time in milliseconds.
    """
    return bool(session_id) and (
        session_id.startswith(wanted)
        or session_id.removeprefix("ses_").startswith(wanted)
        or (
            len(session_id) > 12 and session_id[:13].isdigit() and session_id[5:].startswith(wanted)
        )
    )


def _inside_database(source: Source, wanted: str) -> list[Source]:
    """A database of many sessions, narrowed to those whose id begins so."""
    if source.session_id:
        return []
    try:
        records = read_all(source, Depth.USAGE)
    except OSError:
        return []
    ids = sorted({record.session_id for record in records})
    return [replace(source, session_id=each) for each in ids if _begins(each, wanted)]


def read_all(source: Source, depth: Depth = Depth.FULL) -> list[Record]:
    """All records of a source, in its order.

    Raises:
        OSError: it cannot be opened.
    """
    return settled(agent_module(source.agent).read(source, None, depth).records)


def neighbours_of(source: Source, at: float) -> Neighbours:
    """What sessions beside this one used lately, as their own logs tell.

    Only sources in the same folder that were still written to within an hour before `at`
    are read (a cache lives no longer), the newest first.
    """
    found = Neighbours()
    beside = [
        other
        for other in agent_module(source.agent).find(Path(source.path).parent)
        if other.mtime_ns / 1e9 > at - _LONGEST_TTL_S and other.path != source.path
    ]
    for other in sorted(beside, key=lambda other: -other.mtime_ns)[:_MOST_NEIGHBOURS]:
        with contextlib.suppress(OSError):
            found.note(other.agent, read_all(other, Depth.USAGE))
    return found


def settled(records: list[Record]) -> list[Record]:
    """Records without first guesses that a later one of the same call takes back.

    Some logs tell only afterwards that a call was a compaction: it is then told again, with
    its purpose, and was never part of the conversation.
    """
    purposes = {r.id for r in records if isinstance(r, Call) and (r.purpose or r.sidechain)}
    return [
        r
        for r in records
        if not (isinstance(r, Call) and r.id in purposes and not (r.purpose or r.sidechain))
    ]


def fold(
    source: Source,
    records: Iterable[Record],
    rules_for: Callable[[str, str], CacheRules],
    *,
    until: float | None = None,
    neighbours: Neighbours | None = None,
) -> dict[str, Session]:
    """Sessions in a source by id, in order of appearance.

    With `until` (epoch seconds) only what stood in the log before that time counts: the
    fold stops at the first call that began later.
    """
    sessions: dict[str, Session] = {}
    closed: set[str] = set()
    listed = list(records)
    stood = {} if until is None else _stood(listed, until)
    for place, record in enumerate(listed):
        key = record.session_id
        if key in closed:
            continue
        session = sessions.get(key)
        if session is None:
            session = Session(
                source.agent, key, source.path, rules_for=rules_for, neighbours=neighbours
            )
            sessions[key] = session
        if until is not None and place > stood.get(key, -1) and _after(record, session, until):
            closed.add(key)
            continue
        session.add(record)
    return sessions


def _stood(records: list[Record], until: float) -> dict[str, int]:
    """The last record of each session that bears a time up to `until`.

    What precedes it in the log stood there too, even if a clock that was set back since says
    otherwise.
    """
    return {r.session_id: place for place, r in enumerate(records) if 0 < r.at <= until}


def _after(record: Record, session: Session, until: float) -> bool:
    if isinstance(record, Call):
        if record.id in session.calls or record.id in session.side_calls:
            return record.at > until
        return session.start_of(record) >= until and record.at > until
    return record.at > until
