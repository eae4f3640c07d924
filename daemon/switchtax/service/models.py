"""`model/list`: what models cost and hold, and what switching live sessions to them would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from switchtax import wording
from switchtax.catalog.names import display_name, maker_of
from switchtax.documents import money_json, unknown_json
from switchtax.material import is_material
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from switchtax.estimates.for_session import Answer
    from switchtax.service.hub import Hub
    from switchtax.service.live import Live

__all__ = ["rows"]

_MAKERS = {"claude-code": "anthropic", "codex": "openai", "gemini-cli": "google"}
"""Agents whose models are their maker's; the others run anybody's."""
_ALL_MAKERS = ("anthropic", "openai", "google")


def rows(
    hub: Hub, agent: str, spelled: Sequence[str], sessions: Iterable[Live]
) -> list[dict[str, Any]]:
    """One row a model.

    Args:
        hub: what the daemon knows.
        agent: whose models are meant; "" for all.
        spelled: the models as somebody wrote them; none: all that the agent may run.
        sessions: what switching these would cost is added.
    """
    lives = list(sessions)
    return [_row(hub, agent, each, lives) for each in spelled or _all(hub, agent)]


def _all(hub: Hub, agent: str) -> list[str]:
    """Every model that the agent may run, a maker's newest first."""
    makers = (_MAKERS[agent],) if agent in _MAKERS else _ALL_MAKERS
    return [
        name
        for maker in makers
        for name in sorted(hub.live.book.models(maker), key=_newest_first)
        if maker_of(name) == maker
    ]


def _newest_first(name: str) -> tuple[list[int], str]:
    """To sort by version, largest first; a date in a name is none."""
    version = [-int(part) for part in re.findall(r"\b\d{1,2}\b", display_name(name))]
    return [*version, 1], name


def _row(hub: Hub, agent: str, spelled: str, lives: list[Live]) -> dict[str, Any]:
    book = hub.live.book
    target = book.resolve_target(spelled, _MAKERS.get(agent, "")) if spelled.strip() else None
    if target is None or isinstance(target, Unknown):
        why = Unknown("no model is named") if target is None else target
        return {"spelled": spelled, "model": unknown_json(why), "switches": []}
    name = target.name.name
    card, window = book.card(name), book.window(name)
    rates: dict[str, Any] = {}
    if isinstance(card, Unknown):
        rates = unknown_json(card)
    else:
        for bucket, rate in (("input", card.rates.input), ("output", card.rates.output)):
            rates[bucket] = unknown_json(rate) if isinstance(rate, Unknown) else rate
    return {
        "spelled": spelled,
        "model": name,
        "name": display_name(name),
        "usd_micros_per_mtok": rates,
        "context_window_tokens": window if isinstance(window, int) else unknown_json(window),
        "switches": [
            _switch(hub, live, name) for live in lives if not same_model(name, live.session.model)
        ],
    }


def _switch(hub: Hub, live: Live, model: str) -> dict[str, Any]:
    config = hub.settings.config
    found = hub.live.standing.answer(live, model, hub.live.clock(), config.horizon.turns)
    found = hub.live.on_plan(found)
    view = found.switch.outlook
    return {
        "session": live.session.id,
        "from": live.session.model,
        "lines": wording.popup(found),
        "material": is_material(found, config.material),
        "warm_until_at": view.warm_until_at if view.state == "warm" else None,
        "rebuild_usd_micros": _rebuild(found),
        "next_turn_usd_micros": money_json(found.estimate.next_turn.extra),
        "horizon_usd_micros": _horizon(found),
        "verdict": str(found.estimate.verdict.word),
    }


def _rebuild(found: Answer) -> dict[str, Any]:
    rebuilt = found.estimate.rebuild
    return unknown_json(rebuilt) if isinstance(rebuilt, Unknown) else money_json(rebuilt.cost)


def _horizon(found: Answer) -> dict[str, Any]:
    horizon = found.estimate.horizon
    return unknown_json(horizon) if isinstance(horizon, Unknown) else money_json(horizon.extra)
