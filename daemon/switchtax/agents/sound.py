"""Whether a record holds what its fields promise: code of a third party may have made it."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from enum import Enum

from switchtax.agents.numbers import is_absurd
from switchtax.records import Record, Usage

__all__ = ["flaw_of"]

_KINDS = frozenset(typing.get_args(Record))
_LONGEST = 4_096
"""Characters of a name, an id or a path; what is longer is a text, which no record holds."""
_MOST = 1e15


def flaw_of(record: object) -> str:
    """What is wrong with a record, without a word of what it holds; "" where nothing is.

    >>> from switchtax.records import Cleared
    >>> flaw_of(Cleared("s", 5.0)), flaw_of(Cleared("s", -5.0)), flaw_of({})
    ('', 'Cleared.at is negative or absurd', 'a dict is no record')
    """
    kind = type(record)
    if kind not in _KINDS:
        return f"a {kind.__name__} is no record"
    return _in(record, kind)


def _in(record: object, kind: type) -> str:
    for name, allowed in _fields(kind):
        value = getattr(record, name)
        place = f"{kind.__name__}.{name}"
        if type(value) not in allowed:
            return f"{place} is a {type(value).__name__}"
        if isinstance(value, str) and len(value) > _LONGEST and not isinstance(value, Enum):
            return f"{place} is too long"
        if isinstance(value, int | float) and not 0 <= value <= _MOST:
            return f"{place} is negative or absurd"
        if isinstance(value, Usage) and (flaw := _in(value, Usage) or _absurd(value)):
            return flaw
    return ""


def _absurd(usage: Usage) -> str:
    counts = (usage.sent_tokens, usage.output_tokens, usage.reasoning_tokens)
    return "a token count is negative or absurd" if is_absurd(*counts) else ""


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, frozenset[type]], ...]:
    """Fields of a record and the types that their values may have."""
    hints = typing.get_type_hints(kind)
    return tuple((each.name, _types(hints[each.name])) for each in dataclasses.fields(kind))


def _types(hint: typing.Any) -> frozenset[type]:
    if isinstance(hint, types.UnionType):
        return frozenset().union(*(_types(each) for each in typing.get_args(hint)))
    if hint is float:
        return frozenset((float, int))
    return frozenset((typing.get_origin(hint) or hint,))
