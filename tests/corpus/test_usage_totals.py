"""`usage` against other meters on real sessions, all agents at once.

What differs, and why, stands in `docs/reference/usage.md`; a difference that is not listed
there fails here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support import CHECKOUT, clean_environment
from switchtax.agents import agent_module
from switchtax.records import Call, Depth, Unreadable
from switchtax.sessions.library import sources_at

pytestmark = pytest.mark.corpus

FILES = {
    "claude-code": "claude",
    "codex": "codex",
    "copilot-cli": "copilot",
    "gemini-cli": "gemini",
    "opencode": "opencode",
    "pi": "pi",
}
Buckets = tuple[int, int, int, int]
"""Input, cache read, cache write, output."""

FAST_IN_CODEX = {
    ("codex", "gpt-5.6-sol"): (96712, 962560, 0, 7962),
    ("codex", "gpt-5.6-terra"): (12751, 455168, 0, 5461),
}
THOUGHTS = {
    "gemini-2.5-flash": 2642,
    "gemini-2.5-flash-lite": 83,
    "gemini-2.5-pro": 660,
    "gemini-3.1-pro-preview": 4906,
}
NEVER_SHUT_DOWN = {"claude-sonnet-4.6": 19254, "gpt-5.6-sol": 18112}
COPY = (21106, 41648, 0, 311)
"""One Copilot session lies in the corpus in two files, with the same call ids."""


@pytest.fixture(scope="module")
def home(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus laid out as its agents do."""
    folder = tmp_path_factory.mktemp("usage") / "home"
    subprocess.run(
        [sys.executable, str(corpus / "mkhome.py"), str(corpus), str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


@pytest.fixture(scope="module")
def ours(home: Path) -> dict[str, Any]:
    program = "import sys; from switchtax.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "usage", "--json", "--no-index"],
        env=clean_environment(home) | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _add(sums: dict[Any, Buckets], key: Any, more: Buckets) -> None:
    old = sums.get(key, (0, 0, 0, 0))
    sums[key] = (old[0] + more[0], old[1] + more[1], old[2] + more[2], old[3] + more[3])


def _ours(document: dict[str, Any], agent: str) -> dict[tuple[str, str], Buckets]:
    """By the file's name (as ccusage names most sessions) and model."""
    sums: dict[tuple[str, str], Buckets] = {}
    for session in document["sessions"]:
        if session["agent"] != agent:
            continue
        for row in session["models"]:
            written = row["cache_write_5m_tokens"] + row["cache_write_1h_tokens"]
            tokens = (
                row["input_tokens"],
                row["cache_read_tokens"],
                written,
                row["output_tokens"],
            )
            _add(sums, (_name(agent, session), row["model"]), tokens)
    return sums


def _name(agent: str, session: dict[str, Any]) -> str:
    path = Path(session["path"])
    if agent in ("gemini-cli", "opencode"):
        return str(session["id"])
    if agent == "copilot-cli":
        return path.parent.name
    return path.stem.split("-", 6)[-1] if agent == "codex" else path.stem


def _theirs(corpus: Path, agent: str) -> dict[tuple[str, str], Buckets]:
    text = (corpus / "expected" / f"cc_{FILES[agent]}_session.json").read_text()
    sums: dict[tuple[str, str], Buckets] = {}
    for session in json.loads(text)["sessions"]:
        if agent == "codex":
            rows = session["models"].items()
            name = session["sessionFile"].split("-", 6)[-1]
        else:
            rows = [(row["modelName"], row) for row in session["modelBreakdowns"]]
            name = session["sessionId"]
        for model, row in rows:
            tokens = (
                row["inputTokens"],
                row["cacheReadTokens"],
                row["cacheCreationTokens"],
                row["outputTokens"],
            )
            _add(sums, (name, model.removeprefix("[pi] ").removesuffix("-fast")), tokens)
    return sums


@pytest.mark.parametrize("agent", ["claude-code", "codex", "opencode", "pi"])
def test_every_bucket_equals_ccusage(ours: dict[str, Any], corpus: Path, agent: str) -> None:
    """No difference in any session, model and bucket (fast mode added to its model)."""
    assert _theirs(corpus, agent) == _ours(ours, agent)


def test_gemini_differs_by_thoughts_only(ours: dict[str, Any], corpus: Path) -> None:
    theirs, mine = _theirs(corpus, "gemini-cli"), _ours(ours, "gemini-cli")
    assert {key: sums[:3] for key, sums in theirs.items()} == {
        key: sums[:3] for key, sums in mine.items()
    }
    thoughts: dict[str, int] = {}
    for key, sums in mine.items():
        thoughts[key[1]] = thoughts.get(key[1], 0) + sums[3] - theirs[key][3]
    assert THOUGHTS == thoughts


def test_copilot_differs_by_a_copy_and_by_output_without_totals(
    ours: dict[str, Any], corpus: Path
) -> None:
    theirs, mine = _theirs(corpus, "copilot-cli"), _ours(ours, "copilot-cli")
    assert NEVER_SHUT_DOWN == {key[1]: sums[3] for key, sums in mine.items() if key not in theirs}
    assert [COPY] == [sums for key, sums in theirs.items() if key not in mine]
    assert all(theirs[key] == sums for key, sums in mine.items() if key in theirs)


def test_fast_mode_has_rows_of_its_own(ours: dict[str, Any], corpus: Path) -> None:
    """ccusage names Claude's fast mode `-fast`, and does not tell Codex's apart."""
    fast: dict[tuple[str, str], Buckets] = {}
    for session in ours["sessions"]:
        for row in session["models"]:
            if row.get("fast"):
                written = row["cache_write_5m_tokens"] + row["cache_write_1h_tokens"]
                tokens = (
                    row["input_tokens"],
                    row["cache_read_tokens"],
                    written,
                    row["output_tokens"],
                )
                _add(fast, (session["agent"], row["model"]), tokens)
    text = (corpus / "expected" / "cc_claude_session.json").read_text()
    for session in json.loads(text)["sessions"]:
        for row in session["modelBreakdowns"]:
            if row["modelName"].endswith("-fast"):
                model = row["modelName"].removesuffix("-fast")
                assert fast.pop(("claude-code", model))[3] == row["outputTokens"]
    assert FAST_IN_CODEX == fast


def test_dollars_equal_ccusage_where_both_have_a_price(ours: dict[str, Any], corpus: Path) -> None:
    """Within the rounding of each call to a micro-dollar."""
    compared = 0
    for agent in ("claude-code", "gemini-cli"):
        mine = {
            (session["id"], row["model"] + "-fast" * ("fast" in row)): row
            for session in ours["sessions"]
            if session["agent"] == agent
            for row in session["models"]
        }
        text = (corpus / "expected" / f"cc_{FILES[agent]}_session.json").read_text()
        for session in json.loads(text)["sessions"]:
            for row in session["modelBreakdowns"]:
                own = mine[session["sessionId"], row["modelName"]]
                assert abs(own["usd_micros"] - row["cost"] * 1e6) <= own["calls"], own
                compared += 1
    assert 30 <= compared


def test_other_meters_see_no_embedded_usage(ours: dict[str, Any]) -> None:
    embedded = [one["embedded"] for one in ours["sessions"] if one["embedded"]["calls"]]
    assert (48, 86) == (
        sum(one["calls"] for one in embedded),
        sum(one["output_tokens"] for one in embedded),
    )


@pytest.mark.parametrize("agent", FILES)
def test_both_depths_give_the_same_calls(home: Path, agent: str) -> None:
    """A scan reads less of a file, but the same ids and the same usage of each."""
    module, compared = agent_module(agent), 0
    for root in module.roots({}, home, sys.platform):
        for source in module.find(root) if root.exists() else ():
            compared += _same_calls(module.read(source, None, depth).records for depth in Depth)
    assert 20 < compared


def test_both_depths_give_the_same_calls_on_fixtures() -> None:
    compared = 0
    for path in sorted((CHECKOUT / "tests" / "contract").glob("*/fixtures/*")):
        try:
            sources = sources_at(path)
        except Exception:  # a bill or a part of a fixture, no session
            continue
        for source in sources:
            module = agent_module(source.agent)
            compared += _same_calls(module.read(source, None, depth).records for depth in Depth)
    assert 20 < compared


def _same_calls(readings: Any) -> int:
    scanned, whole = (
        (
            {r.id: (r.model, r.usage, r.fast, r.sidechain) for r in records if isinstance(r, Call)},
            {r.line for r in records if isinstance(r, Unreadable)},
        )
        for records in readings
    )
    assert whole[0] == scanned[0]
    assert scanned[1] <= whole[1]
    return len(whole[0])
