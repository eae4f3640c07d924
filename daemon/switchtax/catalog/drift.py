"""What makes a handoff to another model risky: the rows of `data/drift.toml`.

Signals with their points and evidence, the tiers of each maker's models, and which model reads
whose reasoning. Facts from published sources; how a session is held against them stands in
`estimates/drift.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchtax.catalog.names import maker_of, normalise
from switchtax.config.keys import RiskPoints

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Evidence", "Signal", "Table", "edits_otherwise", "reads", "table", "tier"]

DATA = Path(__file__).parent / "data" / "drift.toml"
_LISTS = ("modes", "evidence", "against")


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing in a session that bears on a handoff.

    `points` count towards the level, `many_points` from `many` things on. `least` is the
    signal's own threshold, if it has one. A `hard` signal alone makes the risk severe.
    `ended_by` names the steps before a handoff that do away with it.
    """

    name: str
    points: int
    modes: tuple[str, ...]
    evidence: tuple[str, ...]
    against: tuple[str, ...]
    many: int | None = None
    many_points: int = 0
    least: int = 0
    hard: bool = False
    ended_by: tuple[str, ...] = ()

    def points_for(self, count: int) -> int:
        """Points of so many things of the kind."""
        return self.many_points if self.many is not None and count >= self.many else self.points


@dataclass(frozen=True, slots=True)
class Evidence:
    """A published finding or report: what it says, in our words, where and when."""

    key: str
    claim: str
    source: str
    date: str


@dataclass(frozen=True, slots=True)
class Table:
    """The whole file; `levels` hold unless the user has set others."""

    signals: dict[str, Signal]
    evidence: dict[str, Evidence]
    levels: RiskPoints
    tiers: dict[str, tuple[tuple[tuple[str, ...], ...], int | None]]
    thoughts: tuple[tuple[str, tuple[tuple[str, bool], ...]], ...]
    """Writer, and its readers with whether they read it; longest names first."""
    tools_differ: dict[str, frozenset[str]]
    """By agent: the makers whose models get other tools than the rest."""


@cache
def table() -> Table:
    """The rows, read once."""
    import tomllib  # 4 ms, needed only here

    with DATA.open("rb") as file:
        document = tomllib.load(file)
    return Table(
        signals={name: _signal(name, row) for name, row in document["signals"].items()},
        evidence={key: Evidence(key, **row) for key, row in document["evidence"].items()},
        levels=RiskPoints(**document["levels"]),
        tiers={
            row["maker"]: (tuple(map(tuple, row["steps"])), row.get("otherwise"))
            for row in document["tiers"]
        },
        thoughts=_longest((row["of"], _readers(row)) for row in document["thoughts"]),
        tools_differ={row["agent"]: frozenset(row["makers"]) for row in document["tools_differ"]},
    )


def tier(model: str) -> int | None:
    """The step of a model among its maker's, 0 the smallest; None where none is told.

    >>> tier("claude-haiku-5-5"), tier("gpt-6.1-sol"), tier("my-local-model")
    (0, 2, None)
    """
    name = normalise(model).name
    steps, otherwise = table().tiers.get(maker_of(name), ((), None))
    for step, words in enumerate(steps):
        if any(f"-{word}-" in f"{name}-" for word in words):
            return step
    return otherwise


def reads(reader: str, writer: str) -> bool | None:
    """Whether a model reads reasoning that another has sealed; None where it is not told.

    >>> reads("claude-opus-5-5", "claude-opus-5"), reads("claude-sonnet-5-5", "claude-opus-5-5")
    (True, False)
    """
    to, of = normalise(reader).name, normalise(writer).name
    if to == of:
        return True
    makers = maker_of(to), maker_of(of)
    if makers[0] != makers[1]:
        return False if all(makers) else None
    readers = next((found for name, found in table().thoughts if _is(of, name)), ())
    return next((does for name, does in readers if _is(to, name)), None)


def edits_otherwise(agent: str, one: str, other: str) -> bool:
    """Whether an agent gives these two models different tools and instructions.

    >>> edits_otherwise("opencode", "gpt-6", "claude-opus-5-5")
    True
    """
    apart = table().tools_differ.get(agent, frozenset())
    makers = [maker_of(normalise(model).name) for model in (one, other)]
    return all(makers) and (makers[0] in apart) != (makers[1] in apart)


def _is(model: str, name: str) -> bool:
    """Whether a model bears a name, or one that begins with it at a hyphen."""
    return f"{model}-".startswith(name if name.endswith("-") else f"{name}-")


def _readers(row: dict[str, Any]) -> tuple[tuple[str, bool], ...]:
    named = [(name, True) for name in row.get("read_by", ())]
    return _longest([*named, *((name, False) for name in row.get("not_read_by", ()))])


def _longest(rows: Iterable[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


def _signal(name: str, row: dict[str, Any]) -> Signal:
    lists = {key: tuple(row.get(key, ())) for key in (*_LISTS, "ended_by")}
    return Signal(name, **(row | lists))
