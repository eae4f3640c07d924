"""The commands that agents' settings name: our hook client and status line, safe if we are gone."""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from switchtax.errors import SettingsError
from switchtax.hooks.client import STARTING
from switchtax.hooks.settings_file import replace_file

__all__ = [
    "OURS",
    "Commands",
    "commands_here",
    "is_ours",
    "note_client",
    "previous_line",
    "script_of",
]

OURS = re.compile(r"switchtax[/\\]hooks[/\\](?:client\.py|statusline\.sh)")
"""What every command of ours holds."""
_PREVIOUS = re.compile(r"T='((?:[^']|'\\'')*)'; ")


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

    def hook(self, event: str, agent: str = "claude-code") -> str:
        """A hook's command. It ends with 0 even if Python or switchtax is gone."""
        words = [self.base_python, "-I", "-S", self._file("client.py"), agent, event]
        if event in STARTING:
            words.append(self.python)
        if self.windows:
            return " ".join(f'"{word}"' for word in words) + " 2>nul || exit /b 0"
        return f"{shlex.join(words)} 2>/dev/null || exit 0"

    def warning_hook(self, event: str, agent: str) -> str:
        """A hook's command for an agent that shows standard error and goes on at exit code 2.

        Only what our client marks as a warning does that: Python itself ends with 2, too.
        """
        asked = self.hook(event, agent).removesuffix(" || exit 0")
        warns = "'!'*) printf '%s\\n' \"${W#!}\" >&2; exit 2;;"
        return f'W=$({asked}) && case $W in {warns} ?*) printf %s "$W";; esac; exit 0'

    def answering_hook(self, event: str, agent: str) -> str:
        """A hook's command for an agent to which no output is a failure: `{}` where we have none.

        It is one command with one word of script: a here-document that the agent puts behind it
        is the client's input, whatever shell runs it.
        """
        asked = self.hook(event, agent).removesuffix(" || exit 0")
        says = 'case $W in "{"*"}") printf "%s\\n" "$W";; *) echo "{}";; esac'
        return f"sh -c {shlex.quote(f'W=$({asked}); {says}; exit 0')}"

    def shell_status_line(self, previous: str) -> str:
        """The status line's command for Cursor, which runs it without a shell.

        At the pick of another model our script asks the daemon, with this Python.
        """
        return f"sh -c {shlex.quote(self.status_line(previous, self.base_python))}"

    def status_line(self, previous: str, python: str = "") -> str:
        """The status line's command; without our script it is the previous one alone.

        `python` is for the script, where it may have to ask the daemon.
        """
        script = f"P={shlex.quote(self._file('statusline.sh'))}"
        asks = f" {shlex.quote(python)}" if python else ""
        if not previous:
            runs = f'sh "$P" ""{asks}' if asks else 'sh "$P"'
            return f'{script}; [ ! -f "$P" ] || {runs}'
        quoted = "'" + previous.replace("'", "'\\''") + "'"
        runs = f'sh "$P" "$T"{asks}'
        return f'T={quoted}; {script}; if [ -f "$P" ]; then {runs}; else eval "$T"; fi'

    def _file(self, name: str) -> str:
        return self.folder + ("\\" if self.windows else "/") + name


def commands_here() -> Commands:
    """The commands for the switchtax that is running."""
    base = getattr(sys, "_base_executable", "") or sys.executable
    return Commands(base, sys.executable, str(Path(__file__).parent), sys.platform == "win32")


def is_ours(command: Any) -> bool:
    """Whether a hook's or status line's command runs a script of ours."""
    return isinstance(command, str) and bool(OURS.search(command))


def script_of(command: str) -> str:
    """The script of a command that starts `sh -c`; any other command is one itself.

    >>> script_of("sh -c 'T=1; echo $T'"), script_of("echo 1"), script_of("sh -c 'x")
    ('T=1; echo $T', 'echo 1', "sh -c 'x")
    """
    try:
        words = shlex.split(command) if command.startswith("sh -c ") else []
    except ValueError:
        return command
    return words[2] if len(words) == 3 else command


def previous_line(command: str) -> str:
    """The user's own command inside our status line; any other command is the user's own."""
    if not is_ours(command):
        return command
    found = _PREVIOUS.match(script_of(command))
    return found.group(1).replace("'\\''", "'") if found else ""


def note_client(commands: Commands, state: Path) -> Path:
    """Note for the plugin, which is not told at its installation, where the hook client lies."""
    path = state / "hook-client"
    lines = (commands.base_python, commands.folder + "/client.py", commands.python)
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, "".join(f"{line}\n" for line in lines).encode(), mode=0o600)
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}. Nothing was written.") from None
    return path
