"""Requests that returned usage, and the tokens they used."""

from __future__ import annotations

from dataclasses import dataclass

from switchtax.quick import quick

__all__ = ["Call", "Unknown", "Usage"]


_ONE_RATIO = 1.05
"""Of the context after a turn: agents round it, or count it by a rule of their own."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is not known, and why. It is never replaced by zero."""

    reason: str

    def __bool__(self) -> bool:
        """Never true, so that `value or …` does not take it for a value."""
        return False


@quick
@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call in disjoint buckets.

    `uncached + cache_read + cache_write_5m + cache_write_1h` is what was sent.
    Writes of a provider that does not name a lifetime stand in the 5m bucket.
    `output_tokens` is all that was billed as output, reasoning included;
    `reasoning_tokens` says how much of it was reasoning. An agent whose log
    keeps reasoning beside output sets `reasoning_in_output=False`; then billed
    output is the sum of both (see `billed_output_tokens`).
    """

    uncached_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    reasoning_in_output: bool = True

    @property
    def sent_tokens(self) -> int:
        """All tokens of the request: read, written and plain."""
        return (
            self.uncached_tokens
            + self.cache_read_tokens
            + self.cache_write_5m_tokens
            + self.cache_write_1h_tokens
        )

    @property
    def cache_write_tokens(self) -> int:
        """Tokens written to the cache, whatever their lifetime."""
        return self.cache_write_5m_tokens + self.cache_write_1h_tokens

    @property
    def billed_output_tokens(self) -> int:
        """Tokens billed at the output price."""
        if self.reasoning_in_output:
            return self.output_tokens
        return self.output_tokens + self.reasoning_tokens


@quick
@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider that returned usage.

    `id` is the provider's message or response id (else a stable id made by the
    agent module); a later record with the same id replaces an earlier one,
    and the same id in two files is the same call (resume, fork). `model` is as
    recorded. `started_at` is the best known start of the request, `at` the time
    the answer was recorded. `sidechain` calls are billed but are not part of the
    main prefix; `embedded` marks usage found inside other records (sub-agents
    that other meters do not see). `output_recorded` is False where the log only
    holds a streaming placeholder for the output.
    """

    session_id: str
    id: str
    at: float
    model: str
    usage: Usage
    line: int = 0
    started_at: float = 0.0
    provider: str = ""
    effort: str | None = None
    fast: bool = False
    sidechain: bool = False
    embedded: bool = False
    output_recorded: bool = True
    ttft_ms: float | None = None
    duration_ms: float | None = None
    agent_version: str = ""
    request_id: str = ""
    web_searches: int = 0
    sent_recorded: bool = True
    """False where the log holds only the output: what was sent is unknown, not zero."""
    cache_ttl_s: int | None = None
    """Lifetime of the cache entry that this call wrote or renewed, where the log says."""
    last_pass_tokens: int | None = None
    """What the last of several server-side passes sent, where the usage sums them."""
    summed: bool = False
    """The usage is the sum of a turn's requests, however many they were: the agent tells no more.
    Then `last_pass_tokens` is the context at its end, the last answer with it; without it
    nothing tells how large the context is."""
    purpose: str = ""
    """Why the call was made where that is known: "" (conversation), "compaction", "title", "warm";
    "totals" is no call but what the log's own totals hold beyond the calls it names."""

    @property
    def request_tokens(self) -> int:
        """What one request sent: the only one, or the last of several that the usage sums."""
        if self.last_pass_tokens is not None:
            return self.last_pass_tokens
        return self.usage.sent_tokens

    @property
    def is_one_request(self) -> bool:
        """Whether the usage is one request's: a sum is where the context is as large as it.

        Of two requests the second alone sends nearly all of the context.
        """
        if not self.summed:
            return True
        context = self.last_pass_tokens
        return context is not None and self.usage.sent_tokens <= _ONE_RATIO * context

    @property
    def sent_at(self) -> float:
        """When that request was sent, as near as is told.

        The last of several in a turn was sent at most one answer before the turn's end.
        """
        return self.started_at or self.at if self.is_one_request else self.at
