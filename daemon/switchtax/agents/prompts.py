"""What a prompt lays down: how many rules it states, never which ones."""

from __future__ import annotations

import re

__all__ = ["rules_in"]

_LOOKED_AT = 8_000
"""Characters of a prompt that are looked at; what is longer is pasted."""
_MOST = 99
_PASTED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|^\s*>.*?$", re.S | re.M)
_HINT = re.compile(r"never|always|not |don['’]t|must", re.I)
_ORDER = re.compile(
    r"\b(?:never|always|do not|don['’]t)\s+"
    r"(?!know|worry|think|mind|care|understand|see|have|get|want|need|believe|be sure)[a-z]",
    re.I,
)
_CLAUSE_STARTS = re.compile(r"(?:^|[.!?:;,(\n*•-]|\b(?:and|but|please|so|also|then))\s*\Z", re.I)
_BEFORE = 12
"""Characters in which the start of a clause shows."""
_MUST = re.compile(
    r"\bmust(?: not|n['’]t| never| always| (?:stay|remain|keep|use|pass|support|work|run|compile|"
    r"match))\b",
    re.I,
)


def rules_in(prompt: str) -> int:
    """How many rules a prompt states in plain English ("never …", "don't …", "must stay …").

    Code, quotations and what begins with a tag (put in by an agent) do not count.

    >>> rules_in("Never touch the API. The tests must pass, and don't add packages.")
    3
    >>> rules_in("I don't know why it never works, it must be the cache")
    0
    """
    if prompt.startswith("<") or _HINT.search(prompt, 0, _LOOKED_AT) is None:
        return 0
    said = _PASTED.sub(" ", prompt[:_LOOKED_AT])
    orders = sum(_starts_clause(said, found.start()) for found in _ORDER.finditer(said))
    return min(_MOST, orders + sum(1 for _ in _MUST.finditer(said)))


def _starts_clause(text: str, at: int) -> bool:
    """Whether a clause starts here: "I don't know" and "it never works" give no order."""
    before = max(0, at - _BEFORE)
    found = _CLAUSE_STARTS.search(text[before:at])
    return found is not None and (before == 0 or found.start() > 0 or not text[before].isalnum())
