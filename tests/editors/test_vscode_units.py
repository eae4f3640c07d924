"""The VS Code extension's own tests, against a fake editor; types checked, the package built."""

from __future__ import annotations

import json
import subprocess
import zipfile

import pytest

from support import CHECKOUT, need
from workbench import extension_package

pytestmark = pytest.mark.editor

EXTENSION = CHECKOUT / "editors" / "vscode"


@pytest.fixture(scope="module")
def package() -> zipfile.ZipFile:
    """What people install, as `make vsix` builds it."""
    return zipfile.ZipFile(extension_package())


def test_its_own_tests_pass(package: zipfile.ZipFile) -> None:
    command = [need("npm"), "test", "--silent"]
    done = subprocess.run(
        command, cwd=EXTENSION, stdin=subprocess.DEVNULL, timeout=120, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert 0 == done.returncode, done.stdout[-4000:]
    assert "# fail 0" in done.stdout


def test_the_package_holds_the_extension_and_nothing_else(package: zipfile.ZipFile) -> None:
    allowed = ("dist/extension.js", "package", "readme.md", "LICENSE", "l10n/", "walkthrough/")
    inside = [name.removeprefix("extension/") for name in package.namelist()]
    ours = [name for name in inside if not name.startswith(("[", "extension.vsixmanifest"))]
    assert [] == [name for name in ours if not name.startswith(allowed)]
    assert {"dist/extension.js", "package.json", "l10n/bundle.l10n.json"} <= set(ours)


def test_the_package_bears_no_trace_of_the_machine_that_built_it(package: zipfile.ZipFile) -> None:
    bundle = package.read("extension/dist/extension.js").decode()
    assert str(CHECKOUT) not in bundle


def test_it_is_of_the_same_version_as_the_command() -> None:
    from switchtax import __version__

    assert __version__ == json.loads((EXTENSION / "package.json").read_text())["version"]
