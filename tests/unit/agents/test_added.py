"""Agents of third parties: found as entry points, and left out, alone, where they are broken."""

from __future__ import annotations

import os
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from commands import checked, run
from switchtax.agents import AGENT_IDS, additions, agent_ids, agent_module, build_of, suffixes
from switchtax.agents.protocol import SUFFIXES
from switchtax.diagnosis.added import look_at_added
from switchtax.records import Cursor, Depth, Source, Unreadable
from switchtax.scan import front
from switchtax.scan.watch import find_everything
from switchtax.wording.doctor import finding_words, mend_words
from third_party import EXAMPLE, Site, install_example

if TYPE_CHECKING:
    from pathlib import Path


NOTEBOOK = "notebook-agent"
SOUND = """
from switchtax.records import *
AGENT_ID = "{name}"
def roots(env, home, platform): return [home / ".own"]
def find(root): yield Source("{name}", str(root / "a.jsonl"), "a")
def claims(path, head): return head == b"own"
def read(source, cursor, depth): return Reading([], Cursor(1))
"""


def said() -> list[str]:
    """What doctor says of agents that were added, with the way out."""
    return [
        f"{finding_words(each.code, each.facts, 0.0)} [{mend_words(each.code, each.facts)}]"
        for each in look_at_added(additions(), {})
    ]


def test_without_any_only_folders_are_listed(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    """No distribution names the group: the library that knows of them is not even imported."""
    site.metadata("other", "[console_scripts]\nother = other:main\n")
    monkeypatch.setattr(sys, "path", [str(site.folder)])
    monkeypatch.setitem(sys.modules, "importlib.metadata", None)
    assert AGENT_IDS == agent_ids()


def test_the_example_is_an_agent(site: Site, tmp_path: Path) -> None:
    """Named after ours, asked as they are; its code stands for its build."""
    install_example(site)
    assert (*AGENT_IDS, NOTEBOOK) == agent_ids()
    assert [tmp_path / ".notebook-agent"] == agent_module(NOTEBOOK).roots({}, tmp_path, "linux")
    assert [
        "notebook-agent is read by switchtax-notebook-agent 0.1.0, a package of others. []"
    ] == (said())
    before = build_of(NOTEBOOK)
    os.utime(site.folder / "switchtax_notebook_agent.py", (1, 1))
    site.look_again()
    assert (False, 0) == (before == build_of(NOTEBOOK), build_of("pi"))


def test_an_archive_on_the_path_is_looked_into(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the library can: it is asked."""
    archive = site.folder / "packed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("packed.py", SOUND.format(name="packed"))
        packed.writestr("packed-1.0.dist-info/METADATA", "Name: packed\nVersion: 1.0\n")
        points = "[switchtax.agents]\npacked = packed\n"
        packed.writestr("packed-1.0.dist-info/entry_points.txt", points)
    monkeypatch.syspath_prepend(str(archive))
    site.look_again()
    assert (*AGENT_IDS, "packed") == agent_ids()


@pytest.mark.parametrize(
    ("code", "points", "sentence"),
    [
        ("import nonsense_that_is_not_there", {"mine": "theirs"},
         "mine, of theirs 1.0, cannot be loaded (ModuleNotFoundError: No module named "
         "'nonsense_that_is_not_there'): it is left out. [pip install --upgrade theirs, or pip "
         "uninstall theirs]"),
        ("raise SystemExit('bye')", {"mine": "theirs"},
         "mine, of theirs 1.0, cannot be loaded (SystemExit: bye): it is left out. [pip install "
         "--upgrade theirs, or pip uninstall theirs]"),
        (SOUND.format(name="codex"), {"codex": "theirs"},
         "theirs 1.0 names an agent codex, which switchtax has itself: theirs is left out. [pip "
         "uninstall theirs]"),
        (SOUND.format(name="daemon"), {"daemon": "theirs"},
         "theirs 1.0 names an agent 'daemon', which is no name for one (small letters, digits, "
         "hyphens): it is left out. [pip uninstall theirs]"),
        (SOUND.format(name="mine") + "PROTOCOL = 2", {"mine": "theirs"},
         "mine, of theirs 1.0, is written for a newer switchtax (protocol 2, here 1): it is left "
         "out. [pip install --upgrade switchtax]"),
        (SOUND.format(name="mine") + "PROTOCOL = 'x'", {"mine": "theirs"},
         "mine, of theirs 1.0, is written for another switchtax (protocol x, here 1): it is left "
         "out. [pip install --upgrade theirs]"),
        ("AGENT_ID = 'mine'\ndef find(root): return []", {"mine": "theirs"},
         "mine, of theirs 1.0, lacks roots, claims, read: it is left out. [pip install --upgrade "
         "theirs]"),
        (SOUND.format(name="yours"), {"mine": "theirs"},
         "mine, of theirs 1.0, calls itself 'yours': it is left out. [pip install --upgrade "
         "theirs]"),
    ],
    ids=["import", "exit", "built-in", "name", "newer", "older", "lacks", "other-id"],
)  # fmt: skip
def test_what_cannot_be_used_is_left_out(
    site: Site, code: str, points: dict[str, str], sentence: str
) -> None:
    """Alone, and named with its distribution, the reason and the way out."""
    install_example(site)
    site.install("theirs", code, **points)
    assert (*AGENT_IDS, NOTEBOOK) == agent_ids()
    assert sentence == said()[-1]


def test_of_two_with_one_name_the_first_is_used(site: Site) -> None:
    """By the names of their distributions, wherever they lie."""
    site.install("b-reader", SOUND.format(name="mine"), mine="b_reader")
    site.install("a-reader", SOUND.format(name="mine"), mine="a_reader")
    assert "a-reader" == additions().agents["mine"].distribution
    assert [
        "mine is read by a-reader 1.0, a package of others. []",
        "b-reader 1.0 names an agent mine, as a-reader does: that of a-reader is used. [pip "
        "uninstall b-reader]",
    ] == said()


def test_broken_entry_points_are_told(site: Site) -> None:
    """Of a distribution that names the group; of others they are none of our business."""
    install_example(site)
    site.metadata("broken", "[switchtax.agents]\nthis is no entry point\n")
    site.metadata("others", "[console_scripts]\nthis is no entry point\n")
    assert (*AGENT_IDS, NOTEBOOK) == agent_ids()
    told, _ = sorted(said(), key=lambda one: "notebook" in one)
    assert "names an agent, but its entry_points.txt cannot be read" in told
    assert str(site.folder) in told


def test_own_endings_are_looked_into(site: Site) -> None:
    """Beside the usual ones."""
    site.install("theirs", SOUND.format(name="mine") + "SUFFIXES = ('.log',)", mine="theirs")
    assert (*SUFFIXES, ".log") == suffixes()


def test_eggs_are_looked_into(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old installers leave them, and put them on the path."""
    egg = site.folder / "theirs-1.0-py3.11.egg"
    info = egg / "EGG-INFO"
    info.mkdir(parents=True)
    (egg / "theirs.py").write_text(SOUND.format(name="mine"))
    monkeypatch.syspath_prepend(str(egg))
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[switchtax.agents]\nmine = theirs\n")
    site.look_again()
    assert "mine" in agent_ids()


def test_a_distribution_that_lies_twice_is_read_once(site: Site, tmp_path: Path) -> None:
    """Python uses that which comes first, and so do we."""
    site.install("theirs", SOUND.format(name="mine"), mine="theirs")
    with pytest.MonkeyPatch.context() as path:
        older = Site(tmp_path / "older", path)
        older.install("theirs", "import nonsense", mine="theirs")
        sys.path.remove(str(older.folder))
        path.setattr(sys, "path", [*sys.path, str(older.folder)])
        site.look_again()
        assert ["mine is read by theirs 1.0, a package of others. []"] == said()


def test_all_files_of_a_package_stand_for_its_build(site: Site) -> None:
    """A change in any of them makes what was kept stale."""
    package = site.folder / "theirs"
    package.mkdir()
    (package / "__init__.py").write_text(SOUND.format(name="mine"))
    (package / "more.py").write_text("")
    site.metadata("theirs", "[switchtax.agents]\nmine = theirs\n")
    before = build_of("mine")
    (package / "more.py").write_text("changed")
    site.look_again()
    assert before != build_of("mine")


def test_variables_it_asks_for_are_noted(site: Site, tmp_path: Path) -> None:
    """However it asks: the kept answer of `usage` holds as long as they and its code stay."""
    body = "def roots(env, home, platform): return [env['A']] if 'B' not in env else []"
    site.install("theirs", f"{SOUND.format(name='mine')}\n{body}", mine="theirs")
    finds = find_everything({"A": str(tmp_path)}, tmp_path, ["mine"])
    assert {"A": str(tmp_path), "B": None} == finds.asked
    assert [str(tmp_path / "a.jsonl")] == [source.path for source in finds.sources]
    watched = {path for path, _, _ in finds.watches}
    assert {str(site.folder), str(site.folder / "theirs.py")} <= watched


class TestFailing:
    """What an agent raises or tells amiss is one row, never an error of somebody else's."""

    def broken(self, site: Site, **bodies: str) -> Any:
        """An agent some of whose functions do as said."""
        lines = [f"def {name}(*args): {body}" for name, body in bodies.items()]
        site.install("theirs", "\n".join([SOUND.format(name="mine"), *lines]), mine="theirs")
        return agent_module("mine")

    def source(self) -> Source:
        return Source("mine", "/x/a.jsonl", "a")

    def test_roots_and_claims(self, site: Site, tmp_path: Path) -> None:
        """It has no folder then, and claims nothing."""
        mine = self.broken(site, roots="return [5]", claims="return 1 / 0")
        assert ([], False) == (mine.roots({}, tmp_path, "linux"), mine.claims(tmp_path, b"own"))
        assert 2 == len([one for one in said() if "other agents are not touched" in one])

    @pytest.mark.parametrize(
        ("body", "found"),
        [
            ("yield Source('codex', '/x/a.jsonl'); raise KeyError('secret')", ["/x/a.jsonl"]),
            ("yield '/x/a.jsonl'", []),
            ("return None", []),
        ],
        ids=["raises", "no source", "nothing to go through"],
    )
    def test_finding(self, site: Site, tmp_path: Path, body: str, found: list[str]) -> None:
        """What it found before counts, as its own."""
        mine = self.broken(site, find=body)
        sources = list(mine.find(tmp_path))
        assert found == [source.path for source in sources]
        assert {"mine"} >= {source.agent for source in sources}
        assert "`find` failed, 1 time so far" in said()[-1]

    def test_reading_says_where_and_not_what(self, site: Site) -> None:
        """The place in its code is named; the words of the error may be the user's."""
        mine = self.broken(site, read="raise KeyError('secret words')")
        before = Cursor(7)
        for _ in range(2):
            reading = mine.read(self.source(), before, Depth.FULL)
        (skipped,) = reading.records
        place = f"{site.folder}/theirs.py:"
        assert isinstance(skipped, Unreadable)
        assert f"the reader of mine failed: KeyError at {place}" in skipped.reason
        assert (before, False) == (reading.cursor, reading.restarted)
        assert "failed, 2 times so far, the last with KeyError at" in said()[-1]
        assert "secret" not in skipped.reason + said()[-1]

    def test_a_file_that_is_gone_is_nobodys_fault(self, site: Site) -> None:
        """OSError is what the protocol allows."""
        mine = self.broken(site, read="raise FileNotFoundError(2, 'gone')")
        with pytest.raises(FileNotFoundError):
            mine.read(self.source(), None, Depth.FULL)
        assert 1 == len(said())

    @pytest.mark.parametrize(
        ("record", "flaw"),
        [
            ("{'model': 'm'}", "a dict is no record"),
            ("Cleared('a', float('nan'), 3)", "Cleared.at is negative or absurd"),
            ("Cleared('a', 1.0, -3)", "Cleared.line is negative or absurd"),
            ("Prompt('a', 1.0, 'x' * 5000)", "Prompt.id is too long"),
            ("RateLimits('a', 1.0, (('week', '5 %'),))",
             "RateLimits.used_percent holds what it may not"),
            ("RequestStarted('a', 1.0, 'i', 'm', starts=(5,))",
             "RequestStarted.starts holds what it may not"),
            ("Call('a', 'i', 1.0, None, Usage())", "Call.model is a NoneType"),
            ("Call('a', 'i', 1.0, 'm', Usage(cache_read_tokens='9'))",
             "Usage.cache_read_tokens is a str"),
            ("Call('a', 'i', 1.0, 'm', Usage(10**12))", "a token count is negative or absurd"),
            ("Call('a', 'i', 1.0, 'm', Usage(True))", "Usage.uncached_tokens is a bool"),
        ],
    )  # fmt: skip
    def test_records_that_cannot_be(self, site: Site, record: str, flaw: str) -> None:
        """Each is one `Unreadable`; those beside it stay."""
        body = f"return Reading([Cleared('a', 1.0), {record}, Cleared('a', 2.0)], Cursor(9))"
        mine = self.broken(site, read=body)
        first, bad, last = mine.read(self.source(), None, Depth.FULL).records
        assert (1.0, f"the reader of mine failed: {flaw}", 2.0) == (first.at, bad.reason, last.at)

    @pytest.mark.parametrize("body", ["return None", "return Reading([Cleared('a', 1.0)], 5)"])
    def test_a_reading_that_is_none(self, site: Site, body: str) -> None:
        """Neither records nor cursor are taken over."""
        reading = self.broken(site, read=body).read(self.source(), None, Depth.FULL)
        assert ([Unreadable], Cursor()) == (list(map(type, reading.records)), reading.cursor)


@pytest.mark.usefixtures("home_dir")
class TestCommands:
    """What commands say of an agent that was added."""

    def test_setup_says_that_there_is_nothing_to_set_up(self, site: Site) -> None:
        """In words, and in the same document as for ours."""
        install_example(site)
        found = run("setup", NOTEBOOK)
        assert (0, "") == (found.code, found.err)
        assert [] == [line for line in found.lines if len(line) > 80]
        assert "notebook-agent has nothing to set up: it is read by" in found.out
        document = checked("setup", NOTEBOOK)
        assert ("unchanged", " ".join(found.lines)) == (document["action"], document["notes"][0])

    def test_setup_names_it_among_those_that_are_read_alone(
        self, site: Site, home_dir: Path
    ) -> None:
        """Where its folder is."""
        install_example(site)
        (home_dir / ".notebook-agent").mkdir()
        assert (
            "Read by its files alone, nothing to set up: notebook-agent."
            in run("setup", "--dry-run").out
        )

    def test_doctor_names_it_and_what_is_broken(self, site: Site) -> None:
        """With the exit code of a finding."""
        install_example(site)
        site.install("theirs", "import nonsense", mine="theirs")
        found = run("doctor")
        assert 1 == found.code
        assert "ok  notebook-agent is read by switchtax-notebook-agent 0.1.0" in found.out
        assert "mend: pip install --upgrade theirs, or pip uninstall theirs" in found.out

    def test_what_usage_kept_is_stale_once_it_is_installed(
        self, site: Site, home_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Though no session was written since; and where Python looks elsewhere for packages."""
        runs = home_dir / ".notebook-agent" / "runs"
        runs.mkdir(parents=True)
        recorded = EXAMPLE / "tests" / "fixtures" / "notebook-agent_0.4.1_switch.jsonl"
        (runs / "lab-7.jsonl").write_bytes(recorded.read_bytes())
        for folder in (runs, runs.parent, home_dir):
            os.utime(folder, (1, 1))  # what has just changed is never kept
        site.look_again()
        assert [] == checked("usage")["sessions"]
        assert front.answer(os.environ) is not None
        install_example(site)
        assert front.answer(os.environ) is None
        assert ["lab-7"] == [session["id"] for session in checked("usage")["sessions"]]
        assert front.answer(os.environ) is not None
        monkeypatch.setenv("PYTHONPATH", str(site.folder))
        assert front.answer(os.environ) is None

    def test_options_know_it(self, site: Site) -> None:
        """`--agent` takes its name, and the list of names has it."""
        install_example(site)
        assert 0 == run("sessions", "--agent", NOTEBOOK).code
        assert NOTEBOOK in run("usage", "--agent", "nobody").err


def test_a_daemon_that_was_started_before() -> None:
    """It keeps the agents that it was started with: it is to be started again."""
    told = {"added": [{"agent": "gone", "build": 7, "failures": []}]}
    (found,) = look_at_added(additions(), told)
    assert ("agents-other-daemon", ["gone"]) == (found.code, found.facts["agents"])
    assert "switchtax daemon restart" == mend_words(found.code, found.facts)


def test_what_failed_in_the_daemon_is_told() -> None:
    """Under the agent's name, though nothing failed here."""
    failure = {"doing": "read", "reason": "KeyError at a.py:5", "count": 12}
    told = {"added": [{"agent": "gone", "build": 7, "failures": [failure]}]}
    found, _ = look_at_added(additions(), told)
    assert "agent-failed" == found.code
    assert "`read` failed, 12 times so far" in finding_words(found.code, found.facts, 0.0)
