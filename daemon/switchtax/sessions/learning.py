"""What a session learns from each request, before the request is added to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.catalog.names import normalise
from switchtax.sessions.agent_facts import outlives, same_model
from switchtax.sessions.cache_map import Prefix
from switchtax.sessions.codex_facts import First
from switchtax.sessions.growth import Pieces
from switchtax.sessions.rhythm import line_class
from switchtax.sessions.state import State

if TYPE_CHECKING:
    from switchtax.records import Call, RequestStarted

__all__ = ["Learner", "answer_told"]

_CACHEABLE = 5_000
"""A request larger than this is above every provider's minimum: not cached means no caching."""
_TOO_SHORT = 40
"""Tokens: a shorter answer cannot be told from the noise of the prompt after it."""
_COPIED_RATIO = 3.0
"""A first request so many times what its log explains holds a history from elsewhere."""
_MOST_REQUESTS = 200
"""Of one turn; more come of a context that is not the turn's."""
_SHARES = 24
"""How many of the last hits tell how much of a best-effort cache is read."""


def answer_told(call: Call) -> int:
    """Output tokens that the next request carries besides what the last one is told to have sent.

    The context after a turn has all its answers in it.
    """
    return 0 if call.summed else call.usage.billed_output_tokens


@dataclass(slots=True)
class Learner(State):
    """A state that learns: growth, rhythm, shared start, and how often caches hit."""

    def _learn(self, call: Call) -> int:
        """Learn from the request that is about to be added, and from what stood before it."""
        self._learn_request(call)
        return 1

    def _learn_turn(self, turn: Call) -> int:
        """Learn from the sum of a turn's requests; returns how many they may have been.

        Each sent the context as it was: from what it was before the turn to what it is after.
        What single requests read and brought is told only where there was but one.
        """
        usage, after = turn.usage, turn.request_tokens
        self._learn_caching(turn, usage.sent_tokens)
        before = self.sent_tokens
        goes_on = 0 < before <= after and same_model(turn.model, self.model)
        mean = (before + after) / 2 if goes_on else after
        many = min(_MOST_REQUESTS, max(1, round(usage.sent_tokens / max(1.0, mean))))
        self.rhythm.output_per_call.observe(usage.billed_output_tokens / many)
        if turn.is_one_request:
            self._learn_only(turn, goes_on=goes_on)
            return 1
        if goes_on:
            new = after - before - usage.billed_output_tokens
            self.rhythm.new_per_call.observe(max(1.0, new / many))
        return many

    def _learn_only(self, turn: Call, *, goes_on: bool) -> None:
        """Learn from the only request of a turn."""
        if goes_on:
            new = max(1.0, turn.usage.sent_tokens - self.sent_tokens)
            self.rhythm.new_per_call.observe(new)
            self.rhythm.of("prompt").observe(new)
            self._learn_hits(turn, turn.sent_at)
        is_first = not (self.calls or self.side_calls)
        if goes_on or is_first:
            self._learn_shared(turn, first=is_first)

    def _learn_request(self, call: Call) -> None:
        sent = call.usage.sent_tokens
        if self.request is not None:
            self.starts.used(self.request, call)
        self._learn_caching(call, sent)
        if self.current is None:
            self._learn_opening(call)
            self._learn_first(call)
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
        told = self.pieces.without_answer()
        outside = self.outside(name)
        if outside is not None:
            known = call.usage.sent_tokens - outside.tokens
            growth.observe(told, known, unsure_tokens=outside.unsure_tokens)
        else:
            self._learn_density(call)
        opening = call.usage.sent_tokens - growth.expected_tokens(told)
        self.openings.setdefault(name, max(0.0, opening))

    def _learn_first(self, call: Call) -> None:
        """The first request without its prompt, unless it opens with more than an agent tells."""
        growth, outside = self.growth_of(call.model), self.outside(normalise(call.model).name)
        if outside is None or self.forked_from is not None:
            return
        opening = call.usage.sent_tokens - growth.prompt_tokens(self.prompt_chars, self.prompts)
        if 0 < opening < _COPIED_RATIO * (outside.tokens + growth.expected_tokens(self.pieces)):
            chars = self.pieces.attachment_chars + outside.chars
            self.first = First(opening, chars, self.codex_room(call.model))

    def _learn_density(self, call: Call) -> None:
        """Of a told request: what stands behind tools and system prompt, by its characters."""
        request = self.request
        if request is None or not request.starts or not request.sent_chars:
            return
        shape = self.start_length(call.model, request.starts[-1], math.inf)
        chars = request.sent_chars - request.starts[-1].chars
        if shape is not None and chars > 0:
            self.growth_of(call.model).observe(
                Pieces(attachment_chars=chars),
                call.usage.sent_tokens - shape.tokens,
                unsure_tokens=shape.unsure_ratio * shape.tokens,
            )

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
            shared.tokens, shared.told = read, False
            if first:
                shared.survived += 1.0 if outlives(call.agent_version) else 0.0
            elif expired:
                shared.survived += 2.0
        elif expired:
            shared.lost += 2.0
        shared.refreshed_at, shared.ttl_s = at, self.ttl_of(call.model)

    def _learn_start(self, request: RequestStarted | None) -> None:
        """Of a request told and now billed: its shape is as long as a shared start will be."""
        if request is None or not request.sent_chars:
            return
        shared = self.caches.shared_start(normalise(self.model).name)
        if not shared.tokens and request.shape_chars:
            share = request.shape_chars / request.sent_chars
            shared.tokens, shared.told = round(share * self.sent_tokens), True

    def _hold(self, call: Call) -> None:
        usage = call.usage
        rules = self.rules(call.model)
        explicit = rules is not None and rules.kind == "explicit"
        if explicit and not self.caching_seen:
            return
        cached = usage.cache_read_tokens + usage.cache_write_tokens
        if not self.writes_seen:
            cached = usage.sent_tokens  # a provider that caches by itself, and records no writes
        if call.summed:
            cached = min(cached, call.request_tokens)
        identity = self.identity_of(call.model, effort=call.effort, fast=call.fast)
        self.caches.hold(
            Prefix(
                identity,
                cached,
                call.sent_at,
                call.cache_ttl_s or self.ttl_of(call.model),
                self.caches.epoch,
                call.line,
                self.sent_blocks,
            )
        )
