"""Whether packages of others add agents: told without their metadata, which is slow to look into.

`importlib.metadata` takes 30 ms to import, as long as a whole command. So the folders on
`sys.path` are looked through here, which takes under a millisecond with eighty packages; this
module imports nothing for it. Only where a package declares the group, `added` loads agents.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from switchtax.agents.added import Added, LeftOut

__all__ = ["GROUP", "Additions", "is_declared", "looked_at"]

GROUP = "switchtax.agents"
_GROUP = GROUP.encode()
_METADATA = (".dist-info", ".egg-info", "EGG-INFO")
"""How folders of metadata are called; the last one lies in an egg, which stands on the path."""


class Additions:
    """What third parties add; mostly nothing."""

    __slots__ = ("agents", "left_out")

    def __init__(self) -> None:
        """Nothing."""
        self.agents: dict[str, Added] = {}
        """By id, those in use."""
        self.left_out: list[LeftOut] = []
        """Entry points that cannot be used."""

    def told(self) -> list[dict[str, Any]]:
        """What a process tells others of the agents that it uses."""
        return [each.told() for each in self.agents.values()]


def is_declared() -> bool:
    """Whether a package may declare the group: never no where one does."""
    for folder in sys.path:
        try:
            entries = list(os.scandir(folder or "."))
        except NotADirectoryError:
            return True  # an archive: only the library can look into it
        except OSError:
            continue
        for entry in entries:
            if entry.name.endswith(_METADATA):
                try:
                    with open(f"{entry.path}/entry_points.txt", "rb", buffering=0) as file:  # noqa: PTH123
                        if _GROUP in file.read():
                            return True
                except OSError:
                    continue
    return False


def looked_at() -> list[str]:
    """Folders whose times change when a package is installed or removed."""
    return [folder for folder in sys.path if folder and os.path.isdir(folder)]  # noqa: PTH112
