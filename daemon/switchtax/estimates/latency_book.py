"""The waits of one user's calls: what was learnt of each model, and what it foretells.

The daemon, the command line and `backtest` feed it every call of a conversation in the order
of time. It is pure: what it holds goes out as plain values and comes back the same way.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from switchtax.catalog.latency import latency_prior
from switchtax.catalog.names import display_name, normalise
from switchtax.estimates.latency_fit import Fit, Work, prior_of
from switchtax.estimates.latency_spread import Levels, Window, curve, ends_of
from switchtax.records import Unknown
from switchtax.sessions.waits import WaitReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from switchtax.records import Record
    from switchtax.sessions.waits import Waited

__all__ = ["Expected", "LatencyBook", "book_of"]

_SERIES, _SESSIONS = 48, 512
"""Most models by agent, and most sessions, that are remembered."""
_AGENT_WEIGHT = _SITUATION_WEIGHT = 10.0
"""What residuals of the agent's other models, and of calls in the same situation, weigh at most."""
_SEEN_ENOUGH, _COLD_ENOUGH = 5, 2
"""Calls before anything is said of a model that nothing is published of."""
_LOCAL_SPREAD = 1.0
_NOTHING = Work(0.0, 0.0)
_SIBLING_CALLS = 20
"""Calls after which a model tells how its agent's others are likely to start."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A wait that is foretold: seconds, 80 % of waits between low and high."""

    low_s: float
    mid_s: float
    high_s: float
    calls: int
    """Calls of this model that it was learnt from."""


@dataclass(slots=True)
class _Series:
    """One model in one agent: its fit, and residuals by state (warm, cold) and situation."""

    fit: Fit
    by_state: list[Window] = field(default_factory=lambda: [Window(), Window()])
    by_situation: list[Window] = field(default_factory=lambda: [Window(), Window()])
    calls: int = 0
    cold_calls: int = 0
    exact_calls: int = 0
    exact_likely: bool = False
    """What holds for the agent's other models, until a call was seen."""
    at: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether its waits end with the first token rather than with the first block."""
        return 2 * self.exact_calls > self.calls if self.calls else self.exact_likely


@dataclass(slots=True)
class _Agent:
    by_state: list[Window] = field(default_factory=lambda: [Window(), Window()])
    levels: Levels = field(default_factory=Levels)


class LatencyBook:
    """What was learnt of waits; starts with what is published."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._series: dict[tuple[str, str], _Series] = {}
        self._agents: dict[str, _Agent] = {}
        self._seen: dict[str, float] = {}
        self._seen_floor = 0.0
        self._curves: dict[tuple[str, str, bool, bool], tuple[float, ...]] = {}
        self.revision = 0
        """Grows with whatever is learnt: what was expected before may be so no more."""
        self.changed: set[str] = set()
        """Parts (see `parts`) that have changed since they were last taken."""

    # -- what it foretells -----------------------------------------------------------

    def expected(
        self, agent: str, model: str, cases: Iterable[tuple[float, Work]], *, prompted: bool
    ) -> Expected | Unknown:
        """The wait for the first sign of an answer.

        Args:
            agent: who asks.
            model: who answers, in any spelling.
            cases: what the request may have to process and read, each with its weight.
            prompted: a person's prompt stands before the request, not a tool's result.
        """
        name = normalise(model).name
        series = self._series.get((agent, name)) or self._new(agent, name)
        cases = list(cases)
        missing = _missing(series, name, cases)
        if missing is not None:
            return missing
        parts = []
        for weight, work in cases:
            middle = series.fit.expected_s(work, prompted=prompted, exact=series.exact)
            factors = self._curve(agent, name, cold=work.cold, prompted=prompted)
            parts.append((weight, middle, factors))
        low, mid, high = ends_of(parts, sorted(self._levels(agent).values))
        return Expected(low, mid, high, series.calls)

    def extra_s(
        self,
        agent: str,
        models: tuple[str, str],
        cases: tuple[list[tuple[float, Work]], ...],
        *,
        prompted: bool,
    ) -> tuple[float, float]:
        """Seconds that a switch adds to the first sign: in the middle, and nine of ten times.

        What the tokens of the requests take counts in full; how fast the models start, and how
        long their first blocks are, as far as both were seen.

        Args:
            agent: who asks.
            models: the one now and the target.
            cases: of each, as in `expected`.
            prompted: as in `expected`.
        """
        names = [normalise(model).name for model in models]
        both = [self._series.get((agent, name)) or self._new(agent, name) for name in names]
        seen = min(series.calls for series in both)
        sides = [
            sum(weight * series.fit.token_s(work) for weight, work in known)
            / sum(weight for weight, _ in known)
            for series, known in zip(both, cases, strict=True)
        ]
        stays, switches = (
            series.fit.expected_s(_NOTHING, prompted=prompted, exact=series.exact)
            for series in both
        )
        started = switches - stays
        extra = sides[1] - sides[0] + started * seen / (seen + _SIBLING_CALLS)
        _weight, work = max(cases[1], key=lambda case: case[0])
        factors = self._curve(agent, names[1], cold=work.cold, prompted=prompted)
        middle, end = ends_of([(1.0, 1.0, factors)], (0.5, 0.9))
        if extra < 0:
            end, middle = ends_of([(1.0, 1.0, factors)], (0.1, 0.5))
        return extra, extra * end / middle

    def generate_s(self, agent: str, model: str) -> float:
        """Seconds that a model takes to write a thousand tokens."""
        name = normalise(model).name
        series = self._series.get((agent, name)) or self._new(agent, name)
        return series.fit.theta[3]

    def calls_of(self, agent: str, model: str) -> int:
        """How many calls of a model were seen."""
        series = self._series.get((agent, normalise(model).name))
        return series.calls if series else 0

    def models(self) -> list[tuple[str, str, int]]:
        """Agent, model and calls seen of each, most calls first."""
        found = [(agent, name, series.calls) for (agent, name), series in self._series.items()]
        return sorted(found, key=lambda row: (-row[2], row[:2]))

    def _curve(self, agent: str, name: str, *, cold: bool, prompted: bool) -> tuple[float, ...]:
        """Factors to expect on the middle; a cold call's are never below those of a warm one."""
        key = (agent, name, cold, prompted)
        found = self._curves.get(key)
        if found is None:
            found = self._sampled(agent, name, cold=cold, prompted=prompted)
            if cold:
                warm = self._curve(agent, name, cold=False, prompted=prompted)
                found = tuple(map(max, found, warm))
            self._curves[key] = found
        return found

    def _sampled(self, agent: str, name: str, *, cold: bool, prompted: bool) -> tuple[float, ...]:
        series, others = self._series.get((agent, name)), self._agents.get(agent)
        parts = [(others.by_state[cold], _AGENT_WEIGHT)] if others else []
        if series is not None:
            parts.append((series.by_situation[prompted], _SITUATION_WEIGHT))
            parts.append((series.by_state[cold], math.inf))
        row = latency_prior(name)
        spread = _LOCAL_SPREAD if row is None else row.cold_spread if cold else row.spread
        return curve(parts, spread)

    def _levels(self, agent: str) -> Levels:
        known = self._agents.get(agent)
        return known.levels if known else Levels()

    def _new(self, agent: str, name: str) -> _Series:
        """A model that was not seen yet starts as its agent's others do, against their priors."""
        row = latency_prior(name)
        fit = Fit(prior_of(row), local=row is None)
        known = [s for (a, _), s in self._series.items() if a == agent and not s.fit.local]
        best = max(known, key=lambda series: series.calls, default=None)
        if row is not None and best is not None and best.calls >= _SIBLING_CALLS:
            fit.theta[0] *= best.fit.theta[0] / best.fit.start[0]
            fit.start[0] = fit.theta[0]
            fit = Fit(fit.theta)
            fit.blocks = [[ktok, min(count, 5.0)] for ktok, count in best.fit.blocks]
        return _Series(fit, exact_likely=best is not None and best.exact)

    # -- what it learns --------------------------------------------------------------

    def learn(self, waited: Waited) -> bool:
        """One more wait; False if it was learnt before (a log that is read again)."""
        if not waited.again:
            if waited.at <= self._seen.get(waited.session_id, self._seen_floor):
                return False
            self._note(waited)
        name = normalise(waited.model).name
        key = (waited.agent, name)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._new(*key)
        work = Work(waited.processed_tokens, waited.read_tokens)
        if not waited.again:
            self._residual(series, name, work, waited)
            if not waited.exact:
                series.fit.saw_block(waited.block_tokens / 1000, prompted=waited.prompted)
        series.fit.learn(work, waited.block_tokens / 1000, waited.wait_s)
        series.at = max(series.at, waited.at)
        self._curves = {k: v for k, v in self._curves.items() if k[0] != waited.agent}
        self.revision += 1
        self.changed |= {_part("model", *key), _part("agent", waited.agent), _part("seen")}
        self._forget()
        return True

    def _residual(self, series: _Series, name: str, work: Work, waited: Waited) -> None:
        """Residuals and levels learn from what would have been said."""
        agent = self._agents.setdefault(waited.agent, _Agent())
        said = self.expected(waited.agent, name, [(1.0, work)], prompted=waited.prompted)
        middle = series.fit.expected_s(work, prompted=waited.prompted, exact=waited.exact)
        if isinstance(said, Expected):
            agent.levels.learn(waited.wait_s, (said.low_s, said.mid_s, said.high_s))
        residual = math.log(waited.wait_s / middle)
        series.by_state[work.cold].add(residual)
        series.by_situation[waited.prompted].add(residual)
        if not series.fit.local:
            agent.by_state[work.cold].add(residual)
        series.calls += 1
        series.cold_calls += work.cold
        series.exact_calls += waited.exact

    def _note(self, waited: Waited) -> None:
        self._seen.pop(waited.session_id, None)
        self._seen[waited.session_id] = waited.at
        if len(self._seen) > _SESSIONS:
            oldest = min(self._seen, key=lambda session: self._seen[session])
            self._seen_floor = max(self._seen_floor, self._seen.pop(oldest))

    # -- what is kept ----------------------------------------------------------------

    def parts(self, changed_only: bool = False) -> dict[str, Any]:
        """What was learnt as plain values by part; None where a part is gone."""
        every = {_part("seen"): {"at": self._seen, "floor": self._seen_floor}}
        for key, series in self._series.items():
            every[_part("model", *key)] = _series_values(series)
        for name, agent in self._agents.items():
            every[_part("agent", name)] = {
                "states": [window.residuals for window in agent.by_state],
                "levels": agent.levels.values,
            }
        if not changed_only:
            return every
        taken = {name: every.get(name) for name in self.changed}
        self.changed = set()
        return taken

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> LatencyBook:
        """A book with what another one had learnt; a part that makes no sense is left out."""
        book = cls()
        book.reload(parts)
        return book

    def reload(self, parts: Mapping[str, Any]) -> None:
        """Forget everything, and take up what another book had learnt."""
        self._series, self._agents, self._curves = {}, {}, {}
        self.revision += 1
        self._seen, self._seen_floor, self.changed = {}, 0.0, set()
        for name, values in parts.items():
            with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
                self._take(name.split("\t"), values)

    def _take(self, names: list[str], values: Any) -> None:
        match names:
            case ["seen"]:
                self._seen = {str(session): float(at) for session, at in values["at"].items()}
                self._seen_floor = float(values["floor"])
            case ["agent", agent]:
                warm, cold = (Window.of(each) for each in values["states"])
                low, mid, high = (float(each) for each in values["levels"])
                self._agents[agent] = _Agent([warm, cold], Levels([low, mid, high]))
            case ["model", agent, model]:
                self._series[agent, model] = _series_of(values, model)
            case _:
                pass

    def _forget(self) -> None:
        if len(self._series) > _SERIES:
            oldest = min(self._series, key=lambda key: self._series[key].at)
            del self._series[oldest]
            self.changed.add(_part("model", *oldest))


def book_of(
    agent: str,
    records: Iterable[Record],
    *,
    until: float | None = None,
    learnt: Mapping[str, Any] | None = None,
) -> LatencyBook:
    """A book taught by one log; the last answer in it may still go on, and is left out.

    Args:
        agent: whose log it is.
        records: all of it, in its order.
        until: only answers that had come by then teach, UTC epoch seconds.
        learnt: the parts that an earlier book had learnt.
    """
    book, reader = LatencyBook.of(learnt or {}), WaitReader(agent)
    for record in records:
        waited = reader.add(record)
        if waited is not None and (until is None or waited.at < until):
            book.learn(waited)
    return book


def _missing(series: _Series, name: str, cases: list[tuple[float, Work]]) -> Unknown | None:
    """Why nothing can be said of a model that nothing is published of, if so."""
    if not series.fit.local:
        return None
    if series.calls < _SEEN_ENOUGH:
        return Unknown(f"too few calls of {display_name(name)} were timed here to say")
    if series.cold_calls < _COLD_ENOUGH and any(work.cold for _, work in cases):
        return Unknown(f"no call of {display_name(name)} with a cold cache was timed here")
    return None


def _series_values(series: _Series) -> dict[str, Any]:
    fit = series.fit
    return {
        "theta": fit.theta,
        "start": fit.start,
        "cov": fit.cov,
        "blocks": fit.blocks,
        "states": [window.residuals for window in series.by_state],
        "situations": [window.residuals for window in series.by_situation],
        "calls": [series.calls, series.cold_calls, series.exact_calls],
        "at": series.at,
    }


def _series_of(values: Any, model: str) -> _Series:
    theta, start = (_numbers(values[name], 4) for name in ("theta", "start"))
    cov = [_numbers(row, 4) for row in values["cov"]]
    blocks = [_numbers(each, 2) for each in values["blocks"]]
    if len(cov) != 4 or len(blocks) != 2:
        raise ValueError("not a fit")
    warm, cold = (Window.of(each) for each in values["states"])
    tools, prompts = (Window.of(each) for each in values["situations"])
    calls, cold_calls, exact_calls = (int(each) for each in values["calls"])
    return _Series(
        Fit(theta, cov, blocks, latency_prior(model) is None, start),
        [warm, cold],
        [tools, prompts],
        calls,
        cold_calls,
        exact_calls,
        at=float(values["at"]),
    )


def _numbers(values: Any, count: int) -> list[float]:
    found = [float(value) for value in values]
    if len(found) != count or not all(map(math.isfinite, found)):
        raise ValueError(f"not {count} numbers")
    return found


def _part(*names: str) -> str:
    return "\t".join(names)
