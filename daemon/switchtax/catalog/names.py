"""The one normaliser of model names.

Logs, settings and people spell one model in many ways: with a date, through a reseller, as a
display name, with a window suffix. `normalise` brings them to one name by exact rules (an
exact name, an alias, a dated form); nothing is ever matched by likeness, because a near match
changes totals silently (tokscale#336: $2,720 became $1,028).

Families ("opus", "sol") name no model. They are resolved only where somebody names a *target*,
by `resolve_target`, which says what it chose.

**Source:** spellings seen in transcripts of the agents named in `docs/formats/`, and
https://platform.claude.com/docs/en/about-claude/models/overview (2026-11-21).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from switchtax.catalog.sellers import AT_LIST_PRICE, FAMILIES, MAKERS, SELLERS, VENDORS
from switchtax.records import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ModelName",
    "Target",
    "display_name",
    "maker_of",
    "normalise",
    "resolve_target",
    "seller_for",
]


_MAKERS = frozenset(maker for _, maker in MAKERS)


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model as the catalogue knows it.

    `name` is the model without date, seller and window; `provider` who sold the call, "" where
    the spelling does not say (then the model's maker is meant). `dated` is the name with its
    date, for the few models whose snapshots differ in price. `route` tells Bedrock's global
    from its regional endpoints, which cost 10 % more. `family` is set, and `name` is not a
    model, where the spelling was only an alias like "opus".
    """

    name: str
    provider: str = ""
    window_tokens: int | None = None
    dated: str = ""
    route: str = ""
    family: str = ""

    @property
    def seller(self) -> str:
        """The provider, or the model's maker where none was named."""
        return self.provider or maker_of(self.name)


@dataclass(frozen=True, slots=True)
class Target:
    """What a spelled target was taken to mean, and why."""

    name: ModelName
    how: str


_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_WINDOW = re.compile(r"\[(\d+)([km])\]$|\((\d+)([km]) context\)", re.IGNORECASE)
_ID_IN_PARENTHESES = re.compile(r"\(([a-z]+[a-z0-9./:@-]*-[a-z0-9./:@-]*\d[a-z0-9./:@-]*)\)")
_PARENTHESES = re.compile(r"\s*\([^()]*\)")
_GEOGRAPHY = re.compile(r"^(us-gov|us|eu|apac|jp|au|ca|in|sa|me|global|regional)\.")
_BEDROCK_VERSION = re.compile(r"-v\d+(:\d+){0,2}(:\d+k)?$")
_VERTEX_VERSION = re.compile(r"@(20\d{6}|default|latest)$")
_DATES = re.compile(r"(?:-|@)(?:20\d{6}|20\d\d-\d\d-\d\d)$")
_CLAUDE_ORDER = re.compile(r"^claude-(\d+)(?:-(\d+))?-(opus|sonnet|haiku)(.*)$")
_BARE_CLAUDE = re.compile(r"^(?:opus|sonnet|haiku|fable|mythos)-\d")
_BARE_CLAUDE_3 = re.compile(r"^3-\d-(?:opus|sonnet|haiku)|^3-(?:opus|sonnet|haiku)")
_GPT_HYPHEN = re.compile(r"^gpt-(\d)-(\d)(?=$|-(?!\d))")
_SCALE = {"k": 1_000, "m": 1_000_000}


@lru_cache(maxsize=4096)
def normalise(spelled: str, provider: str = "") -> ModelName:
    """The model meant by a spelling; an unknown one comes back as it is, in lower case.

    Args:
        spelled: an id, an alias or a display name, from a log or a person.
        provider: who sold the call, where known; it goes before what the spelling says.

    >>> normalise("us.anthropic.claude-sonnet-4-5-20250929-v1:0").name
    'claude-sonnet-4-5'
    >>> normalise("openrouter/anthropic/claude-sonnet-4.5").provider
    'openrouter'
    """
    text, window = _window(_plain(spelled))
    text, seller, route = _seller(_hyphens(text))
    if provider:
        seller = SELLERS.get(provider.lower(), provider.lower())
    dated = _canonical(text)
    name = _canonical(_DATES.sub("", dated)) or dated
    return ModelName(
        name=name,
        provider=seller,
        window_tokens=window,
        dated="" if dated == name else dated.replace("@", "-"),
        route=route,
        family=name if name in FAMILIES else "",
    )


def _plain(spelled: str) -> str:
    """Without colour codes, markup, quotes and surrounding space; an id in brackets wins."""
    text = _TAG.sub("", _ANSI.sub("", spelled)).strip().strip("`*_\"' ").strip().lower()
    named = _ID_IN_PARENTHESES.search(text)
    return named[1] if named else text


def _window(text: str) -> tuple[str, int | None]:
    """The text without a window suffix (`[1m]`, `(1M context)`), and that window in tokens."""
    found = _WINDOW.search(text)
    window = None
    if found:
        size, scale = found[1] or found[3], found[2] or found[4]
        window = int(size) * _SCALE[scale.lower()]
        text = text[: found.start()] + text[found.end() :]
    return _PARENTHESES.sub("", text).strip(), window


def _hyphens(text: str) -> str:
    return re.sub(r"\s+", "-", text)


def _seller(text: str) -> tuple[str, str, str]:
    """Model, provider and Bedrock route of an id that may name who sells it."""
    route = ""
    provider = ""
    if text.startswith("arn:aws:bedrock:"):
        provider = "aws-bedrock"
        text = text.rpartition("/")[2]
    if "publishers/" in text:
        provider = "google-vertex"
        text = text.rpartition("/models/")[2]
    text = text.removeprefix("models/")
    *path, text = text.split("/")
    for part in path:
        if not provider:
            provider = SELLERS.get(part, part)
    geography = _GEOGRAPHY.match(text)
    if geography and "." in text[geography.end() :]:
        text = text[geography.end() :]
        route = "global" if geography[1] == "global" else "regional"
    vendor, dot, rest = text.partition(".")
    if dot and vendor in VENDORS:
        provider = provider or "aws-bedrock"
        text = _BEDROCK_VERSION.sub("", rest)
    if not provider and _VERTEX_VERSION.search(text):
        provider = "google-vertex"
    return text, provider, route


def _canonical(text: str) -> str:
    """One spelling per model: hyphens in Claude's versions, dots in GPT's."""
    text = re.sub(r"@(?:latest|default)?$", "", text)
    if _BARE_CLAUDE.match(text) or _BARE_CLAUDE_3.match(text.replace(".", "-")):
        text = f"claude-{text}"
    if text.startswith("claude-"):
        text = text.replace(".", "-").removesuffix("-latest")
        turned = _CLAUDE_ORDER.match(text)
        if turned and turned[1] != "3":
            version = f"{turned[1]}-{turned[2]}" if turned[2] else turned[1]
            text = f"claude-{turned[3]}-{version}{turned[4]}"
        return re.sub(r"^(claude-[a-z]+-\d)-0(?=$|-|@)", r"\1", text)
    return _GPT_HYPHEN.sub(r"gpt-\1.\2", text)


@lru_cache(maxsize=4096)
def maker_of(name: str) -> str:
    """Who makes, and at list price sells, a model: "" where the name does not tell.

    >>> maker_of("claude-opus-5-5"), maker_of("my-local-model")
    ('anthropic', '')
    """
    for prefix, maker in MAKERS:
        if name.startswith(prefix):
            return maker
    return ""


@lru_cache(maxsize=4096)
def seller_for(provider: str, model: str) -> str:
    """Who sells a model to a session whose log names this provider; "" for the model's maker.

    A name of the user's own (a gateway, a proxy), or a maker that does not make this model
    (a stand-in), says nothing of the price: the maker's list price is meant then.

    >>> seller_for("github-copilot", "claude-opus-4.7"), seller_for("my-proxy", "gpt-5.5")
    ('github-copilot', '')
    >>> seller_for("openai", "claude-opus-5-5"), seller_for("cursor", "claude-opus-5-5")
    ('', 'cursor')
    """
    seller = SELLERS.get(provider.lower(), "")
    if seller in AT_LIST_PRICE:
        return seller
    if seller in _MAKERS and seller != maker_of(normalise(model).name):
        return ""
    return seller


def resolve_target(spelled: str, known: Iterable[str]) -> Target | Unknown:
    """The model that a person (or a setting) names as a target.

    Args:
        spelled: an id, display name or alias such as "opus".
        known: normalised names of the models that can be chosen.

    Returns:
        The model, with a sentence saying what an alias was taken for; `Unknown` where an alias
        has no model among `known`. A full name is taken as it is, known or not.
    """
    asked = normalise(spelled)
    if not asked.family:
        return Target(asked, "named in full")
    pattern = FAMILIES[asked.family]
    if not pattern:
        return Unknown(f'"{asked.family}" leaves the choice to the agent: name a model')
    members = {name: found for name in known if (found := re.fullmatch(pattern, name))}
    if not members:
        return Unknown(f'no model called "{asked.family}" in the catalogue: name it in full')
    newest = max(members, key=lambda name: (_version(members[name]), -len(name)))
    chosen = ModelName(newest, asked.provider, asked.window_tokens, route=asked.route)
    return Target(chosen, f'"{asked.family}" taken as {newest}, the newest in the catalogue')


def _version(found: re.Match[str]) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", found["version"]))


_WORDS = {
    "gpt": "GPT",
    "glm": "GLM",
    "oss": "OSS",
    "deepseek": "DeepSeek",
    "minimax": "MiniMax",
}


def display_name(model: str) -> str:
    """A model's name for people.

    >>> display_name("claude-opus-5-5"), display_name("gpt-6.1-sol")
    ('Opus 5.5', 'GPT-6.1 Sol')
    """
    asked = normalise(model)
    words: list[str] = []
    name = re.sub(r"^claude-(3)(?:-(\d))?-([a-z]+)", r"\3-\1-\2", asked.name)
    for part in name.removeprefix("claude-").strip("-").split("-"):
        if part.isdigit() and words and re.fullmatch(r"\d+", words[-1]) and len(part) < 3:
            words[-1] += f".{part}"
        else:
            words.append(part)
    shown = " ".join(_WORDS.get(word, word[:1].upper() + word[1:]) for word in words)
    shown = re.sub(r"^(GPT|GLM) (?=\d)", r"\1-", shown)
    return f"{shown} (1M)" if asked.window_tokens == 1_000_000 else shown
