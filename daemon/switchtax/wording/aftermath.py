"""What followed switches, for a person: a table by level and whether it says anything."""

from __future__ import annotations

from typing import Any

from switchtax.wording.numbers import counted

__all__ = ["aftermath_lines", "risks_words"]


def aftermath_lines(document: dict[str, Any]) -> list[str]:
    """The lines of `switchtax accuracy --risk`, at most 80 columns."""
    history = document["history"]
    sessions = counted(document["searched"], "session")
    so_far = "" if document["complete"] else " (the newest; there are more)"
    lines = [f"{counted(history['switches'], 'switch', 'switches')} in {sessions}{so_far}."]
    if history["switches"]:
        lines += ["What followed within five turns, by the risk that each had:", ""]
        lines += _table(history["levels"])
        lines += ["", _verdict(history["holds"])]
    shown = document["shown"]["switches"]
    if shown:
        lines += [f"Of risks that were shown: {counted(shown, 'switch', 'switches')} followed."]
        lines += ["", *_table(document["shown"]["levels"])]
    return lines


def risks_words(shown: dict[str, Any]) -> str:
    """What followed the risks that were shown, in one line.

    >>> row = {"switches": 0, "trouble": 0}
    >>> levels = {"low": {"switches": 2, "trouble": 1}, "medium": row, "high": row}
    >>> risks_words({"switches": 2, "levels": levels})
    'Risks: 2 switches followed; trouble after 1 of 2 at low risk. --risk: all your switches.'
    """
    if not shown["switches"]:
        return "Risks: no switch whose risk was shown has had its five turns. --risk: them all."
    parts = [
        f"{row['trouble']} of {row['switches']} at {level} risk"
        for level, row in shown["levels"].items()
        if row["switches"]
    ]
    switches = counted(shown["switches"], "switch", "switches")
    after = ", ".join(parts)
    return f"Risks: {switches} followed; trouble after {after}. --risk: all your switches."


def _table(levels: dict[str, dict[str, int]]) -> list[str]:
    head = f"{'risk':<8}{'switches':>10}{'known files read again':>25}{'taken back':>13}"
    rows = [
        f"{level:<8}{row['switches']:>10}{_of(row['re_reads'], row['reads']):>25}"
        f"{row['reverts']:>13}{_of(row['switched_back'], row['switches']):>16}"
        for level, row in levels.items()
        if row["switches"]
    ]
    return [f"{head}{'switched back':>16}", *rows]


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "-"


def _verdict(holds: Any) -> str:
    if holds is True:
        return "Higher levels were followed by more trouble: they hold here."
    if holds is False:
        return "Higher levels were not followed by more trouble: do not lean on them here."
    return "Not enough data to say whether the levels hold: five switches are needed on each side."
