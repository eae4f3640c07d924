"""Whether all folders of agents can be watched, or some are polled."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from switchtax.diagnosis.findings import Finding, good, trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["INOTIFY", "count_folders", "look_at_watching"]

INOTIFY = Path("/proc/sys/fs/inotify")
_TOPIC = "watching"
_SHARE = 0.8
"""Other programs of this user (editors above all) watch folders too."""
_FEW_INSTANCES = 16
_ENOUGH = 524_288
_BUDGET_S = 2.0


def count_folders(tops: Iterable[Path], clock: Callable[[], float] = time.monotonic) -> int:
    """How many folders there are at and below these, as far as two seconds reach."""
    count, until = 0, clock() + _BUDGET_S
    for top in tops:
        for _ in os.walk(top):
            count += 1
            if clock() > until:
                return count
    return count


def look_at_watching(
    folders: int, unwatched: Mapping[str, str], limits: Path = INOTIFY
) -> Iterator[Finding]:
    """The system's limits against what is to be watched.

    Args:
        folders: how many folders there are.
        unwatched: folders that the daemon could not watch, and why.
        limits: where the system tells its limits.
    """
    for folder, reason in sorted(unwatched.items()):
        yield trouble(_TOPIC, "watch-polled", folder=folder, reason=reason, enough=_ENOUGH)
    if sys.platform != "linux":  # pragma: other os
        yield good(_TOPIC, "watch-free", folders=folders)
        return
    watches = _limit(limits / "max_user_watches")
    instances = _limit(limits / "max_user_instances")
    known = {"folders": folders, "watches": watches, "instances": instances}
    if watches is None or instances is None:
        yield good(_TOPIC, "watch-free", folders=folders)
    elif folders > _SHARE * watches:
        enough = max(_ENOUGH, 2 * folders)
        yield trouble(_TOPIC, "watch-few", **known, enough=enough)
    elif instances < _FEW_INSTANCES:
        yield trouble(_TOPIC, "watch-instances", **known)
    else:
        yield good(_TOPIC, "watch-enough", **known)


def _limit(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
