"""The reference page of the command line says what the commands do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from commands import run
from support import CHECKOUT
from switchtax.cli import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

PAGE = CHECKOUT / "docs" / "reference" / "cli.md"
ADVICE = CHECKOUT / "docs" / "how-to" / "advice.md"
GOLDEN = CHECKOUT / "tests" / "golden"
EXAMPLE = re.compile(r"(<!-- golden: ([\w-]+) -->\n```text\n)(.*?)(\n```)", re.DOTALL)
ELSEWHERE = {"usage": {"--since", "--until", "--no-index"}, "prices": set[str]()}
"""Options that a page of their own tells of."""


@pytest.mark.parametrize(("page", "least"), [(PAGE, 7), (ADVICE, 1)], ids=["cli", "advice"])
def test_examples_are_what_is_printed(
    page: Path, least: int, request: pytest.FixtureRequest
) -> None:
    """The golden texts themselves; `--regen-golden` writes them into the page."""
    text = page.read_text(encoding="utf-8")
    fresh = EXAMPLE.sub(
        lambda found: (
            f"{found[1]}{(GOLDEN / f'{found[2]}.txt').read_text('utf-8').rstrip()}{found[4]}"
        ),
        text,
    )
    if request.config.getoption("--regen-golden"):
        page.write_text(fresh, encoding="utf-8")
        text = fresh
    assert fresh == text
    assert len(EXAMPLE.findall(text)) >= least


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_told(command: str) -> None:
    """Under the command's own heading, or for all commands above."""
    text = PAGE.read_text(encoding="utf-8")
    shared, *rest = re.split(r"^## (?=[a-z]+$)", text, flags=re.MULTILINE)
    own = next(part for part in rest if part.startswith(command))
    options = set(re.findall(r"--[a-z-]+", run(command, "--help").out)) - {"--help"}
    told = set(re.findall(r"--[a-z-]+", shared + own)) | ELSEWHERE.get(command, set())
    assert set() == options - told
