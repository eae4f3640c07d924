"""`python -m switchtax`: the command line."""

import sys

from switchtax.cli import main

if __name__ == "__main__":
    sys.exit(main())
