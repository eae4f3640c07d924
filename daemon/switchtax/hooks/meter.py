"""The meter of a session for a status line: at most 80 columns, true for the model named.

The file of a session holds the meter of its own model in the first line. Lines after it, if
any, hold the meter of each model after its id and a tab: right after `/model` the status line
is run with the new model's name, before anything was sent to it. A model without a line of its
own is then said to be one whose cache is not known yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from switchtax import wording
from switchtax.catalog.names import display_name
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from switchtax.estimates.for_session import Answer

__all__ = ["page", "render"]

WIDTH = 80
_NAME = 24


def render(
    found: Answer, *, spent: int | Unknown | None = None, useful: Answer | None = None
) -> str:
    """Model · context · cache clock · spent · cheapest useful switch; the last ones give way.

    Args:
        found: the answer for the model that the line names: the session's own, or the one
            just chosen.
        spent: micro-dollars so far; left out where None.
        useful: the switch that surely saves most, if any.
    """
    parts = [
        display_name(found.model)[:_NAME],
        f"{wording.tokens(found.session.context_tokens)} context",
        _cache(found),
    ]
    if spent is not None:
        known = not isinstance(spent, Unknown)
        parts.append(f"{wording.money(spent)} spent" if known else "spent unknown")  # type: ignore[arg-type]
    if useful is not None and not same_model(useful.model, found.model):
        parts += _saving(useful)
    while len(line := " · ".join(parts)) > WIDTH:
        parts.pop()
    return line


def page(own: str, meters: Mapping[str, str]) -> str:
    """The file of a session: the meter of its own model, then each model's after its id."""
    lines = [meters[own], *(f"{model}\t{line}" for model, line in meters.items())]
    return "".join(" ".join(line.splitlines()) + "\n" for line in lines)


def _cache(found: Answer) -> str:
    view = found.switch.outlook
    if view.state == "warm":
        if view.warm_until_at is not None and view.ttl_s:
            return f"cache until {wording.clock(view.warm_until_at)}"
        return "cache warm"
    if same_model(found.model, found.session.model):
        return "cache not known" if view.state == "unknown" else "cache cold"
    rebuilt = found.estimate.rebuild
    if isinstance(rebuilt, Unknown):
        return "cache not known"
    size = wording.tokens(rebuilt.tokens.mid)
    if isinstance(rebuilt.cost, Unknown):
        return f"must re-read {size}"
    return f"must re-read {size} ({wording.money(rebuilt.cost.mid)})"


def _saving(useful: Answer) -> list[str]:
    horizon = useful.estimate.horizon
    if isinstance(horizon, Unknown) or isinstance(horizon.extra, Unknown) or horizon.extra.mid >= 0:
        return []
    saved = wording.money(horizon.extra.mid)
    return [f"{display_name(useful.model)[:_NAME]} saves {saved} in {horizon.turns} turns"]
