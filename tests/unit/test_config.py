"""The configuration file: defaults, values, and mistakes that are told and never raised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from support import CHECKOUT
from switchtax.agents import AGENT_IDS
from switchtax.catalog.drift import table
from switchtax.config import KEYS, Config, config_file, load
from switchtax.config.keys import RiskPoints

if TYPE_CHECKING:
    from pathlib import Path

FULL = """\
# mine
[daemon]
idle_exit_s = 60

[material]
rebuild_usd = 0.1
wait_s = 1.5
risk = "severe"

[risk_levels]
medium = 3
high = 3
severe = 9

[horizon]
turns = 20

[claude_code]
hold_sdk = true
hold_seconds = 4
block_unannounced = true
suggest_model = true

[codex]
block_unannounced = true
stop_compaction = true

[copilot_cli]
block_switch = true
hold = true

[cursor]
block_unannounced = true

[gemini_cli]
block_switch = true

[opencode]
hold = true

[pi]
hold = true

[notifications]
desktop = true
snooze_minutes = 15

[brief]
budget_tokens = 900

[agents]
off = ["gemini-cli", "pi", "pi"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the file of the tests stands."""
    return tmp_path / "config.toml"


def read(file: Path, text: str, **env: str) -> Config:
    """The settings with this text in the file."""
    file.write_text(text, encoding="utf-8")
    return load({"SWITCHTAX_CONFIG": str(file), **env}, agents=AGENT_IDS)


def told(file: Path, text: str, **env: str) -> list[str]:
    """What is said of the mistakes, without the folder."""
    problems = read(file, text, **env).problems
    return [problem.text.replace(f"{file.parent}/", "") for problem in problems]


class TestValues:
    """What holds, and where it comes from."""

    def test_without_a_file_all_defaults_hold(self, file: Path) -> None:
        """Nothing is complained of."""
        config = load({"SWITCHTAX_CONFIG": str(file)})
        assert (1800.0, 250_000, 3.0, "high", 10) == (
            config.daemon.idle_exit_s,
            config.material.rebuild_usd_micros,
            config.material.wait_s,
            config.material.risk,
            config.horizon.turns,
        )
        assert (False, 8.0, False, False, 60, 2000, ()) == (
            config.claude_code.hold_sdk,
            config.claude_code.hold_seconds,
            config.claude_code.block_unannounced,
            config.notifications.desktop,
            config.notifications.snooze_minutes,
            config.brief.budget_tokens,
            config.agents.off,
        )
        assert ({"default"}, ()) == (set(config.origins.values()), config.problems)

    def test_the_defaults_are_those_of_the_dataclasses(self, file: Path) -> None:
        """Whoever makes a `Config` without a file has the same."""
        plain, loaded = Config(), load({"SWITCHTAX_CONFIG": str(file)})
        for key in KEYS:
            table, _, _ = key.name.partition(".")
            assert key.default == getattr(getattr(plain, table), key.field)
            assert key.default == getattr(getattr(loaded, table), key.field)

    def test_every_key_can_be_set(self, file: Path) -> None:
        """Dollars become exact micro-dollars; an agent named twice is off once."""
        config = read(file, FULL)
        assert ((), {"file"}) == (config.problems, set(config.origins.values()))
        assert (60.0, 100_000, 1.5, "severe", 20) == (
            config.daemon.idle_exit_s,
            config.material.rebuild_usd_micros,
            config.material.wait_s,
            config.material.risk,
            config.horizon.turns,
        )
        assert RiskPoints(3, 3, 9) == config.risk_levels
        assert config.claude_code.suggest_model
        assert config.codex.block_unannounced
        assert config.codex.stop_compaction
        assert (True, True) == (config.cursor.block_unannounced, config.gemini_cli.block_switch)
        assert (True, True) == (config.opencode.hold, config.pi.hold)
        assert (True, 4.0, True, True, 15, 900, ("gemini-cli", "pi")) == (
            config.claude_code.hold_sdk,
            config.claude_code.hold_seconds,
            config.claude_code.block_unannounced,
            config.notifications.desktop,
            config.notifications.snooze_minutes,
            config.brief.budget_tokens,
            config.agents.off,
        )

    def test_the_environment_goes_first(self, file: Path) -> None:
        """Before the file; a text that is no number leaves the file's value in force."""
        named = read(file, FULL, SWITCHTAX_IDLE_EXIT_S="0.5")
        assert (0.5, "SWITCHTAX_IDLE_EXIT_S") == (
            named.daemon.idle_exit_s,
            named.origins["daemon.idle_exit_s"],
        )
        assert 60.0 == read(file, FULL, SWITCHTAX_IDLE_EXIT_S="soon").daemon.idle_exit_s
        assert [
            "SWITCHTAX_IDLE_EXIT_S: daemon.idle_exit_s: expected seconds from 0 to 604800; "
            "60 holds."
        ] == told(file, FULL, SWITCHTAX_IDLE_EXIT_S="soon")

    def test_levels_of_risk_begin_where_the_data_file_says(self) -> None:
        """The defaults are its rows."""
        assert table().levels == Config().risk_levels

    def test_a_higher_level_never_begins_at_fewer_points(self, file: Path) -> None:
        """Else none of the three counts; the line of the one that is too low is named."""
        config = read(file, "[risk_levels]\nmedium = 5\nhigh = 4\n")
        assert (RiskPoints(), {"default"}) == (config.risk_levels, set(config.origins.values()))
        assert [
            "config.toml:3: risk_levels.high: 4 points are fewer than those of "
            "risk_levels.medium (5); the defaults of all three hold."
        ] == told(file, "[risk_levels]\nmedium = 5\nhigh = 4\n")


class TestMistakes:
    """Named with file, line and what holds instead; the rest of the file counts."""

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                "[materiel]\nwait_s = 1\n",
                "config.toml:1: materiel: unknown table or key (did you mean material?); "
                "it is ignored.",
            ),
            (
                "\n[material]\n# wait_s = 2\nwait = 1\n",
                "config.toml:4: material.wait: unknown key (did you mean material.wait_s?); "
                "it is ignored.",
            ),
            (
                "risk = 'low'",
                "config.toml:1: risk: unknown table or key (did you mean material.risk?); "
                "it is ignored.",
            ),
            ("[brief]\nxyzzy = 1", "config.toml:2: brief.xyzzy: unknown key; it is ignored."),
            ("\nbrief = 3", "config.toml:2: brief: expected a table, [brief]; it is ignored."),
            (
                "[material]\nrisk = 3",
                'config.toml:2: material.risk: expected "low", "medium", "high" or "severe"; '
                'the default, "high", holds.',
            ),
            (
                "material.rebuild_usd = 0.0000001",
                "config.toml:1: material.rebuild_usd: expected dollars from 0 to 1000; "
                "the default, 0.25, holds.",
            ),
            (
                "[material]\nrebuild_usd = nan",
                "config.toml:2: material.rebuild_usd: expected dollars from 0 to 1000; "
                "the default, 0.25, holds.",
            ),
            (
                "material = { wait_s = true }",
                "config.toml:1: material.wait_s: expected seconds from 0 to 600; "
                "the default, 3, holds.",
            ),
            (
                "[daemon]\nidle_exit_s = -1",
                "config.toml:2: daemon.idle_exit_s: expected seconds from 0 to 604800; "
                "the default, 1800, holds.",
            ),
            (
                "[horizon]\nturns = 2.5",
                "config.toml:2: horizon.turns: expected a whole number from 1 to 1000; "
                "the default, 10, holds.",
            ),
            (
                '["claude_code"]\nhold_sdk = "yes"',
                "config.toml:2: claude_code.hold_sdk: expected true or false; "
                "the default, false, holds.",
            ),
            (
                '[agents]\noff = "pi"',
                'config.toml:2: agents.off: expected a list of agents, such as ["gemini-cli"]; '
                "the default, [], holds.",
            ),
            (
                '[agents]\noff = ["gemini"]',
                "config.toml:2: agents.off: no agent 'gemini' (known: claude-code, codex, "
                "opencode, copilot-cli, gemini-cli, pi, cline, roo-code, vscode-copilot, cursor); "
                "it is ignored.",
            ),
            ("a = = 1", "config.toml:1: not TOML (invalid value); the defaults hold."),
            (
                "[daemon]\nidle_exit_s = '",
                'config.toml:2: not TOML (expected "\'"); the defaults hold.',
            ),
        ],
    )
    def test_is_named(self, file: Path, text: str, said: str) -> None:
        """One line each."""
        assert [said] == told(file, text)

    def test_a_file_that_breaks_off(self, file: Path) -> None:
        """The decoder names no line: the last one is meant."""
        (said,) = told(file, "[daemon]\nidle_exit_s = '")
        assert said.startswith("config.toml:2: not TOML (")

    def test_leaves_the_rest_in_force(self, file: Path) -> None:
        """The key beside a wrong one counts."""
        config = read(file, "[material]\nwait_s = 'long'\nrisk = 'low'\n")
        assert (3.0, "low") == (config.material.wait_s, config.material.risk)
        assert "default" == config.origins["material.wait_s"]

    def test_a_file_that_is_no_text(self, file: Path) -> None:
        """Its first wrong line is named."""
        file.write_bytes(b"[daemon]\nidle_exit_s = 5 # \xff\n")
        (problem,) = load({"SWITCHTAX_CONFIG": str(file)}).problems
        assert f"{file}:2: not UTF-8; the defaults hold." == problem.text

    def test_a_folder_in_its_place(self, tmp_path: Path) -> None:
        """Named with the system's reason."""
        (problem,) = load({"SWITCHTAX_CONFIG": str(tmp_path)}).problems
        assert f"{tmp_path}: cannot be read (Is a directory); the defaults hold." == problem.text

    def test_a_byte_order_mark_is_none(self, file: Path) -> None:
        """Editors on Windows write one."""
        file.write_bytes(b"\xef\xbb\xbf[horizon]\nturns = 3\n")
        assert 3 == load({"SWITCHTAX_CONFIG": str(file)}).horizon.turns


class TestPlace:
    """Where the file stands."""

    @pytest.mark.parametrize(
        ("env", "place"),
        [
            ({"HOME": "/h"}, "/h/.config/switchtax/config.toml"),
            ({"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "/x/switchtax/config.toml"),
            ({"HOME": "/h", "SWITCHTAX_CONFIG": "/y/mine.toml"}, "/y/mine.toml"),
        ],
    )
    def test_on_linux(
        self, env: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A variable of ours goes first, then XDG_CONFIG_HOME."""
        monkeypatch.setattr("sys.platform", "linux")
        assert place == str(config_file(env))

    @pytest.mark.parametrize(
        ("system", "env", "place"),
        [
            ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/switchtax/config.toml"),
            ("darwin", {"HOME": "/h", "XDG_CONFIG_HOME": "/x"}, "/x/switchtax/config.toml"),
            ("win32", {"HOME": "/h", "LOCALAPPDATA": "/l"}, "/l/switchtax/config.toml"),
            ("win32", {"HOME": "/h"}, "/h/AppData/Local/switchtax/config.toml"),
        ],
    )
    def test_elsewhere(
        self, system: str, env: dict[str, str], place: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The system's own folder for settings."""
        monkeypatch.setattr("sys.platform", system)
        assert place == str(config_file(env))


def test_the_reference_page_tells_every_key() -> None:
    """Name, default and meaning, as the code holds them; no key that does not exist."""
    page = (CHECKOUT / "docs/reference/configuration.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| `\w+\.\w+`", line)]
    assert [
        f"| `{key.name}` | `{key.toml(key.spelled(key.default))}` | {key.expects} | {key.meaning} |"
        for key in KEYS
    ] == rows
