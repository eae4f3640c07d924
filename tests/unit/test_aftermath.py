"""What followed switches: known files read again, edits taken back, a switch back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from claude_transcript import answer, prompt, result, transcript, usage
from commands import checked, run
from making import BOOK
from switchtax.aftermath import Aftermath, aftermath_document, replayed
from switchtax.estimates.drift import Level
from switchtax.ledger.risk_rows import RiskShown
from switchtax.ledger.store import Ledger
from switchtax.sessions import library
from switchtax.wording.aftermath import aftermath_lines

if TYPE_CHECKING:
    from pathlib import Path

    from claude_transcript import Line

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"


def says(second: float, model: str, *blocks: Line) -> Line:
    """An answer of these blocks."""
    counts = usage(4, read=50_000, five=500, out=40)
    return answer(second, f"msg_{second}", counts, content=list(blocks), model=model)


def use(second: float, model: str, name: str, **given: object) -> list[Line]:
    """An answer that uses a tool, and the result."""
    block = {"type": "tool_use", "id": f"t{second}", "name": name, "input": given}
    return [says(second, model, block), result(second + 1, f"t{second}")]


def history(*after: Line) -> list[Line]:
    """Opus reads a file and edits it; then a prompt, and what follows."""
    return [
        prompt(0, "Go", promptId="p0"),
        *use(1, OPUS, "Read", file_path="/w/a.py"),
        *use(3, OPUS, "Edit", file_path="/w/a.py"),
        says(5, OPUS, {"type": "text", "text": "Done."}),
        prompt(10, "More", promptId="p1"),
        *after,
    ]


def found(folder: Path, *lines: Line) -> list[Aftermath]:
    """What followed each switch of a transcript."""
    (source,) = library.sources_at(transcript(folder, *lines))
    return list(replayed(source, BOOK))


def test_what_a_bad_handoff_leads_to_is_counted(tmp_path: Path) -> None:
    """A known file read again, a new one read, changes taken back, and a return."""
    (after,) = found(
        tmp_path,
        *history(
            *use(11, SONNET, "Read", file_path="/w/a.py"),
            *use(13, SONNET, "Read", file_path="/w/new.py"),
            *use(15, SONNET, "Bash", command="git checkout -- a.py"),
            says(17, SONNET),
        ),
    )
    assert Aftermath("medium", 1, 2, 1, 1, False) == after
    assert after.is_trouble


def test_a_good_handoff_leaves_no_trace(tmp_path: Path) -> None:
    """Edits and tests are work, not trouble."""
    (after,) = found(
        tmp_path,
        *history(
            *use(11, SONNET, "Edit", file_path="/w/a.py"),
            *use(13, SONNET, "Bash", command="pytest -q"),
            says(15, SONNET),
        ),
    )
    assert (0, 0, 0, False, False) == (
        after.reads, after.re_reads, after.reverts, after.switched_back, after.is_trouble,
    )  # fmt: skip


def test_a_switch_back_is_seen_and_is_a_switch_of_its_own(tmp_path: Path) -> None:
    """Two switches: the first was taken back."""
    lines = [says(11, SONNET), prompt(20, "Again", promptId="p2"), says(21, OPUS)]
    assert [True, False] == [one.switched_back for one in found(tmp_path, *history(*lines))]


def test_only_five_turns_count(tmp_path: Path) -> None:
    """What happens a day later has other causes."""
    lines = [says(11, SONNET)]
    for number in range(2, 8):
        lines += [prompt(10 * number, "On", promptId=f"p{number}"), says(10 * number + 1, SONNET)]
    late = [*lines, *use(90, SONNET, "Bash", command="git reset --hard")]
    (after,) = found(tmp_path, *history(*late))
    assert (5, 0) == (after.turns, after.reverts)


def test_the_risk_is_of_the_choice_not_of_what_came_with_it(tmp_path: Path) -> None:
    """The new model's own first tool call is no open work of the old one."""
    (after,) = found(tmp_path, *history(*use(11, SONNET, "Bash", command="ls")))
    assert "medium" == after.level  # 1 file edited and a smaller model; no call pending


def test_a_switch_inside_a_turn_begins_at_its_first_record(tmp_path: Path) -> None:
    """As when the agent falls back by itself."""
    lines = [
        prompt(0, "Go", promptId="p0"),
        *use(1, OPUS, "Bash", command="ls"),
        *use(3, SONNET, "Bash", command="ls"),
    ]
    (after,) = found(tmp_path, *lines)
    assert ("medium", 1) == (after.level, after.turns)  # the turn was open; a smaller model


def test_one_model_is_no_switch(tmp_path: Path) -> None:
    """Nor is another spelling of it."""
    assert [] == found(tmp_path, *history(says(11, OPUS)))


def row(level: str, *, back: bool = False) -> Aftermath:
    """What followed one switch."""
    return Aftermath(level, 5, 4, 1, 0, back)


@pytest.mark.parametrize(
    ("rows", "holds"),
    [
        ([row("low")] * 5 + [row("high", back=True)] * 5, True),
        ([row("low", back=True)] * 5 + [row("medium")] * 5, False),
        ([row("low")] * 9 + [row("high")] * 4, {"unknown": "not enough data"}),
        ([], {"unknown": "not enough data"}),
    ],
)
def test_whether_the_levels_hold(rows: list[Aftermath], holds: Any) -> None:
    """Only with five switches on each side is anything said."""
    document = aftermath_document(rows, Level)
    assert holds == document["holds"]
    assert len(rows) == sum(each["switches"] for each in document["levels"].values())


def test_the_words_for_a_person() -> None:
    """A table, then what it means; no line over 80 columns."""
    rows = [row("low")] * 5 + [row("high", back=True)] * 5
    shown = aftermath_document(rows, Level)
    lines = aftermath_lines(
        {"history": shown, "shown": shown, "searched": 2_000, "complete": False}
    )
    assert "10 switches in 2,000 sessions (the newest; there are more)." == lines[0]
    assert "low              5                  5 of 20            0          0 of 5" in lines
    assert "Higher levels were followed by more trouble: they hold here." in lines
    assert "Of risks that were shown: 10 switches followed." in lines
    assert not [line for line in lines if len(line) > 80]
    worse = aftermath_document([row("low", back=True)] * 5 + [row("high")] * 5, Level)
    none = aftermath_document([], Level)
    said = aftermath_lines({"history": worse, "shown": none, "searched": 1, "complete": True})
    assert said[-1].endswith("do not lean on them here.")
    nothing = {"history": none, "shown": none, "searched": 0, "complete": True}
    assert ["0 switches in 0 sessions."] == aftermath_lines(nothing)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replays what it is given; a path without --risk is a mistake."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = transcript(tmp_path, *history(says(11, SONNET)))
    said = run("accuracy", "--risk", path)
    assert ("", 0) == (said.err, said.code)
    assert "1 switch in 1 session." == said.lines[0]
    assert "Not enough data" in said.out
    document = checked("accuracy", "--risk", path)["risk"]
    assert (1, 1, True) == (
        document["history"]["switches"], document["searched"], document["complete"],
    )  # fmt: skip
    assert 2 == run("accuracy", path).code


def test_the_ledger_keeps_risks_and_what_followed(tmp_path: Path) -> None:
    """Shown twice before the switch: the last one counts; one not followed has no outcome."""
    ledger = Ledger(tmp_path / "ledger.db")
    shown = RiskShown("s", "codex", 1.0, "a", "b", "low", 1, "tier_drop")
    ledger.show_risk(shown)
    ledger.show_risk(RiskShown("s", "codex", 2.0, "a", "b", "high", 4, "tool_pending,tier_drop"))
    ledger.show_risk(RiskShown("t", "codex", 2.0, "a", "b", "low", 0, ""))
    assert {"s", "t"} == ledger.sessions_at_risk()
    ((number, kept),) = ledger.open_risks("s")
    assert ("high", 4) == (kept.level, kept.points)
    after = Aftermath("high", 5, 4, 3, 1, True)
    ledger.close_risk(number, 9.0, after)
    ((other, _),) = ledger.open_risks("t")
    ledger.close_risk(other, 9.0)
    assert [after] == ledger.risk_outcomes()
    assert set() == ledger.sessions_at_risk()
    ledger.close()
