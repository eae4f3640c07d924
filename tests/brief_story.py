"""One session of Claude Code, told line by line, for tests of its brief."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_transcript import Line, answer, command, line, prompt, result, transcript, usage

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CWD", "story", "told", "uses"]

CWD = "/home/dev/shop"


def uses(second: float, id_: str, name: str, **given: object) -> Line:
    """The model uses one tool."""
    block = {"type": "tool_use", "id": id_, "name": name, "input": given}
    return answer(second, f"msg_{id_}", usage(3, 20_000, 900, out=80), content=[block])


def told(second: float, text: str) -> Line:
    """The model ends its turn with words."""
    block = {"type": "text", "text": text}
    return answer(second, f"msg_{second}", usage(3, 21_000, 900, out=80), content=[block])


TODOS = [
    {"content": "Write the cart's total", "status": "completed", "activeForm": "Writing"},
    {"content": "Round to cents at the end", "status": "in_progress", "activeForm": "Rounding"},
    {"content": "Tell it in the changelog", "status": "pending", "activeForm": "Telling"},
]


def story(folder: Path) -> Path:
    """A cart's total: three turns, a failed test, an open to-do, a refused tool."""
    return transcript(
        folder,
        prompt(
            1,
            "Add a total to the cart. Prices are integer cents; never use floats. "
            "Do not touch the checkout page.",
        ),
        uses(2, "t1", "Read", file_path=f"{CWD}/src/cart.py"),
        result(3, "t1", "def cart(): ..."),
        uses(4, "t2", "Edit", file_path=f"{CWD}/src/cart.py", old_string="a", new_string="b"),
        result(5, "t2"),
        uses(6, "t3", "Write", file_path=f"{CWD}/tests/test_cart.py", content="x"),
        result(7, "t3"),
        uses(8, "t4", "Edit", file_path=f"{CWD}/src/checkout.py", old_string="a", new_string="b"),
        result(9, "t4", "<tool_use_error>String not found</tool_use_error>", is_error=True),
        uses(10, "t5", "Bash", command="cd shop && pytest -q tests/test_cart.py"),
        result(
            11,
            "t5",
            "Exit code 1\nE   assert 1199 == 1200\nFAILED tests/test_cart.py\n1 failed, 3 passed",
            is_error=True,
        ),
        uses(12, "t6", "TodoWrite", todos=TODOS),
        result(13, "t6"),
        told(14, "I'm going with banker's rounding. I have not tested negative amounts."),
        command(15, "model", "opus"),
        prompt(20, "ok, go on"),
        uses(
            21, "t7", "Edit", file_path=f"{CWD}/src/money/round.py", old_string="a", new_string="b"
        ),
        result(22, "t7"),
        uses(23, "t8", "Read", file_path=f"{CWD}/README.md"),
        result(24, "t8", "# Shop"),
        told(25, "The rounding is in its own module now. Next I'll run the tests again."),
        line("user", 26, isMeta=True, message={"role": "user", "content": "Caveat: not typed"}),
        prompt(
            30,
            "Round half up instead of half to even, and always keep the old name exported. "
            "The key is API_KEY=abcdef0123456789\n\x1b[31mred\x1b[0m",
        ),
        uses(31, "t9", "Bash", command="git push"),
        result(
            32,
            "t9",
            "The user doesn't want to proceed with this tool use. To tell you how to proceed, "
            "the user said:\nDo not push before I have read it.",
            is_error=True,
        ),
        uses(33, "t10", "Bash", command="ruff check src"),
    )
