"""What the next call will send, read and write: the cache state and its numbers, foretold.

Two moments. At choice (a person is about to pick a model or send) nothing of the next
prompt is known but the time. At send the sizes of the new content are known too. Both use
only what the session held before the call.

An outlook is a small weighted set of cases: the likely state of the prefix and its
alternatives, each with the request's size at eleven equally likely points. Prices turn the
cases into money; their 10th and 90th percentiles are the interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from switchtax.catalog.cards import CacheKind
from switchtax.catalog.names import maker_of, normalise
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.request_size import (
    Moment,
    on_other_model,
    pruned_when_cold,
    request_sizes,
    told,
)
from switchtax.estimates.shared_start import ends_of_starts, shared_start
from switchtax.estimates.weighted import quantile, shortest
from switchtax.records import Unknown
from switchtax.sessions.cache_map import CacheState
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from switchtax.catalog.cards import CacheRules
    from switchtax.estimates.shared_start import Shared
    from switchtax.sessions.cache_map import Prefix
    from switchtax.sessions.fold import Session

__all__ = ["Case", "Moment", "Outlook", "bearing", "outlook", "state_of", "turns_at"]

MISS_INSIDE_TTL = 0.007
"""Of 1,000 requests inside the lifetime about 7 miss for no recorded reason."""
_EXPLICIT_PRIOR = (20 * (1 - MISS_INSIDE_TTL), 20 * MISS_INSIDE_TTL)
_BEST_EFFORT_PRIOR = (7.4, 0.6)
_LATE_PRIOR = (1.2, 1.8)
"""Hits and misses that a session starts from."""
_GRACE_RATIO = 1.1
"""A prefix may live this much longer than its lifetime; nothing is promised there."""

_PRIOR_SHARES = (0.92, 0.97, 0.99, 0.997)
"""How much of the request before is read where the provider caches by itself: all but the last,
unfilled block of 128 tokens of a few thousand, or of a request earlier."""
_STARTS = (0.1, 0.08, 0.06, 0.045, 0.03)
"""Where an interval that holds 80 % may begin."""
_TOO_FAR = "too many steps since: the cache is looked for only 20 blocks back"
_INFERRED = "; the length of its warm start is inferred"
_REWOUND = "the conversation is another one from an earlier answer on"
_NOT_EXPIRED, _TIMELESS = Unknown("it has not expired"), Unknown("its log tells no times")
_KEPT_BEFORE_DROP = 0.22
"""Share of the prefix before the first tool result that a micro-compaction drops."""


class Case(NamedTuple):
    """One way the next call may go: its weight, the tokens read, and what is sent."""

    weight: float
    read_tokens: float
    sent_tokens: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """The next call on one model.

    Tokens are that model's. `state` is the likeliest state of the prefix, `warm_probability`
    how likely it is warm; `written` says which lifetime written tokens are billed at
    ("5m", "1h", or "" where the provider bills none). `evidence` says why, in a few words.
    """

    model: str
    moment: Moment
    state: CacheState
    warm_probability: float
    read_tokens: Interval
    sent_tokens: Interval
    cases: tuple[Case, ...]
    written: str
    warm_until_at: float | None
    ttl_s: int | None
    evidence: str
    uncached_tail_tokens: int = 0
    starts: tuple[float, ...] = (0.1,)
    """Where an interval that holds 80 % may begin: anywhere among these, if it is shorter."""
    expired_at: float | Unknown = _NOT_EXPIRED
    """When the prefix ran out, where its lifetime is a promise and is over."""

    @property
    def written_tokens(self) -> Interval:
        """What will be written (or sent as plain input where writes are not billed)."""
        tokens = [(c.weight, max(0.0, c.sent_tokens - c.read_tokens)) for c in self.cases]
        mid = max(0.0, self.sent_tokens.mid - self.read_tokens.mid)
        return shortest(tokens, mid, self.starts)


@dataclass(frozen=True, slots=True)
class _State:
    """How likely which state is, and what would be read in each."""

    warm: float
    partial: float
    prefix: tuple[float, ...]
    """Equally likely lengths that a warm prefix is read to."""
    shared: tuple[float, ...]
    """The same of the shared start, where that is all that is read."""
    evidence: str
    held: Prefix | None


def outlook(
    session: Session,
    model: str,
    at: float,
    moment: Moment,
    *,
    ratio: Interval | None = None,
    delta_tokens: Interval | None = None,
) -> Outlook:
    """Foretell the next call of a session on a model.

    Args:
        session: all that stood before the call.
        model: who would answer it; the session's own model means staying.
        at: when the request would be sent, UTC epoch seconds.
        moment: what is known of the new content.
        ratio: the model's tokens per token of the session's model (1 within a family).
        delta_tokens: what choosing the model adds to the context besides.
    """
    rules = session.rules(model)
    shared = shared_start(session, model, at, ratio)
    state = _state(session, model, at, moment, shared)
    sizes = request_sizes(session, model, at, moment, warm=state.warm >= 0.5)
    mid_sent = quantile(sizes, 0.5)
    if ratio is not None or delta_tokens is not None:
        ratio, delta_tokens = ratio or exactly(1), delta_tokens or exactly(0)
        sizes = on_other_model(sizes, ratio, delta_tokens)
        mid_sent = max(1.0, mid_sent * ratio.mid + delta_tokens.mid)
    block = rules.block_tokens if rules is not None else 1
    cases = tuple(_cases(state, sizes, block))
    read_mid = _whole_blocks(_read_of(state, mid_sent), block)
    likeliest = state_of(read_mid, session.sent_tokens)
    if likeliest is CacheState.WARM and state.held is None:
        likeliest = CacheState.PARTIAL  # only the shared start, however large a part that is
    starts = _STARTS if same_model(model, session.model) else _STARTS[:1]
    unruled = rules is not None and rules.kind is CacheKind.UNKNOWN and not session.caching_seen
    if unruled or (state.held is not None and _is_timeless(state.held)):
        likeliest = CacheState.UNKNOWN
    return Outlook(
        model=model,
        moment=moment,
        state=likeliest,
        warm_probability=round(state.warm, 4),
        read_tokens=shortest([(c.weight, c.read_tokens) for c in cases], read_mid, starts),
        sent_tokens=shortest([(c.weight, c.sent_tokens) for c in cases], mid_sent, starts),
        cases=cases,
        written=_written(session, model, rules),
        warm_until_at=state.held.expires_at if state.held and state.warm >= 0.5 else None,
        ttl_s=session.ttl_of(model),
        evidence=state.evidence,
        expired_at=_expired_at(state, at, rules),
        uncached_tail_tokens=_tail(session, rules),
        starts=starts,
    )


def bearing(session: Session, model: str, at: float) -> Hashable:
    """All that the clock and other sessions have to do with the next call on a model.

    As long as nothing is added to a session, its outlooks at two times are equal if this is:
    whoever remembers them need not know when a cache runs out.
    """
    rules = session.rules(model)
    identity = session.identity_on(model)
    held = session.caches.held(identity)
    warmth = ended = None
    if held is not None:
        warmth = _warmth(session, held, at, rules)
        ended = held.expires_at is not None and held.expires_at < at
    # What is left of a history that was summed up since: its head may be warm.
    last = session.caches.prefixes.get(identity)
    used = last is not None and last.ttl_s is not None and at - last.refreshed_at <= last.ttl_s
    shared = shared_start(session, model, at)
    summaries = tuple(session.summaries(at)) if session.agent == "codex" else ()
    return held, warmth, ended, used, summaries, shared, pruned_when_cold(session, at)


def turns_at(session: Session, model: str) -> Iterator[float]:
    """Times at which the clock alone changes the bearing, as far as they are known now."""
    identity = session.identity_on(model)
    held = session.caches.held(identity)
    if held is not None and held.ttl_s is not None:
        yield held.refreshed_at + held.ttl_s
        yield held.refreshed_at + held.ttl_s * _GRACE_RATIO
    last = session.caches.prefixes.get(identity)
    if held is None and last is not None and last.ttl_s is not None:
        yield last.refreshed_at + last.ttl_s
    yield from ends_of_starts(session, model)
    if (own := session.ttl_of(session.model)) is not None:
        yield session.last_call_at + own


def state_of(read_tokens: float, previous_tokens: int) -> CacheState:
    """The state by what is read: none is 0, partial below half of the previous request.

    >>> state_of(0, 100), state_of(49, 100), state_of(50, 100)
    (<CacheState.NONE: 'none'>, <CacheState.PARTIAL: 'partial'>, <CacheState.WARM: 'warm'>)
    """
    if read_tokens <= 0:
        return CacheState.NONE
    return CacheState.PARTIAL if read_tokens < 0.5 * previous_tokens else CacheState.WARM


# -- the state of the prefix ----------------------------------------------------------


def _state(session: Session, model: str, at: float, moment: Moment, shared: Shared) -> _State:
    rules = session.rules(model)
    identity = session.identity_on(model)
    held = session.caches.held(identity)
    alive, start = shared.alive, shared.tokens
    if not session.caching_seen and session.uncached_calls and _explicit(rules):
        return _State(0.0, 0.0, (), (), "no request of this session was ever cached", held)
    if held is None or (rules is not None and held.tokens < rules.minimum_tokens):
        why = _why_nothing_held(session, model)
        if alive >= 0.5 and shared.inferred:
            why += _INFERRED
        return _State(0.0, alive, (), start, why, None)
    if _out_of_reach(session, model, held, rules):
        return _State(0.0, alive, (), start, _TOO_FAR, None)
    warm, why = _warmth(session, held, at, rules)
    if moment is Moment.AT_SEND and told(session) and same_model(model, session.model):
        kept = session.request_kept_tokens
        if kept < held.tokens:
            why = "the start of this request differs from the one before"
            return _State(warm, (1 - warm) * alive, (kept,), start, why, held)
    if _is_rewound(session):
        left = min(held.tokens, session.signs.tokens_after or 0)
        return _State(warm, (1 - warm) * alive, (left,), start, _REWOUND, held)
    if session.signs.micro_compacted and same_model(model, session.model):
        # What precedes the first dropped result is still read; where it lies is not recorded.
        told_start = any(start) and (bool(session.opening) or not shared.inferred)
        before = start if told_start else (_KEPT_BEFORE_DROP * held.tokens,)
        why = "old tool results were dropped from the history"
        return _State(0.05, 0.9 * warm, (held.tokens,), before, why, held)
    prefix: tuple[float, ...] = (held.tokens,)
    if not session.writes_seen:
        shares = sorted([*_PRIOR_SHARES, *session.read_shares])
        spots = (0.1, 0.3, 0.5, 0.7, 0.9)
        prefix = tuple(held.tokens * shares[int(spot * len(shares))] for spot in spots)
    elif not session.asked_for and same_model(model, session.model):
        prefix = _perhaps_with_answer(session, held.tokens)
    return _State(warm, (1 - warm) * alive, prefix, start, why, held)


def _is_rewound(session: Session) -> bool:
    """Whether the next request opens as an earlier one did: what is left was all sent before."""
    signs = session.signs
    return signs.micro_compacted and signs.tokens_before is None and bool(signs.tokens_after)


def _perhaps_with_answer(session: Session, held_tokens: int) -> tuple[float, ...]:
    """Ten equally likely lengths: some with the answer that ended the turn, some without."""
    kept, lost = session.answers_kept, session.answers_not_kept
    many = round(10 * kept / (kept + lost))
    answer = session.growth_of(session.model).answer_tokens(session.pieces)
    return (held_tokens,) * (10 - many) + (held_tokens + answer,) * many


def _why_nothing_held(session: Session, model: str) -> str:
    if session.current is None:
        return "first request of the session"
    if session.signs.compacted or session.signs.cleared:
        return "the history was replaced"
    if same_model(model, session.model):
        return "settings that this provider's cache depends on have changed"
    return "this model has not seen this conversation"


def _out_of_reach(session: Session, model: str, held: Prefix, rules: CacheRules | None) -> bool:
    """Whether more blocks follow another model's prefix than the provider looks back."""
    if rules is None or not rules.lookback_blocks or same_model(model, session.model):
        return False
    return session.blocks - held.blocks > rules.lookback_blocks


def _warmth(
    session: Session, held: Prefix, at: float, rules: CacheRules | None
) -> tuple[float, str]:
    """How likely the held prefix is read, and why."""
    if _is_timeless(held) and _explicit(rules):
        return 0.01, f"{_TIMELESS.reason}: cold is assumed"
    age = max(0.0, at - held.refreshed_at)
    signs = session.signs
    key = session.situation(held.identity.model, at)
    if _explicit(rules) and held.ttl_s is not None:
        if age > held.ttl_s * _GRACE_RATIO:
            return 0.01, "expired: the cache was last used longer ago than it is kept"
        if age > held.ttl_s:
            return 0.35, "just expired"
        if signs.version_changed:
            return 0.1, "another version of the agent sends another system prompt"
        return _chance(session, key, _EXPLICIT_PRIOR), "used within its lifetime"
    if key == "late":
        return _chance(session, key, _LATE_PRIOR), "kept as long as the provider pleases"
    hit = _chance(session, key, _BEST_EFFORT_PRIOR)
    if held.ttl_s is None:
        hit *= math.exp(-age / 7200.0) if age < 7200 else 0.2
    return hit, "kept as long as the provider pleases; used lately"


def _expired_at(state: _State, at: float, rules: CacheRules | None) -> float | Unknown:
    """When the prefix ran out; unknown where it is still held, or nothing was promised."""
    held = state.held
    if held is None or held.expires_at is None or held.expires_at >= at or not _explicit(rules):
        return _NOT_EXPIRED
    return _TIMELESS if _is_timeless(held) else held.expires_at


def _is_timeless(held: Prefix) -> bool:
    """Whether the log does not tell when the prefix was used."""
    return held.refreshed_at <= 0


def _chance(session: Session, key: str, prior: tuple[float, float]) -> float:
    """Probability of a hit: what this session has seen, on top of a prior of hits and misses."""
    hits = session.hits.get(key, 0.0) + prior[0]
    return hits / (hits + session.misses.get(key, 0.0) + prior[1])


def _explicit(rules: CacheRules | None) -> bool:
    return rules is not None and rules.kind is CacheKind.EXPLICIT


def _whole_blocks(tokens: float, block: int) -> float:
    return tokens if block <= 1 else tokens // block * block


# -- cases ----------------------------------------------------------------------------


def _cases(state: _State, sizes: list[tuple[float, float]], block: int) -> list[Case]:
    none = max(0.0, 1.0 - state.warm - state.partial)
    out = []
    for chance, lengths in (
        (state.warm, state.prefix),
        (state.partial, state.shared),
        (none, (0.0,)),
    ):
        if chance > 0.0:
            share = chance / len(lengths)
            out += [
                Case(share * weight, _whole_blocks(min(read, size), block), size)
                for weight, size in sizes
                for read in lengths
            ]
    return out


def _read_of(state: _State, sent: float) -> float:
    """What is read in the likeliest state."""
    none = 1.0 - state.warm - state.partial
    if state.prefix and state.warm >= max(state.partial, none):
        return min(state.prefix[len(state.prefix) // 2], sent)
    if state.partial <= none:
        return 0.0
    return min(state.shared[len(state.shared) // 2], sent)


def _written(session: Session, model: str, rules: CacheRules | None) -> str:
    """At which lifetime written tokens are billed; "" where nothing is written."""
    if not session.caching_seen and session.uncached_calls:
        return ""
    makers = {maker_of(normalise(name).name) for name in (model, session.model) if name}
    if session.ttl_s == 3600 and len(makers) == 1:
        return "1h"  # asked for by the agent, which another maker's models do not offer
    if rules is None or not rules.writes_billed:
        return ""
    if session.writes_seen or session.current is None:
        return "5m"
    # Logs of some agents never tell writes of one maker's models; of another's they may.
    return "5m" if len(makers) > 1 and session.seller_known(model) else ""


def _tail(session: Session, rules: CacheRules | None) -> int:
    """Plain input after the last breakpoint, as in the last request."""
    if session.current is None or not _explicit(rules):
        return 0
    return min(session.current.usage.uncached_tokens, 16)
