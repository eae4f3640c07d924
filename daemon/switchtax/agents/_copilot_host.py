"""Which program a session of Copilot CLI runs in: a terminal, or an editor that has it inside.

Source: `client_name` in `workspace.yaml` beside a session's events ("github/cli" in a terminal,
"vscode" or a name that begins so where VS Code starts it); 2026-11-21.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["host_of"]

_SIDECAR = "workspace.yaml"
_MOST_BYTES = 16_384
_NAME = re.compile(rb"""^client_name:[ \t]*["']?([\w./-]{1,60})""", re.M)


def host_of(events: str) -> str:
    """The program's name as the session's folder has it; "" where it has none."""
    try:
        with (Path(events).parent / _SIDECAR).open("rb") as file:
            found = _NAME.search(file.read(_MOST_BYTES))
    except OSError:
        return ""
    return found[1].decode() if found else ""
