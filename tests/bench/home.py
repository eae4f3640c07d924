"""A large HOME: the corpus laid out as its agents do, many times over, ids rewritten.

Meters drop what they have seen before, so a plain copy would measure nothing.
Ids keep their length and form. Built once per corpus and number of copies.

Run directly, it prints the folder: `python tests/bench/home.py [COPIES]`.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from bars import Missing, bench_folder, corpus_folder

COPIES = 40
LAYOUT_VERSION = 2
"""Raised when this module builds something else from the same corpus."""

_IDS = re.compile(
    rb"\b(?:"
    # Sessions, records, turns; the version and variant digits are left alone.
    rb"(?P<uuid>[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}))"
    # Messages, requests, tool uses of the providers; sessions of OpenCode.
    rb"|(?P<prefix>(?:msg|req|ses|prt|toolu|tooluse|call|resp|rs|fc|ctc|cmp)_(?:bdrk_|vrtx_)?)"
    rb"(?P<token>[A-Za-z0-9]{4})(?=[A-Za-z0-9]{4})"
    # Records of pi, and the head of a session id in Gemini's file names.
    rb"|(?P<short>(?<=[\"-])[0-9a-f]{8}(?=[\".]))"
    # Sessions that are named in words.
    rb"|(?P<word>(?:fixture(?=-(?!model))|(?:parent|child)(?=-session\")))"
    rb")"
)
_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

Rewriter = Callable[[int], bytes]


def _mix_hex(digits: bytes) -> Rewriter:
    number = int(digits, 16)
    return lambda copy: b"%08x" % (number ^ (copy * 0x9E3779 & 0xFFFFFF))


def _rotate(prefix: bytes, token: bytes) -> Rewriter:
    places = [_ALPHABET.index(letter) for letter in token]
    return lambda copy: prefix + bytes(_ALPHABET[(place + copy) % 62] for place in places)


def _number(word: bytes) -> Rewriter:
    return lambda copy: b"%s%02d" % (word, copy)


def _pieces(text: bytes) -> Iterator[tuple[bytes, Rewriter | None]]:
    """Plain text and the rewriter of the id after it, in order."""
    end = 0
    known: dict[bytes, Rewriter] = {}
    for match in _IDS.finditer(text):
        whole = match[0]
        if whole not in known:
            if match["token"]:
                known[whole] = _rotate(match["prefix"], match["token"])
            elif match["word"]:
                known[whole] = _number(whole)
            else:
                known[whole] = _mix_hex(whole)
        yield text[end : match.start()], known[whole]
        end = match.end()
    yield text[end:], None


def write_copies(template: Path, home: Path, copies: int) -> int:
    """Write every file of `template` into `home`, `copies` times; the bytes written."""
    written = 0
    for source in sorted(path for path in template.rglob("*") if path.is_file()):
        name = list(_pieces(str(source.relative_to(template)).encode()))
        body = list(_pieces(source.read_bytes()))
        for copy in range(copies):
            made: dict[Rewriter, bytes] = {}
            target = home / _join(name, copy, {}).decode()
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                raise AssertionError(f"two copies of one session at {target}")
            written += target.write_bytes(_join(body, copy, made))
    return written


def _join(
    pieces: list[tuple[bytes, Rewriter | None]], copy: int, made: dict[Rewriter, bytes]
) -> bytes:
    parts: list[bytes] = []
    for text, rewrite in pieces:
        parts.append(text)
        if rewrite is not None:
            if rewrite not in made:
                made[rewrite] = rewrite(copy)
            parts.append(made[rewrite])
    return b"".join(parts)


def _key(corpus: Path, copies: int) -> str:
    listing = [
        (str(path.relative_to(corpus)), path.stat().st_size)
        for path in sorted(corpus.glob("*/*.json*"))
    ]
    digest = hashlib.sha256(repr((LAYOUT_VERSION, copies, listing)).encode())
    return digest.hexdigest()[:12]


def large_home(copies: int = COPIES) -> Path:
    """The folder to use as HOME; built if it does not stand yet."""
    corpus = corpus_folder()
    layout = corpus / "mkhome.py"
    if not layout.is_file():
        raise Missing(f"{layout} is missing: it lays the corpus out as a HOME")
    home = bench_folder() / f"home-{copies}-{_key(corpus, copies)}"
    if home.is_dir():
        return home
    with tempfile.TemporaryDirectory(dir=bench_folder()) as folder:
        template, building = Path(folder) / "template", Path(folder) / "home"
        subprocess.run(
            [sys.executable, str(layout), str(corpus), str(template)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        write_copies(template, building, copies)
        for old in bench_folder().glob(f"home-{copies}-*"):
            shutil.rmtree(old)
        building.rename(home)
    return home


if __name__ == "__main__":
    print(large_home(int(sys.argv[1]) if len(sys.argv) > 1 else COPIES))
