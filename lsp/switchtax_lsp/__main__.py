"""`python -m switchtax_lsp`: the language server on standard input and output."""

from switchtax_lsp.run import main

if __name__ == "__main__":
    raise SystemExit(main())
