"""The clients that are tested: fetched once with npm, kept outside the checkout by version."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from support import missing, need

__all__ = ["fetched", "node_program"]

NODE = "24.21.0"
"""Some clients ask for a newer Node than distributions have."""
FETCH_S = 300
QUIET = ("--silent", "--no-audit", "--no-fund")


def _cache() -> Path:
    """Where clients are kept between runs: `SWITCHTAX_LAB_DIR`, else the user's cache folder."""
    given = os.environ.get("SWITCHTAX_LAB_DIR")
    return Path(given) if given else Path.home() / ".cache" / "switchtax-lab"


def fetched(name: str, package: str, pattern: str, *, beside: Sequence[str] = ()) -> Path:
    """A file of a pinned npm package, fetched once: the first that matches in `node_modules`.

    Args:
        name: what its folder is called, before the version.
        package: with its version, as npm takes it.
        pattern: the file.
        beside: for a package that is whole in itself: of all that it names as its needs, only
            these are fetched.
    """
    own, _, version = package.rpartition("@")
    folder = _cache() / f"{name}-{version}"
    modules = f"node_modules/{pattern}"
    if not list(folder.glob(modules)):
        npm = need("npm", "it fetches the client that is tested")
        _cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_cache()) as building:
            done = _installed(npm, building, beside or (package,))
            if not (done and (not beside or _unpacked(npm, building, own, package))):
                missing(package, "npm could not fetch it")
            with contextlib.suppress(OSError):  # another process was quicker
                Path(building).rename(folder)
            Path(building).mkdir(exist_ok=True)
    found = sorted(folder.glob(modules))
    if not found:
        missing(f"{pattern} of {package}", "for this platform")
    return found[0]


def node_program() -> Path:
    """The pinned Node, fetched once."""
    return fetched("node", f"node@{NODE}", "node/bin/node")


def _installed(npm: Path, building: str, packages: Sequence[str]) -> bool:
    return _done([str(npm), "install", *QUIET, "--prefix", building, *packages])


def _unpacked(npm: Path, building: str, own: str, package: str) -> bool:
    """The package's own archive, laid where npm would lay it."""
    into = Path(building, "node_modules", *own.split("/"))
    into.mkdir(parents=True)
    taken = _done([str(npm), "pack", *QUIET, "--pack-destination", building, package])
    archives = list(Path(building).glob("*.tgz"))
    for archive in archives:
        strip = ["tar", "-xzf", str(archive), "--strip-components=1", "-C", str(into)]
        taken = taken and _done(strip)
        archive.unlink()
    return taken and bool(archives)


def _done(command: list[str]) -> bool:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    return subprocess.run(command, **quiet, timeout=FETCH_S, check=False).returncode == 0
