"""The meter of a workspace: which sessions are meant, and what the status bar shows of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from switchtax.wording import editor as wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["of_workspace", "params"]


def of_workspace(
    meters: Iterable[Mapping[str, Any]], folders: Sequence[str]
) -> list[Mapping[str, Any]]:
    """The meters of sessions in these folders (real paths), the newest first."""
    roots = [os.path.join(folder, "") for folder in folders]  # noqa: PTH118
    found = [meter for meter in meters if _lies_in(meter, roots)]
    return sorted(found, key=lambda meter: -meter["last_at"])


def _lies_in(meter: Mapping[str, Any], roots: Sequence[str]) -> bool:
    if not meter["cwd"]:
        return False
    cwd = os.path.join(os.path.realpath(meter["cwd"]), "")  # noqa: PTH118
    return any(cwd.startswith(root) for root in roots)


def params(
    state: str, meters: Sequence[Mapping[str, Any]], switches: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The params of `switchtax/meter`.

    Args:
        state: of the link: "ok", "starting" or "unavailable".
        meters: of this workspace, the newest first.
        switches: the estimate document of the first session, as last worked out.
    """
    text = {"starting": wording.STARTING, "unavailable": wording.UNAVAILABLE}.get(state)
    if text is None and meters:
        return _shown(meters, switches)
    return {
        "state": "idle" if text is None else state,
        "text": wording.IDLE if text is None else text,
        "short": wording.IDLE,
        "tooltip": wording.NO_SESSION_HERE if text is None else wording.LOOKING_FOR_DAEMON,
        "severity": "none",
        "session": None,
        "warm_until_at": None,
        "sessions": 0,
    }


def _shown(
    meters: Sequence[Mapping[str, Any]], switches: Mapping[str, Any] | None
) -> dict[str, Any]:
    first = meters[0]
    if switches is not None and switches["session"]["id"] != first["session"]:
        switches = None
    until = first["cache"]["warm_until_at"]
    return {
        "state": "ok",
        "text": wording.short_meter(first["line"]),
        "short": wording.tiny_meter(first),
        "tooltip": wording.tooltip(meters, switches),
        "severity": _severity(first),
        "session": first["session"],
        "warm_until_at": until if isinstance(until, int | float) else None,
        "sessions": len(meters),
    }


def _severity(meter: Mapping[str, Any]) -> str:
    if meter["next_is_material"]:
        return "warning"
    return "notice" if meter["cheapest_useful"] else "none"
