"""What the Codex parser remembers between lines: plain values, so that a cursor can carry them.

Also the arithmetic of token counts: cumulative counters to the usage of one response.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct, field

from switchtax.agents._codex_forks import Vector  # noqa: TC001 - msgspec reads the annotations
from switchtax.records import Call, Compaction, Content, Usage

__all__ = ["MOST_TOKENS", "State", "both", "since", "span_ms", "usage_of"]

MOST_TOKENS = 10**9
"""A count above this in one response is not a count; no context window comes near it."""


class State(Struct):
    """Everything known at a point of a rollout."""

    session_id: str = ""
    known: bool = False
    """The file's own session_meta was read."""
    provider: str = ""
    version: str = ""
    entrypoint: str = ""
    """Where the session began, and where its turn was begun."""
    runs_in: str = ""
    asks: bool | None = None
    sidechain: bool = False

    parent_id: str = ""
    parent_path: str | None = None
    born_at: float = 0.0
    boundary: int | None = None
    """First ordinal that is the fork's own, where the file says it."""
    replaying: bool = False

    turn: str = ""
    turn_at: float = 0.0
    turns: int = 0
    context_turn: str = ""
    context_model: str = ""
    context_effort: str | None = None
    context_hash: str = ""
    chosen_model: str = ""
    chosen_effort: str | None = None
    chosen_known: bool = False
    fast: bool | None = None
    used_model: str = ""
    """The last model that returned usage: the baseline of a switch."""
    base_model: str = ""
    """The same before the last call."""
    answered: bool = False
    """The turn has a call that is not a compaction."""

    seen: Vector | None = None
    first_call: Call | None = None
    """The turn's first call, as long as its time to the first token may follow."""
    last_call: Call | None = None
    last_bare: bool = False
    """The last call came without any output of the model in the file."""
    pending: Compaction | None = None
    """A compaction whose new size may follow, and the characters of its summary."""
    summary: int | None = None

    trigger: str = ""
    request: str = ""
    output: str = ""
    searches: int = 0

    window: int | None = None
    info_hash: str = ""
    limits: tuple[float, ...] = ()
    plan: str = ""
    prompt: tuple[str, int] = ("", -1)
    tools: dict[str, str] = field(default_factory=dict)
    """Names of tool calls without a result yet, by id."""
    held: list[Content] = field(default_factory=list)
    """Content of a response whose usage has not been written yet."""

    def take_context(
        self, turn: str | None, model: str | None, effort: str | None, comp_hash: str | None
    ) -> None:
        """Note what a turn runs with."""
        self.context_turn = turn or ""
        self.turn = turn or self.turn
        self.context_model = model or self.context_model
        self.context_effort = effort
        self.context_hash = comp_hash or ""

    def turns_in(self, trigger: object) -> bool:
        """Note where a turn is begun; whether the one before it was elsewhere."""
        before, began = self.runs_in, self.entrypoint
        if trigger == "exec":
            self.runs_in = "exec"
        elif trigger == "user":
            self.runs_in = "cli" if began == "exec" else began
        return before != self.runs_in

    def may_ask(self, policy: object) -> bool:
        """Note whether the model may ask for permission; whether that is new."""
        before = self.asks
        self.asks = before if policy is None else policy != "never"
        return before != self.asks

    def model_of(self, turn: str) -> tuple[str, str | None]:
        """Model and effort of a turn's request; of what is not told, what was used last."""
        in_context = not turn or not self.context_turn or turn == self.context_turn
        if self.context_model and (in_context or not self.used_model):
            return self.context_model, self.context_effort
        return self.used_model or self.chosen_model, None

    def save(self) -> dict[str, object]:
        """The state as plain values."""
        return dict(msgspec.to_builtins(self))

    @classmethod
    def of(cls, values: dict[str, object]) -> State:
        """The state from plain values."""
        return msgspec.convert(values, cls)


def since(total: Vector, seen: Vector | None, last: Vector | None) -> Vector | None:
    """What one row adds: `total - seen`; the last response where counting began anew.

    Returns None where nothing was added: the row repeats one that was counted.

    >>> since((30, 20, 0, 5, 0), (10, 0, 0, 2, 0), (20, 20, 0, 3, 0))
    (20, 20, 0, 3, 0)
    >>> since((10, 0, 0, 2, 0), (10, 0, 0, 2, 0), (10, 0, 0, 2, 0)) is None
    True
    """
    if seen == total:
        return None
    if seen is None or total[0] < seen[0] or total[3] < seen[3]:
        return last if last is not None else total
    return (
        total[0] - seen[0],
        total[1] - seen[1],
        total[2] - seen[2],
        total[3] - seen[3],
        total[4] - seen[4],
    )


def usage_of(counts: Vector) -> tuple[Usage | None, str]:
    """Disjoint buckets of one response, and what was wrong with its counts.

    `uncached = input - cached - written`. Returns no usage where a count is absurd.
    """
    sent, read, written, out, reasoning = counts
    fault = ""
    if not (
        read >= 0
        and written >= 0
        and read + written <= sent <= MOST_TOKENS
        and 0 <= reasoning <= out <= MOST_TOKENS
    ):
        if max(counts) > MOST_TOKENS:
            return None, "a token count beyond any context window: the call is not counted"
        fault = "token counts that cannot be: clamped"
        sent, out = max(0, sent), max(0, out)
        read = min(max(0, read), sent)
        written = min(max(0, written), sent - read)
        reasoning = min(max(0, reasoning), out)
    return Usage(sent - read - written, read, written, 0, out, reasoning), fault


def both(seen: Vector | None, counts: Vector) -> Vector:
    """Counts added up."""
    a, b, c, d, e = seen or (0, 0, 0, 0, 0)
    return a + counts[0], b + counts[1], c + counts[2], d + counts[3], e + counts[4]


def span_ms(start_at: float, end_at: float) -> float | None:
    """From the request to the last piece of the answer, where both are known."""
    if not start_at or end_at <= start_at:
        return None
    return round(1000 * (end_at - start_at), 3)
