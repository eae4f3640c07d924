"""What a session is now: the facts folded so far, and what follows from them.

Nothing here changes the state; `fold` adds records to it, `learning` learns from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchtax.catalog import tokenizers
from switchtax.catalog.names import maker_of, normalise, seller_for
from switchtax.sessions import agent_facts
from switchtax.sessions.agent_facts import same_model, thinks_by_budget
from switchtax.sessions.cache_map import CacheMap, Identity
from switchtax.sessions.calibration import Calibration
from switchtax.sessions.codex_facts import density_of, room_of
from switchtax.sessions.growth import LEARN_TOGETHER, Grown, Growth, Pieces
from switchtax.sessions.rhythm import Rhythm, new_tokens_distribution
from switchtax.sessions.starts import Setting, Starts
from switchtax.sessions.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from switchtax.catalog.cards import CacheRules
    from switchtax.records import (
        Call,
        Compaction,
        Forked,
        ModelChosen,
        RateLimits,
        RequestStarted,
        Start,
        ToolUse,
        Unreadable,
    )
    from switchtax.sessions.agent_facts import Outside
    from switchtax.sessions.codex_facts import First, Room
    from switchtax.sessions.neighbours import Neighbours
    from switchtax.sessions.starts import Length

__all__ = ["Signs", "State"]


@dataclass(slots=True)
class Signs:
    """What happened since the last call that bears on the cache."""

    resumed: bool = False
    version_changed: bool = False
    ended: bool = False
    compacted: bool = False
    by_person: bool = False
    """The compaction was asked for: a prompt follows it."""
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
class State:
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
    sidechain: bool = False
    provider: str = ""
    plan: str = ""
    comp_hash: str = ""
    asks: bool | None = None
    sent_an_effort: tuple[str, ...] = ()
    context_window_tokens: int | None = None
    started_at: float = 0.0
    last_at: float = 0.0
    calls: dict[str, Call] = field(default_factory=dict)
    side_calls: dict[str, Call] = field(default_factory=dict)
    current: Call | None = None
    previous: Call | None = None
    unmeasured: Call | None = None
    """The last turn of an agent that tells sums, while nothing tells how large the context is."""
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
    first: First | None = None
    """Codex: None where a session began with a copied history."""
    prompts: int = 0
    prompt_chars: int = 0
    """All that the user wrote so far."""
    switches: list[Call] = field(default_factory=list)
    compactions: list[Compaction] = field(default_factory=list)
    chosen: list[ModelChosen] = field(default_factory=list)
    rate_limits: RateLimits | None = None
    limits_seen: list[RateLimits] = field(default_factory=list)
    """Every telling of them, in order."""
    forked_from: Forked | None = None
    unreadable: list[Unreadable] = field(default_factory=list)
    tool_uses: list[ToolUse] = field(default_factory=list)
    work: Work = field(default_factory=Work)
    """What whoever goes on would have to take over."""
    request: RequestStarted | None = None
    """The main request that was sent after the last call, where the log tells it."""
    opening: tuple[Start, ...] = ()
    """Starts of the last main request, where the log tells them: the next one opens alike."""
    starts: Starts = field(default_factory=Starts)
    """Which models this session sent them to, and how long they are."""
    sent_chars: int = 0
    """Characters of the last call's request, where the log tells them; else 0."""
    blocks: int = 0
    """Content blocks of the main chain so far."""
    sent_blocks: int = 0
    """Of these, those that stood before the last call."""
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

    def effort_on(self, model: str) -> str | None:
        """The effort that a call to a model would have.

        One that was chosen together with another model says nothing of staying: Codex proposes
        each model's own at the pick.
        """
        chosen = self.signs.chosen_model
        stays = bool(self.current) and same_model(model, self.model)
        if stays and chosen and not same_model(chosen, self.model):
            return self.current.effort if self.current else None
        return self.effort

    @property
    def fast(self) -> bool:
        """Whether fast mode is on: chosen since, else as in the last call."""
        if self.signs.chosen_fast is not None:
            return self.signs.chosen_fast
        return bool(self.current and self.current.fast)

    def fast_on(self, model: str) -> bool:
        """Whether fast mode would be asked of a model."""
        along = agent_facts.fast_goes_along(self.agent)
        return self.fast and (along or same_model(model, self.model))

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
        return self.current.request_tokens if self.current else 0

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

    @property
    def calls_this_turn(self) -> int:
        """Calls since the last prompt."""
        return self._turn_calls

    def growth_of(self, model: str) -> Growth:
        """The growth model of a tokenizer family, made when first needed."""
        family = LEARN_TOGETHER.get(known := tokenizers.family(model), known)
        found = self.growth.get(family)
        if found is None:
            found = self.growth[family] = Growth(family)
        return found

    def identity_of(self, model: str, *, effort: str | None, fast: bool) -> Identity:
        """The cache identity of a model with these settings, by the provider's rules."""
        name = normalise(model)
        breaks = rules.breaks_on if (rules := self.rules(model)) else ("model",)
        budget = thinks_by_budget(self.agent, self.provider_told, model, self.sent_an_effort)
        return Identity(
            self.seller_of(model) or name.seller,
            name.name,
            (effort or "") if budget or "effort" in breaks else "",
            fast and "fast" in breaks,
        )

    def identity_on(self, model: str) -> Identity:
        """That which the next call on a model would have."""
        return self.identity_of(model, effort=self.effort_on(model), fast=self.fast_on(model))

    def rules(self, model: str) -> CacheRules | None:
        """The provider's cache rules for a model."""
        found = self.rules_for(model, self.seller_of(model)) if self.rules_for else None
        return agent_facts.as_sent_by(self.agent, found) if found else None

    def start_of(self, call: Call) -> float:
        """When a call that is about to be added was sent, UTC epoch seconds.

        Not before anything that stands before it in the log: a request carries all of that.
        """
        start = call.started_at or call.at
        return min(call.at, max(start, self.last_at)) if call.at > 0 else start

    @property
    def last_call_at(self) -> float:
        """When the last request was sent (when it was answered, where that is all we know)."""
        return self.current.sent_at if self.current else 0.0

    def situation(self, model: str, at: float) -> str:
        """What the chance of a hit depends on: tools, prompt, or late; "" if nothing is held."""
        held = self.caches.held(self.identity_on(model))
        if held is None:
            return ""
        if held.ttl_s is not None and at - held.refreshed_at > held.ttl_s:
            return "late"
        return "tools" if self.asked_for else "prompt"

    def grown_at_choice(self) -> Grown:
        """What the next request will add, as known right after the answer."""
        growth = self.growth_of(self.model)
        mu, sd = new_tokens_distribution(self.rhythm, tuple(self.asked_for))
        return Grown(
            growth.answer_tokens(self.pieces), growth.answer_noise_tokens(self.pieces), mu, sd
        )

    def prefix_alive(self, model: str, at: float) -> bool:
        """Whether the clock says that the model's prefix is still held."""
        held = self.caches.held(self.identity_on(model))
        return held is not None and (held.ttl_s is None or at - held.refreshed_at <= held.ttl_s)

    def ttl_of(self, model: str) -> int | None:
        """Lifetime of a prefix: as observed, else the provider's rule."""
        if self.ttl_s is not None:
            return self.ttl_s
        rules = self.rules(model)
        return rules.ttl_s if rules else None

    def shared_by_others(self, model: str, at: float) -> tuple[int, float]:
        """The shared start that other sessions keep warm for a model: tokens, and since when.

        Its length is what this session's own requests have read of it on that maker's models, in
        the model's tokens; 0 where they have read none.
        Only where the provider keeps a cache for a stated time is another's use a promise.
        """
        if self.neighbours is None or self.current is None:
            return 0, 0.0
        rules, maker = self.rules(model), maker_of(normalise(model).name)
        if rules is None or rules.kind != "explicit":
            return 0, 0.0
        known = max(
            (
                round(start.tokens * tokenizers.token_ratio(name, model)[1])
                for name, start in self.caches.shared.items()
                if maker_of(name) == maker and not start.told
            ),
            default=0,
        )
        used = self.neighbours.last_use(
            self.agent, self.current.agent_version, model, before=at, not_by=self.id
        )
        return (0, 0.0) if used is None else (known, used)

    def start_ends_at(self, model: str, start: Start, before: float) -> float:
        """Until when a model holds a start, by all uses up to a time; 0 if none is known."""
        rules = self.rules(model)
        if self.current is None or rules is None or rules.kind != "explicit":
            return 0.0
        asked = Setting(self.effort, self.fast)
        ends = 0.0
        for book, not_by in self._books():
            provider, digest = self.current.provider, start.digest
            found = book.used_at(provider, model, digest, before=before, not_by=not_by)
            for (setting, ttl_s), at in found.items():
                alike = setting.effort == asked.effort or "effort" not in rules.breaks_on
                alike &= setting.fast == asked.fast or "fast" not in rules.breaks_on
                if alike and (ttl_s := ttl_s or rules.ttl_s):
                    ends = max(ends, at + ttl_s)
        return ends

    def start_length(self, model: str, start: Start, before: float) -> Length | None:
        """How long a start is, in a model's tokens, as far as it was known at a time."""
        known = [book.length(model, start.digest, before) for book, _ in self._books()]
        return min(
            (length for length in known if length is not None),
            key=lambda length: length.unsure_ratio,
            default=None,
        )

    def _books(self) -> Iterator[tuple[Starts, str]]:
        """Who knows of starts, each with whose uses to leave out."""
        yield self.starts, ""
        if self.neighbours is not None:
            yield self.neighbours.starts, self.id  # what comes later in this log stands there too

    def opening_tokens(self, model: str) -> float:
        """What a request of a model opens with besides what the log shows, in tokens."""
        name = normalise(model).name
        outside = self.outside(name)
        if name not in self.openings and outside is not None:
            return outside.tokens
        return self.openings.get(name, next(iter(self.openings.values()), 0.0))

    def outside(self, name: str) -> Outside | None:
        """What this agent's log never shows of a request of a model; None where not known."""
        return agent_facts.outside_input_tokens(self.agent, name, self.codex_room(name))

    def summaries(self, at: float) -> list[int]:
        """Tokens of this session's own summaries, else of those in others up to a time."""
        own = [call for call in self.side_calls.values() if call.purpose == "compaction"]
        if own or self.neighbours is None:
            return [call.usage.billed_output_tokens for call in own]
        return self.neighbours.summaries_of(self.agent, at)

    @property
    def told_density(self) -> float:
        """Tokens per character of what Codex tells a model, as in the first request."""
        return density_of(self.first)

    def codex_room(self, first: str = "") -> Room:
        """What a request of Codex depends on besides its model; `first` if none was made yet."""
        began = normalise(next((call.model for call in self.calls.values()), first)).name
        room = room_of(began, self.entrypoint, self.provider_told, self.agent_version)
        sat = self.first and self.first.room.is_on_screen
        return room._replace(asks=bool(self.asks), keeps_mode=bool(sat))
