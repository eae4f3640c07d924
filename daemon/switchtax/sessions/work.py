"""The work in hand: what whoever goes on with a session would have to take over.

Counts, positions and file paths that the records already hold; never a text. Files stand
here only while a session is in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.records import Act, Content, ContentKind, Prompt, Todos, TodoStep, ToolUse
from switchtax.sessions.rhythm import tool_class

if TYPE_CHECKING:
    from switchtax.records import Call

__all__ = ["Work"]

_PROSE = (".md", ".mdx", ".txt", ".rst", ".adoc")
"""Files that no test run would check."""
_PLAN_DONE = frozenset({"exitplanmode", "exit_plan_mode"})
"""Tools that end a plan: what follows them begins something new."""


@dataclass(slots=True)
class Work:
    """What is open in a session, up to the last record added."""

    edited: dict[str, None] = field(default_factory=dict)
    """Code files edited, and neither read again, tested nor committed since."""
    tests: int = 0
    """Runs of tests, builds, type checkers or linters."""
    open_todos: int = 0
    prompts: int = 0
    rules_at: list[int] = field(default_factory=list)
    """The prompts (1 is the first) that stated rules."""
    thoughts: dict[str, bool] = field(default_factory=dict)
    """Calls in the history that reasoned, and whether that reasoning is only sealed."""
    is_told: bool = False
    """Whether the log holds anything of what the model answered."""
    calls: int = 0
    summary_at: int | None = None
    """How many calls stood before the last compaction, None where there was none."""
    _steps: dict[str, bool] = field(default_factory=dict)
    _uses: dict[str, list[ToolUse]] = field(default_factory=dict)
    """Tool uses without a result, by id."""
    _asked: list[tuple[str, str, int]] = field(default_factory=list)
    """Of the newest answer's tool uses: id, call, and how many calls stood before."""

    # -- what is open ------------------------------------------------------------------

    def pending(self, current: Call | None) -> list[str]:
        """Tools the last answer called whose results have not come, by name."""
        return [self._uses[id_][0].name for id_ in self._last_asked(current) if id_ in self._uses]

    def unfinished(self, current: Call | None) -> bool:
        """Whether the last answer called tools: the turn goes on with their results."""
        return bool(self._last_asked(current))

    def _last_asked(self, current: Call | None) -> list[str]:
        """Tool uses of the last answer.

        Where the log does not say which answer a use belongs to, its call is the next one
        logged, or none is yet.
        """
        if current is None:
            return []
        return [
            id_
            for id_, call_id, before in self._asked
            if (call_id == current.id if call_id else before >= self.calls - 1)
        ]

    @property
    def prompts_since_rules(self) -> int | None:
        """Prompts since one stated a rule; None where none did."""
        return self.prompts - self.rules_at[-1] if self.rules_at else None

    @property
    def calls_since_summary(self) -> int | None:
        """Calls since the last compaction; None where there was none."""
        return None if self.summary_at is None else self.calls - self.summary_at

    # -- what happens ------------------------------------------------------------------

    def called(self) -> None:
        """A call of the main chain was answered."""
        self.calls += 1

    def prompted(self, record: Prompt) -> None:
        """A person wrote."""
        if not record.by_person:
            return
        self.prompts += 1
        if record.rules:
            self.rules_at.append(self.prompts)

    def said(self, record: Content) -> None:
        """Content of an answer."""
        self.is_told = True
        if record.kind is ContentKind.REASONING:
            self.thoughts[record.call_id] = False
        elif record.kind is ContentKind.SEALED_REASONING:
            self.thoughts.setdefault(record.call_id, True)

    def planned(self, record: Todos | TodoStep) -> None:
        """The list of what is left to do was changed."""
        if isinstance(record, Todos):
            self._steps.clear()
            self.open_todos = record.open_items
            return
        self._steps[record.id or str(len(self._steps) + 1)] = record.is_open
        self.open_todos = sum(self._steps.values())

    def used(self, record: ToolUse) -> None:
        """A tool was used, or a use of it ended."""
        if record.sidechain:
            return
        base = record.id.partition("#")[0]
        if record.name and (record.ok is None or base not in self._uses):
            self.is_told = True
            self._ask(base, record)
        if record.ok is None:
            return
        for use in self._uses.pop(base, ()):
            self._done(use, ok=record.ok)

    def summed_up(self) -> None:
        """The history was replaced by a summary: its reasoning is gone with it."""
        self.thoughts.clear()
        self._asked.clear()
        self._uses.clear()
        self.summary_at = self.calls

    def _ask(self, base: str, record: ToolUse) -> None:
        self._uses.setdefault(base, []).append(record)
        if record.name.lower() in _PLAN_DONE:
            return
        mine = (record.call_id, self.calls)
        if self._asked and self._asked[-1][1:] != mine:
            self._asked.clear()
        self._asked.append((base, *mine))

    def _done(self, use: ToolUse, *, ok: bool) -> None:
        if use.act is Act.TEST:
            self.tests += 1  # one that fails has told what is wrong
            self.edited.clear()
        elif not ok:
            return
        elif use.act is Act.COMMIT:
            self.edited.clear()
        elif use.path is None:
            return
        elif tool_class(use.name) in ("edit", "write"):
            if not use.path.lower().endswith(_PROSE):
                self.edited[use.path] = None
        else:
            for path in [path for path in self.edited if _same_file(path, use.path)]:
                del self.edited[path]


def _same_file(one: str, other: str) -> bool:
    """Whether two paths may name one file, one of them relative."""
    return one == other or one.endswith("/" + other) or other.endswith("/" + one)
