"""Folds an agent's records, in order, into what a session is now.

The main chain is the calls of the conversation itself: sidechains, titles and compaction
calls are billed but are not part of the prefix. Everything known before a call is learnt
before it is added, so a fold of a transcript cut before a call knows just what stood there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from switchtax.catalog import tokenizers
from switchtax.catalog.names import maker_of, normalise, seller_for
from switchtax.records import (
    Call,
    Cleared,
    Compaction,
    Content,
    ContentKind,
    EffortChosen,
    Ended,
    Forked,
    ModelChosen,
    Prompt,
    RateLimits,
    Record,
    RequestStarted,
    Resumed,
    SessionInfo,
    ToolUse,
    Unreadable,
)
from switchtax.sessions.cache_map import CacheMap, Identity, Prefix
from switchtax.sessions.calibration import Calibration
from switchtax.sessions.growth import Grown, Growth, Pieces
from switchtax.sessions.rhythm import Rhythm, line_class, new_tokens_distribution, tool_class

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from switchtax.catalog.cards import CacheRules
    from switchtax.sessions.neighbours import Neighbours

__all__ = ["Session", "Signs", "outlives", "same_model"]

_CACHEABLE = 5_000
"""A request larger than this is above every provider's minimum: not cached means no caching."""
_LEARN_TOGETHER = {"openai-gpt-6": "openai-o200k"}
"""Families that share one learnt growth: of GPT-6 no tokenizer is published."""
_TOO_SHORT = 40
"""Tokens: a shorter answer cannot be told from the noise of the prompt after it."""
_SHARES = 24
"""How many of the last hits tell how much of a best-effort cache is read."""


@dataclass(slots=True)
class Signs:
    """What happened since the last call that bears on the cache."""

    resumed: bool = False
    version_changed: bool = False
    ended: bool = False
    compacted: bool = False
    micro_compacted: bool = False
    cleared: bool = False
    tokens_before: int | None = None
    tokens_after: int | None = None
    chosen_model: str = ""
    chosen_effort: str | None = None
    chosen_fast: bool | None = None
    prompted: bool = False
    switch_text: bool = False
    """The agent has already appended what it appends when the model changes."""


@dataclass(slots=True)
class Session:
    """One session as its log tells it, up to the last record added.

    Token counts are the current model's. `sent_tokens` is what the last request sent;
    `context_tokens` that and what came back. `calls` are the main chain's by id, in order;
    `side_calls` the rest.
    """

    agent: str
    id: str
    path: str = ""
    rules_for: Callable[[str, str], CacheRules] | None = None
    neighbours: Neighbours | None = None
    cwd: str = ""
    agent_version: str = ""
    entrypoint: str = ""
    parent_id: str = ""
    provider: str = ""
    plan: str = ""
    comp_hash: str = ""
    context_window_tokens: int | None = None
    started_at: float = 0.0
    last_at: float = 0.0
    calls: dict[str, Call] = field(default_factory=dict)
    side_calls: dict[str, Call] = field(default_factory=dict)
    current: Call | None = None
    previous: Call | None = None
    caches: CacheMap = field(default_factory=CacheMap)
    rhythm: Rhythm = field(default_factory=Rhythm)
    growth: dict[str, Growth] = field(default_factory=dict)
    at_choice: Calibration = field(default_factory=Calibration)
    at_send: Calibration = field(default_factory=Calibration)
    pieces: Pieces = field(default_factory=Pieces)
    signs: Signs = field(default_factory=Signs)
    asked_for: list[tuple[str, int | None]] = field(default_factory=list)
    """Tool classes the last answer called, each with the lines it asked for, if it said."""
    ttl_s: int | None = None
    caching_seen: bool = False
    uncached_calls: int = 0
    writes_seen: bool = False
    openings: dict[str, float] = field(default_factory=dict)
    """Tokens that a request of a model has besides what the log shows, by model name."""
    switches: list[Call] = field(default_factory=list)
    compactions: list[Compaction] = field(default_factory=list)
    chosen: list[ModelChosen] = field(default_factory=list)
    rate_limits: RateLimits | None = None
    forked_from: Forked | None = None
    unreadable: list[Unreadable] = field(default_factory=list)
    tool_uses: list[ToolUse] = field(default_factory=list)
    request: RequestStarted | None = None
    """The main request that was sent after the last call, where the log tells it."""
    sent_chars: int = 0
    """Characters of the last call's request, where the log tells them; else 0."""
    hits: dict[str, float] = field(default_factory=dict)
    misses: dict[str, float] = field(default_factory=dict)
    """Requests whose prefix was still held, by situation (see `situation`): read or not."""
    answers_kept: float = 1.0
    answers_not_kept: float = 2.0
    """How often the last answer of a turn was in the cache when the next prompt came: the agent
    asks something else in between (a suggestion, a title) that caches it. With a prior."""
    read_shares: list[float] = field(default_factory=list)
    """Of requests that hit: how much of the request before was read, last ones last."""
    _turn_calls: int = 0
    _tools: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    _results: list[tuple[str, int]] = field(default_factory=list)

    # -- what it is now --------------------------------------------------------------

    @property
    def model(self) -> str:
        """The model of the last call, as recorded; empty before the first."""
        return self.current.model if self.current else ""

    @property
    def effort(self) -> str | None:
        """The effort in force: chosen since, else that of the last call."""
        if self.signs.chosen_effort is not None:
            return self.signs.chosen_effort
        return self.current.effort if self.current else None

    @property
    def fast(self) -> bool:
        """Whether fast mode is on: chosen since, else as in the last call."""
        if self.signs.chosen_fast is not None:
            return self.signs.chosen_fast
        return bool(self.current and self.current.fast)

    @property
    def provider_told(self) -> str:
        """Who answers the calls, as the log names it; "" where it does not."""
        return self.provider or (self.current.provider if self.current else "")

    def seller_of(self, model: str) -> str:
        """Who sells a model here; "" for its maker, and for names that we do not know."""
        return seller_for(self.provider_told, model)

    def seller_known(self, model: str) -> bool:
        """Whether the log names a seller whose models are what their names say."""
        return bool(self.seller_of(model))

    @property
    def sent_tokens(self) -> int:
        """What the last request sent."""
        if self.current is None:
            return 0
        if self.current.last_pass_tokens is not None:
            return self.current.last_pass_tokens
        return self.current.usage.sent_tokens

    @property
    def context_tokens(self) -> int:
        """What the last request sent and what came back: the context before anything new."""
        if self.current is None:
            return 0
        return self.sent_tokens + round(self.growth_of(self.model).answer_tokens(self.pieces))

    @property
    def request_told_tokens(self) -> float:
        """The size of the request being sent, at the tokens per character of the last one."""
        if self.request is None or not self.sent_chars:
            return 0.0
        return self.request.sent_chars * self.sent_tokens / self.sent_chars

    @property
    def request_kept_tokens(self) -> float:
        """Of the request being sent, the start that is the same as in the last one."""
        if self.request is None or not self.sent_chars:
            return 0.0
        return self.request.common_chars * self.sent_tokens / self.sent_chars

    @property
    def turns(self) -> int:
        """Turns so far."""
        return self.rhythm.turns

    def growth_of(self, model: str) -> Growth:
        """The growth model of a tokenizer family, made when first needed."""
        family = _LEARN_TOGETHER.get(known := tokenizers.family(model), known)
        found = self.growth.get(family)
        if found is None:
            found = self.growth[family] = Growth(family)
        return found

    def identity_of(self, model: str, *, effort: str | None, fast: bool) -> Identity:
        """The cache identity of a model with these settings, by the provider's rules."""
        name = normalise(model)
        rules = self.rules(model)
        breaks = rules.breaks_on if rules else ("model",)
        return Identity(
            self.seller_of(model) or name.seller,
            name.name,
            (effort or "") if "effort" in breaks else "",
            fast and "fast" in breaks,
        )

    def rules(self, model: str) -> CacheRules | None:
        """The provider's cache rules for a model."""
        return self.rules_for(model, self.seller_of(model)) if self.rules_for else None

    # -- folding ---------------------------------------------------------------------

    def start_of(self, call: Call) -> float:
        """When a call that is about to be added was sent, UTC epoch seconds.

        Not before anything that stands before it in the log: a request carries all of that.
        """
        start = call.started_at or call.at
        return min(call.at, max(start, self.last_at)) if call.at > 0 else start

    def add_all(self, records: Iterable[Record]) -> None:
        """Add records in order."""
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Add one record."""
        self._dispatch(record)
        if record.at > 0.0:
            self.started_at = self.started_at or record.at
            self.last_at = max(self.last_at, record.at)

    def _dispatch(self, record: Record) -> None:
        match record:
            case Call():
                self._call(record)
            case Content():
                self._content(record)
            case ToolUse():
                self._tool_use(record)
            case Prompt():
                self._prompt(record)
            case Unreadable():
                self.unreadable.append(record)
            case SessionInfo():
                self._info(record)
            case _:
                self._event(record)

    def _event(self, record: Record) -> None:
        signs = self.signs
        match record:
            case Compaction():
                self._compaction(record)
            case Cleared():
                if self.current is not None:
                    signs.cleared = True
                    self._begin_anew()
            case Resumed():
                signs.resumed = True
                version = record.agent_version
                if self.current is not None and version not in ("", self.current.agent_version):
                    signs.version_changed = True
            case Ended():
                signs.ended = True
            case ModelChosen():
                self.chosen.append(record)
                signs.chosen_model = record.model
            case EffortChosen():
                signs.chosen_effort = record.effort or signs.chosen_effort
                signs.chosen_fast = signs.chosen_fast if record.fast is None else record.fast
            case RateLimits():
                self.rate_limits = record
            case Forked():
                self.forked_from = record
            case RequestStarted():
                if record.main:
                    self.request = record
            case _:
                pass

    def _info(self, record: SessionInfo) -> None:
        self.cwd = self.cwd or record.cwd
        self.agent_version = record.agent_version or self.agent_version
        self.entrypoint = record.entrypoint or self.entrypoint
        self.parent_id = record.parent_id or self.parent_id
        self.provider = record.provider or self.provider
        self.plan = record.plan or self.plan
        self.comp_hash = record.comp_hash or self.comp_hash
        self.context_window_tokens = record.context_window_tokens or self.context_window_tokens

    def _compaction(self, record: Compaction) -> None:
        self.compactions.append(record)
        self.signs.tokens_before = record.before_tokens
        self.signs.tokens_after = record.after_tokens
        if record.partial:
            self.signs.micro_compacted = True
        else:
            self.signs.compacted = True
            self._begin_anew()

    def _begin_anew(self) -> None:
        """The history is gone: nothing of it opens the next request."""
        self.caches.break_history()
        self.pieces = Pieces()
        self.asked_for = []
        self._results = []

    def _prompt(self, record: Prompt) -> None:
        if self.current is not None or not self.rhythm.turns:
            if self._turn_calls:
                self.rhythm.calls_per_turn.observe(self._turn_calls)
                if record.at > self.last_call_at > 0:
                    self.rhythm.turn_gap_s.observe(record.at - self.last_call_at)
            if self._turn_calls or not self.rhythm.turns:
                self.rhythm.turns += 1
            self._turn_calls = 0
        self.signs.prompted = True

    @property
    def last_call_at(self) -> float:
        """When the last request was sent (when it was answered, where that is all we know)."""
        if self.current is None:
            return 0.0
        return self.current.started_at or self.current.at

    def _content(self, record: Content) -> None:
        if record.sidechain:
            return
        p, kind = self.pieces, record.kind
        if record.call_id:
            if kind is ContentKind.TEXT:
                p.text_chars += record.chars
            elif kind is ContentKind.TOOL_CALL:
                p.call_chars += record.chars
            elif kind is ContentKind.REASONING:
                p.reasoning_chars += record.chars
            elif kind is ContentKind.SEALED_REASONING:
                p.sealed_chars += record.chars
            else:
                p.result_chars += record.chars
            return
        if kind is ContentKind.TOOL_RESULT:
            p.result_chars += record.chars
            p.results += record.items
            self._results.append((record.tool_id, record.chars))
        elif kind is ContentKind.IMAGE:
            p.images += record.items
        elif kind is ContentKind.SWITCH_TEXT:
            p.attachment_chars += record.chars
            self.signs.switch_text = True
        elif kind is ContentKind.ATTACHMENT:
            p.attachment_chars += record.chars
            p.attachments += record.items
        elif kind is ContentKind.SUMMARY:
            p.summary_chars += record.chars
        else:
            p.prompt_chars += record.chars

    def _tool_use(self, record: ToolUse) -> None:
        self.tool_uses.append(record)
        if record.name and not record.sidechain:
            key = tool_class(record.name)
            self._tools[record.id] = (key, record.asked_lines)
            if record.call_id and self.current is not None and record.call_id == self.current.id:
                self.asked_for.append((key, record.asked_lines))

    # -- calls -----------------------------------------------------------------------

    def _call(self, call: Call) -> None:
        if call.sidechain or call.purpose or not call.sent_recorded:
            self.calls.pop(call.id, None)
            known = self.side_calls.get(call.id)
            if known is None or call.usage.output_tokens >= known.usage.output_tokens:
                self.side_calls[call.id] = call
            return
        known = self.calls.get(call.id)
        if known is not None:
            self._complete(known, call)
            return
        call = replace(call, started_at=self.start_of(call))
        self._learn(call)
        if self.current is not None and not same_model(call.model, self.current.model):
            self.switches.append(call)
        self.calls[call.id] = call
        self.previous, self.current = self.current, call
        self.sent_chars = self.request.sent_chars if self.request else 0
        self.request = None
        self._hold(call)
        self._turn_calls += 1
        self.rhythm.calls += 1
        self.pieces = Pieces(call.usage.billed_output_tokens, call.output_recorded)
        self.signs = Signs()
        self.asked_for = []
        self._results = []

    def _complete(self, known: Call, call: Call) -> None:
        """A later line of the same response: the larger output wins, the first times stay."""
        if call.usage.output_tokens < known.usage.output_tokens:
            return
        merged = replace(
            call, at=known.at, started_at=call.started_at or known.started_at, line=known.line
        )
        self.calls[call.id] = merged
        if self.current is known:
            self.current = merged
            if call.cache_ttl_s or call.started_at:
                self._hold(merged)
            self.pieces.output_tokens = call.usage.billed_output_tokens
            self.pieces.output_recorded = call.output_recorded

    def _learn(self, call: Call) -> None:
        """Learn from the request that is about to be added, and from what stood before it."""
        sent = call.usage.sent_tokens
        self._learn_caching(call, sent)
        if self.current is None:
            self._learn_opening(call)
            self._learn_shared(call, first=True)
            return
        start, last = call.started_at or call.at, self.last_call_at
        if start > last > 0:
            self.rhythm.gap_s.observe(start - last)
        signs = self.signs
        if not (signs.compacted or signs.cleared):
            output = self.pieces
            self.rhythm.output_per_call.observe(
                output.output_tokens
                if output.output_recorded
                else self.growth_of(self.model).answer_tokens(output)
            )
        else:
            self._learn_opening(call)
            self._learn_shared(call, first=False)
            return
        if not same_model(call.model, self.model):
            return
        self._learn_hits(call, start)
        self._learn_growth(sent - self.sent_tokens)
        self._learn_shared(call, first=False)

    def _learn_opening(self, call: Call) -> None:
        """The tools and system prompt that stand before the first message, where not logged."""
        name = normalise(call.model).name
        growth = self.growth_of(call.model)
        told = replace_answer(self.pieces)
        outside = outside_input_tokens(self.agent, name)
        if outside is not None:
            known = call.usage.sent_tokens - outside.tokens
            growth.observe(told, known, unsure_tokens=outside.unsure_tokens)
        opening = call.usage.sent_tokens - growth.expected_tokens(told)
        self.openings.setdefault(name, max(0.0, opening))

    def shared_by_others(self, model: str, at: float) -> tuple[int, float]:
        """The shared start that other sessions keep warm for a model: tokens, and since when.

        Its length is what this session's own requests have read of it on that maker's models.
        Only where the provider keeps a cache for a stated time is another's use a promise.
        """
        if self.neighbours is None or self.current is None:
            return 0, 0.0
        rules, maker = self.rules(model), maker_of(normalise(model).name)
        known = max(
            (s.tokens for m, s in self.caches.shared.items() if maker_of(m) == maker), default=0
        )
        if not known or rules is None or rules.kind != "explicit":
            return 0, 0.0
        used = self.neighbours.last_use(
            self.agent, self.current.agent_version, model, before=at, not_by=self.id
        )
        return (0, 0.0) if used is None else (known, used)

    def opening_tokens(self, model: str) -> float:
        """What a request of a model opens with besides what the log shows, in tokens."""
        name = normalise(model).name
        if name in self.openings:
            return self.openings[name]
        outside = outside_input_tokens(self.agent, name)
        if outside is not None:
            return outside.tokens
        return next(iter(self.openings.values()), 0.0)

    def _learn_growth(self, grown: int) -> None:
        growth = self.growth_of(self.model)
        signs = self.signs
        odd = signs.micro_compacted or signs.resumed or grown < -0.03 * self.sent_tokens
        expected = growth.expected_tokens(self.pieces)
        if odd:
            return
        self.at_send.observe((grown - expected) / (growth.noise_tokens(expected) * growth.spread))
        at_choice = self.grown_at_choice()
        self.at_choice.observe(at_choice.z_of(grown))
        new = max(1.0, grown - growth.answer_tokens(self.pieces))
        growth.observe(self.pieces, grown)
        self.rhythm.new_per_call.observe(new)
        results = 0.0
        for tool_id, chars in self._results:
            tokens = growth.piece_tokens(chars)
            results += tokens
            key, lines = self._tools.get(tool_id, ("other", None))
            if lines:
                self.rhythm.of(line_class(key)).observe(tokens / lines, least=0.2)
            else:
                self.rhythm.of(key).observe(tokens)
        if self.asked_for:
            self.rhythm.extra.observe(max(1.0, new - results))
        else:
            self.rhythm.of("prompt").observe(max(1.0, new))

    def _learn_hits(self, call: Call, at: float) -> None:
        """How often, and how much of, a prefix inside its lifetime is read."""
        key = self.situation(call.model, at)
        if not key:
            return
        share = min(1.0, call.usage.cache_read_tokens / max(1, self.sent_tokens))
        hits, misses = self.hits.get(key, 0.0) * 0.97, self.misses.get(key, 0.0) * 0.97
        hit = share >= 0.5
        self.hits[key], self.misses[key] = hits + hit, misses + (not hit)
        if not hit:
            return
        self._learn_kept(call)
        self.read_shares = [*self.read_shares[1 - _SHARES :], share]

    def situation(self, model: str, at: float) -> str:
        """What the chance of a hit depends on: tools, prompt, or late; "" if nothing is held."""
        held = self.caches.held(self.identity_of(model, effort=self.effort, fast=self.fast))
        if held is None:
            return ""
        if held.ttl_s is not None and at - held.refreshed_at > held.ttl_s:
            return "late"
        return "tools" if self.asked_for else "prompt"

    def _learn_kept(self, call: Call) -> None:
        """Whether the answer that ended a turn had been cached by another request since."""
        held = self.caches.held(self.identity_of(call.model, effort=self.effort, fast=self.fast))
        answer = self.growth_of(self.model).answer_tokens(self.pieces)
        if self.asked_for or held is None or answer < _TOO_SHORT:
            return
        if call.usage.cache_read_tokens - held.tokens > 0.5 * answer:
            self.answers_kept += 1.0
        else:
            self.answers_not_kept += 1.0

    def grown_at_choice(self) -> Grown:
        """What the next request will add, as known right after the answer."""
        growth = self.growth_of(self.model)
        mu, sd = new_tokens_distribution(self.rhythm, tuple(self.asked_for))
        return Grown(
            growth.answer_tokens(self.pieces), growth.answer_noise_tokens(self.pieces), mu, sd
        )

    def _learn_caching(self, call: Call, sent: int) -> None:
        usage = call.usage
        if usage.cache_read_tokens or usage.cache_write_tokens:
            self.caching_seen = True
        elif sent > _CACHEABLE:
            self.uncached_calls += 1
        self.writes_seen = self.writes_seen or usage.cache_write_tokens > 0
        if usage.cache_write_1h_tokens:
            self.ttl_s = 3600
        elif usage.cache_write_5m_tokens:
            self.ttl_s = None
        if self.request is not None and self.request.ttl_s:
            self.ttl_s = self.request.ttl_s

    def _learn_shared(self, call: Call, *, first: bool) -> None:
        """What a request that missed the conversation still read is the shared start."""
        usage = call.usage
        read, at = usage.cache_read_tokens, call.started_at or call.at
        shared = self.caches.shared_start(normalise(call.model).name)
        alive = self.prefix_alive(call.model, at)
        missed = first or read < 0.5 * self.sent_tokens
        if not missed:
            shared.refreshed_at, shared.ttl_s = at, self.ttl_of(call.model)
            return
        expired = not first and not alive and not self.signs.compacted
        if read > 0:
            shared.tokens = read
            if first:
                shared.survived += 1.0 if outlives(call.agent_version) else 0.0
            elif expired:
                shared.survived += 2.0
        elif expired:
            shared.lost += 2.0
        shared.refreshed_at, shared.ttl_s = at, self.ttl_of(call.model)

    def prefix_alive(self, model: str, at: float) -> bool:
        """Whether the clock says that the model's prefix is still held."""
        held = self.caches.held(self.identity_of(model, effort=self.effort, fast=self.fast))
        if held is None:
            return False
        return held.ttl_s is None or at - held.refreshed_at <= held.ttl_s

    def ttl_of(self, model: str) -> int | None:
        """Lifetime of a prefix: as observed, else the provider's rule."""
        if self.ttl_s is not None:
            return self.ttl_s
        rules = self.rules(model)
        return rules.ttl_s if rules else None

    def _hold(self, call: Call) -> None:
        usage = call.usage
        rules = self.rules(call.model)
        explicit = rules is not None and rules.kind == "explicit"
        if explicit and not self.caching_seen:
            return
        cached = usage.cache_read_tokens + usage.cache_write_tokens
        if not self.writes_seen:
            cached = usage.sent_tokens  # a provider that caches by itself, and records no writes
        identity = self.identity_of(call.model, effort=call.effort, fast=call.fast)
        at = call.started_at or call.at
        self.caches.hold(
            Prefix(
                identity,
                cached,
                at,
                call.cache_ttl_s or self.ttl_of(call.model),
                self.caches.epoch,
                call.line,
            )
        )


def replace_answer(pieces: Pieces) -> Pieces:
    """The same new content without an answer before it."""
    return replace(pieces, output_tokens=0, output_recorded=True)


class Outside(NamedTuple):
    """Tokens of a request that an agent's log never shows, and how far they may be off.

    `tools_tokens` are those beside the history whose length a compaction record tells.
    """

    tokens: float
    unsure_tokens: float
    tools_tokens: float


_OUTSIDE_INPUT = (
    ("gpt-5.6", Outside(500.0, 150.0, 430.0)),
    ("gpt-6", Outside(500.0, 150.0, 430.0)),
    ("gpt-5", Outside(8_300.0, 500.0, 3_990.0)),
)
"""Codex: tools and instructions that its log does not hold, by model. From gpt-5.6 on they are
messages of the log. Source: requests of Codex 0.169.0, 2026-11-21."""


def outside_input_tokens(agent: str, model: str) -> Outside | None:
    """What an agent's log never shows of a request; None where not known beforehand."""
    if agent != "codex":
        return None
    return next((found for name, found in _OUTSIDE_INPUT if model.startswith(name)), None)


def same_model(one: str, other: str) -> bool:
    """Whether two spellings name one model.

    >>> same_model("claude-opus-4-5", "claude-opus-4-5-20251101")
    True
    """
    return one == other or normalise(one).name == normalise(other).name


def outlives(agent_version: str) -> bool:
    """Whether this build of Claude Code marks its system prompt for a cache shared by all.

    Builds from about 2.1.30 (February 2026) read the same 8–41k tokens again after an hour
    and more; before, a cold request read nothing (recorded sessions, 2026-01 to 2026-07).
    """
    parts = agent_version.split(".")
    try:
        return tuple(int(part) for part in parts[:3]) >= (2, 1, 30)
    except ValueError:
        return False
