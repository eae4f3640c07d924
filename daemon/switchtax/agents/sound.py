"""Whether a record holds what its fields promise: code of a third party may have made it."""

from __future__ import annotations

import dataclasses
import functools
import operator
import types
import typing

import msgspec

from switchtax.agents.numbers import is_absurd
from switchtax.records import Record, Usage

if typing.TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

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
    names, values_of, allowed = _fields(kind)
    for place, value in enumerate(values_of(record)):
        its = type(value)
        if its not in allowed[place]:
            return f"{kind.__name__}.{names[place]} is a {its.__name__}"
        if its is str:
            if len(value) > _LONGEST:
                return f"{kind.__name__}.{names[place]} is too long"
        elif its is int or its is float:
            if not 0 <= value <= _MOST:
                return f"{kind.__name__}.{names[place]} is negative or absurd"
        elif its is tuple:
            if value and not _holds(value, typing.get_type_hints(kind)[names[place]]):
                return f"{kind.__name__}.{names[place]} holds what it may not"
        elif its is Usage and (flaw := _in(value, Usage) or _absurd(value)):
            return flaw
    return ""


def _holds(value: tuple[Any, ...], hint: Any) -> bool:
    """Whether all in a tuple is what its type says."""
    try:
        msgspec.convert(value, hint, from_attributes=True)
    except msgspec.ValidationError:
        return False
    return True


def _absurd(usage: Usage) -> str:
    counts = (usage.sent_tokens, usage.output_tokens, usage.reasoning_tokens)
    return "a token count is negative or absurd" if is_absurd(*counts) else ""


@functools.cache
def _fields(
    kind: type,
) -> tuple[list[str], Callable[[object], tuple[Any, ...]], list[frozenset[type]]]:
    """Names of a record's fields, what gets their values, and the types that these may have."""
    hints = typing.get_type_hints(kind)
    names = [each.name for each in dataclasses.fields(kind)]
    return names, operator.attrgetter(*names), [_types(hints[name]) for name in names]


def _types(hint: Any) -> frozenset[type]:
    if isinstance(hint, types.UnionType):
        return frozenset().union(*(_types(each) for each in typing.get_args(hint)))
    if hint is float:
        return frozenset((float, int))
    return frozenset((typing.get_origin(hint) or hint,))
