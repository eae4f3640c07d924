"""The daemon as a service of the user's session: a systemd unit, or a launchd agent.

Neither is needed, since whoever needs the daemon starts it. A service starts at login, and stays.
Whoever holds the place before is asked to leave first; after an upgrade a client does the same to
the service's daemon, which then counts as ended, not as failed.

Source: systemd.service(5), systemd.exec(5), launchd.plist(5), 2026-11-21.
"""

from __future__ import annotations

import plistlib
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.service.places import MOVING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LABEL", "MARK", "Unit", "launchd_agent", "systemd_unit"]

LABEL = "dev.switchtax.daemon"
MARK = "Written by `switchtax setup daemon`"
"""In every file of ours; one without it is somebody else's."""
_STAYS = ("SWITCHTAX_IDLE_EXIT_S", "0")


@dataclass(frozen=True, slots=True)
class Unit:
    """One file, and the commands that a user types."""

    path: Path
    text: str
    enable: str
    disable: str
    link: Path | None = None
    """Is there as long as the unit is enabled, where that can be seen."""


def systemd_unit(python: str, log: Path, env: Mapping[str, str], home: Path) -> Unit:
    """The user unit `switchtax.service`.

    Args:
        python: the interpreter that has switchtax.
        log: what `switchtax daemon logs` shows; its folder must exist.
        env: variables that move folders are written into the unit: a session's manager does not
            read the shell's files.
        home: the user's home.
    """
    root = Path(env.get("XDG_CONFIG_HOME") or home / ".config") / "systemd" / "user"
    program = _word(python)
    lines = [
        f"# {MARK}; --undo takes it out.",
        "[Unit]",
        "Description=switchtax, ready to say what a switch of models costs",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStartPre=-{program} -P -m switchtax daemon stop",
        f"ExecStart={program} -P -m switchtax.service",
        *(f"Environment={_word(f'{name}={value}')}" for name, value in _variables(env)),
        f"StandardOutput=append:{_percent(str(log))}",
        f"StandardError=append:{_percent(str(log))}",
        "Restart=on-failure",
        "RestartSec=5",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return Unit(
        root / "switchtax.service",
        "\n".join(lines),
        "systemctl --user enable --now switchtax",
        "systemctl --user disable --now switchtax",
        root / "default.target.wants" / "switchtax.service",
    )


def launchd_agent(python: str, log: Path, env: Mapping[str, str], home: Path) -> Unit:
    """The agent `dev.switchtax.daemon`; arguments as for `systemd_unit`."""
    path = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    program = shlex.quote(python)
    start = f"{program} -P -m switchtax daemon stop; exec {program} -P -m switchtax.service"
    settings = {
        "Label": LABEL,
        "ProgramArguments": ["/bin/sh", "-c", start],
        "EnvironmentVariables": dict(_variables(env)),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ProcessType": "Background",
        "StandardOutPath": str(log),
        "StandardErrorPath": str(log),
        "Umask": 0o077,
    }
    text = plistlib.dumps(settings).decode()
    head, _, rest = text.partition("<plist")
    return Unit(
        path,
        f"{head}<!-- {MARK}; undo takes it out. -->\n<plist{rest}",
        f"launchctl bootstrap gui/$(id -u) {shlex.quote(str(path))}",
        f"launchctl bootout gui/$(id -u)/{LABEL}",
    )


def _variables(env: Mapping[str, str]) -> list[tuple[str, str]]:
    """What makes the service's daemon see what this shell sees."""
    return [*((name, env[name]) for name in MOVING if env.get(name)), _STAYS]


def _word(text: str) -> str:
    """One word of a unit's line: quoted, with what systemd would replace doubled."""
    return '"' + _percent(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _percent(text: str) -> str:
    return text.replace("%", "%%")
