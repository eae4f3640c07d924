"""Sentences worth carrying over, told by the words in them; and text made safe to show.

The rules know English. What is said in another language is carried by the parts that need no
rule: the latest requests, files, commands, results and to-dos.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from switchtax.wording.brief import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "clean",
    "cut",
    "is_constraint",
    "is_decision",
    "is_next",
    "is_substantial",
    "is_uncertain",
    "sentences",
    "telling_lines",
]

_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?)")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_SECRETS = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|AKIA[0-9A-Z]{16}|xox[abeprs]-[\w-]{10,}|AIza[\w-]{30,}|npm_[A-Za-z0-9]{30,}"
    r"|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{8,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_GIVEN_SECRET = re.compile(
    r"((?:password|passwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)[\"']?\s*[=:]\s*)"
    r"[\"']?[^\s\"',;]{6,}",
    re.IGNORECASE,
)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_BULLET = re.compile(r"^\s*(?:[-*+>#]+|\d+[.)])\s+")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'`(\[])")
_CODE = re.compile(r"[{};|]\s*$|^\s*[</@$\\|{}\[]|=>|::|\w\(\)|^\s*(?:at |\d+[:|])|[─│┌└]")
_WORDS = (4, 60)
_STOPS = (".", "!", "?", ")", '"', "`", "*", "…")
_WRAPPED, _LONG = 50, 600
"""Characters: a line this long may go on in the next; in a text this long, what ends without a
stop is a heading or a piece of something else."""
_PASTED, _PASTED_START, _PASTED_END = 6_000, 2_000, 1_500
"""Characters: a longer prompt is mostly pasted; what was typed stands before or after."""

_CONSTRAINT = re.compile(
    r"\b(?:must(?:n't| not)?|never|always|do(?:n't|n’t| not| n't)|should(?:n't|n’t| not)|avoid"
    r"|without|make sure|ensure|prefer|only|at (?:most|least)|no more than|instead of|required"
    r"|not allowed|has to|have to|needs? to|stick (?:to|with)|keep|backwards?[- ]compatib\w+"
    r"|rather than|remember to|be careful)\b",
    re.IGNORECASE,
)
_NO_CONSTRAINT = re.compile(
    r"\b(?:I|we|you) (?:do(?:n't|n’t| not)) (?:know|think|see|understand|believe|remember|get)\b"
    r"|\?\s*$",
    re.IGNORECASE,
)
_DECISION = re.compile(
    r"\b(?:decided|going with|go (?:ahead )?with|I favou?r|chose|chosen|opted"
    r"|settled on|I(?:'d|’d| would) (?:prefer|rather)|let(?:'|’)s"
    r" (?:use|keep|go|do|make|not|take|put|move|rename|split|drop)"
    r"|I(?:'|’)?(?:ll| will) (?:use|go with|keep|take) |we(?:'|’)?(?:ll| will) (?:use|keep|go)"
    r"|root cause|option [A-D0-9])\b",
    re.IGNORECASE,
)
_UNCERTAIN = re.compile(
    r"\b(?:not sure|unclear|uncertain|might|may (?:need|not|be)|could ?n[o']t|couldn’t|cannot"
    r"|can't|unable|untested|not (?:yet )?(?:been )?(?:tested|verified|confirmed)|assum\w+"
    r"|TODO|FIXME|unknown|open question|have ?n[o']t|haven’t|needs? (?:verification"
    r"|investigation|review)|I suspect|probably|possibly|pre-existing)\b",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"\b(?:next(?: step|,|:| I)|let me|I(?:'|’)?(?:ll| will)|remaining|still (?:need|to)"
    r"|going to|now I|to do:|left to do)\b",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"\b(?:errors?|fail\w*|fatal|panic|exception|traceback|assert\w*|undefined|cannot|unexpected"
    r"|denied|invalid|missing|not found|no such|expected|timed out|killed)\b|^E\s",
    re.IGNORECASE,
)
_COUNTS = re.compile(r"\b\d+ (?:passed|failed|passing|failing|errors?|warnings?|problems?|tests?)")


def clean(text: str) -> str:
    """One line, without control characters and without what looks like a secret.

    >>> clean("set API_KEY=abcdef123456\\n now")
    'set API_KEY=[secret left out] now'
    """
    text = _UNSEEN.sub("", _ANSI.sub("", text))
    text = _GIVEN_SECRET.sub(rf"\1{SECRET}", _SECRETS.sub(SECRET, text))
    return " ".join(text.split())


def cut(text: str, most_chars: int) -> str:
    """At most so many characters, ending at a word, with a mark where something is left out.

    >>> cut("one two three", 12)
    'one two […]'
    """
    if len(text) <= most_chars:
        return text
    kept = text[: max(1, most_chars - 4)]
    return f"{kept.rsplit(' ', 1)[0]} […]" if " " in kept else f"{kept}[…]"


def sentences(text: str) -> Iterator[str]:
    """The sentences that a person would have typed, each on one line; code is passed over."""
    if len(text) > _PASTED:
        text = f"{text[:_PASTED_START]}\n\n{text[-_PASTED_END:]}"
    pasted = len(text) > _LONG
    for line in _unwrapped(_FENCED.sub("\n\n", text)):
        for sentence in _END.split(line):
            found = clean(sentence)
            whole = not found.endswith(":") and (not pasted or found.endswith(_STOPS))
            if whole and _WORDS[0] <= len(found.split()) <= _WORDS[1]:
                yield found


def _unwrapped(text: str) -> list[str]:
    """Paragraphs and list items, each on one line, however they were broken into lines."""
    found: list[str] = []
    last = ""
    for line in text.splitlines():
        listed, line_ = _BULLET.match(line), _BULLET.sub("", line)
        if _CODE.search(line) or not line.strip():
            last = ""
            continue
        if len(last) >= _WRAPPED and not last.rstrip().endswith(_STOPS) and not listed:
            found[-1] += f" {line_.strip()}"
        else:
            found.append(line_)
        last = line
    return found


def is_substantial(text: str) -> bool:
    """Whether a prompt says something by itself ("yes, go on" does not)."""
    return len(text.split()) >= _WORDS[0] or len(text) >= 40


def is_constraint(sentence: str) -> bool:
    """Whether it says what must or must not be."""
    return bool(_CONSTRAINT.search(sentence)) and not _NO_CONSTRAINT.search(sentence)


def is_decision(sentence: str) -> bool:
    """Whether it says what was chosen."""
    return bool(_DECISION.search(sentence)) and not sentence.rstrip().endswith("?")


def is_uncertain(sentence: str) -> bool:
    """Whether it says what is not known, or asks."""
    return bool(_UNCERTAIN.search(sentence)) or sentence.rstrip().endswith("?")


def is_next(sentence: str) -> bool:
    """Whether it says what will be done."""
    return bool(_NEXT.search(sentence))


def telling_lines(output: str, most: int = 2) -> list[str]:
    """The lines of a result that say what went wrong, or how much passed; else the last one."""
    lines = [clean(line) for line in output.splitlines()]
    lines = [line for line in lines if any(map(str.isalnum, line))]
    counts = [line for line in lines if _COUNTS.search(line)][-1:]
    told = [line for line in lines if _TELLING.search(line) and line not in counts]
    return [*dict.fromkeys(told)][: most - len(counts)] + counts or lines[-1:]
