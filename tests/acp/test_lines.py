"""Cutting streams into lines loses nothing and adds nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from switchtax.acp.lines import Lines

STREAMS = st.lists(st.sampled_from([b"{}", b"\n", b"\r\n", b'"\\n"', b"\xff\x00", b"a" * 50]))


@given(STREAMS, st.lists(st.integers(1, 9)))
def test_whatever_is_fed_comes_out_the_same_however_it_was_split(
    stream: list[bytes], sizes: list[int]
) -> None:
    whole = b"".join(stream)
    lines, out, at = Lines(), [], 0
    for size in [*sizes, len(whole)]:
        out += lines.feed(whole[at : at + size])
        at += size
    assert whole == b"".join(out) + lines.rest()
    assert all(line.endswith(b"\n") and 1 == line.count(b"\n") for line in out)


def test_a_line_too_long_to_keep_is_passed_on_in_pieces() -> None:
    lines = Lines(longest=10)
    assert [b"x" * 11] == lines.feed(b"x" * 11)
    assert [b"y\n"] == lines.feed(b"y\n")
