"""Agents that third parties add: whence they come, which are left out, and what failed in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from switchtax.agents.protocol import PROTOCOL
from switchtax.diagnosis.findings import Finding, good, trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from switchtax.agents import Additions
    from switchtax.agents.added import LeftOut

__all__ = ["look_at_added"]

_TOPIC = "agents"


def look_at_added(here: Additions, told: Mapping[str, Any]) -> Iterator[Finding]:
    """One row for each agent of a third party, and one for each thing that is wrong with it.

    Args:
        here: what this process has loaded, after it has used it.
        told: what the daemon told of itself; {} where none runs.
    """
    for agent, each in here.agents.items():
        yield good(
            _TOPIC, "agent-added", agent=agent,
            distribution=each.distribution, version=each.version,
        )  # fmt: skip
    for left_out in here.left_out:
        yield _left_out(left_out)
    failed = {
        (agent, failure.doing): (failure.reason, failure.count)
        for agent, each in here.agents.items()
        for failure in each.failures
    }
    theirs: list[dict[str, Any]] = told.get("added", [])
    for row in theirs:
        for failure in row["failures"]:
            failed[row["agent"], failure["doing"]] = failure["reason"], failure["count"]
    for (agent, doing), (reason, times) in failed.items():
        origin = here.agents[agent].distribution if agent in here.agents else agent
        yield trouble(
            _TOPIC, "agent-failed", agent=agent, distribution=origin,
            doing=doing, reason=reason, times=times,
        )  # fmt: skip
    yield from _others_in_daemon(here, told)


def _others_in_daemon(here: Additions, told: Mapping[str, Any]) -> Iterator[Finding]:
    """A daemon keeps the agents that it was started with."""
    if "added" not in told:
        return
    mine = {agent: each.build for agent, each in here.agents.items()}
    theirs = {row["agent"]: row["build"] for row in told["added"]}
    if mine != theirs:
        differ = sorted(dict(mine.items() ^ theirs.items()))
        yield trouble(_TOPIC, "agents-other-daemon", agents=differ)


def _left_out(each: LeftOut) -> Finding:
    facts = {
        "agent": each.name,
        "distribution": each.distribution,
        "version": each.version,
        "detail": each.detail,
    }
    match each.code:
        case "built-in":
            return trouble(_TOPIC, "agent-taken", **facts)
        case "twice":
            return trouble(_TOPIC, "agent-twice", **facts)
        case "name":
            return trouble(_TOPIC, "agent-misnamed", **facts)
        case "newer":
            return trouble(_TOPIC, "agent-newer", **facts, ours=PROTOCOL)
        case "older":
            return trouble(_TOPIC, "agent-older", **facts, ours=PROTOCOL)
        case "lacks":
            return trouble(_TOPIC, "agent-lacks", **facts)
        case "other-id":
            return trouble(_TOPIC, "agent-other-id", **facts)
        case "unreadable":
            return trouble(_TOPIC, "agent-unreadable", **facts)
        case _:
            return trouble(_TOPIC, "agent-unloadable", **facts)
