"""`switchtax usage`: the table, the document and its schema, exit codes."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from claude_lines import HOUR, OPUS, SONNET, answer, progress, transcript
from support import CHECKOUT
from switchtax.cli import main
from switchtax.cli import usage as command

SCHEMA = json.loads((CHECKOUT / "docs/reference/usage.schema.json").read_text())


@pytest.fixture
def home(home_dir: Path) -> Path:
    transcript(
        home_dir,
        "-x/s1.jsonl",
        answer(
            "m1",
            0,
            cache_creation_input_tokens=900,
            cache_creation={"ephemeral_5m_input_tokens": 200, "ephemeral_1h_input_tokens": 700},
        ),
        answer("m2", 60, SONNET),
        progress("p1", 61, SONNET),
        answer("m3", 70, "claude-opus-4-8", speed="fast"),
        answer("m4", 80, "nobody-1"),
        '{"output_tokens"\n',
    )
    return home_dir


def _json(capsysbinary: pytest.CaptureFixture[bytes], *options: str) -> dict[str, Any]:
    assert 0 == main(["usage", "--json", *options])
    document: dict[str, Any] = json.loads(capsysbinary.readouterr().out)
    jsonschema.validate(document, SCHEMA, format_checker=jsonschema.FormatChecker())
    return document


def test_the_document(home: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    document = _json(capsysbinary)
    (session,) = document["sessions"]
    assert ("claude-code", "s1", 3, 0) == tuple(
        session[key] for key in ("agent", "id", "switches", "compactions")
    )
    assert (HOUR, HOUR + 80) == (session["first_at"], session["last_at"])
    first, second, fast, unknown = session["models"]
    assert {
        "model": OPUS,
        "input_tokens": 3,
        "cache_read_tokens": 1000,
        "cache_write_5m_tokens": 200,
        "cache_write_1h_tokens": 700,
        "output_tokens": 10,
        "calls": 1,
        # $5 in, $0.50 read, $6.25 and $10 written, $25 out per million
        "usd_micros": 15 + 500 + 1250 + 7000 + 250,
    } == first
    assert (SONNET, True, "nobody-1") == (second["model"], fast["fast"], unknown["model"])
    assert "fast" not in second
    assert {"unknown": "no price card for nobody-1"} == unknown["usd_micros"]
    assert (1, 1000) == (session["embedded"]["calls"], session["embedded"]["cache_read_tokens"])
    without, whole = (document["totals"][k] for k in ("without_embedded", "with_embedded"))
    assert (4, 5) == (without["calls"], whole["calls"])
    assert whole["usd_micros"] - without["usd_micros"] == session["embedded"]["usd_micros"]
    assert 1 == without["unpriced_calls"]
    assert ["nobody-1"] == [row["model"] for row in document["unpriced"]]
    assert [(6, 1)] == [(row["line"], row["count"]) for row in document["skipped_lines"]]


def test_the_table_fits_80_columns_and_says_what_is_missing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == main(["usage"])
    text = capsys.readouterr().out
    assert 80 >= max(map(len, text.splitlines()[:-3]))
    assert re.search(r"claude-opus-4-5-20251101 +3 +1k +900 +10 +1 +0\.01", text)
    assert "claude-opus-4-8, fast" in text
    assert re.search(r"nobody-1 .* \?$", text, re.M)
    said = " ".join(text.split())
    assert "leave out 1 calls without a price: nobody-1 (no price card for nobody-1)." in said
    assert "with sub-agents *" in text
    assert "unreadable lines were skipped" in text


def test_times_choose_calls(home: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    document = _json(capsysbinary, "--since", str(HOUR + 60), "--until", str(HOUR + 70))
    assert [SONNET] == [row["model"] for row in document["sessions"][0]["models"]]
    day = "2026-01-01"
    assert [] == _json(capsysbinary, "--until", day)["sessions"]


def test_a_date_ends_with_its_day() -> None:
    start, end = (
        command._time("2026-03-01", "--until"),
        command._time("2026-03-01", "--until", ends=True),
    )
    assert 86400 == end - start
    assert end - 43200 == command._time("2026-03-01T12:00", "--until", ends=True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "yesterday"], "--since yesterday: not a time"),
        (["nosuch"], "no session begins with 'nosuch'"),
        (["/no/such/file"], "no such file"),
    ],
)
def test_a_wrong_request_is_2(
    home: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert 2 == main(["usage", *options])
    assert said in capsys.readouterr().err


def test_nothing_there_is_no_error(home_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["usage"])
    assert "No usage found.\n" == capsys.readouterr().out


def test_nothing_readable_is_4(
    home_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    transcript(home_dir, "-x/s.jsonl", '{"output_tokens"\n')
    assert 4 == main(["usage"])
    assert "No usage found.\n1 unreadable" in capsys.readouterr().out
    monkeypatch.setattr("switchtax.scan.watch._FRESH_S", 0.0)
    assert [4, 4] == [main(["usage", "--json"]) for _ in range(2)], "such an answer is not kept"


def test_a_broken_price_file_is_told_and_the_others_hold(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = home / ".config" / "switchtax" / "prices.toml"
    prices.parent.mkdir(parents=True)
    prices.write_text("[models\n")
    assert 0 == main(["usage"])
    out, err = capsys.readouterr()
    assert "prices.toml" in err
    assert re.search(r"claude-opus-4-5-20251101 .* 0\.01$", out, re.M)


def test_the_bar_waits_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    bar = command._Bar()
    bar(0.5)
    assert bar._bar is None
    now[0] = 1.5
    bar(0.6)
    assert bar._bar is not None
    bar(1.0)
    assert bar._bar.finished


def test_the_quick_way_loads_no_reader(home: Path) -> None:
    """Nothing-new runs live from importing little."""
    import subprocess

    code = (
        "import sys; from switchtax.cli import main; main(['usage', '--json']); "
        "sys.exit(any(m in sys.modules for m in ('msgspec', 'argparse', 'pathlib', 'dataclasses')))"
    )
    environ = {"HOME": str(home), "USERPROFILE": str(home)}
    for path in (home / ".claude" / "projects").rglob("*"):
        import os

        os.utime(path, (HOUR - 10**7, HOUR - 10**7))
    for folder in (home / ".claude" / "projects", home / ".claude"):
        os.utime(folder, (HOUR - 10**7, HOUR - 10**7))
    runs = [
        subprocess.run(
            [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
            env=environ,
            capture_output=True,
            check=False,
        )
        for _ in range(2)
    ]
    assert [1, 0] == [run.returncode for run in runs], runs[1].stderr
    assert runs[0].stdout == runs[1].stdout
