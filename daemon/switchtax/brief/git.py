"""The state of a repository, as git tells it: read-only, in bounded time, or not at all."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from switchtax.brief.items import Item, Section
from switchtax.brief.phrases import clean, cut
from switchtax.brief.said import Place
from switchtax.wording import brief as words

__all__ = ["repository"]

_TIMEOUT_S = 2.0
_MOST_LINES, _MOST_CHARS = 12, 160
_HARMLESS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=", "--no-optional-locks")
_ASKED = (
    ("status", "--short", "--branch"),
    ("diff", "--stat", "--no-ext-diff", "--no-textconv", "HEAD"),
)


def repository(cwd: str) -> list[Item]:
    """What `git status` and `git diff --stat` say of a folder; nothing where they cannot say it."""
    if not cwd or not Path(cwd).is_dir():
        return []
    items: list[Item] = []
    for asked in _ASKED:
        lines = _git(cwd, asked)
        place = Place(cwd, id=f"git {' '.join(asked)}")
        if asked[0] == "diff":
            lines = lines[-1:]  # the sum; the files are named by the status
        for line in lines[:_MOST_LINES]:
            text = cut(clean(line), _MOST_CHARS)
            at = len(items)
            items.append(Item(Section.REPOSITORY, words.repository(text), (place,), (), at, at))
    return items


def _git(cwd: str, asked: tuple[str, ...]) -> list[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(
            ["git", *_HARMLESS, *asked],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=False,
            env={**environment, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError):
        return []
    lines = done.stdout.decode("utf-8", "replace").splitlines() if done.returncode == 0 else []
    return [line for line in lines if line.strip()]
