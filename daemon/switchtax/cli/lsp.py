"""The language server, for editors: meter, warnings, and prices in files that set models.

An editor starts it and speaks the language server protocol over its standard input and output.
It asks the daemon for everything, and starts one if none runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "--stdio", action="store_true", help="what it does anyway; some editors insist on it"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until the editor leaves."""
    from switchtax_lsp.run import main

    return main()
