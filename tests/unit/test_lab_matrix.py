"""The table of what is played with the real clients names tests that are there."""

import re

from support import CHECKOUT

SECTION = "## The real clients"
ROWS = 6


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("| ").split("|")]


def test_every_scenario_is_a_test_of_that_client() -> None:
    """One column a client, one row a scenario; nothing is claimed that is not played."""
    text = (CHECKOUT / "docs" / "accuracy.md").read_text()
    section = text.partition(SECTION)[2].partition("\n## ")[0]
    files, *rows = [_cells(line) for line in section.splitlines() if line.startswith("| ")][1:]
    assert ROWS == len(rows)
    for row in rows:
        assert len(files) == len(row)
        for file, cell in list(zip(files, row, strict=True))[1:]:
            played = (CHECKOUT / "tests" / "lab" / file.strip("`")).read_text()
            named = re.findall(r"`(\w+)`", cell)
            assert named or cell in {"the same", "has none", "none is made"}
            assert not [name for name in named if f"def {name}(" not in played]
