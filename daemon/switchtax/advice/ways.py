"""The ways of an answer: which there are, what each costs, takes and risks, cheapest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from switchtax.advice.errands import Errand, errand_of, later_s
from switchtax.advice.kinds import WayKind
from switchtax.advice.patterns import is_flapping
from switchtax.advice.plans import Models, Priced, price_ways
from switchtax.advice.scene import after_compaction, fresh_side, scene_of, start_of
from switchtax.catalog.names import maker_of, normalise
from switchtax.estimates.drift import Risk, Step, risk_after
from switchtax.estimates.inputs import NOTHING, Side
from switchtax.estimates.interval import Interval, exactly
from switchtax.estimates.latency_book import LatencyBook
from switchtax.estimates.steps import Steps, finish
from switchtax.estimates.switch_sides import carried_context
from switchtax.records import Unknown
from switchtax.sessions.fold import same_model

if TYPE_CHECKING:
    from switchtax.advice.plans import Scene
    from switchtax.catalog.book import PriceBook
    from switchtax.config.keys import RiskPoints
    from switchtax.estimates.for_session import Answer
    from switchtax.estimates.money import Money
    from switchtax.sessions.fold import Session

__all__ = [
    "Way",
    "WayKind",
    "advise",
    "advising",
    "chores_model",
    "sub_agent_way",
]

_SUB_AGENTS = frozenset({"claude-code", "opencode"})
"""Agents whose sub-agents can be given a model of their own.
Source: their documentation of sub-agents, read 2026-11-21."""
_ANY_MAKER = frozenset({"opencode"})
"""Of these, the ones that give a sub-agent another maker's model."""
_CHORES_ON = {"claude-code": "haiku"}
"""Agents for which we bring a sub-agent for chores, and the family it runs on."""
_FRESH = frozenset({WayKind.SUB_AGENT, WayKind.NEW_SESSION, WayKind.CHORES})
_CARRIES = frozenset({WayKind.SWITCH, WayKind.FINISH_FIRST, WayKind.THERE_AND_BACK, WayKind.POOL})
"""Ways that carry the whole context over."""
_BEFORE = {
    WayKind.FINISH_FIRST: Step.TURN_END,
    WayKind.COMPACT_FIRST: Step.SUMMARY,
    WayKind.NEW_SESSION: Step.BRIEF,
    WayKind.SUB_AGENT: Step.ORDER,
}
"""What is done before the other model begins, and bears on its risk."""
_PUBLISHED = LatencyBook()
"""Knows no call; it is never taught."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get what the user wants from the other model.

    `total` is everything paid over the horizon this way, `extra = total - staying`, and
    `next_turn` what is paid for the next turn alone. `extra_wait_s` is how much later the first
    word comes than when staying, worked out of `errand` where a fresh context is asked. `risk` is
    that of the handoff; None where no model continues another's work. `assumes` are the amounts
    it rests on, by name.
    """

    kind: WayKind
    model: str
    total: Money | Unknown
    extra: Money | Unknown
    next_turn: Money | Unknown
    extra_wait_s: Interval | Unknown
    risk: Risk | Unknown | None
    assumes: tuple[tuple[str, Interval], ...] = ()
    errand: Errand | Unknown | None = None

    @property
    def known(self) -> bool:
        """Whether its price is known, so that it can be ranked."""
        return not isinstance(self.total, Unknown)


def advise(
    found: Answer,
    book: PriceBook,
    *,
    turns: int | None = None,
    waits: LatencyBook = _PUBLISHED,
) -> tuple[Way, ...]:
    """All ways for one answer, the cheapest over the horizon first, unknown ones last.

    Staying is among them: it is what the others are measured against. Ways that this agent does
    not have are left out. None of them is to wait: a cache that expires makes staying dearer,
    and no switch cheaper.

    Args:
        found: the answer for the model that the user wants something from.
        book: prices, for the model that does chores.
        turns: horizon in turns; None means the answer's own.
        waits: what was learnt of waits; without it what is published counts.
    """
    return finish(advising(found, book, turns=turns, waits=waits))


def advising(
    found: Answer,
    book: PriceBook,
    *,
    turns: int | None = None,
    waits: LatencyBook = _PUBLISHED,
) -> Steps[tuple[Way, ...]]:
    """The same as `advise`, in steps of about a millisecond."""
    horizon = found.estimate.horizon
    turns = turns or (10 if isinstance(horizon, Unknown) else horizon.turns)
    start, cheap = start_of(found.session), _cheap(found, book)
    kinds = _kinds(found, cheap)
    models = _models(found, start, cheap)
    if models.compacted is None:
        kinds = tuple(kind for kind in kinds if kind is not WayKind.COMPACT_FIRST)
    none = _not_possible(found, kinds, start)
    possible = tuple(kind for kind in kinds if kind not in none)
    scene = scene_of(found, exactly(0) if isinstance(start, Unknown) else start)
    over = yield from _priced(found, models, scene, possible, turns)
    once = over
    if turns > 1:
        once = yield from _priced(found, models, scene, possible, 1)
    for kind, why in none.items():
        over[kind] = once[kind] = Priced(why, why)
    scenery = _Scenery(found, scene, models, start, waits, book.risk_levels)
    ways = [_way(scenery, kind, over[kind], once[kind], cheap) for kind in over]
    return tuple(sorted(ways, key=_rank))


@dataclass(frozen=True, slots=True)
class _Scenery:
    """What all ways of an answer have in common."""

    found: Answer
    scene: Scene
    models: Models
    start: Interval | Unknown
    waits: LatencyBook
    levels: RiskPoints | None


def _models(found: Answer, start: Interval | Unknown, cheap: Side | None) -> Models:
    stay, switch = found.stay_side, found.switch_side
    if isinstance(start, Unknown):
        return Models(stay, switch, switch, None, cheap)
    return Models(stay, switch, fresh_side(switch, start), after_compaction(found, start), cheap)


def _not_possible(
    found: Answer, kinds: tuple[WayKind, ...], start: Interval | Unknown
) -> dict[WayKind, Unknown]:
    """Ways without a price in this session, and why."""
    none: dict[WayKind, Unknown] = {}
    if isinstance(start, Unknown):
        none |= {kind: start for kind in kinds if kind in _FRESH}
    if found.estimate.fits is False:
        full = Unknown(f"the context does not fit the window of {found.model}")
        none |= {kind: full for kind in kinds if kind in _CARRIES}
    return none


def sub_agent_way(found: Answer) -> Way | None:
    """Just the next request in a sub-agent on the other model; None where there is no such way."""
    start = start_of(found.session)
    if isinstance(start, Unknown) or not _has_sub_agent(found):
        return None
    scene = scene_of(found, start)
    models = Models(found.stay_side, found.switch_side, fresh_side(found.switch_side, start))
    kind = WayKind.SUB_AGENT
    once = finish(_priced(found, models, scene, (kind,), 1))[kind]
    return _way(_Scenery(found, scene, models, start, _PUBLISHED, None), kind, once, once, None)


def _priced(
    found: Answer, models: Models, scene: Scene, kinds: tuple[WayKind, ...], turns: int
) -> Steps[dict[WayKind, Priced]]:
    context = carried_context(found.session)
    return price_ways(models, scene, kinds, context, found.pace, turns)


def _rank(way: Way) -> tuple[bool, int, bool]:
    if isinstance(way.total, Unknown):
        return True, 0, way.kind is not WayKind.STAY
    return False, way.total.mid, way.kind is not WayKind.STAY


def _kinds(found: Answer, cheap: Side | None) -> tuple[WayKind, ...]:
    """The ways there are in this session, whatever they cost."""
    session, switch = found.session, found.switch_side
    kinds: list[WayKind] = []
    if not same_model(found.model, session.model):
        kinds += [WayKind.SWITCH, WayKind.COMPACT_FIRST, WayKind.NEW_SESSION]
        if session.asked_for:
            kinds.append(WayKind.FINISH_FIRST)
        if _has_sub_agent(found):
            kinds.append(WayKind.SUB_AGENT)
        if found.estimate.verdict.direction == "dearer" and switch.compaction is None:
            kinds.append(WayKind.THERE_AND_BACK)
        if switch.compaction is None and is_flapping(session):
            kinds.append(WayKind.POOL)
    if cheap is not None and not session.asked_for:
        kinds.append(WayKind.CHORES)
    return tuple(kinds)


def _has_sub_agent(found: Answer) -> bool:
    session = found.session
    if session.agent not in _SUB_AGENTS or same_model(found.model, session.model):
        return False
    makers = {maker_of(normalise(name).name) for name in (found.model, session.model)}
    return len(makers) == 1 or session.agent in _ANY_MAKER


def chores_model(session: Session, book: PriceBook) -> str:
    """The model that does chores; "" where this agent has none."""
    family = _CHORES_ON.get(session.agent, "")
    seller = normalise(session.model, session.seller_of(session.model)).seller
    target = book.resolve_target(family, seller) if family else None
    if target is None or isinstance(target, Unknown) or same_model(target.name.name, session.model):
        return ""
    name: str = target.name.name
    return name


def _cheap(found: Answer, book: PriceBook) -> Side | None:
    """The model that does chores, from a fresh context."""
    session = found.session
    name = chores_model(session, book)
    if not name:
        return None
    rules = book.rules(name, session.seller_of(name))
    return Side(
        model=name,
        card=book.card(name, found.at, session.seller_of(name)),
        alive_tokens=NOTHING,
        minimum_cacheable_tokens=rules.minimum_tokens,
        writes_billed=rules.writes_billed,
        ttl_s=rules.ttl_s,
    )


# -- one way ----------------------------------------------------------------------------


def _way(at: _Scenery, kind: WayKind, over: Priced, once: Priced, cheap: Side | None) -> Way:
    found = at.found
    model = found.model
    if kind is WayKind.STAY:
        model = found.session.model
    elif kind is WayKind.CHORES and cheap is not None:
        model = cheap.model
    errand: Errand | Unknown | None = errand_of(found, kind, at.models, at.scene)
    if errand is not None and isinstance(at.start, Unknown):
        errand = at.start
    return Way(
        kind,
        model,
        over.total,
        over.extra,
        once.total,
        later_s(kind, found.wait, errand, at.waits),
        _risk(found, kind, at.levels),
        _assumes(found, kind, at.scene),
        errand,
    )


def _risk(found: Answer, kind: WayKind, levels: RiskPoints | None) -> Risk | Unknown | None:
    """That of a switch, less what the way does away with before the other model begins."""
    if kind in (WayKind.STAY, WayKind.CHORES):
        return None
    step, risk = _BEFORE.get(kind), found.risk
    if step is None or isinstance(risk, Unknown):
        return risk
    return risk_after(found.session, risk, step, levels)


def _assumes(found: Answer, kind: WayKind, scene: Scene) -> tuple[tuple[str, Interval], ...]:
    """The amounts a way rests on, besides the session's pace."""
    files = ("files_read_again", scene.files), ("tokens_a_file", exactly(scene.file_tokens))
    back = ("result_tokens", scene.result)
    told = ("order_tokens", scene.order)
    if kind is WayKind.SUB_AGENT:
        return (("start_tokens", scene.sub_start), told, *files, back)
    if kind is WayKind.NEW_SESSION:
        return (("start_tokens", scene.start), ("brief_tokens", scene.brief), *files)
    if kind is WayKind.CHORES:
        return (("start_tokens", scene.sub_start), told, ("calls", scene.chores), back)
    if kind is WayKind.FINISH_FIRST:
        return (("calls_left", exactly(scene.calls_left)),)
    if kind is WayKind.COMPACT_FIRST:
        return _compaction(found, scene)
    if kind in (WayKind.POOL, WayKind.THERE_AND_BACK):
        return (("cache_kept_on_return", exactly(float(not scene.dead_on_return))),)
    return ()


def _compaction(found: Answer, scene: Scene) -> tuple[tuple[str, Interval], ...]:
    side = after_compaction(found, scene.start)
    if side is None or side.compaction is None:
        return ()
    first = side.compaction
    return (
        ("summary_tokens", first.summary_tokens),
        ("context_after_tokens", first.context_after_tokens),
    )
