"""What doctor says of Codex's hooks: missing, in part, gone, waiting for a review, seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from switchtax.diagnosis.codex_hooks import look_at_codex_hooks
from switchtax.hooks.commands import commands_here
from switchtax.hooks.settings_file import carry_out
from switchtax.hooks.setup_codex import installing
from switchtax.wording.doctor import finding_words, mend_words

if TYPE_CHECKING:
    from pathlib import Path

    from switchtax.diagnosis.findings import Finding

NAMES = ("session_start", "user_prompt_submit", "pre_compact", "session_end")


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """`hooks.json` with ours in it."""
    path = tmp_path / ".codex" / "hooks.json"
    path.parent.mkdir()
    carry_out(installing(path, commands_here(), tmp_path / "state"), tmp_path / "state")
    return path


def look(home: Path, fired: dict[tuple[str, str], float] | None = None) -> list[Finding]:
    """Everything said, each with its words."""
    found = list(look_at_codex_hooks({}, home, fired or {}, used=True))
    for each in found:
        assert finding_words(each.code, each.facts, 100.0)
        mend_words(each.code, each.facts)
    return found


def trust(hooks: Path) -> None:
    """As Codex's own dialog does it."""
    lines = [f'[hooks.state."{hooks}:{name}:0:0"]\ntrusted_hash = "sha256:1"' for name in NAMES]
    hooks.with_name("config.toml").write_text("\n".join(lines))


def test_reviewed_and_seen(tmp_path: Path, hooks: Path) -> None:
    """All is well."""
    trust(hooks)
    fired = {("codex", "PreCompact"): 9.0, ("claude-code", "SessionStart"): 10.0}
    assert ["codex-hooks-installed"] == [each.code for each in look(tmp_path)]
    installed, seen = look(tmp_path, fired)
    assert ("codex-hooks-fired", "PreCompact") == (seen.code, seen.facts["event"])
    assert 4 == installed.facts["count"]


def test_waiting_for_a_review(tmp_path: Path, hooks: Path) -> None:
    """Codex skips them without a word: doctor says it, and the way out."""
    (found,) = look(tmp_path)
    assert ("codex-hooks-untrusted", 4) == (found.code, found.facts["waiting"])
    assert "/hooks" in mend_words(found.code, found.facts)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "codex-hooks-missing"),
        ("{}", "codex-hooks-missing"),
        ("{", "hooks-unreadable"),
        ("PreCompact", "codex-hooks-part"),
        ("python", "codex-hooks-stale"),
        ("off", "codex-hooks-off"),
    ],
)
def test_what_is_amiss(tmp_path: Path, hooks: Path, text: str | None, code: str) -> None:
    """One finding, the one to mend first."""
    trust(hooks)
    value = json.loads(hooks.read_text())
    if text is None:
        hooks.unlink()
    elif text == "PreCompact":
        del value["hooks"][text]
        hooks.write_text(json.dumps(value))
    elif text == "python":
        hooks.write_text(hooks.read_text().replace(commands_here().base_python, "/no/python"))
    elif text == "off":
        hooks.with_name("config.toml").write_text("[features]\nhooks = false\n")
    else:
        hooks.write_text(text)
    assert [code] == [each.code for each in look(tmp_path)]


def test_without_codex(tmp_path: Path) -> None:
    """Nothing is said."""
    assert [] == list(look_at_codex_hooks({}, tmp_path, {}, used=False))
