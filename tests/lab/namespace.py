"""Keeps a namespace with loopback up, for a client whose backend is served beside it.

Started as the fake providers are, by a Python without our packages; it serves nobody.
"""

import signal
import sys
from pathlib import Path

from loopback import raise_loopback


def main(folder: Path) -> None:
    """Wait until killed."""
    raise_loopback()
    folder.mkdir(exist_ok=True)
    (folder / "port").write_text("1")
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
