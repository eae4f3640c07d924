"""Reading many sources with two processes.

Sources are dealt out in batches of about equal size, the largest first. The numbers of the
batches wait in a pipe that both processes read from: who is done with one takes the next, so
neither waits for the other and both are done at the same time.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
from typing import TYPE_CHECKING

from switchtax.scan.reading import Digest, digest
from switchtax.scan.store import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from switchtax.records import Source
    from switchtax.scan.pricing import Pricer

__all__ = ["beside", "read_all"]

ALONE = 8_000_000
"""Bytes: less than this is read before a second process has started."""
_BATCH = 1_500_000
"""Bytes of sources in a batch, about 3 ms of reading."""
_PIPE = 2**20
_WORD = 2
"""Bytes of a batch number in the pipe."""
_MOST = 16_384
"""Batches: the pipe must hold all their numbers at once."""

Found = dict[int, Digest]
"""Place of a source in the list, and what was read of it."""


def read_all(
    sources: Sequence[Source],
    pricer: Pricer,
    *,
    tell: Callable[[float], None] | None = None,
    processes: int | None = None,
) -> list[Digest]:
    """Read all sources, in their order.

    Args:
        sources: what to read.
        pricer: prices the calls.
        tell: told now and then which share (0 to 1) is under way or done.
        processes: 1 or 2; by default what the amount and the system suggest.
    """
    batches = _batches(sources)
    if processes is None:
        large = sum(source.size for source in sources) > ALONE
        processes = 2 if large and len(batches) > 1 and (os.cpu_count() or 1) > 1 else 1
    enabled = gc.isenabled()
    gc.disable()  # records come by the hundred thousand and none is part of a cycle
    try:
        if processes > 1 and hasattr(os, "fork"):
            found = _by_two(sources, batches, pricer, tell)
        else:
            found = {}
            for number, batch in enumerate(batches):
                _read(sources, batch, pricer, found)
                if tell:
                    tell((number + 1) / len(batches))
    finally:
        if enabled:
            gc.freeze()
            gc.unfreeze()  # all of it is old now: nobody goes through it once in search of cycles
            gc.enable()
    return [found[place] for place in range(len(sources))]


def _batches(sources: Sequence[Source]) -> list[list[int]]:
    """Places of sources, in batches; the largest sources first, each in one of its own."""
    order = sorted(range(len(sources)), key=lambda place: -sources[place].size)
    limit = max(_BATCH, sum(source.size for source in sources) // _MOST)
    batches: list[list[int]] = []
    size = 0
    for place in order:
        if not batches or size + sources[place].size > limit or len(batches[-1]) >= 64:
            batches.append([])
            size = 0
        batches[-1].append(place)
        size += sources[place].size
    return batches


def _read(sources: Sequence[Source], batch: list[int], pricer: Pricer, found: Found) -> None:
    for place in batch:
        found[place] = digest(sources[place], pricer)


def _by_two(
    sources: Sequence[Source],
    batches: list[list[int]],
    pricer: Pricer,
    tell: Callable[[float], None] | None,
) -> Found:
    """Parent and child read; the child's digests come back through a second pipe."""
    numbers_out, numbers_in = os.pipe()
    answer_out, answer_in = os.pipe()
    _widen(answer_in)
    os.write(numbers_in, b"".join(n.to_bytes(_WORD, "big") for n in range(len(batches))))
    os.close(numbers_in)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(answer_out)
        _serve(sources, batches, pricer, numbers_out, answer_in)
    os.close(answer_in)
    found: Found = {}
    for number in _dealt(numbers_out):
        _read(sources, batches[number], pricer, found)
        if tell:
            tell((number + 1) / len(batches))
    os.close(numbers_out)
    with os.fdopen(answer_out, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    try:
        theirs = marshal.loads(answer)
    except (EOFError, ValueError, TypeError):
        theirs = []  # the child came to grief: its share is read here
    found.update((place, Digest(*parts)) for place, parts in theirs)
    _read(sources, [place for place in range(len(sources)) if place not in found], pricer, found)
    return found


def beside(work: Callable[[], object], worth_it: bool = True) -> Callable[[], object]:
    """Do something in a second process; call what is returned to wait for its end.

    Where that is not worth it, or cannot be, it is done at once.
    """
    if not worth_it or not hasattr(os, "fork"):
        work()
        return lambda: None
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(0)
    return lambda: os.waitpid(child, 0)


def _widen(pipe: int) -> None:
    """Let a pipe hold more at once, where the system can: fewer turns between the two."""
    try:
        from fcntl import F_SETPIPE_SZ, fcntl

        fcntl(pipe, F_SETPIPE_SZ, _PIPE)
    except (ImportError, OSError):  # pragma: other os
        return


def _dealt(numbers: int) -> Iterator[int]:
    """Batch numbers as long as there are any: each is given to one process only."""
    while word := os.read(numbers, _WORD):
        yield int.from_bytes(word, "big")


def _serve(
    sources: Sequence[Source],
    batches: list[list[int]],
    pricer: Pricer,
    numbers: int,
    answer: int,
) -> None:
    """The child: reads its share, hands it over, and leaves without the parent's clean-up."""
    try:
        found: Found = {}
        for number in _dealt(numbers):
            _read(sources, batches[number], pricer, found)
        with os.fdopen(answer, "wb") as pipe:
            theirs = [(place, tuple(kept)) for place, kept in found.items()]
            pipe.write(marshal.dumps(theirs, PLAIN))
    finally:
        os._exit(0)
