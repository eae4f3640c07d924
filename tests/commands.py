"""Runs switchtax's commands in this process, and checks what they print."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema

from support import CHECKOUT
from switchtax.cli import main

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ran", "checked", "run"]

REFERENCE = CHECKOUT / "docs" / "reference"


@dataclass(frozen=True)
class Ran:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it printed, by line."""
        return self.out.splitlines()


def run(*words: str | Path) -> Ran:
    """Run a command line, capturing both streams."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(word) for word in words])
    return Ran(code, out.getvalue(), err.getvalue())


def checked(command: str, *words: str | Path) -> Any:
    """The JSON of a command, after it has passed the command's schema."""
    found = run(command, *words, "--json")
    assert "" == found.err
    document = json.loads(found.out)
    schema = json.loads((REFERENCE / f"{command}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    return document
