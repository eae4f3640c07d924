"""What holds for the package as a whole."""

import doctest
import importlib
import json
import pkgutil
import subprocess
import sys

import pytest

import switchtax
from switchtax import wording

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(switchtax.__path__, "switchtax.")
    if not module.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    """Every example in a docstring gives what it says."""
    assert 0 == doctest.testmod(importlib.import_module(name)).failed


def test_import_is_free_of_third_party_modules() -> None:
    """`import switchtax` loads nothing but itself and the standard library."""
    script = (
        "import sys; before = set(sys.modules); import switchtax, json;"
        "print(json.dumps(sorted({n.partition('.')[0] for n in set(sys.modules) - before})))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )

    loaded = json.loads(done.stdout)

    assert [] == [
        name for name in loaded if name not in sys.stdlib_module_names and name != "switchtax"
    ]


def test_what_an_editor_says_needs_no_estimates() -> None:
    """Its server starts while somebody waits: the other sentences are read when first used."""
    script = "import sys, switchtax.wording.editor; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "switchtax.wording.editor" in loaded
    assert set() == loaded & {"switchtax.estimates", "switchtax.advice", "switchtax.decide"}


def test_every_sentence_can_be_had_from_the_package() -> None:
    """Wherever it stands; a name that none has is told as usual."""
    assert all(getattr(wording, name) is not None for name in wording.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        wording.nonsense  # noqa: B018 - reading it is what is tested
