"""What of switchtax stands in Claude Code's settings, without changing anything there."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.hooks.commands import is_ours, script_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Installed", "look_into", "words_of"]


@dataclass(frozen=True, slots=True)
class Installed:
    """One settings file."""

    path: Path
    exists: bool = False
    unreadable: str = ""
    """Why it cannot be read; "" if it can."""
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Our commands by event."""
    status_line: bool = False
    plugin: str = ""
    """The name of our plugin as it is enabled there; "" if it is not."""
    disabled: bool = False
    """All hooks are turned off there."""


def look_into(path: Path) -> Installed:
    """What one settings file holds of ours; never raises."""
    try:
        settings = json.loads(path.read_bytes().decode("utf-8-sig") or "{}")
    except FileNotFoundError:
        return Installed(path)
    except OSError as error:
        return Installed(path, exists=True, unreadable=str(error.strerror))
    except json.JSONDecodeError as error:
        return Installed(path, exists=True, unreadable=f"line {error.lineno}: {error.msg}")
    except (ValueError, RecursionError) as error:
        return Installed(path, exists=True, unreadable=type(error).__name__)
    if not isinstance(settings, dict):
        return Installed(path, exists=True, unreadable="line 1: not an object")
    hooks: dict[str, tuple[str, ...]] = {}
    for event, command in _commands(settings.get("hooks")):
        if is_ours(command):
            hooks[event] = (*hooks.get(event, ()), command)
    line, plugins = settings.get("statusLine"), settings.get("enabledPlugins")
    return Installed(
        path,
        exists=True,
        hooks=hooks,
        status_line=isinstance(line, dict) and is_ours(line.get("command")),
        plugin=_plugin(plugins),
        disabled=settings.get("disableAllHooks") is True,
    )


def _plugin(enabled: Any) -> str:
    names = enabled.items() if isinstance(enabled, dict) else ()
    return next((name for name, on in names if name.startswith("switchtax@") and on is True), "")


def _commands(hooks: Any) -> Iterator[tuple[str, Any]]:
    for event, groups in hooks.items() if isinstance(hooks, dict) else ():
        for group in groups if isinstance(groups, list) else ():
            handlers = group.get("hooks") if isinstance(group, dict) else None
            for handler in handlers if isinstance(handlers, list) else ():
                if isinstance(handler, dict):
                    yield event, handler.get("command")


def words_of(command: str) -> list[str]:
    """The interpreter and client of a hook's command, as far as its options: [] if strange.

    >>> words_of("/usr/bin/python3 -I -S /x/client.py claude-code Stop 2>/dev/null || exit 0")
    ['/usr/bin/python3', '-I', '-S', '/x/client.py']
    """
    try:
        words = shlex.split(script_of(command).removeprefix("W=$("))
    except ValueError:
        return []
    ends = [number for number, word in enumerate(words) if word.endswith("client.py")]
    return words[: ends[0] + 1] if ends else []
