"""The contract's checks: the documented example keeps them, and each says what breaks it."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from switchtax.agents import AGENT_IDS, agent_module
from switchtax.errors import DataError
from switchtax.records import (
    Call,
    Cursor,
    Depth,
    ModelChosen,
    Prompt,
    Reading,
    SessionInfo,
    Unreadable,
)
from switchtax.testing import Billed, Check, ContractError, checks, checks_for, recorded_in
from switchtax.testing.__main__ import main
from switchtax.testing.foreign import HEADS
from switchtax.testing.pieces import cut_places, texts_in
from third_party import EXAMPLE, MODULE, install_example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from switchtax.records import Record, Source
    from third_party import Site

FIXTURES = EXAMPLE / "tests" / "fixtures"
(SESSION,) = recorded_in(FIXTURES)
LINES = SESSION.path.read_bytes().splitlines()


@pytest.fixture(scope="module")
def notebook() -> Iterator[Any]:
    """The example's module, under a name of its own: others install it."""
    name = "the_example"
    spec = importlib.util.spec_from_file_location(name, EXAMPLE / f"{MODULE}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[name]


def broken(notebook: Any, **instead: Any) -> Any:
    """The example with some functions replaced."""
    names = ("AGENT_ID", "roots", "find", "claims", "read")
    return SimpleNamespace(**{name: getattr(notebook, name) for name in names} | instead)


def telling(notebook: Any, change: Callable[[list[Record]], list[Record]]) -> Any:
    """The example, with other records."""

    def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
        reading = notebook.read(source, cursor, depth)
        return replace(reading, records=change(reading.records))

    return broken(notebook, read=read)


@pytest.mark.parametrize("check", checks_for(SESSION))
def test_the_example_keeps_the_contract(notebook: Any, check: Check, tmp_path: Path) -> None:
    """All of it: a file of lines with a known bill is put to every check there is."""
    check(notebook, SESSION, tmp_path)
    assert 13 == len(checks_for(SESSION))


def test_its_own_tests_run(site: Site, tmp_path: Path) -> None:
    """As they stand in the page, with the package installed."""
    install_example(site)
    spec = importlib.util.spec_from_file_location("its_tests", EXAMPLE / "tests/test_contract.py")
    assert spec is not None
    assert spec.loader is not None
    tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tests)
    assert 13 == len(tests.CASES)
    for number, case in enumerate(tests.CASES):
        (scratch := tmp_path / str(number)).mkdir()
        tests.test_contract(*case.values, scratch)


def with_other_usage(records: list[Record]) -> list[Record]:
    return [
        replace(each, usage=replace(each.usage, cache_read_tokens=7))
        if isinstance(each, Call)
        else each
        for each in records
    ]


@pytest.mark.parametrize(
    ("check", "change", "reason"),
    [
        (checks.calls_are_as_billed, with_other_usage,
         "call 1 at Depth.USAGE: cache_read_tokens is 7, billed was 0"),
        (checks.calls_are_as_billed, lambda records: records[:-1],
         "3 calls were billed, 2 are told at Depth.USAGE"),
        (checks.switches_are_announced,
         lambda records: [each for each in records if not isinstance(each, ModelChosen)],
         "announced were ('claude-sonnet-5-5',), told []"),
        (checks.switches_are_announced,
         lambda records: sorted(records, key=lambda each: isinstance(each, ModelChosen)),
         "line 8: the call stands before the switch to it"),
        (checks.a_scan_agrees_with_a_full_reading,
         lambda records: [each for each in records if not isinstance(each, Prompt)
                          ][: 3 if any(isinstance(each, Prompt) for each in records) else 9],
         "a scan brings 4 records, not 2"),
        (checks.records_are_sound, lambda records: [replace(records[0], session_id="")],
         "line 1, a SessionInfo: session_id is empty"),
        (checks.records_are_sound, lambda records: [replace(records[0], line=99)],
         "line 99, a SessionInfo: there is no such line"),
        (checks.records_are_sound, lambda records: [replace(records[0], at="9")],
         "line 1, a SessionInfo: SessionInfo.at is a str"),
        (checks.records_are_sound,
         lambda records: [replace(each, started_at=each.at + 1.0)
                          for each in records if isinstance(each, Call)],
         "line 3, a Call: it began after it ended"),
        (checks.no_text_is_kept,
         lambda records: [replace(each, cwd=json.loads(LINES[1])["text"])
                          for each in records if isinstance(each, SessionInfo)],
         "line 1: SessionInfo holds 'Plot the melting poi'…"),
    ],
)  # fmt: skip
def test_what_a_session_holds(
    notebook: Any,
    check: Check,
    change: Callable[[list[Any]], list[Any]],
    reason: str,
    tmp_path: Path,
) -> None:
    """A wrong figure, a missing switch, a text: named with its place."""
    with pytest.raises(ContractError) as told:
        check(telling(notebook, change), SESSION, tmp_path)
    assert f"{SESSION.path.name}: {reason}" == str(told.value)


class TestReading:
    """Each way in which going on may go wrong."""

    def told(self, check: Check, agent: Any, scratch: Path) -> str:
        with pytest.raises(ContractError) as found:
            check(agent, SESSION, scratch)
        return str(found.value)

    def test_an_agent_that_forgets(self, notebook: Any, tmp_path: Path) -> None:
        """Every reading starts anew: the same is told twice."""
        agent = broken(notebook, read=lambda source, _, depth: notebook.read(source, None, depth))
        twice = self.told(checks.nothing_new_brings_nothing, agent, tmp_path)
        assert "4 records" in twice or "5 records" in twice
        pieces = self.told(checks.in_pieces_as_whole, agent, tmp_path)
        assert "reading in pieces, cut at line 1" in pieces

    def test_an_agent_that_cannot_wait(self, notebook: Any, tmp_path: Path) -> None:
        """It goes on behind a half line, though that was still being written."""

        def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
            reading = notebook.read(source, cursor, depth)
            size = Path(source.path).stat().st_size
            return replace(reading, cursor=replace(reading.cursor, offset=size))

        said = self.told(checks.in_pieces_as_whole, broken(notebook, read=read), tmp_path)
        assert "cut at line 0: " in said

    def test_an_agent_that_begins_anew(self, notebook: Any, tmp_path: Path) -> None:
        """Or one that does not where it should: the file became shorter."""

        def restarting(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
            return replace(notebook.read(source, cursor, depth), restarted=True)

        def going_on(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
            return replace(notebook.read(source, cursor, depth), restarted=False)

        agent = broken(notebook, read=restarting)
        assert "cut at line 0: `restarted`, but" in self.told(
            checks.in_pieces_as_whole, agent, tmp_path
        )
        agent = broken(notebook, read=going_on)
        assert "not `restarted`, though" in self.told(
            checks.a_replaced_file_is_read_again, agent, tmp_path
        )

    def test_an_agent_that_hides_what_is_gone(self, notebook: Any, tmp_path: Path) -> None:
        """An empty reading looks like an empty session."""

        def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
            try:
                return notebook.read(source, cursor, depth)
            except OSError:
                return Reading()

        said = self.told(checks.what_is_gone_raises_oserror, broken(notebook, read=read), tmp_path)
        assert "raises no OSError" in said

    def test_an_agent_that_hides_damage(self, notebook: Any, tmp_path: Path) -> None:
        """A torn line that nobody names is a call that nobody misses."""
        agent = telling(
            notebook, lambda told: [each for each in told if not isinstance(each, Unreadable)]
        )
        said = self.told(checks.a_damaged_line_is_named, agent, tmp_path)
        assert "line 5 is torn, and no `Unreadable` names it" in said

    def test_an_agent_that_names_another_file(self, notebook: Any, tmp_path: Path) -> None:
        """Who looks there finds nothing."""
        agent = telling(
            notebook,
            lambda told: [
                replace(each, path="/x") if isinstance(each, Unreadable) else each for each in told
            ],
        )
        said = self.told(checks.a_damaged_line_is_named, agent, tmp_path)
        assert "names /x, not its file" in said

    def test_an_agent_that_guesses(self, notebook: Any, tmp_path: Path) -> None:
        """A line it does not know is taken for a call."""

        def read(source: Source, cursor: Cursor | None, depth: Depth) -> Reading:
            reading = notebook.read(source, cursor, depth)
            if b"of-a-later-version" in Path(source.path).read_bytes():
                return replace(reading, records=reading.records[:-1])
            return reading

        agent = broken(notebook, read=read)
        said = self.told(checks.an_unknown_line_changes_nothing, agent, tmp_path)
        assert "brings 2 records, not 3" in said


class TestFinding:
    """Where a session lies, and whose it is."""

    def told(self, agent: Any, scratch: Path, check: Check = checks.is_found_and_claimed) -> str:
        with pytest.raises(ContractError) as found:
            check(agent, SESSION, scratch)
        return str(found.value)

    def test_not_found(self, notebook: Any, tmp_path: Path) -> None:
        """Neither by its path nor below its root; or where nothing is."""
        nothing = broken(notebook, find=lambda root: [])
        assert "`find` gives 0 sources for it" in self.told(nothing, tmp_path / "a")
        with pytest.raises(ContractError, match="does not give one source"):
            checks.records_are_sound(nothing, SESSION, tmp_path / "b")
        elsewhere = broken(notebook, roots=lambda env, home, platform: [home / "elsewhere"])
        assert "is not found on linux (in no root)" in self.told(elsewhere, tmp_path / "c")

        def always(root: Path) -> Iterator[Source]:
            yield from notebook.find(root if root.exists() else SESSION.path)

        assert "a folder that is not there" in self.told(
            broken(notebook, find=always), tmp_path / "d"
        )

    def test_another_size(self, notebook: Any, tmp_path: Path) -> None:
        """By size and time it is told whether there is anything new."""
        agent = broken(
            notebook, find=lambda root: [replace(each, size=1) for each in notebook.find(root)]
        )
        assert "which is not its agent, path, size and time" in self.told(agent, tmp_path)

    def test_claims(self, notebook: Any, tmp_path: Path) -> None:
        """Its own, and nobody else's."""
        nobody = broken(notebook, claims=lambda path, head: False)
        assert "claimed by nobody" in self.told(nobody, tmp_path / "a")
        all_of_them = broken(notebook, claims=lambda path, head: True)
        said = self.told(all_of_them, tmp_path, checks.claims_no_others)
        assert "a file of claude-code is claimed" in said


@pytest.mark.parametrize("agent", HEADS)
def test_samples_of_other_agents_are_theirs(agent: str, tmp_path: Path) -> None:
    """Each is claimed by its own agent alone."""
    path = tmp_path / "some.jsonl"
    path.write_bytes(HEADS[agent])
    assert [agent] == [each for each in AGENT_IDS if agent_module(each).claims(path, HEADS[agent])]


def test_what_is_not_known_is_not_checked() -> None:
    """A document without a bill: what needs lines or figures is left out."""
    bare = replace(SESSION, path=SESSION.path.with_suffix(".json"), calls=None, announced=None)
    left_out = {each.__name__ for each in checks_for(SESSION)} - {
        each.__name__ for each in checks_for(bare)
    }
    assert {
        "calls_are_as_billed", "switches_are_announced", "in_pieces_as_whole",
        "a_damaged_line_is_named", "an_unknown_line_changes_nothing",
        "a_replaced_file_is_read_again",
    } == left_out  # fmt: skip


class TestRecorded:
    """What stands beside a session."""

    def test_the_bill(self) -> None:
        """Numbers by name; what is left out is not known."""
        assert SESSION.calls is not None
        first, *_ = SESSION.calls
        assert Billed("claude-opus-5-5", 3, 0, 14_200, 310) == first

    def test_a_missing_or_broken_one_is_named(self, tmp_path: Path) -> None:
        """With its path."""
        with pytest.raises(DataError, match="no session in it"):
            recorded_in(tmp_path)
        shutil.copy(SESSION.path, tmp_path / "a.jsonl")
        beside = tmp_path / "a.expected.json"
        with pytest.raises(DataError, match="not there"):
            recorded_in(tmp_path)
        beside.write_text('{"calls": [{"model": "m", "cached": 5}]}')
        with pytest.raises(DataError, match="unknown field `cached`"):
            recorded_in(tmp_path)


def test_long_files_are_cut_at_forty_places() -> None:
    """The first and the last line among them."""
    places = cut_places(1_000)
    assert (41, 0, 1_000) == (len(places), places[0], places[-1])


def test_texts_are_found_in_documents_too(tmp_path: Path) -> None:
    """In lists and objects; names and what is no JSON are passed over."""
    path = tmp_path / "a.json"
    path.write_text('{"a": ["five words and one more", "a name"], "b": 5}')
    assert {"five words and one more"} == texts_in(path)
    path.write_text("five words and one more")
    assert set() == texts_in(path)


class TestCommand:
    """`python -m switchtax.testing`."""

    def test_an_agent_that_keeps_the_contract(
        self, site: Site, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A line a check, and the sum."""
        install_example(site)
        assert 0 == main(["notebook-agent", str(FIXTURES)])
        *lines, last = capsys.readouterr().out.splitlines()
        assert f"ok     calls_are_as_billed  {SESSION.path.name}" in lines
        assert (13, "The contract is kept.") == (len(lines), last)

    def test_one_that_does_not(self, site: Site, capsys: pytest.CaptureFixture[str]) -> None:
        """What it raises itself is told as it is: nothing stands between."""
        code = (EXAMPLE / f"{MODULE}.py").read_text().replace("-> Reading:", "-> Reading:\n    1/0")
        site.install("notebook", code, notebook_agent="notebook")
        assert 1 == main(["notebook-agent", str(FIXTURES)])
        out = capsys.readouterr().out
        assert "FAILED calls_are_as_billed  ZeroDivisionError('division by zero')" in out
        assert "11 failed" == out.splitlines()[-1]

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            ([], "usage: python -m switchtax.testing AGENT FOLDER"),
            (["nobody", "."], "no agent 'nobody' is installed (there are: claude-code, "),
            (["pi", "/nowhere"], "No such file or directory: '/nowhere'"),
        ],
    )
    def test_nothing_to_check(
        self, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """That is not a kept contract."""
        assert 2 == main(words)
        assert reason in capsys.readouterr().err
