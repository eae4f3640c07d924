"""What every agent must keep to: one function each, which raises `ContractError` where it does not.

Each takes the agent, a recorded session of it and an empty folder to write in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from switchtax.agents import AgentModule, agent_ids, agent_module
from switchtax.agents.sound import flaw_of
from switchtax.records import (
    Call,
    Compaction,
    Depth,
    EffortChosen,
    ModelChosen,
    Record,
    Source,
    Unreadable,
)
from switchtax.testing import pieces
from switchtax.testing.foreign import HEADS
from switchtax.testing.recorded import Billed, Recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Check", "ContractError", "checks_for"]

Check: TypeAlias = Callable[[AgentModule, Recorded, Path], None]
_HEAD = 65_536
_ALIKE = (Call, ModelChosen, EffortChosen, Compaction)
"""What a scan must tell as a full reading does, but for waits: those may need the prompts."""
_STRANGE = (b'{"type":"of-a-later-version","kind":"of-a-later-version"}', b"[]", b"7", b'{"a\xff')


class ContractError(AssertionError):
    """An agent does not keep to the contract; the text says where, and what was expected."""


def checks_for(session: Recorded) -> tuple[Check, ...]:
    """The checks that a session can be put to: some need a file of lines, or a known bill."""
    found: list[Check] = [
        is_found_and_claimed,
        claims_no_others,
        records_are_sound,
        no_text_is_kept,
        a_scan_agrees_with_a_full_reading,
        nothing_new_brings_nothing,
        what_is_gone_raises_oserror,
    ]
    if session.calls is not None:
        found.append(calls_are_as_billed)
    if session.announced is not None:
        found.append(switches_are_announced)
    if session.is_lines or session.grow is not None:
        found.append(in_pieces_as_whole)
    if session.is_lines:
        found += [
            a_damaged_line_is_named,
            an_unknown_line_changes_nothing,
            a_replaced_file_is_read_again,
        ]
    return tuple(found)


# -- what a session holds -------------------------------------------------------------------


def calls_are_as_billed(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Each call has the model and the tokens of its bill, in order, however deep it is read."""
    path = pieces.copy_of(session, scratch)
    billed = list(session.calls or ())
    for depth in Depth:
        told = pieces.calls_of(_read(agent, path, depth))
        pairs = zip(billed, told, strict=False)
        for number, (bill, call) in enumerate(pairs, 1):
            if differing := _differing(bill, call):
                _fail(session, f"call {number} at {depth}: {differing}")
        if len(billed) != len(told):
            _fail(session, f"{len(billed)} calls were billed, {len(told)} are told at {depth}")


def _differing(bill: Billed, call: Call) -> str:
    """The first number that is not as billed."""
    used = call.usage
    told = {
        "model": call.model,
        "uncached_tokens": used.uncached_tokens,
        "cache_read_tokens": used.cache_read_tokens,
        "cache_write_tokens": used.cache_write_tokens,
        "output_tokens": used.billed_output_tokens,
        "sent_tokens": used.sent_tokens,
        "cache_write_1h_tokens": used.cache_write_1h_tokens,
    }
    for name, value in told.items():
        wanted = getattr(bill, name)
        if wanted not in (None, value):
            return f"{name} is {value!r}, billed was {wanted!r}"
    return ""


def switches_are_announced(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Each model chosen is told, and before the call that pays for it."""
    records = _read(agent, pieces.copy_of(session, scratch), Depth.FULL)
    chosen = [each for each in records if isinstance(each, ModelChosen)]
    if list(session.announced or ()) != [each.model for each in chosen]:
        _fail(session, f"announced were {session.announced}, told {[c.model for c in chosen]}")
    for each in chosen:
        early = [
            call
            for call in pieces.calls_of(records[: records.index(each)])
            if call.model == each.model and call.at > each.at > 0
        ]
        if early:
            _fail(session, f"line {early[0].line}: the call stands before the switch to it")


def a_scan_agrees_with_a_full_reading(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Calls, switches and compactions do not depend on how deep a session is read."""
    path = pieces.copy_of(session, scratch)
    scan, full = (
        [_waitless(each) for each in _read(agent, path, depth) if isinstance(each, _ALIKE)]
        for depth in (Depth.USAGE, Depth.FULL)
    )
    _same(session, full, scan, "a scan")


def _waitless(record: Record) -> Record:
    if not isinstance(record, Call):
        return record
    return replace(record, started_at=0.0, ttft_ms=None, duration_ms=None)


def records_are_sound(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Fields have their types, numbers can be, each record names its session and its place."""
    path = pieces.copy_of(session, scratch)
    last = len(path.read_bytes().splitlines()) if session.is_lines else sys.maxsize
    for depth in Depth:
        for each in _read(agent, path, depth):
            where = f"line {each.line}, a {type(each).__name__}"
            if flaw := flaw_of(each):
                _fail(session, f"{where}: {flaw}")
            if not each.session_id:
                _fail(session, f"{where}: session_id is empty")
            if not (1 if session.is_lines else 0) <= each.line <= last:
                _fail(session, f"{where}: there is no such line")
            if isinstance(each, Call) and each.started_at > each.at > 0:
                _fail(session, f"{where}: it began after it ended")


def no_text_is_kept(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Of prompts, answers, code and damaged lines nothing is kept but sizes."""
    path = pieces.copy_of(session, scratch)
    texts = pieces.texts_in(path)
    told = [_read(agent, path, depth) for depth in Depth]
    if session.is_lines:
        lines = path.read_bytes().splitlines()
        path.write_bytes(b"".join(line[: len(line) * 2 // 3] + b"\n" for line in lines))
        told.append(_read(agent, path, Depth.FULL))
    for each in (record for records in told for record in records):
        said = repr(each)
        if kept := next((text for text in texts if repr(text)[1:-1] in said), ""):
            _fail(session, f"line {each.line}: {type(each).__name__} holds {kept[:20]!r}…")


# -- how a session is read ------------------------------------------------------------------


def in_pieces_as_whole(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """A session that grows gives the records of one reading, wherever it was cut.

    The cut falls within lines too: a last line that is still being written waits.
    """
    whole_path = pieces.copy_of(session, scratch / "whole")
    growing = scratch / f"growing{session.path.suffix}"
    source = replace(_source(agent, session, session.path), path=str(whole_path))
    for depth in Depth:
        whole = list(agent.read(source, None, depth).records)
        for cut, steps in _growths(session, growing):
            growing.unlink(missing_ok=True)
            records, anew = pieces.grown(agent, session, growing, steps, depth)
            if session.is_lines:
                _same(session, whole, records, f"reading in pieces, cut at line {cut}")
                if anew:
                    _fail(session, f"cut at line {cut}: `restarted`, but the file only grew")
            else:
                one, other = (
                    sorted(map(pieces.placeless, each), key=repr) for each in (whole, records)
                )
                _same(session, one, other, "reading in pieces")


def _growths(session: Recorded, path: Path) -> Iterator[tuple[int, Iterator[None]]]:
    """Ways in which the session comes to be written."""
    if session.grow is not None:
        yield 0, session.grow(path)
        return
    data = session.path.read_bytes()
    lines = data.splitlines(keepends=True)
    for number in pieces.cut_places(len(lines)):
        head = b"".join(lines[:number])
        part = lines[number][: len(lines[number]) // 2] if number < len(lines) else b""
        yield number, _appended(path, (head, part, data[len(head) + len(part) :]))


def _appended(path: Path, parts: tuple[bytes, ...]) -> Iterator[None]:
    for part in parts:
        with path.open("ab") as file:
            file.write(part)
        yield


def nothing_new_brings_nothing(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Going on from where a reading stopped tells nothing twice."""
    source = _source(agent, session, pieces.copy_of(session, scratch))
    for depth in Depth:
        cursor = agent.read(source, None, depth).cursor
        again = agent.read(source, cursor, depth)
        if again.records or again.restarted:
            _fail(session, f"{len(again.records)} records at {depth}, though nothing was written")


def a_replaced_file_is_read_again(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """A file that became shorter is another one: `restarted`, and read from its start."""
    path = pieces.copy_of(session, scratch)
    source = _source(agent, session, path)
    cursor = agent.read(source, None, Depth.FULL).cursor
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))
    reading = agent.read(source, cursor, Depth.FULL)
    if not reading.restarted:
        _fail(session, "not `restarted`, though the file became shorter")
    _same(session, _read(agent, path, Depth.FULL), reading.records, "reading what replaced it")


def what_is_gone_raises_oserror(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Nothing else: whoever asked passes over it."""
    path = pieces.copy_of(session, scratch)
    source = _source(agent, session, path)
    path.unlink()
    try:
        agent.read(source, None, Depth.USAGE)
    except OSError:
        return
    _fail(session, "reading a file that is gone raises no OSError")


# -- what is broken or strange --------------------------------------------------------------


def a_damaged_line_is_named(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Where a line that holds a call is torn, an `Unreadable` names it, and the calls stay."""
    path = pieces.copy_of(session, scratch)
    records = _read(agent, path, Depth.FULL)
    before, whole = _usage(records), path.read_bytes().splitlines()
    torn = whole[pieces.calls_of(records)[0].line - 1] if before else whole[0]
    number = pieces.with_line(path, torn[: len(torn) * 2 // 3])
    records = _read(agent, path, Depth.FULL)
    named = [each for each in records if isinstance(each, Unreadable) and each.line == number]
    if not named:
        _fail(session, f"line {number} is torn, and no `Unreadable` names it")
    if named[0].path != str(path):
        _fail(session, f"line {number}: the `Unreadable` names {named[0].path}, not its file")
    _same(session, before, _usage(records), f"with a torn line {number}")


def an_unknown_line_changes_nothing(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """A line of a kind that came later, or none at all, may be counted; it is never guessed at."""
    path = pieces.copy_of(session, scratch)
    before = _usage(_read(agent, path, Depth.FULL))
    for line in _STRANGE:
        number = pieces.with_line(path, line)
        _same(session, before, _usage(_read(agent, path, Depth.FULL)), f"with {line!r} ({number})")


def _usage(records: list[Record]) -> list[tuple[object, ...]]:
    """The calls without their lines."""
    return [(call.id, call.model, call.usage) for call in pieces.calls_of(records)]


# -- where a session lies -------------------------------------------------------------------


def is_found_and_claimed(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """By its path, by its first bytes, below its root; nothing is found where nothing is."""
    path = pieces.copy_of(session, scratch / "named")
    source, stat = _source(agent, session, path), path.stat()
    told = (source.agent, source.path, source.size, source.mtime_ns)
    if told != (agent.AGENT_ID, str(path), stat.st_size, stat.st_mtime_ns):
        _fail(session, f"found as {told}, which is not its agent, path, size and time")
    head = path.read_bytes()[:_HEAD]
    claiming = [each for each in agent_ids() if agent_module(each).claims(path, head)]
    if not agent.claims(path, head) or [each for each in claiming if each != agent.AGENT_ID]:
        _fail(session, f"claimed by {', '.join(claiming) or 'nobody'}")
    if list(agent.find(scratch / "nowhere")):
        _fail(session, "something is found in a folder that is not there")
    if session.lies_at:
        _found_at_home(agent, session, scratch / "home")


def _found_at_home(agent: AgentModule, session: Recorded, home: Path) -> None:
    place = home / session.lies_at
    place.parent.mkdir(parents=True)
    place.write_bytes(session.path.read_bytes())
    for platform in ("linux", "darwin", "win32"):
        roots = [root for root in agent.roots({}, home, platform) if root.exists()]
        found = [each.path for root in roots for each in agent.find(root)]
        if str(place) not in found:
            shown = ", ".join(map(str, roots)) or "no root"
            _fail(session, f"{session.lies_at} is not found on {platform} (in {shown})")


def claims_no_others(agent: AgentModule, session: Recorded, scratch: Path) -> None:
    """Files of other agents, empty ones and binary ones belong to somebody else."""
    foreign = {each: head for each, head in HEADS.items() if each != agent.AGENT_ID}
    foreign |= {"a binary": b"\x00\x01" * 50, "a text": b"just words\n", "JSON": b"{}\n"}
    for whose, head in foreign.items():
        path = scratch / f"some{session.path.suffix}"
        path.write_bytes(head)
        if agent.claims(path, head):
            _fail(session, f"a file of {whose} is claimed")


# -- helpers --------------------------------------------------------------------------------


def _source(agent: AgentModule, session: Recorded, path: Path) -> Source:
    found = pieces.source_of(agent, path)
    if found is None:
        _fail(session, f"`find` gives {len(list(agent.find(path)))} sources for it, not one")
    return found


def _read(agent: AgentModule, path: Path, depth: Depth) -> list[Record]:
    source = pieces.source_of(agent, path)
    if source is None:
        raise ContractError(f"{path.name}: `find` does not give one source for it")
    return list(agent.read(source, None, depth).records)


def _same(session: Recorded, wanted: Sequence[object], told: Sequence[object], what: str) -> None:
    for number, (one, other) in enumerate(zip(wanted, told, strict=False), 1):
        if one != other:
            _fail(session, f"{what}: record {number} is {other!r}, not {one!r}")
    if len(wanted) != len(told):
        _fail(session, f"{what} brings {len(told)} records, not {len(wanted)}")


def _fail(session: Recorded, what: str) -> NoReturn:
    raise ContractError(f"{session.path.name}: {what}")
