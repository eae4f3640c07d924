"""`switchtax setup daemon`: the file of a service written or removed; nothing is enabled."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.errors import SettingsError, UsageError
from switchtax.hooks.settings_file import Plan
from switchtax.service.places import places, write_atomically
from switchtax.service.units import MARK, launchd_agent, systemd_unit

if TYPE_CHECKING:
    from switchtax.service.units import Unit

__all__ = ["carry_out", "plan_for", "unit_here"]

_SYSTEMD = Path("/run/systemd/system")


def unit_here() -> Unit:
    """The service of this system.

    Raises:
        UsageError: it knows neither systemd nor launchd.
    """
    if sys.platform not in ("linux", "darwin"):
        raise UsageError("setup daemon: for systemd and launchd only. It starts when needed.")
    make = launchd_agent if sys.platform == "darwin" else systemd_unit
    return make(sys.executable, places().log, os.environ, Path.home())


def plan_for(unit: Unit, *, undo: bool) -> Plan:
    """What is to be done to the unit's file.

    Raises:
        SettingsError: it is somebody else's, cannot be read, or is still enabled.
    """
    try:
        before: bytes | None = unit.path.read_bytes()
    except FileNotFoundError:
        before = None
    except OSError as error:
        raise SettingsError(f"{unit.path}: {error.strerror}. Nothing was written.") from None
    if before is not None and MARK.encode() not in before:
        raise SettingsError(f"{unit.path}: not written by switchtax. Move it away first.")
    if undo:
        if before is not None and unit.link is not None and unit.link.is_symlink():
            raise SettingsError(
                f"{unit.path}: still enabled. Run `{unit.disable}`, then this again."
            )
        changes = ("the service goes",) if before is not None else ()
        return Plan(unit.path, before, None, None, changes, _notes_of_undo(unit, before))
    after = unit.text.encode()
    changes = () if before == after else ("the service is written",)
    return Plan(unit.path, before, after, None, changes, _notes(unit))


def _notes(unit: Unit) -> tuple[str, ...]:
    notes = []
    if unit.link is None or not unit.link.is_symlink():
        notes.append(f"nothing runs by it yet; `{unit.enable}` starts it now and at every login")
    if unit.link is not None and not _SYSTEMD.exists():
        notes.append("systemd does not run here")
    return tuple(notes)


def _notes_of_undo(unit: Unit, before: bytes | None) -> tuple[str, ...]:
    if before is None or unit.link is not None:
        return ()
    return (f"if it was started: `{unit.disable}`",)


def carry_out(plan: Plan) -> None:
    """Write or remove the file.

    Raises:
        SettingsError: it cannot be done.
    """
    try:
        if plan.after is None:
            plan.path.unlink(missing_ok=True)
            return
        places().prepare_state()  # the log's folder: without it the service would not start
        plan.path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(plan.path, plan.after.decode())
    except OSError as error:
        raise SettingsError(f"{error.filename or plan.path}: {error.strerror}.") from None
