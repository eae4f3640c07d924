"""How line files are read: once per line, leniently, and on from where the last read stopped."""

import json
import os
import tracemalloc
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_reading import in_two_reads, of, read_file, source
from claude_transcript import answer, prompt, result, transcript, usage
from switchtax.agents import _window, agent_module, lines
from switchtax.agents.lines import decode, epoch_s, read_lines
from switchtax.records import Call, Content, Cursor, Depth, Reading, Record, Source, Unreadable

AGENT = agent_module("claude-code")


class Numbers:
    """A parser of lines that hold one number, or "skip", which a scan does not want."""

    def __init__(self) -> None:
        self.out: list[Record] = []
        self.sum = 0

    def wants(self, line: bytes) -> bool:
        return b"skip" not in line

    def feed(self, line: bytes, number: int, depth: Depth) -> None:
        value = json.loads(line)
        self.sum += value if isinstance(value, int) else 0
        self.out.append(
            Content("s", float(self.sum), kind=value, chars=len(line.strip()), line=number)
        )

    def save(self) -> dict[str, object]:
        return {"sum": self.sum}

    def load(self, state: dict[str, object]) -> None:
        self.sum = int(str(state["sum"]))


def _read(path: Path, cursor: Cursor | None = None, depth: Depth = Depth.FULL) -> Reading:
    return read_lines(Source("test", str(path), "s"), Numbers(), cursor, depth)


def _told(reading: Reading) -> list[tuple[int, object]]:
    """Line and value of what was read."""
    return [(r.line, r.kind) for r in of(reading.records, Content)]


def _reasons(reading: Reading) -> list[tuple[int, int, str]]:
    return [(r.line, r.offset, r.reason) for r in of(reading.records, Unreadable)]


# -- the end of a file that grows -----------------------------------------------------


def test_a_partial_last_line_waits_and_is_read_once(tmp_path: Path) -> None:
    """What is still being written is said to be so, and read when it is whole."""
    path = tmp_path / "f"
    path.write_bytes(b'"one"\n"tw')
    first = _read(path)
    assert [(1, "one")] == _told(first)
    assert [(2, 6, "last line is incomplete (still being written?)")] == _reasons(first)
    with path.open("ab") as file:
        file.write(b'o"\n"three"\n')
    second = _read(path, first.cursor)
    assert ([(2, "two"), (3, "three")], []) == (_told(second), _reasons(second))
    assert [] == _read(path, second.cursor).records


def test_a_whole_last_line_without_its_newline_is_read_at_once(tmp_path: Path) -> None:
    """Nor is it read again, or counted as two lines, when the newline comes."""
    path = tmp_path / "f"
    path.write_bytes(b'"one"\n"two"')
    first = _read(path)
    assert [(1, "one"), (2, "two")] == _told(first)
    assert [] == _read(path, first.cursor).records
    for ending in (b"", b"\n", b'"three"\n'):
        with path.open("ab") as file:
            file.write(ending)
        second = _read(path, first.cursor)
        assert not second.restarted
    assert [(3, "three")] == _told(second)


def test_a_scan_waits_for_a_last_line_it_does_not_want(tmp_path: Path) -> None:
    """Unwanted lines are passed over when they are whole, without being reported."""
    path = tmp_path / "f"
    path.write_bytes(b'1\n"skip')
    first = _read(path, depth=Depth.USAGE)
    assert ([(1, 1)], []) == (_told(first), _reasons(first))
    assert 2 == first.cursor.offset
    path.write_bytes(b'1\n"skip"')
    second = _read(path, first.cursor, Depth.USAGE)
    assert (8, 2) == (second.cursor.offset, second.cursor.line)
    path.write_bytes(b'1\n"skip"\n  ')
    third = _read(path, second.cursor, Depth.USAGE)
    assert ([], 11) == (third.records, third.cursor.offset)


@pytest.mark.parametrize("depth", Depth)
def test_a_deeply_nested_last_line_waits(tmp_path: Path, depth: Depth) -> None:
    """One that cannot be decoded stops no reading, whether a scan wants it or not."""
    path = tmp_path / "f"
    path.write_bytes(b"1\n" + b"[" * 200_000 + b'"skip"')
    reading = _read(path, depth=depth)
    assert ([(1, 1)], 2) == (_told(reading), reading.cursor.offset)


def test_an_empty_file_and_then_its_first_line(tmp_path: Path) -> None:
    """A session may be found before anything stands in it."""
    path = tmp_path / "f"
    path.touch()
    first = _read(path)
    assert ([], 0) == (first.records, first.cursor.offset)
    path.write_bytes(b"7\n")
    second = _read(path, first.cursor)
    assert ([(1, 7)], False) == (_told(second), second.restarted)


def test_blank_lines_and_windows_newlines_count_as_lines(tmp_path: Path) -> None:
    """Numbers are those an editor shows."""
    path = tmp_path / "f"
    path.write_bytes(b"1\r\n\r\n\n  \n5\r\n")
    assert [(1, 1), (5, 5)] == _told(_read(path))


# -- the file is another one ----------------------------------------------------------


@pytest.mark.parametrize("length", [20, 2_000])
def test_a_file_that_shrank_is_read_again(tmp_path: Path, length: int) -> None:
    """From the start, with a parser that knows nothing of before."""
    path = tmp_path / "f"
    path.write_bytes(b"1\n" * length)
    first = _read(path)
    path.write_bytes(b"1\n" * (length // 2))
    second = _read(path, first.cursor)
    assert second.restarted
    assert float(length // 2) == second.records[-1].at


@pytest.mark.parametrize("length", [20, 2_000])
def test_a_file_that_was_replaced_is_read_again(tmp_path: Path, length: int) -> None:
    """By another file of that name, or in place by other lines, however short it was."""
    path, other = tmp_path / "f", tmp_path / "g"
    path.write_bytes(b"1\n" * length)
    first = _read(path)
    other.write_bytes(b"1\n" * length + b"2\n")
    other.replace(path)
    assert _read(path, first.cursor).restarted
    here = _read(path).cursor
    path.write_bytes(b"3\n" * (length + 5))
    third = _read(path, here)
    assert (True, length + 5) == (third.restarted, len(_told(third)))


def test_a_short_file_that_grew_goes_on(tmp_path: Path) -> None:
    """Its first bytes are compared only as far as they had been read."""
    path = tmp_path / "f"
    path.write_bytes(b"1\n")
    first = _read(path)
    path.write_bytes(b"1\n" + b"2\n" * 500)
    second = _read(path, first.cursor)
    assert (False, 500, 1001.0) == (second.restarted, len(_told(second)), second.records[-1].at)


# -- what is no text, or too much -----------------------------------------------------


def test_a_binary_file_named_jsonl_is_said_to_be_one(tmp_path: Path) -> None:
    """It is reported instead of read, and can be asked again."""
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 40)
    first = AGENT.read(source(AGENT, path), None, Depth.USAGE)
    assert ["not text: a binary file"] == [r.reason for r in of(first.records, Unreadable)]
    assert first.records == AGENT.read(source(AGENT, path), first.cursor, Depth.USAGE).records


def test_a_line_of_fifty_megabytes_is_read(tmp_path: Path) -> None:
    """A huge tool result is measured; what stands around it is read as ever."""
    size = 50 * 2**20
    path = transcript(
        tmp_path,
        answer(1, "m1", usage(5)),
        result(2, "t1", "x" * size),
        answer(3, "m2", usage(7)),
    )
    records = read_file(AGENT, path)
    assert ["m1", "m2"] == [call.id for call in of(records, Call)]
    assert size == max(content.chars for content in of(records, Content))
    assert of(records, Call)[1].line == 3
    scan = read_file(AGENT, path, Depth.USAGE)
    assert ["m1", "m2"] == [call.id for call in of(scan, Call)]


def test_a_line_beyond_all_reason_is_passed_over(tmp_path: Path) -> None:
    """It is located and not held in memory; lines behind it keep their numbers."""
    path = tmp_path / "f"
    first = b'"' + b"x" * 5000 + b'"\n'
    with path.open("wb") as file:
        file.write(first)
        file.seek(2 * _window.LONGEST_LINE, os.SEEK_CUR)
        file.write(b"\n3\n")
    tracemalloc.start()
    reading = _read(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [1, 3] == [line for line, _ in _told(reading)]
    assert [(2, len(first), "longer than 64 MiB")] == _reasons(reading)
    assert most < 4 * _window.LONGEST_LINE


def test_a_line_too_long_and_not_yet_ended(tmp_path: Path) -> None:
    """Its end, when it comes, is no line of its own."""
    path = tmp_path / "f"
    with path.open("wb") as file:
        file.write(b"1\n" + b"x" * 5000)
        file.seek(_window.LONGEST_LINE, os.SEEK_CUR)
        file.write(b"x")
    first = _read(path)
    assert [(2, 2, "longer than 64 MiB")] == _reasons(first)
    with path.open("ab") as file:
        file.write(b"xx\n3\n")
    second = _read(path, first.cursor)
    assert [(3, 3)] == _told(second)
    assert [2] == [line for line, _, _ in _reasons(second)]


def test_buffers_are_used_again(tmp_path: Path) -> None:
    """Many small files need one buffer between them."""
    path = tmp_path / "f"
    path.write_bytes(b"1\n")
    for _ in range(20):
        _read(path)
    assert len(_window._spare) <= 2


# -- lines that cannot be read as they are --------------------------------------------


def test_bad_bytes_and_raw_control_characters_are_tolerated(tmp_path: Path) -> None:
    """A torn character or a raw newline code in a text costs that character, not the line."""
    path = transcript(tmp_path, prompt(1, "ab"))
    raw = path.read_bytes()
    for torn in (b"a\xff\xfeb", b"a\x01b", b"a\tb", b"\xe2\x82"):
        path.write_bytes(raw.replace(b'"ab"', b'"' + torn + b'"'))
        records = read_file(AGENT, path)
        assert [] == of(records, Unreadable)
        assert [1] == [content.line for content in of(records, Content)]


def test_what_cannot_be_read_is_located(tmp_path: Path) -> None:
    """Each reason names the line and the byte where it begins, and nothing of its text."""
    path = transcript(
        tmp_path,
        prompt(1),
        "not json",
        '{"message":{"content":' + "[" * 200_000,
        '{"type":"user","message":"text where an object belongs"}',
        json.dumps(answer(2, "m", usage(-5))),
        '{"deep":' + '{"a":' * 50_000 + "1" + "}" * 50_001,
        answer(3, "m2", usage(5)),
    )
    starts = [0]
    for line in path.read_bytes().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    told = of(read_file(AGENT, path), Unreadable)
    assert [
        (2, starts[1], "not valid JSON"),
        (3, starts[2], "nested too deeply"),
        (4, starts[3], "unexpected shape: Expected `object | null`, got `str` - at `$.message`"),
        (5, starts[4], "a token count is negative or absurd"),
        (6, starts[5], "nested too deeply"),
    ] == [(r.line, r.offset, r.reason) for r in told]
    assert {str(path)} == {r.path for r in told}


def test_beyond_fifty_unreadable_lines_are_counted(tmp_path: Path) -> None:
    """A file of rubbish does not drown a report; what follows is still read."""
    path = tmp_path / "f"
    path.write_bytes(b"rubbish\n" * 70 + b"1\n")
    reading = _read(path)
    told = of(reading.records, Unreadable)
    assert [1] * 50 + [20] == [r.count for r in told]
    assert (70, 69 * 8, "more unreadable lines up to this one") == (
        told[-1].line,
        told[-1].offset,
        told[-1].reason,
    )
    assert [(71, 1)] == _told(reading)


@pytest.mark.parametrize("line", [b'{"a":NaN}', b"\xff", b'{"a":"\\ud800"}', b"[" * 100_000])
def test_decoding_fails_in_two_ways_only(line: bytes) -> None:
    """Callers need to catch two kinds of error."""
    with suppress(ValueError, RecursionError):
        decode(msgspec.json.Decoder(), line)


def test_deep_nesting_in_a_line_with_bad_bytes_is_a_value_error() -> None:
    """The lenient way knows it by name."""
    with pytest.raises(ValueError, match="nested too deeply"):
        decode(msgspec.json.Decoder(), b'["\xff",' + b"[" * 100_000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-18T09:02:11.412Z", 1_794_992_531.412),
        ("2026-11-18T10:02:11.412+01:00", 1_794_992_531.412),
        ("2026-11-18T09:02:11.412", 1_794_992_531.412),
        ("yesterday", 0.0),
        ("", 0.0),
        (None, 0.0),
    ],
)
def test_times_are_utc_and_zero_where_there_is_none(text: str | None, expected: float) -> None:
    """Any ISO 8601 spelling is read; a time without a zone is UTC."""
    assert expected == epoch_s(text)


# -- however it is cut ----------------------------------------------------------------

FEW = (
    b'[1]\n"skip"\r\n\n"a \xc3\xa9 text"\n{rubbish}\n{"b": [2]}\n'
    b'  \n"skip me, too"\n{"n":12}\n"last, without an end"'
)


@given(cuts=st.lists(st.integers(0, len(FEW))), depth=st.sampled_from(Depth))
def test_any_cuts_give_the_records_of_one_read(cuts: list[int], depth: Depth) -> None:
    """Wherever a growing file was looked at, no line is lost, doubled or misnumbered."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "f")
        path.write_bytes(FEW)
        whole = _read(path, depth=depth)
        cursor: Cursor | None = None
        records: list[Record] = []
        for cut in [*sorted(cuts), len(FEW)]:
            path.write_bytes(FEW[:cut])
            reading = _read(path, cursor, depth)
            assert not reading.restarted
            cursor = reading.cursor
            records += reading.records
    waited = "last line is incomplete (still being written?)"
    kept = [r for r in records if not (isinstance(r, Unreadable) and r.reason == waited)]
    assert whole.records == kept
    assert cursor is not None
    assert whole.cursor.offset == cursor.offset
    assert (whole.cursor.line, whole.cursor.state) == (cursor.line, cursor.state)


@pytest.mark.parametrize("block", [64, 1_000])
def test_lines_longer_than_a_block(
    tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system's blocks end does not matter."""
    path = transcript(
        tmp_path, *(answer(n, f"m{n}", usage(n), content="x" * (17 * n)) for n in range(1, 60))
    )
    whole = read_file(AGENT, path)
    monkeypatch.setattr(_window, "BLOCK", block)
    monkeypatch.setattr(_window, "_spare", [])
    assert whole == read_file(AGENT, path)


def test_a_cut_anywhere_in_a_session(tmp_path: Path) -> None:
    """A session read in two parts is the session, also without a parser's own sieve."""
    path = transcript(
        tmp_path,
        prompt(1, "é" * 30),
        answer(2, "m1", usage(5, out=1), stop=None),
        answer(3, "m1", usage(5, out=9)),
        result(4, "t1"),
        answer(5, "m2", usage(7)),
    )
    for depth in Depth:
        whole = read_file(AGENT, path, depth)
        for cut, records in in_two_reads(AGENT, path, tmp_path / "cut.jsonl", depth):
            assert [replace(r, session_id="") for r in whole] == [
                replace(r, session_id="") for r in records
            ], cut


def test_the_limits_are_the_documented_ones() -> None:
    """64 MiB a line, 50 located lines."""
    assert (64 * 2**20, 50) == (lines.LONGEST_LINE, lines.LOCATED_MOST)
