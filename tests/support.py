"""What tests of every room share: the strict rule for optional parts, and where the data lies.

A part that a plain run can do without (node, npm, an editor, the shared data) is
asked for with `need`. Where it is missing the test is skipped; under
`SWITCHTAX_STRICT=1` it fails, so that CI cannot pass by leaving things out.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

__all__ = [
    "AGENT_PREFIXES",
    "CHECKOUT",
    "OTHER_OS",
    "clean_environment",
    "is_strict",
    "missing",
    "need",
    "shared_path",
]

CHECKOUT = Path(__file__).resolve().parent.parent

OTHER_OS = "other os"
"""A skip whose reason starts with these words is allowed even in a strict run."""

AGENT_PREFIXES = (
    "AIDER_",
    "ANTHROPIC_",
    "CLAUDE",
    "CODEX_",
    "COPILOT_",
    "GEMINI_",
    "GOOGLE_",
    "OPENAI_",
    "OPENCODE",
    "PI_",
    "SWITCHTAX_",
    "XDG_",
)
"""Variables that move an agent's (or our) folders or say how calls are billed."""

_KEPT = frozenset({"SWITCHTAX_STRICT", "SWITCHTAX_SHARED"})


def is_strict() -> bool:
    """Whether a missing part is a failure."""
    return os.environ.get("SWITCHTAX_STRICT", "") == "1"


def missing(part: str, way_out: str = "") -> NoReturn:
    """Skip the running test because of a missing part; fail it in a strict run."""
    reason = f"{part} is missing" + (f": {way_out}" if way_out else "")
    if is_strict():
        pytest.fail(f"{reason} (SWITCHTAX_STRICT=1 allows no skip)", pytrace=False)
    pytest.skip(reason)


def need(program: str, way_out: str = "") -> Path:
    """The path of a program on PATH; skip (strict: fail) where there is none."""
    found = shutil.which(program)
    if found is None:
        missing(program, way_out or "install it, or put it on PATH")
    return Path(found)


def shared_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the shared data would lie: `SWITCHTAX_SHARED`, else beside the checkout."""
    return Path(environ.get("SWITCHTAX_SHARED") or CHECKOUT.parent / "shared")


def clean_environment(home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of a process that lives in `home` and knows of no agent.

    Everything else stays, so that coverage still sees sub-processes.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name in _KEPT or not name.upper().startswith(AGENT_PREFIXES)
    }
    return kept | {"HOME": str(home), "USERPROFILE": str(home)}
