"""Which class of model a task asks for: local rules over a text's shape, no model call.

The text is looked at and not kept: what comes out are the names of rules. Where no rule speaks
the answer is that none does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ModelClass", "Task", "TaskClass", "classify"]


class TaskClass(StrEnum):
    """What a task mostly needs."""

    LONG_CONTEXT = "long_context"
    FAST_ITERATION = "fast_iteration"
    COMPLEX_REASONING = "complex_reasoning"
    STRUCTURED_OUTPUT = "structured_output"


class ModelClass(StrEnum):
    """Among candidates: by the price of their output, the only sign of size that is at hand."""

    LARGE = "large"
    MIDDLE = "middle"
    SMALL = "small"
    ROOMY = "roomy"
    """The longest window, the cheapest of those."""


@dataclass(frozen=True, slots=True)
class Task:
    """A class and the rules that spoke for it; None where none did.

    `against` is how many spoke for the class that came next.
    """

    kind: TaskClass | None
    because: tuple[str, ...] = ()
    against: int = 0

    @property
    def is_clear(self) -> bool:
        """Whether two rules more spoke for this class than for any other."""
        return len(self.because) >= 2 + self.against

    @property
    def wants(self) -> ModelClass | None:
        """The class of model that fits."""
        return None if self.kind is None else _WANTS[self.kind]


_WANTS = {
    TaskClass.LONG_CONTEXT: ModelClass.ROOMY,
    TaskClass.FAST_ITERATION: ModelClass.SMALL,
    TaskClass.COMPLEX_REASONING: ModelClass.LARGE,
    TaskClass.STRUCTURED_OUTPUT: ModelClass.MIDDLE,
}
_LONG_CHARS, _SHORT_CHARS = 20_000, 160
_MANY_FILES, _MANY_STEPS = 8, 4
_FILE = re.compile(r"(?<![\w/])[\w./-]+\.(?:[a-z]{1,4}|json|yaml|toml)\b(?!\()")
_STEP = re.compile(r"^\s*(?:\d+[.)]|[-*])\s", re.MULTILINE)

_RULES: tuple[tuple[TaskClass, str, str], ...] = (
    (TaskClass.LONG_CONTEXT, "asks for all of the code",
     r"(?:whole|entire|all (?:of )?the|across the) (?:code ?base|repo(?:sitory)?|project|code)"
     r"|every (?:file|module)|monorepo|all files"),
    (TaskClass.LONG_CONTEXT, "reads long logs or documents",
     r"(?:log|trace|dump|transcript|spec(?:ification)?|manual)s? (?:file|of|from|below)"
     r"|read through"),
    (TaskClass.COMPLEX_REASONING, "looks for a cause",
     r"root cause|why (?:does|is|do|are|did)|debug|investigate|deadlock|race condition|flaky|leak"),
    (TaskClass.COMPLEX_REASONING, "asks for a plan or a design",
     r"\bplan\b|design|architect|trade-?offs?|propose|migrat|strategy|approach"),
    (TaskClass.COMPLEX_REASONING, "asks for careful reasoning",
     r"algorithm|prove|concurren|security|performance|optimi[sz]e|refactor|correctness|review"),
    (TaskClass.FAST_ITERATION, "is a small change",
     r"rename|typo|bump|tweak|small|quick|one-?line|move (?:this|the|it)|colou?r|padding|wording"),
    (TaskClass.FAST_ITERATION, "is a chore",
     r"\bcommit\b|\bpush\b|run (?:the )?(?:tests?|linter?)|\blint\b|format(?:ter|ting)?\b|imports"),
    (TaskClass.STRUCTURED_OUTPUT, "asks for data in a form",
     r"\b(?:json|yaml|csv|xml|toml|sql|openapi|protobuf|schema|regex|markdown table)\b"),
    (TaskClass.STRUCTURED_OUTPUT, "turns one form into another",
     r"convert|extract|transform|generate (?:the )?types|fixtures?|boilerplate|translat|fill in"),
)  # fmt: skip
_COMPILED = tuple(
    (kind, name, re.compile(rf"(?:{pattern})", re.IGNORECASE)) for kind, name, pattern in _RULES
)
_ORDER = (
    TaskClass.COMPLEX_REASONING,
    TaskClass.LONG_CONTEXT,
    TaskClass.STRUCTURED_OUTPUT,
    TaskClass.FAST_ITERATION,
)
"""Between equals the more demanding class: a model too small costs the work twice."""


def classify(text: str) -> Task:
    """The class of a task by its words and its shape.

    >>> classify("rename this variable").kind
    <TaskClass.FAST_ITERATION: 'fast_iteration'>
    >>> classify("Why does the queue deadlock under load? Propose a design.").wants
    <ModelClass.LARGE: 'large'>
    >>> classify("hello").kind is None
    True

    Args:
        text: the task or the first prompt, in English; it is not kept.
    """
    spoke: dict[TaskClass, list[str]] = {}
    for kind, name in _by_shape(text):
        spoke.setdefault(kind, []).append(name)
    for kind, name, pattern in _COMPILED:
        if pattern.search(text[: 2 * _LONG_CHARS]):
            spoke.setdefault(kind, []).append(name)
    if len(text) <= _SHORT_CHARS and set(spoke) == {TaskClass.FAST_ITERATION}:
        spoke[TaskClass.FAST_ITERATION].append("is told in a sentence")
    if not spoke:
        return Task(None)
    kind = max(_ORDER, key=lambda each: len(spoke.get(each, ())))
    against = max((len(names) for each, names in spoke.items() if each is not kind), default=0)
    return Task(kind, tuple(spoke[kind]), against)


def _by_shape(text: str) -> list[tuple[TaskClass, str]]:
    found = []
    if len(text) > _LONG_CHARS:
        found += [(TaskClass.LONG_CONTEXT, "is very long itself")] * 2
    if len(set(_FILE.findall(text[: 2 * _LONG_CHARS]))) >= _MANY_FILES:
        found.append((TaskClass.LONG_CONTEXT, "names many files"))
    if len(_STEP.findall(text[:_LONG_CHARS])) >= _MANY_STEPS:
        found.append((TaskClass.COMPLEX_REASONING, "has many steps"))
    return list(dict.fromkeys(found)) if len(text) <= _LONG_CHARS else found
