"""What is warm, for whom, until when: prefixes alive in provider caches.

One prefix per cache identity (provider, model, and effort or fast mode where the provider
keys on them). Old identities stay until they expire: that is what makes a switch back cheap.
Beside it the shared start, the tools and system prompt that open every request of a model:
it may be warm from another session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["CacheMap", "CacheState", "Identity", "Prefix", "SharedStart"]


class CacheState(StrEnum):
    """How much of a prefix the next request will read."""

    WARM = "warm"
    PARTIAL = "partial"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a cached prefix belongs to."""

    provider: str
    model: str
    effort: str = ""
    fast: bool = False


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix held for one identity.

    `tokens` from the start of the conversation; `refreshed_at` when a request last used it
    (request start); `epoch` counts compactions and clears: a prefix of an earlier epoch
    no longer opens the conversation.
    """

    identity: Identity
    tokens: int
    refreshed_at: float
    ttl_s: int | None
    epoch: int
    line: int = 0
    blocks: int = 0
    """Content blocks of the session when it was held."""

    @property
    def expires_at(self) -> float | None:
        """When the provider may drop it; None where no lifetime is known."""
        return None if self.ttl_s is None else self.refreshed_at + self.ttl_s


@dataclass(slots=True)
class SharedStart:
    """What is known of a model's shared start: its length, and whether it outlives our clock.

    `survived` and `lost` count cold requests that read it, or did not (with a prior).
    """

    tokens: int = 0
    refreshed_at: float = 0.0
    ttl_s: int | None = None
    told: bool = False
    """The length is that of a told request's shape: none has read it from the cache yet."""
    survived: float = 0.2
    lost: float = 1.0

    @property
    def survival(self) -> float:
        """Probability that it is still read when the session's own cache has expired."""
        return self.survived / (self.survived + self.lost) if self.tokens else 0.0


@dataclass(slots=True)
class CacheMap:
    """All prefixes and shared starts that one session knows of."""

    prefixes: dict[Identity, Prefix] = field(default_factory=dict)
    shared: dict[str, SharedStart] = field(default_factory=dict)
    epoch: int = 0

    def hold(self, prefix: Prefix) -> None:
        """A request used or wrote this prefix."""
        self.prefixes[prefix.identity] = prefix

    def held(self, identity: Identity) -> Prefix | None:
        """The prefix of an identity that still opens this conversation, dead or alive."""
        found = self.prefixes.get(identity)
        return found if found is not None and found.epoch == self.epoch else None

    def shared_start(self, model: str) -> SharedStart:
        """What is known of a model's shared start."""
        return self.shared.setdefault(model, SharedStart())

    def forget(self, model: str) -> None:
        """What a model holds will not be read again: something in front of all of it changed."""
        for identity in [each for each in self.prefixes if each.model == model]:
            del self.prefixes[identity]

    def break_history(self) -> None:
        """The conversation was compacted or cleared: only shared starts remain useful."""
        self.epoch += 1
