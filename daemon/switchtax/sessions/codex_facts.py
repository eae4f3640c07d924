"""What Codex tells each model before the first prompt, and after a change of models.

Counted in characters of the requests that Codex 0.169.0 sent to a provider on loopback, and of its
built-in catalogue (`codex debug models`), 2026-11-21. Later models hold their tools and their
instructions as messages of the history; for gpt-5.5, and for models the catalogue does not name,
both stand outside it, and the instructions are those of the model the session began on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "COMPACTED_PROMPTS_CHARS",
    "First",
    "Room",
    "Told",
    "appended_chars",
    "density_of",
    "head_chars",
    "is_too_long",
    "opening_chars",
    "restart_chars",
    "room_of",
    "told_of",
    "tools_chars",
    "unlogged_chars",
]

_SUB_AGENTS_CHARS = 5_529
"""Tools to work with sub-agents, where a session has them as such from its first model on."""
_SEARCH_CHARS = 722
"""The tool that searches for them and others, where nothing waits to be found."""
_WAITING_CHARS = 10_149
_ROLE_CHARS = 2_500
"""What such a session is told of sub-agents."""
_ON_SCREEN_CHARS = 1_950
"""More tools outside the history where somebody sits at a screen (gpt-5.5)."""
_MODE_ON_SCREEN_CHARS = 1_329
"""The mode of working together that models before GPT-6 are told there."""
_ASKS_CHARS = 3_541
"""How to ask for permission, where that is allowed: `codex exec` has nobody to ask."""
_HOSTED_CHARS = 10_830
"""More tools inside the history where OpenAI itself answers."""
_TOOLS_FRAME_CHARS = 450
_RESENT_TOOLS_RATIO = 0.85
"""Tools that differ are told again, less what an earlier telling has in common with them."""
_SWITCH_FRAME_CHARS = 850
"""Around instructions that are appended, and the shorter notes beside them."""
_SKILLS_CHARS = 2_300
_DENSITY, _DENSITIES = 0.24, (0.15, 0.4)
"""Tokens a character: where a session has not taught its own, and between what ends."""
_TELLS_ONCE = [0, 169]
_USED_RATIO, _FULL_RATIO = 0.95, 0.9
"""Of a window, the part that Codex uses, and that at which it sums up."""
_SAME_CHARS = 230
"""Between models of the same instructions: which one it is."""
COMPACTED_PROMPTS_CHARS = (80_000, 256_000)
"""Of the user's messages so much, the newest, stays beside a summary: written by the model itself
(20,000 tokens), by OpenAI's service (64,000), at four characters each. Source: openai/codex,
`compact.rs` (`COMPACT_USER_MESSAGE_MAX_TOKENS`) and `compact_remote_v2.rs`
(`RETAINED_MESSAGE_TOKEN_BUDGET`), read 2026-11-21."""


class Told(NamedTuple):
    """One model; characters."""

    name: str
    comp_hash: str
    """Codex sums a history up before it goes on to a model of another one."""
    instructions: int
    tools: int
    """As JSON, without those for sub-agents."""
    inside: bool
    """Tools and instructions are messages of the history."""
    mode: int
    skills: int
    """More words on how to use skills than other models need."""
    effort: str
    """Proposed with the model, when it is picked from the list."""
    window_tokens: int = 272_000


class Room(NamedTuple):
    """Where a session runs, as far as Codex's requests depend on it."""

    began_on: str
    """The model of its first request."""
    is_on_screen: bool
    is_hosted: bool
    """OpenAI itself answers: it can also sum a history up."""
    repeats: bool = False
    """A build that appends a model's instructions even where they are the same as before: so did
    0.144.3, 0.169.0 does not (recorded sessions)."""
    asks: bool = False
    """Models may ask for permission."""
    keeps_mode: bool = False
    """It began at a screen: the mode of working together is told ever after."""

    @property
    def elsewhere(self) -> Room:
        """The same session resumed there where it is not now; no permission is asked for then."""
        return self._replace(is_on_screen=not self.is_on_screen, asks=False)


class First(NamedTuple):
    """A session's first request, which did not begin with a copied history."""

    tokens: float
    """Without its prompt."""
    chars: int
    """With those that no log shows."""
    room: Room


_TOLD = (
    Told("gpt-6.1-sol", "3000", 21_769, 19_197, True, 920, 0, "low"),
    Told("gpt-6.1-terra", "3000", 21_420, 19_197, True, 1_056, 0, "low", 500_000),
    Told("gpt-6-astra", "3000", 21_420, 19_197, True, 920, 0, "low"),
    Told("gpt-6-sol", "3000", 18_992, 19_197, True, 920, 0, "medium"),
    Told("gpt-6-luna", "3000", 18_037, 19_197, True, 920, 0, "medium"),
    Told("gpt-6", "3000", 20_000, 19_197, True, 920, 0, "medium"),
    Told("gpt-5.6-sol", "3000", 17_730, 16_790, True, 0, 0, "low"),
    Told("gpt-5.6", "3000", 17_730, 16_790, True, 0, 0, "medium"),
    Told("gpt-5.5", "2911", 21_299, 9_243, False, 0, 2_554, "medium"),
)
_UNNAMED = Told("", "", 16_979, 17_767, False, 0, 0, "medium")
"""A model that the catalogue does not name (seen with gpt-5.4-mini)."""
_FINDS_SUB_AGENTS = "gpt-5.6-luna"
"""In sessions that began on it, as on models with tools outside, the tools for sub-agents wait
until they are searched for."""


def is_too_long(old_window_tokens: int | None, old: str, new: str, context_tokens: int) -> bool:
    """Whether Codex has a history summed up because the new model's window is smaller.

    It does above nine tenths of that window. Source: openai/codex, `session/turn.rs`
    (`maybe_run_previous_model_inline_compact`) and `auto_compact_token_limit`, read 2026-11-21.

    Args:
        old_window_tokens: as the log tells it, which is the part that Codex uses; None if not.
        old: the current model.
        new: the other one.
        context_tokens: what the last request sent, and its answer.
    """
    window = told_of(new).window_tokens
    before = old_window_tokens or told_of(old).window_tokens * _USED_RATIO
    return before > window * _USED_RATIO and context_tokens > window * _FULL_RATIO


def density_of(first: First | None) -> float:
    """Tokens per character of what Codex tells a model, from a request whose size is known.

    >>> density_of(First(9_400, 37_000, room_of("gpt-5.5", "exec", ""))), density_of(None)
    (0.25405405405405407, 0.24)
    """
    if first is None or not first.chars:
        return _DENSITY
    low, high = _DENSITIES
    return max(low, min(high, first.tokens / first.chars))


@lru_cache(maxsize=256)
def told_of(model: str) -> Told:
    """The row of a model, by its normalised name."""
    return next((each for each in _TOLD if _is(model, each.name)), _UNNAMED)


def _is(model: str, name: str) -> bool:
    return model == name or model.startswith((f"{name}-", f"{name}."))


def room_of(began_on: str, entrypoint: str, provider: str, version: str = "") -> Room:
    """Where a session runs, by what its log says of it."""
    parts = [int(part) for part in version.split(".")[:2] if part.isdigit()]
    return Room(began_on, entrypoint != "exec", provider == "openai", [] < parts < _TELLS_ONCE)


def tools_chars(model: str, room: Room) -> int:
    """The tools of a model's requests."""
    told = told_of(model)
    sub_agents = _SUB_AGENTS_CHARS if _tells_of_sub_agents(room) else 0
    if told.inside:
        return told.tools + sub_agents + (_HOSTED_CHARS if room.is_hosted else 0)
    if not told.name:
        # It cannot search for tools: where they wait to be found, they are all told to it.
        return told.tools + (sub_agents - _WAITING_CHARS if sub_agents else 0)
    if room.is_on_screen:
        return told.tools + sub_agents + _ON_SCREEN_CHARS
    return told.tools + (sub_agents - _SEARCH_CHARS if sub_agents else 0)


def _tells_of_sub_agents(room: Room) -> bool:
    return told_of(room.began_on).inside and not _is(room.began_on, _FINDS_SUB_AGENTS)


def head_chars(model: str, room: Room) -> int:
    """Tools and instructions: what opens every request, and all that two histories share."""
    told = told_of(model)
    own = told if told.inside else told_of(room.began_on)
    return tools_chars(model, room) + own.instructions


def opening_chars(room: Room) -> int:
    """What differs by model of a session's first request."""
    return head_chars(room.began_on, room) + _manner_chars(told_of(room.began_on), room)


def restart_chars(model: str, room: Room) -> int:
    """The same of the first request of another model after a summary.

    A model with instructions inside the history gets its own, the others get those of the
    session's first model in front, and their own behind the kept messages.
    """
    told = told_of(model)
    behind = 0 if told.inside else told.instructions + _SWITCH_FRAME_CHARS // 4
    return head_chars(model, room) + behind + _manner_chars(told, room)


def _manner_chars(told: Told, room: Room) -> int:
    sits = room.is_on_screen or room.keeps_mode
    mode = told.mode or (_MODE_ON_SCREEN_CHARS if sits else 0)
    return mode + told.skills + (_ASKS_CHARS if room.asks else 0)


def appended_chars(old: str, new: str, room: Room) -> int:
    """What the next request has more after a change of models without a summary."""
    before, after = told_of(old), told_of(new)
    if before.instructions == after.instructions and before.inside and not room.repeats:
        return _SAME_CHARS
    text = after.instructions + after.mode + _SWITCH_FRAME_CHARS
    if after.inside and before.inside and before.tools != after.tools:
        text += round(after.tools * _RESENT_TOOLS_RATIO) + _ROLE_CHARS + _TOOLS_FRAME_CHARS
    elif not after.inside:
        text += _ROLE_CHARS if before.inside else _SKILLS_CHARS
    return text + unlogged_chars(old, new, room)


def unlogged_chars(old: str, new: str, room: Room) -> int:
    """Of that, what no log shows: tools and instructions outside the history."""
    before, after = told_of(old), told_of(new)
    if after.inside:
        return 0
    if before.inside:
        return head_chars(new, room)
    return tools_chars(new, room) - tools_chars(old, room)
