"""A transcript as a story: turns, files, commands and their ends, to-dos, last words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.brief import tools
from switchtax.brief.said import Kind, Place, Said

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Run", "Spoken", "Story", "told"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words, with the turn (1-based) and the place."""

    text: str
    turn: int
    place: Place


@dataclass(slots=True)
class Run:
    """A shell command: how it ended is known once its result is read."""

    command: str
    turn: int
    place: Place
    ended: Place | None = None
    ok: bool | None = None
    output: str = ""


@dataclass(slots=True)
class Story:
    """What the transcript tells, in order."""

    prompts: list[Spoken] = field(default_factory=list)
    texts: list[Spoken] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    edits: dict[str, list[Place]] = field(default_factory=dict)
    """Each edited file, as spelled, with the tool uses that edited it (failed ones left out)."""
    reads: dict[str, Place] = field(default_factory=dict)
    untested: dict[str, Place] = field(default_factory=dict)
    """Files edited since the last test or build; all, where there was none."""
    todos: list[tuple[str, str, tuple[Place, ...]]] = field(default_factory=list)
    """Text, status, and where both were said last."""
    answers: list[Spoken] = field(default_factory=list)
    """What the user chose when the agent asked."""
    plans: list[Spoken] = field(default_factory=list)
    """Plans that the user approved."""
    open: dict[str, tuple[Said, int]] = field(default_factory=dict)
    """Tool uses of the last turn that have no result."""
    last_use: tuple[Said, int] | None = None

    @property
    def turns(self) -> int:
        """Requests so far."""
        return len(self.prompts)


_ASKING = frozenset({"askuserquestion", "requestuserinput", "askuser", "question"})


def told(said: Iterable[Said]) -> Story:
    """Fold what is said into the story; what precedes the first prompt belongs to turn 0."""
    story = Story()
    teller = _Teller(story)
    for each in said:
        if each.kind is Kind.PROMPT:
            story.open.clear()
            story.prompts.append(Spoken(each.text, story.turns + 1, each.place))
        elif each.kind is Kind.TEXT:
            if each.text.strip():
                story.texts.append(Spoken(each.text, story.turns, each.place))
        elif each.kind is Kind.TOOL:
            teller.tool(each)
        else:
            teller.result(each)
    return story


class _Teller:
    def __init__(self, story: Story) -> None:
        self.story = story
        self.running: dict[str, Run] = {}
        self.editing: dict[str, list[str]] = {}
        self.tasks: dict[str, tuple[str, str, tuple[Place, ...]]] = {}

    def tool(self, use: Said) -> None:
        story, turn = self.story, self.story.turns
        story.last_use = (use, turn)
        if use.tool_id:
            story.open[use.tool_id] = (use, turn)
        for path in tools.read(use):
            story.reads[path] = use.place
        paths = tools.edited(use)
        for path in paths:
            story.edits.setdefault(path, []).append(use.place)
            story.untested[path] = use.place
        if paths and use.tool_id:
            self.editing[use.tool_id] = paths
        command = tools.command_of(use)
        if command:
            run = Run(command, turn, use.place)
            story.runs.append(run)
            self.running[use.tool_id] = run
            if tools.is_check(command):
                story.untested.clear()
        todos = tools.todos_of(use)
        if todos is not None:
            story.todos = [(text, status, (use.place,)) for text, status in todos]
        self._task(use)

    def _task(self, use: Said) -> None:
        """Claude Code's newer to-dos: made one by one, told apart by their number."""
        name, given = use.tool.lower(), use.given
        if name == "taskcreate" and isinstance(given.get("subject"), str):
            key = str(len(self.tasks) + 1)
            self.tasks[key] = (str(given["subject"]), "pending", (use.place,))
        elif name == "taskupdate" and str(given.get("taskId")) in self.tasks:
            key = str(given["taskId"])
            text, status, places = self.tasks[key]
            found = str(given.get("status") or status)
            self.tasks[key] = (text, found, (places[0], use.place))
        else:
            return
        self.story.todos = list(self.tasks.values())

    def result(self, result: Said) -> None:
        story = self.story
        use, turn = story.open.pop(result.tool_id, (None, story.turns))
        run = self.running.pop(result.tool_id, None)
        if run is not None:
            run.ok, run.output, run.ended = result.ok, result.text, result.place
        failed = result.ok is False or result.refused
        for path in self.editing.pop(result.tool_id, ()) if failed else ():
            self._take_back(path)
        name = "" if use is None else use.tool.lower().replace("_", "")
        if name in _ASKING and result.ok is not False and result.text.strip():
            story.answers.append(Spoken(result.text, turn, result.place))
        elif name == "exitplanmode" and result.ok and use is not None:
            plan = use.given.get("plan")
            if isinstance(plan, str):
                story.plans.append(Spoken(plan, turn, use.place))

    def _take_back(self, path: str) -> None:
        """An edit that failed, or was refused, was none."""
        places = self.story.edits.get(path)
        if places is None:
            return
        places.pop()
        if not places:
            del self.story.edits[path]
            self.story.untested.pop(path, None)
