"""Whether Codex runs our hooks: where they stand, whether the user has reviewed them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.diagnosis.findings import Finding, good, note, trouble
from switchtax.hooks.codex import EVENTS
from switchtax.hooks.commands import is_ours
from switchtax.hooks.installed import look_into, words_of
from switchtax.hooks.setup_codex import codex_home, trust_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["look_at_codex_hooks"]

_TOPIC = "hooks"


def look_at_codex_hooks(
    env: Mapping[str, str], home: Path, fired: Mapping[tuple[str, str], float], *, used: bool
) -> Iterator[Finding]:
    """Where the hooks stand and whether they run.

    Args:
        env: names Codex's folder, where it was moved.
        home: the user's home.
        fired: when each hook last arrived, by agent and event.
        used: whether Codex is on this machine.
    """
    if not used:
        return
    path = codex_home(env, home) / "hooks.json"
    file, place = look_into(path), str(path)
    if file.unreadable:
        yield trouble(_TOPIC, "hooks-unreadable", path=place, reason=file.unreadable)
        return
    if not file.hooks:
        yield note(_TOPIC, "codex-hooks-missing")
        return
    missing = [event for event in EVENTS if event not in file.hooks]
    words = [words_of(command) for each in file.hooks.values() for command in each]
    gone = sorted({w for one in words for w in one[:1] + one[-1:] if not Path(w).exists()})
    trust = trust_in(path)
    waiting = [key for key in _keys(path) if key not in trust.reviewed]
    if trust.off:
        yield trouble(_TOPIC, "codex-hooks-off", path=str(path.with_name("config.toml")))
    elif missing:
        yield trouble(_TOPIC, "codex-hooks-part", path=place, missing=missing)
    elif gone:
        yield trouble(_TOPIC, "codex-hooks-stale", path=place, gone=gone)
    elif waiting:
        yield trouble(_TOPIC, "codex-hooks-untrusted", path=place, waiting=len(waiting))
    else:
        yield good(_TOPIC, "codex-hooks-installed", path=place, count=len(file.hooks))
    yield from _seen(fired)


def _keys(path: Path) -> Iterator[str]:
    """How `config.toml` names each hook of ours: file, event, group, place in it."""
    found: dict[str, Any] = json.loads(path.read_bytes().decode("utf-8-sig"))["hooks"]
    for event, groups in found.items():
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", event).lower()
        for number, group in enumerate(groups if isinstance(groups, list) else ()):
            handlers = group.get("hooks") if isinstance(group, dict) else None
            for place, handler in enumerate(handlers if isinstance(handlers, list) else ()):
                if isinstance(handler, dict) and is_ours(handler.get("command")):
                    yield f"{path}:{name}:{number}:{place}"


def _seen(fired: Mapping[tuple[str, str], float]) -> Iterator[Finding]:
    seen = {event: at for (agent, event), at in fired.items() if agent == "codex"}
    if seen:
        newest = max(seen, key=lambda event: seen[event])
        yield good(_TOPIC, "codex-hooks-fired", event=newest, fired_at=seen[newest], events=seen)
