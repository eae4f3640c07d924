"""A strict run lets nothing be left out; a plain one says what it left out."""

import subprocess
import sys
from pathlib import Path

import pytest

from support import CHECKOUT, clean_environment

CASES = """
import pytest
from support import need

def test_missing_program():
    need("no-such-program")

@pytest.mark.corpus
def test_needs_the_corpus():
    pass

def test_skipped_by_hand():
    pytest.skip("not today")

def test_other_system():
    pytest.skip("other os: named pipes")

@pytest.mark.xfail
def test_known_to_fail():
    assert False

@pytest.mark.bench
def test_measures():
    pass
"""


@pytest.mark.parametrize(
    ("strict", "outcome"),
    [
        ("", "4 skipped, 1 deselected, 1 xfailed"),
        ("1", "2 failed, 1 passed, 1 skipped, 1 xfailed, 1 error"),
    ],
)
def test_a_skip_is_a_failure_in_a_strict_run(tmp_path: Path, strict: str, outcome: str) -> None:
    """Only a skip for another operating system, and an expected failure, remain."""
    (tmp_path / "conftest.py").write_bytes((CHECKOUT / "tests" / "conftest.py").read_bytes())
    (tmp_path / "test_cases.py").write_text(CASES)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  corpus\n  bench\n")
    environ = clean_environment(tmp_path) | {
        "PYTHONPATH": str(CHECKOUT / "tests"),
        "SWITCHTAX_STRICT": strict,
        "SWITCHTAX_SHARED": str(tmp_path / "nowhere"),
    }

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    closing = done.stdout.strip().splitlines()[-1]
    assert outcome == closing.partition(" in ")[0]


def test_the_clean_environment_names_no_agent_and_no_key(tmp_path: Path) -> None:
    """HOME is the new one; what moves an agent's folders or says how it is billed is gone."""
    before = {
        "HOME": "/elsewhere",
        "PATH": "/bin",
        "CODEX_HOME": "/elsewhere/codex",
        "CLAUDE_CONFIG_DIR": "/elsewhere/claude",
        "ANTHROPIC_API_KEY": "made up",
        "XDG_DATA_HOME": "/elsewhere/data",
        "SWITCHTAX_STRICT": "1",
    }

    after = clean_environment(tmp_path, before)

    assert {
        "HOME": str(tmp_path),
        "USERPROFILE": str(tmp_path),
        "PATH": "/bin",
        "SWITCHTAX_STRICT": "1",
    } == after
