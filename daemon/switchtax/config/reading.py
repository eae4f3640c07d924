"""What a user may set: one TOML file, every key with a default, no mistake in it an exception.

Of a wrong key or value the file, the line, and what holds instead are told as a `Problem`; the
rest of the file counts. The places are those that `platformdirs` names; importing it would cost
more (30 ms) than all else that a short command does, so they are found here.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.config.keys import (
    KEYS,
    Agents,
    Brief,
    ClaudeCode,
    Codex,
    CopilotCli,
    Cursor,
    Daemon,
    GeminiCli,
    Horizon,
    Key,
    Material,
    Notifications,
    OpenCode,
    Pi,
    RiskPoints,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["Config", "Problem", "config_file", "config_folder", "load"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake; `key` is "" where the whole file, or a variable, is meant."""

    place: str
    """`FILE`, `FILE:LINE`, or the name of an environment variable."""
    key: str
    reason: str
    used: str
    """What holds instead, in words."""

    @property
    def text(self) -> str:
        """The whole of it on one line."""
        key = f" {self.key}:" if self.key else ""
        return f"{self.place}:{key} {self.reason}; {self.used}."


@dataclass(frozen=True, slots=True)
class Config:
    """All settings; `origins` says of each key where its value comes from."""

    daemon: Daemon = field(default_factory=Daemon)
    material: Material = field(default_factory=Material)
    risk_levels: RiskPoints = field(default_factory=RiskPoints)
    horizon: Horizon = field(default_factory=Horizon)
    claude_code: ClaudeCode = field(default_factory=ClaudeCode)
    codex: Codex = field(default_factory=Codex)
    copilot_cli: CopilotCli = field(default_factory=CopilotCli)
    cursor: Cursor = field(default_factory=Cursor)
    gemini_cli: GeminiCli = field(default_factory=GeminiCli)
    opencode: OpenCode = field(default_factory=OpenCode)
    pi: Pi = field(default_factory=Pi)
    notifications: Notifications = field(default_factory=Notifications)
    brief: Brief = field(default_factory=Brief)
    agents: Agents = field(default_factory=Agents)
    path: Path = field(default_factory=Path)
    values: Mapping[str, Any] = field(default_factory=dict)
    """By the key's full name, as it is spelled in the file."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """"default", "file" or the name of an environment variable, by the key's full name."""
    problems: tuple[Problem, ...] = ()

    def shown(self, key: Key) -> str:
        """A key's value as it would stand in the file."""
        return key.toml(self.values[key.name])


def config_folder(env: Mapping[str, str] | None = None) -> Path:
    """XDG_CONFIG_HOME, else the system's own folder for settings, of this user and program."""
    env = os.environ if env is None else env
    home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    if env.get("XDG_CONFIG_HOME"):
        return Path(env["XDG_CONFIG_HOME"]).expanduser() / "switchtax"
    if sys.platform == "win32":  # pragma: other os
        return Path(env.get("LOCALAPPDATA") or home / "AppData" / "Local") / "switchtax"
    if sys.platform == "darwin":  # pragma: other os
        return home / "Library" / "Application Support" / "switchtax"
    return home / ".config" / "switchtax"


def config_file(env: Mapping[str, str] | None = None) -> Path:
    """SWITCHTAX_CONFIG, else `config.toml` in the folder for settings."""
    env = os.environ if env is None else env
    named = env.get("SWITCHTAX_CONFIG")
    return Path(named).expanduser() if named else config_folder(env) / "config.toml"


def load(env: Mapping[str, str] | None = None, *, agents: Collection[str] | None = None) -> Config:
    """The settings of this user; never raises.

    Args:
        env: in place of the process environment.
        agents: the ids that `agents.off` may name; None lets all names pass.
    """
    env = os.environ if env is None else env
    path = config_file(env)
    problems: list[Problem] = []
    values: dict[str, Any] = {key.name: key.default for key in KEYS}
    origins = dict.fromkeys(values, "default")
    text = _text(path, problems)
    if text:
        _from_file(path, text, values, origins, problems)
    _from_environment(env, values, origins, problems)
    _rising(path, text, values, origins, problems)
    if agents is not None:
        _known_agents(path, text, agents, values, problems)
    by_table = _by_table(values)
    return Config(
        daemon=Daemon(**by_table["daemon"]),
        material=Material(**by_table["material"]),
        risk_levels=RiskPoints(**by_table["risk_levels"]),
        horizon=Horizon(**by_table["horizon"]),
        claude_code=ClaudeCode(**by_table["claude_code"]),
        codex=Codex(**by_table["codex"]),
        copilot_cli=CopilotCli(**by_table["copilot_cli"]),
        cursor=Cursor(**by_table["cursor"]),
        gemini_cli=GeminiCli(**by_table["gemini_cli"]),
        opencode=OpenCode(**by_table["opencode"]),
        pi=Pi(**by_table["pi"]),
        notifications=Notifications(**by_table["notifications"]),
        brief=Brief(**by_table["brief"]),
        agents=Agents(**by_table["agents"]),
        path=path,
        values={key.name: key.spelled(values[key.name]) for key in KEYS},
        origins=origins,
        problems=tuple(problems),
    )


def _by_table(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The values of each table, by the fields of its class."""
    found: dict[str, dict[str, Any]] = {}
    for key in KEYS:
        table, _, _ = key.name.partition(".")
        found.setdefault(table, {})[key.field] = values[key.name]
    return found


def _text(path: Path, problems: list[Problem]) -> str:
    """The file's text; "" without one, or where it cannot be read."""
    used = "the defaults hold"
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        problems.append(Problem(str(path), "", f"cannot be read ({error.strerror})", used))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        problems.append(Problem(f"{path}:{line}", "", "not UTF-8", used))
    return ""


def _from_file(
    path: Path,
    text: str,
    values: dict[str, Any],
    origins: dict[str, str],
    problems: list[Problem],
) -> None:
    import tomllib  # 5 ms that users without a file need not spend
    from decimal import Decimal

    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        line, said = _of_decoder(str(error), text)
        where = f"{path}:{line}"
        problems.append(Problem(where, "", f"not TOML ({said})", "the defaults hold"))
        return
    for name, value in _flat(tables):
        key = _BY_NAME.get(name)
        line = _line(text, name)
        if key is None:
            problems.append(Problem(f"{path}:{line}", name, _unknown(name), "it is ignored"))
            continue
        try:
            values[name] = key.read(value)
            origins[name] = "file"
        except ValueError as error:
            problems.append(Problem(f"{path}:{line}", name, f"expected {error}", _instead(key)))


_BY_NAME: dict[str, Key] = {key.name: key for key in KEYS}
_TABLES = tuple(dict.fromkeys(key.name.partition(".")[0] for key in KEYS))


def _flat(tables: dict[str, Any]) -> list[tuple[str, Any]]:
    """Full names and values; a table that should be one, but is a value, goes by its own name."""
    found: list[tuple[str, Any]] = []
    for table, content in tables.items():
        if table in _TABLES and isinstance(content, dict):
            found += [(f"{table}.{name}", value) for name, value in content.items()]
        else:
            found.append((table, content))
    return found


def _unknown(name: str) -> str:
    from difflib import get_close_matches

    if name in _TABLES:
        return f"expected a table, [{name}]"
    table, _, last = name.rpartition(".")
    near = get_close_matches(name, _BY_NAME if table else _TABLES, n=1)
    near = near or [each for each in _BY_NAME if each.endswith(f".{last}")]
    kind = "key" if table else "table or key"
    return f"unknown {kind}" + (f" (did you mean {near[0]}?)" if near else "")


def _instead(key: Key) -> str:
    return f"the default, {key.toml(key.spelled(key.default))}, holds"


def _line(text: str, name: str) -> int:
    """The 1-based line on which a key, or the table of that name, stands; 1 if not found."""
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("#")[0].strip()
        if bare.startswith("["):
            table = bare.strip("[] ")
            if _plain(table) == name:
                return number
        else:
            spelled = _plain(bare.partition("=")[0])
            own = f"{_plain(table)}.{spelled}" if table else spelled
            if own == name or own.startswith(f"{name}."):
                return number
            if "{" in bare and name.startswith(f"{own}."):  # an inline table
                return number
    return 1


def _plain(spelled: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in spelled.split("."))


def _of_decoder(said: str, text: str) -> tuple[int, str]:
    """Line and reason out of what `tomllib` says: "… (at line 3, column 5)"."""
    place = re.search(r" \(at line (\d+), column \d+\)$", said)
    if place:
        return int(place[1]), said[: place.start()].rstrip(".").lower()
    reason = said.removesuffix(" (at end of document)").rstrip(".").lower()
    return max(1, len(text.splitlines())), reason


def _from_environment(
    env: Mapping[str, str],
    values: dict[str, Any],
    origins: dict[str, str],
    problems: list[Problem],
) -> None:
    for key in KEYS:
        told = env.get(key.variable) if key.variable else None
        if not told:
            continue
        try:
            values[key.name] = key.read(float(told))
            origins[key.name] = key.variable
        except ValueError:
            used = f"{key.toml(key.spelled(values[key.name]))} holds"
            problems.append(Problem(key.variable, key.name, f"expected {key.expects}", used))


def _rising(
    path: Path,
    text: str,
    values: dict[str, Any],
    origins: dict[str, str],
    problems: list[Problem],
) -> None:
    """A higher level of risk must not begin at fewer points than a lower one."""
    names = [key.name for key in KEYS if key.name.startswith("risk_levels.")]
    points = [values[name] for name in names]
    for lower, name, before, here in zip(names, names[1:], points, points[1:], strict=False):
        if here < before:
            reason = f"{here} points are fewer than those of {lower} ({before})"
            used = "the defaults of all three hold"
            problems.append(Problem(f"{path}:{_line(text, name)}", name, reason, used))
            values.update({each: _BY_NAME[each].default for each in names})
            origins.update(dict.fromkeys(names, "default"))
            return


def _known_agents(
    path: Path,
    text: str,
    agents: Collection[str],
    values: dict[str, Any],
    problems: list[Problem],
) -> None:
    for each in values["agents.off"]:
        if each not in agents:
            reason = f"no agent {each!r} (known: {', '.join(agents)})"
            place = f"{path}:{_line(text, 'agents.off')}"
            problems.append(Problem(place, "agents.off", reason, "it is ignored"))
    values["agents.off"] = tuple(each for each in values["agents.off"] if each in agents)
