"""How estimates came true: what `switchtax accuracy` says."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from switchtax.ledger.store import Closed
    from switchtax.ledger.wait_rows import ClosedWait

__all__ = ["accuracy_document", "accuracy_words"]


def accuracy_document(
    outcomes: Sequence[Closed],
    waits: Sequence[ClosedWait] = (),
    learnt: Sequence[tuple[str, str, int]] = (),
) -> dict[str, Any]:
    """Error statistics as JSON; `median_error_percent` is null where nothing was closed.

    Args:
        outcomes: costs beside what was said of them.
        waits: waits beside what was said of them.
        learnt: agent, model and calls that waits were learnt from.
    """
    errors_s = [abs(each.wait_s - each.shown.mid_s) for each in waits]
    return {
        **_of(outcomes),
        "switches": _of([each for each in outcomes if each.shown.switch]),
        "stays": _of([each for each in outcomes if not each.shown.switch]),
        "waits": {
            "checked": len(waits),
            "inside": sum(each.is_inside for each in waits),
            "median_error_s": round(median(errors_s), 2) if errors_s else None,
            "learnt_from": [
                {"agent": agent, "model": model, "calls": calls} for agent, model, calls in learnt
            ],
        },
        "since": min((each.shown.at for each in outcomes), default=None),
    }


def _of(outcomes: Sequence[Closed]) -> dict[str, Any]:
    errors = [each.error for each in outcomes]
    return {
        "estimates": len(outcomes),
        "inside": sum(each.is_inside for each in outcomes),
        "median_error_percent": round(100 * median(errors), 1) if errors else None,
    }


def accuracy_words(document: dict[str, Any]) -> str:
    """The statistics for a person.

    >>> accuracy_words({"estimates": 40, "inside": 33, "median_error_percent": 2.0})
    'Last 40 estimates: median error 2 %, 33 inside their range.'
    """
    count = document["estimates"]
    if not count:
        return "No estimate that was shown has been followed by its call yet."
    several = f"Last {count} estimates" if count > 1 else "One estimate"
    inside = document["inside"]
    return (
        f"{several}: median error {document['median_error_percent']:g} %, "
        f"{inside} inside {'their' if count > 1 else 'its'} range."
    )
