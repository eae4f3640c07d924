"""Packages of third parties as an installer leaves them: code, metadata, entry points."""

from __future__ import annotations

import importlib
import shutil
import sys
from typing import TYPE_CHECKING

from support import CHECKOUT
from switchtax.agents import additions
from switchtax.agents.declared import GROUP

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

__all__ = ["EXAMPLE", "MODULE", "Site", "install_example"]

EXAMPLE = CHECKOUT / "docs" / "how-to" / "examples" / "notebook-agent"
"""The example of docs/how-to/add-an-agent.md."""
MODULE = "switchtax_notebook_agent"


class Site:
    """A folder of installed packages; it is on `sys.path` as long as the test runs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is installed in it yet."""
        folder.mkdir(exist_ok=True)
        self.folder, self._monkeypatch = folder, monkeypatch
        monkeypatch.syspath_prepend(str(folder))
        # A test leaves no agent behind, nor the module that it was.
        self._modules = set(sys.modules)

    def install(self, distribution: str, code: str = "", **points: str) -> None:
        """A distribution: its module is named like it, its entry points are `name=object`."""
        module = distribution.replace("-", "_")
        (self.folder / f"{module}.py").write_text(code)
        lines = [f"{name.replace('_', '-')} = {points[name]}" for name in points]
        self.metadata(distribution, "\n".join([f"[{GROUP}]", *lines, ""]))

    def metadata(self, distribution: str, entry_points: str, version: str = "1.0") -> None:
        """What an installer writes beside the code."""
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (info / "METADATA").write_text(head)
        (info / "entry_points.txt").write_text(entry_points)
        self.look_again()

    def look_again(self) -> None:
        """As a process does that starts now."""
        importlib.invalidate_caches()
        additions.cache_clear()

    def close(self) -> None:
        """Forget what was loaded from here."""
        self._monkeypatch.undo()
        for name in set(sys.modules) - self._modules:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(str(self.folder)):
                del sys.modules[name]
        self.look_again()


def install_example(site: Site) -> None:
    """The documentation's example, with the entry points of its own pyproject.toml."""
    import tomllib

    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    shutil.copy(EXAMPLE / f"{MODULE}.py", site.folder)
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in members.items())
        for group, members in project["entry-points"].items()
    )
    site.metadata(project["name"], points, project["version"])
