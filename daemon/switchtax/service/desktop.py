"""A notification on the desktop, by the system's own program; never waited for by anybody.

Linux: `notify-send` (libnotify); macOS: `osascript`; Windows: PowerShell. Texts go as arguments or
variables, never through a shell.

Source: notify-send(1), osascript(1), Microsoft's page on toast content, 2026-11-21.
"""

from __future__ import annotations

import asyncio
import html
import logging
import os
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Desktop", "Shown", "command_of", "program_of"]

_LOG = logging.getLogger(__name__)
LONGEST_S = 5.0
"""Seconds after which a program that shows a notification is ended."""
_MOST_AT_ONCE = 3
_APPLESCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
_TOASTS = "Windows.UI.Notifications"
_POWERSHELL = f"""
$null = [{_TOASTS}.ToastNotificationManager, {_TOASTS}, ContentType = WindowsRuntime]
$toast = [{_TOASTS}.ToastNotificationManager]::GetTemplateContent('ToastText02')
$texts = $toast.GetElementsByTagName('text')
$null = $texts.Item(0).AppendChild($toast.CreateTextNode($env:SWITCHTAX_TITLE))
$null = $texts.Item(1).AppendChild($toast.CreateTextNode($env:SWITCHTAX_TEXT))
$app = '{{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}}\\WindowsPowerShell\\v1.0\\powershell.exe'
[{_TOASTS}.ToastNotificationManager]::CreateToastNotifier($app).Show($toast)
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A program to run, and the variables that it needs besides."""

    words: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict)


def program_of(platform: str) -> str:
    """The program that shows notifications on a system."""
    return {"darwin": "osascript", "win32": "powershell"}.get(platform, "notify-send")


def command_of(platform: str, program: str, title: str, lines: Sequence[str]) -> Shown:
    """How a notification is shown.

    Args:
        platform: as `sys.platform` names it.
        program: the path of `program_of`.
        title: one line.
        lines: what stands below it.
    """
    text = "\n".join(lines)
    if platform == "darwin":
        script = [word for line in _APPLESCRIPT for word in ("-e", line)]
        return Shown((program, *script, title, text))
    if platform == "win32":
        words = (program, "-NoProfile", "-NonInteractive", "-Command", _POWERSHELL)
        return Shown(words, {"SWITCHTAX_TITLE": title, "SWITCHTAX_TEXT": text})
    plain = html.escape(text, quote=False)  # servers may read the text, not the title, as markup
    return Shown((program, "--app-name=switchtax", "--", title, plain))


class Desktop:
    """Shows notifications.

    Args:
        platform: as `sys.platform` names it.
        which: finds a program.
    """

    def __init__(
        self,
        platform: str = sys.platform,
        which: Callable[[str], str | None] = shutil.which,
    ) -> None:
        """Nothing is shown yet."""
        self._platform, self._which = platform, which
        self._showing = 0
        self._said = ""

    async def show(self, title: str, lines: Sequence[str]) -> bool:
        """Show it; whether that went well. Never raises, and never takes longer than 5 s."""
        name = program_of(self._platform)
        found = self._which(name)
        if found is None:
            return self._failed(f"there is no {name}")
        if self._showing >= _MOST_AT_ONCE:
            return False
        self._showing += 1
        try:
            return await self._run(command_of(self._platform, found, title, lines))
        except OSError as error:
            return self._failed(f"{name}: {error.strerror}")
        finally:
            self._showing -= 1

    async def _run(self, shown: Shown) -> bool:
        nowhere = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *shown.words,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
            env={**os.environ, **shown.variables},
        )
        try:
            async with asyncio.timeout(LONGEST_S):
                code = await process.wait()
        except TimeoutError:
            return self._failed(f"{shown.words[0]}: not done within {LONGEST_S:g} s")
        finally:
            if process.returncode is None:
                process.kill()
        return code == 0 or self._failed(f"{shown.words[0]} ended with {code}")

    def _failed(self, why: str) -> bool:
        """Say it once: a log is no place for the same trouble at every switch."""
        if why != self._said:
            _LOG.warning("no desktop notification: %s", why)
        self._said = why
        return False
