"""A session's own rhythm: what a call brings, how many calls make a turn, how long pauses are.

What the next request adds is foretold from what the model just asked for (an edit answers
briefly, a file read does not), from this session's own history of the same, and from a
prior. Distributions are log-normal; a prior counts as a few observations.

Priors: rounded medians and spreads of recorded sessions of four agents (2026-01 to 2026-07).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

__all__ = ["LogNormal", "Rhythm", "line_class", "new_tokens_distribution", "tool_class"]


@dataclass(slots=True)
class LogNormal:
    """A positive quantity: median and spread, started from a prior, updated by observation."""

    median: float
    sigma: float
    weight: float = 4.0
    """How many observations the prior counts as."""
    forget: float = 0.97
    _mu: float = 0.0
    _var: float = 0.0
    _n: float = 0.0
    observed: int = 0

    def __post_init__(self) -> None:
        """Turn median and spread into log-space moments."""
        self._mu = math.log(max(self.median, 1e-9))
        self._var = self.sigma * self.sigma
        self._n = self.weight

    def observe(self, value: float, *, least: float = 1.0) -> None:
        """Learn from one value; smaller ones than `least` count as that."""
        x = math.log(max(value, least))
        self._n = min(self._n * self.forget + 1.0, 1.0 / (1.0 - self.forget))
        step = x - self._mu
        self._mu += step / self._n
        self._var += (step * (x - self._mu) - self._var) / self._n
        self.observed += 1

    def quantile(self, z: float) -> float:
        """The value at a standard normal quantile."""
        return math.exp(self._mu + z * math.sqrt(max(self._var, 1e-4)))

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return self._mu

    @property
    def variance(self) -> float:
        """Variance of the logarithm."""
        return max(self._var, 1e-4)


_TOOL_PRIORS: dict[str, tuple[float, float]] = {
    # median tokens of one result, spread of its logarithm
    "read": (1800.0, 1.0),
    "edit": (150.0, 0.6),
    "write": (60.0, 0.6),
    "run": (220.0, 1.2),
    "search": (300.0, 1.2),
    "agent": (1400.0, 1.0),
    "web": (900.0, 1.0),
    "todo": (50.0, 0.5),
    "other": (300.0, 1.3),
    "prompt": (110.0, 1.2),
    # tokens of one line, where a tool asked for so many lines at most
    "read:line": (12.0, 0.5),
    "run:line": (9.0, 0.8),
    "search:line": (14.0, 1.0),
    "other:line": (10.0, 1.0),
}
_CLASSES = {
    "read": ("read", "read_file", "read_files", "read_many_files", "view", "notebookread", "cat"),
    "edit": (
        "edit", "multiedit", "replace", "apply_patch", "str_replace", "notebookedit",
        "replace_in_file", "apply_diff", "search_replace", "edit_file", "editor",
        "replace_string_in_file", "multi_replace_string_in_file", "insert_edit_into_file",
    ),
    "write": ("write", "write_file", "create", "write_to_file", "create_file"),
    "run": (
        "bash", "shell", "exec_command", "run_shell_command", "local_shell_call", "powershell",
        "bashoutput", "write_stdin", "exec", "execute_command", "run_commands",
        "read_command_output", "run_in_terminal",
    ),
    "search": (
        "grep", "glob", "ls", "find", "list", "list_directory", "search_file_content",
        "grep_search", "toolsearch", "list_files", "search_files", "codebase_search",
        "search_codebase", "list_code_definition_names", "list_dir", "file_search",
        "semantic_search",
    ),
    "agent": ("task", "agent", "taskoutput", "use_subagents", "runsubagent"),
    "web": (
        "webfetch", "websearch", "web_fetch", "google_web_search", "web_search",
        "fetch_web_content", "fetch_webpage",
    ),
    "todo": (
        "todowrite", "update_plan", "taskcreate", "taskupdate", "write_todos", "report_intent",
        "update_todo_list", "manage_todo_list",
    ),
}  # fmt: skip
_CLASS_OF = {name: key for key, names in _CLASSES.items() for name in names}


def tool_class(name: str) -> str:
    """The kind of a tool by its name, across agents.

    >>> tool_class("Read"), tool_class("mcp__github__get_issue")
    ('read', 'other')
    """
    return _CLASS_OF.get(name.lower(), "other")


@dataclass(slots=True)
class Rhythm:
    """Learnt distributions of one session."""

    tools: dict[str, LogNormal] = field(default_factory=dict)
    extra: LogNormal = field(default_factory=lambda: LogNormal(30.0, 1.2, 3.0))
    """Tokens that come with a request beside the results themselves."""
    calls_per_turn: LogNormal = field(default_factory=lambda: LogNormal(5.0, 1.1, 3.0))
    new_per_call: LogNormal = field(default_factory=lambda: LogNormal(600.0, 1.3, 3.0))
    output_per_call: LogNormal = field(default_factory=lambda: LogNormal(250.0, 1.1, 3.0))
    gap_s: LogNormal = field(default_factory=lambda: LogNormal(8.0, 1.0, 3.0))
    turn_gap_s: LogNormal = field(default_factory=lambda: LogNormal(90.0, 1.6, 3.0))
    turns: int = 0
    calls: int = 0

    def of(self, key: str) -> LogNormal:
        """The distribution of one result's tokens for a tool class (or "prompt")."""
        found = self.tools.get(key)
        if found is None:
            median, sigma = _TOOL_PRIORS[key]
            found = self.tools[key] = LogNormal(median, sigma)
        return found


def line_class(key: str) -> str:
    """The distribution of one line's tokens for a tool class."""
    return f"{key}:line" if f"{key}:line" in _TOOL_PRIORS else "other:line"


def new_tokens_distribution(
    rhythm: Rhythm, asked_for: tuple[tuple[str, int | None], ...]
) -> tuple[float, float]:
    """Mean and spread of the logarithm of the tokens that will follow the last answer.

    `asked_for` are the tool classes the model called last, each with the lines it asked for
    at most, if it said; none means a person speaks next. The sum of several results is
    matched by its moments (Fenton and Wilkinson, 1960).
    """
    moments = [(rhythm.extra.mu, rhythm.extra.variance)]
    for key, lines in asked_for or (("prompt", None),):
        if lines:
            of_line = rhythm.of(line_class(key))
            moments.append((of_line.mu + math.log(lines), of_line.variance))
        else:
            of_result = rhythm.of(key)
            moments.append((of_result.mu, of_result.variance))
    moments = [(mu, min(variance, 2.5)) for mu, variance in moments]
    means = [math.exp(mu + variance / 2) for mu, variance in moments]
    mean = sum(means)
    spread = sum((math.exp(v) - 1) * m * m for m, (_, v) in zip(means, moments, strict=True))
    variance = math.log(1 + spread / (mean * mean))
    return math.log(mean) - variance / 2, math.sqrt(variance)
