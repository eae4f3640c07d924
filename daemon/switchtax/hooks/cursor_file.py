"""What Cursor makes of a file of hooks: one with a mistake in it is none at all.

It cuts comments out without regard to strings: a hook of anybody's whose command holds `//` turns
all of them off.

Source: the hook engine in npm's @cursor/sdk 1.0.32, read 2026-11-22.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["is_json", "refusal", "without_comments"]


def refusal(raw: bytes) -> str:
    """Why Cursor would read nothing of a file of hooks; "" where it would.

    >>> refusal(b'{"version": 1, "hooks": {}}'), refusal(b'{"hooks": {}}')
    ('', '"version" is not a whole number from 1 on')
    """
    text = raw.decode("utf-8-sig", "replace")
    try:
        value = json.loads(without_comments(text))
    except (ValueError, RecursionError):
        if is_json(text):
            return '"//" in a text: Cursor takes what follows for a comment'
        return "it is no JSON"
    if not isinstance(value, dict) or not isinstance(value.get("hooks"), dict):
        return '"hooks" is not an object'
    version = value.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        return '"version" is not a whole number from 1 on'
    return next((reason for each in value["hooks"].items() if (reason := _refused(*each))), "")


def _refused(event: str, entries: Any) -> str:
    if not isinstance(entries, list):
        return f'"hooks"."{event}" is not a list'
    for entry in entries:
        if not isinstance(entry, dict):
            return f'an entry of "hooks"."{event}" is not an object'
        needed = "prompt" if entry.get("type") == "prompt" else "command"
        if not isinstance(entry.get(needed), str):
            return f'an entry of "hooks"."{event}" has no "{needed}"'
    return ""


def without_comments(text: str) -> str:
    """A file's text as Cursor reads it: it looks for them in strings as well."""
    text = re.sub(r"//.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"/\*[\s\S]*?\*/", "", text)


def is_json(text: str) -> bool:
    """Whether a text is JSON as it stands."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
