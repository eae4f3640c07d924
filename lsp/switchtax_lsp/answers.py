"""Reading what clients send, whatever shape they give it, and shaping what they are answered."""

from __future__ import annotations

from typing import Any, TypeVar

from switchtax.wording import editor as wording

__all__ = ["brief", "field", "plain", "spoken", "texts"]

T = TypeVar("T")


def plain(value: Any) -> Any:
    """An object of the protocol library as the dictionary that it was."""
    if hasattr(value, "_asdict"):
        return value._asdict()
    if isinstance(value, dict | list | str | int | float | bool) or value is None:
        return value
    return dict(vars(value)) if hasattr(value, "__dict__") else None


def field(params: Any, name: str, kind: type[T]) -> T | None:
    """One parameter, if it is there and of that type."""
    found = plain(params)
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, kind) else None


def texts(params: Any, name: str) -> list[str]:
    """A list of texts; one text alone is a list of one."""
    found = plain(params)
    value = found.get(name) if isinstance(found, dict) else None
    if isinstance(value, str):
        return [value]
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def brief(told: dict[str, Any]) -> dict[str, Any]:
    """A brief as the contract has it."""
    return {
        "session": str(told.get("session", "")),
        "title": wording.brief_title(str(told.get("session", ""))),
        "markdown": str(told.get("markdown", "")),
        "tokens": told.get("tokens", 0),
    }


def spoken(command: str, told: dict[str, Any]) -> str:
    """What a plain client shows of an answer."""
    if command == "status":
        lines = [str(row["text"]) for row in told["sessions"]]
        return "\n".join(lines) or wording.NO_SESSION_HERE
    if command == "brief":
        return str(told["markdown"])
    if command == "snooze":
        return wording.ASKS_AGAIN if told["for"] == "off" else wording.SNOOZED
    return "\n".join(told.get("text") or ())
