"""Serving one editor over standard input and output."""

from __future__ import annotations

import logging
import sys

__all__ = ["main"]


def main() -> int:
    """Serve until the editor leaves; 4 where the libraries are not installed."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        from switchtax_lsp.server import make_server
    except ModuleNotFoundError as error:
        text = f"switchtax lsp: {error.name} is not installed. pip install 'switchtax[lsp]'"
        sys.stderr.write(text + "\n")
        return 4
    logging.getLogger("pygls").setLevel(logging.ERROR)  # it logs what documents say
    make_server().start_io()
    return 0
