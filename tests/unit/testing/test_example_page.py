"""The page that shows how to add an agent shows the files that are tested."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from support import CHECKOUT
from switchtax.testing import checks_for, recorded_in
from third_party import EXAMPLE

if TYPE_CHECKING:
    import pytest

PAGE = CHECKOUT / "docs" / "how-to" / "add-an-agent.md"
SHOWN = re.compile(r"(<!-- file: (\S+) -->\n```\w+\n)(.*?)(```)", re.DOTALL)


def test_the_page_shows_the_files(request: pytest.FixtureRequest) -> None:
    """All of them; `--regen-golden` writes them into the page."""
    text = PAGE.read_text(encoding="utf-8")
    fresh = SHOWN.sub(
        lambda found: found[1] + (EXAMPLE / found[2]).read_text("utf-8") + found[4], text
    )
    if request.config.getoption("--regen-golden"):
        PAGE.write_text(fresh, encoding="utf-8")
        text = fresh
    assert fresh == text
    kept = [path for path in EXAMPLE.rglob("*.*") if path.suffix != ".pyc" and path.is_file()]
    assert set(kept) == {EXAMPLE / found[2] for found in SHOWN.finditer(text)}


def test_the_page_names_every_check() -> None:
    """In its table, and no other."""
    (session,) = recorded_in(EXAMPLE / "tests" / "fixtures")
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z_]+)` \| ", text.split("| check |")[1], re.MULTILINE))
    assert {check.__name__ for check in checks_for(session)} == named
