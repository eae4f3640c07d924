"""Hooks and status line in Claude Code's settings: put in, and taken out again.

The settings file is edited in place (see `json_text`), written atomically through links, and
never touched where it cannot be read. What it was before is kept in the state folder with a
journal, so that taking ours out restores it to the byte where nobody else has written since.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.errors import SettingsError
from switchtax.hooks import json_text
from switchtax.hooks.claude_code import EVENTS
from switchtax.hooks.client import STARTING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Commands",
    "Plan",
    "carry_out",
    "commands_here",
    "installing",
    "is_ours",
    "note_client",
    "removing",
    "settings_path",
]

_OURS = re.compile(r"switchtax[/\\]hooks[/\\](?:client\.py|statusline\.sh)")
_PREVIOUS = re.compile(r"T='((?:[^']|'\\'')*)'; ")
_REDRAW_S = 30
"""The cache clock runs out while nothing else happens."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What goes into the settings: the interpreters and files that it names."""

    base_python: str
    """Starts quickest: no environment, no site."""
    python: str
    """Has switchtax: starts the daemon."""
    folder: str
    """The folder of `client.py` and `statusline.sh`."""
    windows: bool = False

    def hook(self, event: str) -> str:
        """A hook's command. It ends with 0 even if Python or switchtax is gone."""
        words = [self.base_python, "-I", "-S", self._file("client.py"), "claude-code", event]
        if event in STARTING:
            words.append(self.python)
        if self.windows:
            return " ".join(f'"{word}"' for word in words) + " 2>nul || exit /b 0"
        return f"{shlex.join(words)} 2>/dev/null || exit 0"

    def status_line(self, previous: str) -> str:
        """The status line's command; without our script it is the previous one alone."""
        script = f"P={shlex.quote(self._file('statusline.sh'))}"
        if not previous:
            return f'{script}; [ ! -f "$P" ] || sh "$P"'
        quoted = "'" + previous.replace("'", "'\\''") + "'"
        return f'T={quoted}; {script}; if [ -f "$P" ]; then sh "$P" "$T"; else eval "$T"; fi'

    def _file(self, name: str) -> str:
        return self.folder + ("\\" if self.windows else "/") + name


def commands_here() -> Commands:
    """The commands for the switchtax that is running."""
    base = getattr(sys, "_base_executable", "") or sys.executable
    return Commands(base, sys.executable, str(Path(__file__).parent), sys.platform == "win32")


def settings_path(scope: str, env: Mapping[str, str], home: Path, project: Path) -> Path:
    """The file of a scope. A project's is its local one: paths of a machine are not shared."""
    if scope == "project":
        return project / ".claude" / "settings.local.json"
    root = env.get("CLAUDE_CONFIG_DIR")
    return (Path(root).expanduser() if root else home / ".claude") / "settings.json"


def note_client(commands: Commands, state: Path) -> Path:
    """Note for the plugin, which is not told at its installation, where the hook client lies."""
    path = state / "hook-client"
    lines = (commands.base_python, commands.folder + "/client.py", commands.python)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, "".join(f"{line}\n" for line in lines).encode(), mode=0o600)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}. Nothing was written.") from None
    return path


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to one settings file; None stands for "no such file"."""

    path: Path
    before: bytes | None
    after: bytes | None
    base: bytes | None
    """What it is without anything of ours."""
    changes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether anything changes."""
        return self.before != self.after


# -- reading ----------------------------------------------------------------------------


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}. Nothing was written.") from None


def _text(path: Path, raw: bytes | None) -> str:
    """The settings as text that is a JSON object for certain."""
    try:
        text = (raw or b"").decode("utf-8-sig")
        settings = json.loads(text) if text.strip() else {}
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        reason = f"line {line} is not UTF-8"
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError) as error:
        reason = f"cannot be read as JSON ({type(error).__name__})"
    else:
        if isinstance(settings, dict):
            return text if text.strip() else "{}\n"
        reason = "line 1: the settings are not an object"
    raise SettingsError(
        f"{path}: {reason}. Nothing was written: mend the file, or move it away, "
        "and run this again."
    )


def _checked_hooks(path: Path, text: str) -> None:
    hooks = json_text.find(text, ("hooks",))
    wrong = ""
    if hooks is not None and not isinstance(hooks, dict):
        wrong = '"hooks" is not an object'
    for event in EVENTS if isinstance(hooks, dict) else ():
        if hooks.get(event) is not None and not isinstance(hooks[event], list):
            wrong = f'"hooks"."{event}" is not a list'
    if wrong:
        raise SettingsError(f"{path}: {wrong}. Nothing was written: mend it, and run this again.")


def is_ours(command: Any) -> bool:
    """Whether a hook's or status line's command runs a script of ours."""
    return isinstance(command, str) and bool(_OURS.search(command))


def _our_places(text: str) -> list[tuple[str | int, ...]]:
    """Where our hooks stand, last ones first, so that they can be dropped in this order."""
    hooks = json_text.find(text, ("hooks",))
    places: list[tuple[str | int, ...]] = []
    for event, groups in hooks.items() if isinstance(hooks, dict) else ():
        for number, group in enumerate(groups if isinstance(groups, list) else ()):
            handlers = group.get("hooks") if isinstance(group, dict) else None
            for index, handler in enumerate(handlers if isinstance(handlers, list) else ()):
                if isinstance(handler, dict) and is_ours(handler.get("command")):
                    places.append(("hooks", event, number, "hooks", index))
    return places[::-1]


# -- planning ---------------------------------------------------------------------------


def installing(path: Path, commands: Commands, journal: Path, others: tuple[Path, ...]) -> Plan:
    """Plan to put hooks and status line in.

    Args:
        path: the settings file, which need not exist.
        commands: what to put in.
        journal: the state folder.
        others: settings that hold where this file names no status line, first one first.

    Raises:
        SettingsError: the file is broken; nothing may be written.
    """
    before = _read(path)
    text = _text(path, before)
    _checked_hooks(path, text)
    changes: list[str] = []
    for event in EVENTS:
        text = _with_hook(text, event, commands.hook(event), changes)
    text, notes = _with_status_line(text, commands, others, changes)
    notes += _obstacles(text)
    after = _bytes(before, text) if changes else before
    return Plan(path, before, after, _base(path, before, journal), tuple(changes), tuple(notes))


def _with_hook(text: str, event: str, command: str, changes: list[str]) -> str:
    places = [place for place in _our_places(text) if place[1] == event]
    for place in places[:-1]:  # the first stays, if it is right
        text = _without(text, place)
        changes.append(f"a second hook of {event} goes")
    if places:
        at = (*places[-1], "command")
        if json_text.find(text, at) != command:
            text = json_text.replace(text, at, command)
            changes.append(f"hook {event} renewed")
        return text
    group = {"hooks": [{"type": "command", "command": command}]}
    if json_text.find(text, ("hooks",)) is None:
        text = _put(text, ("hooks",), {event: [group]})
    elif json_text.find(text, ("hooks", event)) is None:
        text = _put(text, ("hooks", event), [group])
    else:
        text = json_text.add(text, ("hooks", event, -1), group)
    changes.append(f"hook {event}")
    return text


def _put(text: str, path: tuple[str | int, ...], value: Any) -> str:
    """Add a member, or replace a null."""
    try:
        return json_text.replace(text, path, value)
    except KeyError:
        return json_text.add(text, path, value)


def _with_status_line(
    text: str, commands: Commands, others: tuple[Path, ...], changes: list[str]
) -> tuple[str, list[str]]:
    if commands.windows:
        return text, ["the status line needs a POSIX shell: left as it is"]
    found = json_text.find(text, ("statusLine",))
    inherited = found if found is not None else _inherited(others)
    command = inherited.get("command") if isinstance(inherited, dict) else None
    if inherited is not None and not isinstance(command, str):
        return text, ["the status line is of a kind not known here: left as it is"]
    if found is None and is_ours(command):
        return text, []
    previous = _previous(command) if isinstance(command, str) else ""
    ours = commands.status_line(previous)
    if found is None:
        own = {"type": "command", "command": ours, "refreshInterval": _REDRAW_S}
        text = _put(text, ("statusLine",), {**own, **(inherited or {}), "command": ours})
    elif command != ours:
        text = json_text.replace(text, ("statusLine", "command"), ours)
    else:
        return text, []
    changes.append("status line" + (", after the one there was" if previous else ""))
    return text, []


def _inherited(others: tuple[Path, ...]) -> Any:
    for path in others:
        try:
            found = json_text.find(_text(path, _read(path)), ("statusLine",))
        except SettingsError:
            continue
        if found is not None:
            return found
    return None


def _previous(command: str) -> str:
    """The user's own command inside ours; any other command is the user's own."""
    if not is_ours(command):
        return command
    found = _PREVIOUS.match(command)
    return found.group(1).replace("'\\''", "'") if found else ""


def _obstacles(text: str) -> list[str]:
    notes = []
    if json_text.find(text, ("disableAllHooks",)) is True:
        notes.append('"disableAllHooks" is true here: no hook will run')
    plugins = json_text.find(text, ("enabledPlugins",))
    if isinstance(plugins, dict) and any(
        name.startswith("switchtax@") and on for name, on in plugins.items()
    ):
        notes.append("the plugin is installed too: both together act once")
    return notes


def removing(path: Path, journal: Path) -> Plan:
    """Plan to take ours out: byte for byte what was, where only we have written since."""
    before = _read(path)
    base = _base(path, before, journal)
    if before == base:
        return Plan(path, before, before, base)
    return Plan(path, before, base, base, ("hooks and status line of switchtax go",))


def _base(path: Path, before: bytes | None, journal: Path) -> bytes | None:
    """The file without ours: as it was, if it is still as we wrote it; else ours taken out."""
    entry = _entries(journal).get(str(path.resolve()))
    if before is None:
        return None
    if entry is not None and entry.get("written") == _digest(before):
        if not entry.get("backup"):
            return None
        kept = _read(journal / "setup" / str(entry["backup"]))
        if kept is not None:
            return kept
    return (
        _bytes(before, _stripped(_text(path, before))) if _OURS.search(_lenient(before)) else before
    )


def _lenient(raw: bytes) -> str:
    """For a first look: escapes of a backslash undone."""
    return raw.decode("utf-8", "replace").replace("\\\\", "\\").replace("\\/", "/")


def _stripped(text: str) -> str:
    for place in _our_places(text):
        text = _without(text, place)
    line = json_text.find(text, ("statusLine",))
    if isinstance(line, dict) and is_ours(line.get("command")):
        previous = _previous(line["command"])
        if previous:
            return json_text.replace(text, ("statusLine", "command"), previous)
        return json_text.drop(text, ("statusLine",))
    return text


def _without(text: str, place: tuple[str | int, ...]) -> str:
    """Drop a handler, and what it leaves empty above it."""
    text = json_text.drop(text, place)
    for held, gone in ((4, 3), (2, 2), (1, 1)):  # its list and group; the event; all hooks
        if json_text.find(text, place[:held]):
            return text
        text = json_text.drop(text, place[:gone])
    return text


def _bytes(before: bytes | None, text: str) -> bytes:
    mark = b"\xef\xbb\xbf" if (before or b"").startswith(b"\xef\xbb\xbf") else b""
    return mark + text.encode()


# -- writing ----------------------------------------------------------------------------


def carry_out(plan: Plan, journal: Path) -> None:
    """Write what was planned: first the backup and the journal, then the settings.

    Raises:
        SettingsError: the file was changed meanwhile, or cannot be written.
    """
    real = plan.path.resolve()
    if _read(real) != plan.before:
        raise SettingsError(f"{plan.path}: changed meanwhile. Nothing was written: run this again.")
    try:
        _note(plan, real, journal)
        if plan.after is None:
            real.unlink(missing_ok=True)
        else:
            real.parent.mkdir(parents=True, exist_ok=True)
            _write(real, plan.after)
    except OSError as error:
        raise SettingsError(
            f"{error.filename or real}: {error.strerror}. The settings are as they were."
        ) from None


def _note(plan: Plan, real: Path, journal: Path) -> None:
    folder = journal / "setup"
    journal.mkdir(mode=0o700, parents=True, exist_ok=True)  # `parents` would be open to all
    folder.mkdir(mode=0o700, exist_ok=True)
    entries = _entries(journal)
    backup = f"{_digest(os.fsencode(real))[:16]}.json"
    if plan.after == plan.base:
        entries.pop(str(real), None)
    else:
        entries[str(real)] = {
            "written": _digest(plan.after or b""),
            "backup": backup if plan.base is not None else "",
            "at": round(time.time()),
        }
        if plan.base is not None:
            _write(folder / backup, plan.base, mode=0o600)
    _write(folder / "journal.json", json.dumps({"files": entries}, indent=1).encode(), mode=0o600)


def _entries(journal: Path) -> dict[str, Any]:
    try:
        found = json.loads((journal / "setup" / "journal.json").read_bytes())["files"]
    except (OSError, ValueError, LookupError, TypeError):
        return {}
    return (
        {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}
    )


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _write(path: Path, raw: bytes, *, mode: int | None = None) -> None:
    """Replace a file as a whole, keeping its permissions."""
    if mode is None:
        mode = path.stat().st_mode & 0o7777 if path.exists() else 0o600
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
