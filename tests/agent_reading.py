"""Reading agents' files in tests: afresh, in two parts, and summed as meters do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from switchtax.agents import AgentModule
from switchtax.records import Call, Cursor, Depth, Record, Source, Unreadable

__all__ = ["calls", "in_two_reads", "of", "read_file", "source", "totals"]

R = TypeVar("R")
Totals = dict[str, tuple[int, int, int, int]]


def source(agent: AgentModule, path: Path) -> Source:
    """The one source that an agent finds in a file."""
    (found,) = agent.find(path)
    return found


def read_file(agent: AgentModule, path: Path, depth: Depth = Depth.FULL) -> list[Record]:
    """All records of a file, read at once."""
    return agent.read(source(agent, path), None, depth).records


def in_two_reads(
    agent: AgentModule, path: Path, scratch: Path, depth: Depth
) -> Iterator[tuple[int, list[Record]]]:
    """Records of a line file that grew once, for every line where it could have been cut.

    Each part is read with the cursor of the one before, as for a file that grows; the
    cut falls in the middle of a line, too.
    """
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    whole = source(agent, path)
    growing = replace(whole, path=str(scratch))
    for number in range(len(lines) + 1):
        head = b"".join(lines[:number])
        part = lines[number][: len(lines[number]) // 2] if number < len(lines) else b""
        records: list[Record] = []
        cursor: Cursor | None = None
        scratch.unlink(missing_ok=True)
        for content in (head, part, data[len(head) + len(part) :]):
            with scratch.open("ab") as file:
                file.write(content)
            reading = agent.read(growing, cursor, depth)
            assert not reading.restarted, number
            records += [r for r in reading.records if not _is_half(r)]
            cursor = reading.cursor
        yield number, records


def _is_half(record: Record) -> bool:
    """Whether a record only says that the last line was still being written."""
    return isinstance(record, Unreadable) and record.reason.startswith("last line")


def of(records: Iterable[Record], kind: type[R]) -> list[R]:
    """The records of one kind, in order."""
    return [record for record in records if isinstance(record, kind)]


def calls(records: Iterable[Record]) -> list[Call]:
    """The calls, a later record of an id in place of an earlier one."""
    return list({call.id: call for call in of(records, Call)}.values())


def totals(records: Iterable[Record] | Sequence[Call]) -> Totals:
    """Model to tokens: uncached, cache read, cache write, output (as recorded)."""
    sums: Totals = {}
    for call in calls(records):
        use = call.usage
        old = sums.get(call.model, (0, 0, 0, 0))
        new = (
            use.uncached_tokens,
            use.cache_read_tokens,
            use.cache_write_tokens,
            use.output_tokens,
        )
        sums[call.model] = (old[0] + new[0], old[1] + new[1], old[2] + new[2], old[3] + new[3])
    return sums
