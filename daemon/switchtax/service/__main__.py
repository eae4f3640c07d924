"""`python -m switchtax.service`: the daemon itself."""

import sys

from switchtax.service.run import main

if __name__ == "__main__":
    sys.exit(main())
