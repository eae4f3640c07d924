"""Fixtures and rules for every test.

* `shared`, `corpus`, `lab`: the folders of recorded sessions, which lie outside
  the project. Without them their tests are skipped; a strict run fails.
* Under `SWITCHTAX_STRICT=1` *every* skip is a failure, whoever called it, unless
  its reason starts with "other os".
* `bench`, `editor` and `lab` tests are left out of a plain run.
"""

import os
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from support import CHECKOUT, OTHER_OS, clean_environment, is_strict, missing, shared_path
from third_party import Site

# Under coverage, on two shared cores, the time of one example says nothing. Plain runs
# draw the same few examples every time; strict ones look further.
settings.register_profile("plain", deadline=None, derandomize=True, max_examples=40)
settings.register_profile("strict", deadline=None, derandomize=True, max_examples=300)
settings.load_profile("strict" if is_strict() else "plain")

TOGETHER = ("tests/editors/test_vscode", "tests/lab/test_cursor.py", "tests/lab/test_cursor_engine")
"""The files whose tests share a window, or one start of a client, begin so."""
GOLDEN = CHECKOUT / "tests" / "golden"


def _folder(path: Path) -> Path:
    if not path.is_dir():
        missing(f"the data folder {path.name}", "name its parent in SWITCHTAX_SHARED")
    return path


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data."""
    return _folder(shared_path())


@pytest.fixture(scope="session")
def corpus(shared: Path) -> Path:
    """Real sessions of several agents, read where they lie."""
    return _folder(shared / "corpus")


@pytest.fixture(scope="session")
def lab(shared: Path) -> Path:
    """Sessions that real clients recorded against providers of our own, with their bills."""
    return _folder(shared / "lab")


@pytest.fixture
def home_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOME, in an environment that names no agent's folder and no key."""
    home = tmp_path / "home"
    home.mkdir()
    clean = clean_environment(home)
    for name in set(os.environ) - set(clean):
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, clean[name])
    return home


@pytest.fixture
def site(tmp_path: Path) -> Generator[Site, None, None]:
    """A folder of installed packages, for this test alone."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = Site(tmp_path / "site-packages", monkeypatch)
        yield made
        made.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--regen-golden` writes the texts that people read anew, to be looked at in the diff."""
    parser.addoption("--regen-golden", action="store_true", help="write tests/golden/* anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file of a name in tests/golden."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / f"{name}.txt"
        if request.config.getoption("--regen-golden"):
            file.write_text(text, encoding="utf-8")
        assert file.read_text(encoding="utf-8") == text

    return compare


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Generator[None, None, None]:
    """Local time is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tie marks to what they need, and keep measurements and real clients out of plain runs."""
    asked_for = config.option.markexpr or ""
    left_out: list[pytest.Item] = []
    for item in items:
        if item.get_closest_marker("corpus") and "corpus" not in item.fixturenames:  # type: ignore[attr-defined]
            item.fixturenames.append("corpus")  # type: ignore[attr-defined]
        if item.get_closest_marker("lab"):
            item.add_marker(pytest.mark.flaky(reruns=1))  # a real client may start slowly once
        elif item.path.parent.name in ("service", "editors"):
            item.add_marker(pytest.mark.flaky(reruns=1))  # real processes, busy machines
        kept_apart = [mark for mark in ("bench", "editor", "lab") if item.get_closest_marker(mark)]
        if kept_apart and not is_strict() and kept_apart[0] not in asked_for:
            left_out.append(item)
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadgroup` one worker has all tests that share something costly.

    pytest-xdist 3.8 finds groups by a name that it hangs on to a test's id; since pytest 9.2 that
    name is lost, and each worker would open one of its own.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((each for each in TOGETHER if nodeid.startswith(each)), nodeid)

    return Together(config, log)


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (is_strict() and report.skipped) or hasattr(report, "wasxfail"):
        return
    where = report.longrepr
    reason = str(where[2] if isinstance(where, tuple) else where).removeprefix("Skipped: ")
    if not reason.startswith(OTHER_OS):
        report.outcome = "failed"
        report.longrepr = f"skipped in a strict run: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test is a failed one in a strict run."""
    report = yield
    _forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """So is a module that skips itself."""
    report = yield
    _forbid_skip(report)
    return report
