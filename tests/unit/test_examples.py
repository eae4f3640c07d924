"""The examples in the documentation are these files, and they run."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import shutil
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from support import CHECKOUT
from switchtax.errors import DaemonUnavailable
from switchtax.sample import SAMPLE, SAMPLE_AT

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = CHECKOUT / "docs" / "how-to" / "examples"
PAGE = CHECKOUT / "docs" / "how-to" / "routing.md"
EXAMPLE = re.compile(r"(<!-- example: (\w+) -->\n```python\n)(.*?)(```)", re.DOTALL)


def example(name: str) -> Any:
    """One example, imported."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def callback(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The LiteLLM callback, with a stand-in for the class that LiteLLM documents."""

    class CustomLogger:
        """`async_pre_call_hook(self, user_api_key_dict, cache, data, call_type)`."""

    stand_in = ModuleType("litellm.integrations.custom_logger")
    stand_in.CustomLogger = CustomLogger  # type: ignore[attr-defined]
    for name in ("litellm", "litellm.integrations"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    return example("litellm_callback")


def test_the_page_shows_the_files(request: pytest.FixtureRequest) -> None:
    """`--regen-golden` writes them into the page."""
    text = PAGE.read_text(encoding="utf-8")
    fresh = EXAMPLE.sub(
        lambda found: f"{found[1]}{(FOLDER / f'{found[2]}.py').read_text('utf-8')}{found[4]}", text
    )
    if request.config.getoption("--regen-golden"):
        PAGE.write_text(fresh, encoding="utf-8")
        text = fresh
    assert fresh == text
    assert {file.stem for file in FOLDER.glob("*.py")} == {
        found[2] for found in EXAMPLE.finditer(text)
    }


def test_the_plain_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the shipped sample, as of its own time."""
    loop = example("plain_loop")
    monkeypatch.setattr(loop.time, "time", lambda: SAMPLE_AT)
    shutil.copy(SAMPLE, tmp_path)
    log = tmp_path / SAMPLE.name
    assert ["claude-haiku-5-5"] * 2 == list(loop.choices(log, 2))
    assert ["claude-opus-5-5"] == list(loop.choices(log, 1, turns=0))


@pytest.mark.parametrize(
    ("data", "model"),
    [
        ({"model": "claude-opus-5-5", "metadata": {"session_id": "s"}}, "claude-sonnet-5-5"),
        ({"model": "claude-opus-5-5"}, "claude-opus-5-5"),
        ({"model": "other", "metadata": {"session_id": "s"}}, "other"),
    ],
    ids=["its session is known", "no session", "no candidate"],
)
def test_the_litellm_callback(
    callback: Any, monkeypatch: pytest.MonkeyPatch, data: dict[str, Any], model: str
) -> None:
    """The model is changed where the daemon recommends another."""
    monkeypatch.setattr(callback, "recommended", lambda _: "claude-sonnet-5-5")
    hook = callback.router.async_pre_call_hook
    passed = asyncio.run(hook(None, None, data, "completion"))
    assert model == passed["model"]


def test_without_a_daemon_the_request_passes(
    callback: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail open."""

    def nobody(*_: Any, **__: Any) -> None:
        raise DaemonUnavailable("no daemon answers.")

    monkeypatch.setattr(callback.Client, "connect", nobody)
    data = {"model": "claude-opus-5-5", "metadata": {"session_id": "s"}}
    passed = asyncio.run(callback.router.async_pre_call_hook(None, None, data, "completion"))
    assert "claude-opus-5-5" == passed["model"]
