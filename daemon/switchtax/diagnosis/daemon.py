"""The daemon: whether one runs, whose it is, and what it says of itself. None is started here."""

from __future__ import annotations

import socket
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax import __version__
from switchtax.diagnosis.findings import Finding, good, note, trouble
from switchtax.errors import DaemonUnavailable, Refused, UnsafePlace
from switchtax.service.client import Client
from switchtax.service.places import world
from switchtax.service.protocol import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.service.places import Places

__all__ = ["Asked", "ask_daemon"]

_TOPIC = "daemon"
_PATIENCE_S = 2.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found, and what the daemon told (`doctor/facts`); {} without one."""

    findings: tuple[Finding, ...]
    told: Mapping[str, Any] = field(default_factory=dict)
    pid: int = 0
    """The process of this build's daemon; 0 if it does not run."""


def ask_daemon(where: Places, env: Mapping[str, str]) -> Asked:
    """Ask the daemon in charge, of whatever build, how it is."""
    path = _address(where)
    if path is None:
        return Asked((note(_TOPIC, "daemon-none"),))
    try:
        client = Client.open(path, deadline_s=_PATIENCE_S)
    except UnsafePlace as error:
        return Asked(
            (trouble(_TOPIC, "daemon-unsafe", reason=str(error), folder=str(where.runtime)),)
        )
    except DaemonUnavailable:
        return Asked((note(_TOPIC, "daemon-none"),))
    with client:
        return _conversation(client, where, env)


def _address(where: Places) -> Path | None:
    try:
        told = where.current.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        told = ""
    path = Path(told) if told else where.socket
    return path if path.exists() else None


def _conversation(client: Client, where: Places, env: Mapping[str, str]) -> Asked:
    hello = {"protocol": PROTOCOL, "client": "doctor", "version": __version__}
    try:
        server = client.call("initialize", hello, deadline_s=_PATIENCE_S)
    except Refused:
        return Asked((trouble(_TOPIC, "daemon-other-build", version="", build=""),))
    except DaemonUnavailable:
        return Asked((trouble(_TOPIC, "daemon-hung", pid=_listener(client)),))
    known = {name: server.get(name) for name in ("pid", "version", "build")}
    if server.get("build") != where.build:
        return Asked((trouble(_TOPIC, "daemon-other-build", **known),))
    try:
        told = client.call("doctor/facts", deadline_s=_PATIENCE_S)
    except DaemonUnavailable:
        return Asked((trouble(_TOPIC, "daemon-hung", pid=server["pid"]),))
    found = [good(_TOPIC, "daemon-runs", **known, started_at=told["started_at"])]
    if server.get("world") != world(env):
        found.append(trouble(_TOPIC, "daemon-other-world"))
    if told["ledger_trouble"]:
        found.append(
            trouble(_TOPIC, "daemon-ledger", path=str(where.ledger), reason=told["ledger_trouble"])
        )
    if told["disk_trouble"]:
        found.append(
            trouble(_TOPIC, "daemon-meters", path=str(where.meters), reason=told["disk_trouble"])
        )
    return Asked(tuple(found), told, int(server["pid"]))


def _listener(client: Client) -> int:
    """The process that listens at the other end, 0 where the system does not say."""
    if sys.platform != "linux" or client.connected.family != socket.AF_UNIX:
        return 0
    size = struct.calcsize("3i")
    told = client.connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(struct.unpack("3i", told)[0])
