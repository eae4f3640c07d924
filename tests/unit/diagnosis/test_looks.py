"""Each part that doctor looks at: agents, hooks, watches, folders, prices, settings, the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service_support import lines
from switchtax.config import load
from switchtax.diagnosis import watching
from switchtax.diagnosis.agents import look_at_agents
from switchtax.diagnosis.findings import Level
from switchtax.diagnosis.hooks import hook_words, look_at_hooks, settings_files
from switchtax.diagnosis.house import (
    look_at_config,
    look_at_folders,
    look_at_prices,
    surroundings,
)
from switchtax.diagnosis.watching import count_folders, look_at_watching
from switchtax.hooks.commands import Commands, commands_here
from switchtax.hooks.installed import look_into, words_of
from switchtax.hooks.settings_file import carry_out
from switchtax.hooks.setup_claude_code import installing
from switchtax.service.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from switchtax.diagnosis.findings import Finding

HERE = commands_here()
FOLDER = Path(HERE.folder)


def codes(found: Iterable[Finding]) -> list[str]:
    """What was found."""
    return [each.code for each in found]


def levels(found: Iterable[Finding]) -> set[Level]:
    """How bad it is."""
    return {each.level for each in found}


class TestAgents:
    """Found with folder and version, as the logs tell."""

    def test_none(self, tmp_path: Path) -> None:
        """That is a trouble: doctor was run where no agent runs."""
        (found,) = look_at_agents({}, tmp_path, ())
        assert ("agents-none", Level.TROUBLE) == (found.code, found.level)

    def test_cursor_is_here_before_anything_was_recorded(self, tmp_path: Path) -> None:
        """By its own folder: the recordings come with the first prompt."""
        (tmp_path / ".cursor").mkdir()
        found, missing = look_at_agents({}, tmp_path, ())
        folder = tmp_path / ".local" / "state" / "switchtax" / "cursor"
        assert ("agent-found", "cursor", [str(folder)], None) == (
            found.code, *(found.facts[name] for name in ("agent", "folders", "newest_at")),
        )  # fmt: skip
        assert "cursor" not in missing.facts["agents"]

    def test_versions_and_skipped_lines(self, tmp_path: Path) -> None:
        """The newest log's version first; the first line skipped is named, its text is not."""
        log = tmp_path / ".claude" / "projects" / "p" / "s1.jsonl"
        log.parent.mkdir(parents=True)
        log.write_text(lines(0, 2, ends_at=1_794_996_000) + '{"type": "sec ret\n' * 2 + "{}\n")
        found, skipped, off, missing = look_at_agents({}, tmp_path, ("pi",))
        assert ("agent-off", "agents-missing") == (off.code, missing.code)
        assert ("agent-found", 1, [str(tmp_path / ".claude")]) == (
            found.code,
            found.facts["logs"],
            found.facts["folders"],
        )
        assert ["2.1.299"] == found.facts["versions"]
        assert ("agent-skipped", 2) == (skipped.code, skipped.facts["skipped"])
        assert f"{log}:" in skipped.facts["place"]
        assert "sec ret" not in str(skipped.facts)

    def test_reading_is_bounded_in_time(self, tmp_path: Path) -> None:
        """A slow disk: what was not read is not counted as read."""
        for name in "abc":
            log = tmp_path / ".claude" / "projects" / "p" / f"{name}.jsonl"
            log.parent.mkdir(parents=True, exist_ok=True)
            log.write_text("broken\nlines\n")
        ticks = iter([0.0, 0.0, 5.0])
        found = list(look_at_agents({}, tmp_path, (), lambda: next(ticks)))
        assert ["agent-found", "agent-skipped", "agents-missing"] == codes(found)
        assert (3, 1) == (found[0].facts["logs"], found[1].facts["logs"])


class Claude:
    """A home with Claude Code's settings."""

    def __init__(self, folder: Path) -> None:
        self.home, self.here, self.state = folder / "h", folder / "h" / "p", folder / "s"
        self.here.mkdir(parents=True)
        self.user = self.home / ".claude" / "settings.json"
        self.project = self.here / ".claude" / "settings.local.json"

    def install(self, path: Path, commands: Commands = HERE) -> None:
        """As `setup` does."""
        carry_out(installing(path, commands, self.state, ()), self.state)

    def write(self, path: Path, settings: Any) -> None:
        """Any settings."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(settings if isinstance(settings, str) else json.dumps(settings))

    def look(self, fired: dict[tuple[str, str], float] | None = None) -> list[Finding]:
        """What doctor finds."""
        files = settings_files({}, self.home, self.here)
        return list(look_at_hooks(files, fired or {}, FOLDER, used=True))


@pytest.fixture
def claude(tmp_path: Path) -> Claude:
    """Settings that do not exist yet."""
    return Claude(tmp_path)


class TestHooks:
    """Where they stand, whether they would start, and when they last did."""

    def test_not_installed(self, claude: Claude) -> None:
        """A trouble where Claude Code is used, nothing where it is not."""
        assert ["hooks-missing"] == codes(claude.look())
        assert [] == list(look_at_hooks({}, {}, FOLDER, used=False))

    def test_installed_and_seen(self, claude: Claude) -> None:
        """The event seen last, and when; other agents' do not count."""
        claude.install(claude.user)
        assert ["hooks-installed", "hooks-never"] == codes(claude.look({("codex", "Stop"): 9.0}))
        fired = {("claude-code", "SessionStart"): 5.0, ("claude-code", "SessionEnd"): 7.0}
        _, seen = claude.look(fired)
        assert ("SessionEnd", 7.0) == (seen.facts["event"], seen.facts["fired_at"])
        assert {Level.OK} == levels(claude.look(fired))
        words = hook_words(settings_files({}, claude.home, claude.here))
        assert [HERE.base_python, "-I", "-S", f"{FOLDER}/client.py"] == words

    def test_stale(self, claude: Claude) -> None:
        """The interpreter was replaced: the hooks exit with 0 and say nothing for ever."""
        claude.install(claude.user, Commands("/no/python3", HERE.python, HERE.folder))
        (found, _) = claude.look()
        assert ("hooks-stale", ["/no/python3"]) == (found.code, found.facts["gone"])

    def test_another_installation(self, claude: Claude, tmp_path: Path) -> None:
        """Hooks of a second checkout or environment."""
        other = tmp_path / "switchtax" / "hooks"
        other.mkdir(parents=True)
        (other / "client.py").touch()
        claude.install(claude.user, Commands(HERE.base_python, HERE.python, str(other)))
        assert ["hooks-other", "hooks-never"] == codes(claude.look())

    def test_twice(self, claude: Claude) -> None:
        """In both scopes; beside the plugin."""
        claude.install(claude.user)
        claude.install(claude.project)
        assert "hooks-two-scopes" in codes(claude.look())
        claude.project.unlink()
        claude.write(claude.project, {"enabledPlugins": {"switchtax@own": True}})
        found = {each.code: each for each in claude.look()}
        assert "switchtax@own" == found["hooks-and-plugin"].facts["plugin"]

    def test_the_plugin_alone(self, claude: Claude) -> None:
        """Is enough."""
        claude.write(claude.user, {"enabledPlugins": {"switchtax@own": True, "x@y": True}})
        assert ["hooks-plugin", "hooks-never"] == codes(claude.look())

    def test_a_hook_twice_in_one_file(self, claude: Claude) -> None:
        """Settings merged by hand."""
        claude.install(claude.user)
        settings = json.loads(claude.user.read_text())
        settings["hooks"]["SessionEnd"] *= 2
        claude.write(claude.user, settings)
        assert "hooks-repeated" in codes(claude.look())

    def test_incomplete(self, claude: Claude) -> None:
        """An older version knew fewer events; the user took the status line out."""
        claude.install(claude.user)
        settings = json.loads(claude.user.read_text())
        del settings["statusLine"]
        claude.write(claude.user, settings)
        assert ["hooks-no-status-line", "hooks-never"] == codes(claude.look())
        del settings["hooks"]["SessionEnd"]
        claude.write(claude.user, settings)
        (found, _) = claude.look()
        assert ("hooks-part", ["SessionEnd"]) == (found.code, found.facts["missing"])

    def test_settings_that_stop_hooks(self, claude: Claude) -> None:
        """All hooks turned off, or a file that Claude Code cannot read either."""
        claude.install(claude.user)
        claude.write(claude.project, {"disableAllHooks": True})
        assert "hooks-disabled" in codes(claude.look())
        claude.write(claude.project, '{"hooks": \n')
        (found, *_) = claude.look()
        assert ("hooks-unreadable", "line 2: Expecting value") == (
            found.code,
            found.facts["reason"],
        )

    def test_in_a_home_the_files_are_one(self, claude: Claude) -> None:
        """`cd ~ && switchtax doctor`: the user's file is not the project's as well."""
        claude.install(claude.user)
        files = settings_files({}, claude.home, claude.home)
        found = look_at_hooks(files, {}, FOLDER, used=True)
        assert ["hooks-installed", "hooks-never"] == codes(found)

    @pytest.mark.parametrize(
        "raw",
        [b"[]", b"\xff", b"{}", b"", b'{"hooks": [1]}', b'{"hooks": {"Stop": [{"hooks": 1}]}}'],
    )
    def test_strange_settings_hold_nothing(self, tmp_path: Path, raw: bytes) -> None:
        """None of them is an exception."""
        path = tmp_path / "settings.json"
        path.write_bytes(raw)
        found = look_into(path)
        assert (True, {}) == (found.exists, found.hooks)
        assert look_into(tmp_path).unreadable

    def test_strange_commands(self) -> None:
        """An open quote; no client in it."""
        assert [] == words_of("python3 'switchtax/hooks/client.py")
        assert [] == words_of("echo hello")


class TestWatching:
    """The system's limits against the folders of agents."""

    def limits(self, folder: Path, watches: str, instances: str = "128") -> Path:
        """Like /proc/sys/fs/inotify."""
        (folder / "max_user_watches").write_text(watches)
        (folder / "max_user_instances").write_text(instances)
        return folder

    @pytest.mark.parametrize(
        ("folders", "watches", "instances", "code"),
        [
            (100, "8192", "128", "watch-enough"),
            (8_000, "8192", "128", "watch-few"),
            (100, "8192", "4", "watch-instances"),
            (100, "many", "128", "watch-free"),
        ],
    )
    def test_limits(
        self, tmp_path: Path, folders: int, watches: str, instances: str, code: str
    ) -> None:
        """Other programs watch too: at four fifths it is said."""
        found = look_at_watching(folders, {}, self.limits(tmp_path, watches, instances))
        assert [code] == codes(found)

    def test_polled_folders_are_named(self, tmp_path: Path) -> None:
        """With the daemon's reason."""
        found = look_at_watching(1, {"/h/.codex": "no space"}, self.limits(tmp_path, "9999"))
        assert ["watch-polled", "watch-enough"] == codes(found)

    def test_counting_is_bounded_in_time(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Folders below and the top itself; a disk that hangs is left."""
        for name in ("a/b", "c"):
            (tmp_path / name).mkdir(parents=True)
        assert 4 == count_folders([tmp_path])
        monkeypatch.setattr(watching, "_BUDGET_S", -1.0)
        assert 1 == count_folders([tmp_path])


class TestFolders:
    """Ours alone."""

    def test_private_missing_and_open(self, tmp_path: Path) -> None:
        """What is not there yet is no trouble."""
        where = Places(tmp_path / "r", tmp_path / "s", "0" * 12)
        assert ["folder-to-come", "folder-to-come"] == codes(look_at_folders(where))
        where.prepare_runtime()
        where.prepare_state()
        assert ["folder-private", "folder-private"] == codes(look_at_folders(where))
        where.state.chmod(0o755)
        (_, found) = look_at_folders(where)
        assert ("folder-open", "755") == (found.code, found.facts["mode"])

    def test_a_link_in_its_place(self, tmp_path: Path) -> None:
        """Somebody else's doing, perhaps."""
        (tmp_path / "r").symlink_to(tmp_path)
        where = Places(tmp_path / "r", tmp_path / "s", "0" * 12)
        assert ["folder-foreign", "folder-to-come"] == codes(look_at_folders(where))

    def test_a_folder_that_cannot_be_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever the system says."""
        where = Places(tmp_path / "r", tmp_path / "s", "0" * 12)
        where.prepare_runtime()
        monkeypatch.setattr("os.access", lambda *_: False)
        assert "folder-shut" == codes(look_at_folders(where))[0]
        below = Places(tmp_path / "f" / "r", tmp_path / "s", "0" * 12)
        (tmp_path / "f").touch()
        assert "folder-shut" == codes(look_at_folders(below))[0]


class TestPrices:
    """The age of the table in force."""

    def test_age(self, home_dir: Path) -> None:
        """A quarter of a year is old."""
        env = {"HOME": str(home_dir)}
        (fresh,) = look_at_prices(env, 1_795_219_200)
        (old,) = look_at_prices(env, 1_795_219_200 + 400 * 86_400)
        assert ("prices-fresh", Level.OK) == (fresh.code, fresh.level)
        assert ("prices-old", Level.TROUBLE) == (old.code, old.level)
        assert 400 == old.facts["age_days"] - fresh.facts["age_days"]

    def test_a_broken_file_is_told(self, tmp_path: Path) -> None:
        """With its line; the shipped table is still in force."""
        own = tmp_path / "prices.toml"
        own.write_text("[models.x]\ninput = 'a'\n")
        found = list(look_at_prices({"SWITCHTAX_PRICES": str(own)}, 1_795_219_200))
        assert ["prices-broken", "prices-fresh"] == codes(found)
        assert str(own) in found[0].facts["reason"]


def test_settings(tmp_path: Path) -> None:
    """No file, a good one, one with a mistake."""
    path = tmp_path / "config.toml"
    env = {"SWITCHTAX_CONFIG": str(path)}
    assert ["config-none"] == codes(look_at_config(load(env)))
    path.write_text("[horizon]\nturns = 3\nx = 1\n")
    problem, own = look_at_config(load(env))
    assert ("config-problem", Level.TROUBLE) == (problem.code, problem.level)
    assert ("config-own", 1) == (own.code, own.facts["own"])


@pytest.mark.parametrize(
    ("env", "kernel", "files", "code"),
    [
        ({}, "Linux version 6.8", (), "place-here"),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, "Linux", (), "place-wsl"),
        ({}, "Linux version 5.15 Microsoft-standard-WSL2", (), "place-wsl"),
        ({"SSH_CONNECTION": "1 2 3 4"}, "Linux", (), "place-ssh"),
        ({"SSH_TTY": "/dev/pts/1"}, "Linux", (), "place-ssh"),
        ({"REMOTE_CONTAINERS": "true"}, "Linux", (), "place-container"),
        ({"DEVCONTAINER": "1"}, "Linux", (), "place-container"),
        ({}, "Linux", ("/.dockerenv",), "place-container"),
        ({}, "Linux microsoft", ("/run/.containerenv",), "place-container"),
        ({"CODESPACES": "true"}, "Linux", ("/.dockerenv",), "place-codespace"),
    ],
)
def test_where_the_daemon_lives(
    env: dict[str, str], kernel: str, files: tuple[str, ...], code: str
) -> None:
    """The innermost place is told: a container in WSL is a container."""
    found = surroundings(env, kernel=kernel, exists=lambda path: path in files)
    assert code == found.code
    assert surroundings(env).topic == "place"
