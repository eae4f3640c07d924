"""What a client names in a request, and the fault that it is told where that cannot be."""

from __future__ import annotations

from typing import Any

from switchtax.service.protocol import Code

__all__ = ["Fault", "number_of", "text_of", "texts_of"]


class Fault(Exception):  # noqa: N818
    """A request that cannot be carried out; becomes the error of its response."""

    def __init__(self, code: Code, message: str, **data: object) -> None:
        """The error that the client is told."""
        super().__init__(message)
        self.code, self.data = code, data

    def document(self) -> dict[str, Any]:
        """The error as it stands on the wire."""
        data = {"data": self.data} if self.data else {}
        return {"code": int(self.code), "message": str(self), **data}


def text_of(params: dict[str, Any], name: str) -> str:
    """A text that must be there, and not empty."""
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise Fault(Code.INVALID_PARAMS, f"{name}: a text is needed")
    return value


def texts_of(params: dict[str, Any], name: str) -> list[str]:
    """A list of texts; empty where it is not named."""
    value = params.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Fault(Code.INVALID_PARAMS, f"{name}: a list of texts is needed")
    return value


def number_of(params: dict[str, Any], name: str, default: float) -> float:
    """A positive number; the default where it is not named."""
    value = params.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 4e9:
        raise Fault(Code.INVALID_PARAMS, f"{name}: a positive number is needed")
    return float(value)
