"""Measuring the accuracy bars on recorded sessions, for the bench and for the tests."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from switchtax.backtest import Prediction, Replay, replay_all
from switchtax.catalog.book import PriceBook
from switchtax.cli.backtest import inside
from switchtax.estimates.outlook import Moment
from switchtax.records import Source, Unknown
from switchtax.score import SMALLEST_CONTEXT, quantile
from switchtax.sessions import library

NOT_IN_THE_LOG = frozenset({"exec-resume-switch"})
"""Lab switches whose sizes do not stand in the log: a model that the client does not know is
sent the tools of a fallback."""


@cache
def replayed(folder: Path) -> Replay:
    """A folder of sessions, replayed with shipped prices."""
    sources = sorted(library.sources_at(folder), key=lambda source: source.path)
    return replay_all(sources, PriceBook(), lambda items, _: items)


def same_model(folder: Path) -> list[Prediction]:
    """Calls that stayed on their model, without a compaction before them."""
    return [p for p in replayed(folder).predictions if p.kind in ("stay", "cold")]


def recall(folder: Path, state: str) -> tuple[int, int]:
    """Of the calls that were seen in a state: how many were foretold so, and how many there are."""
    seen = [
        p
        for p in same_model(folder)
        if p.previous_tokens > SMALLEST_CONTEXT and p.observed_state == state
    ]
    return sum(p.send.outlook.state == state for p in seen), len(seen)


def written_errors(folder: Path) -> list[float]:
    """Relative errors of the tokens written at calls that were cold by the clock, sorted."""
    return sorted(
        abs(p.send.outlook.written_tokens.mid - p.usage.cache_write_tokens)
        / p.usage.cache_write_tokens
        for p in same_model(folder)
        if p.kind == "cold" and p.observed_state != "warm" and p.usage.cache_write_tokens
    )


@dataclass(frozen=True)
class Costs:
    """Errors of the input cost at one moment, and how often the interval held."""

    median: float
    p90: float
    coverage: float
    width: float
    calls: int


def costs(folder: Path, moment: Moment) -> Costs:
    """The input cost of the next call against what it was."""
    errors, widths, held = [], [], 0
    for p in same_model(folder):
        cost, seen = p.seen(moment).cost, p.observed_cost
        if isinstance(cost, Unknown) or isinstance(seen, Unknown) or not seen:
            continue
        errors.append(abs(cost.mid - seen) / seen)
        widths.append((cost.high - cost.low) / seen)
        held += round(cost.low) <= seen <= round(cost.high)
    errors.sort()
    calls = len(errors)
    return Costs(
        quantile(errors, 0.5), quantile(errors, 0.9), held / calls, sum(widths) / calls, calls
    )


def plain_width(folder: Path) -> float:
    """Width of the interval that a plain rule's own residuals make: 10th to 90th percentile.

    The rule: the prefix as long as the last request, warm inside its lifetime and gone after
    it, and the growth that was usual in the session so far.
    """
    grown: dict[str, list[int]] = {}
    residuals = []
    for p in same_model(folder):
        history = grown.setdefault(p.session, [])
        usual = quantile(sorted(history), 0.5) if history else 800.0
        history.append(max(0, p.usage.sent_tokens - p.previous_tokens))
        if p.plain_rates is None or isinstance(p.observed_cost, Unknown) or not p.observed_cost:
            continue
        read, write = p.plain_rates
        held = p.previous_tokens if p.kind == "stay" else 0
        said = (held * read + (p.previous_tokens + usual - held) * write) / 1e6
        residuals.append((said - p.observed_cost) / p.observed_cost)
    residuals.sort()
    return quantile(residuals, 0.9) - quantile(residuals, 0.1)


def usable_switches(corpus: Path) -> list[Prediction]:
    """Predictions of the switches listed in the corpus whose context before is recorded."""
    with (corpus / "switches.csv").open() as file:
        listed = {
            (Path(row["file"]).stem, row["to_model"].rpartition("/")[2])
            for row in csv.DictReader(file)
            if int(row["before_input_total"])
        }
    found = [
        p
        for p in replayed(corpus).predictions
        if p.kind == "switch" and (Path(p.path).stem, p.model.rpartition("/")[2]) in listed
    ]
    assert len(listed) == len(found), "every switch of the list is found, and nothing else"
    return found


def held(switches: list[Prediction]) -> int:
    """How many outcomes lay in the interval given at choice."""
    return sum(inside(p) is True for p in switches)


def _with_one_provider(folder: Path) -> Iterator[Prediction]:
    """Sessions with a bill of their own had a provider, and its cache, of their own."""
    sources = sorted(library.sources_at(folder), key=lambda source: source.path)
    groups: dict[str, list[Source]] = {}
    for source in sources:
        name = Path(source.path).name.partition(".")[0]
        alone = (folder / f"{name}.billing.jsonl").exists()
        groups.setdefault(name if alone else "", []).append(source)
    for group in groups.values():
        yield from replay_all(group, PriceBook(), lambda items, _: items).predictions


def lab_switch_errors(lab: Path) -> dict[str, float]:
    """Error of the input side of each first call after a switch, at send, by session and line."""
    errors = {}
    for agent in ("claude", "codex", "opencode", "gemini", "copilot", "pi"):
        for p in _with_one_provider(lab / agent):
            cost, seen = p.send.cost, p.observed_cost
            if p.kind == "switch" and not isinstance(cost, Unknown | type(None)):
                name = Path(p.path).stem.removesuffix(".events")
                errors[f"{agent}/{name}:{p.line}"] = cost.mid / seen - 1.0
    return errors
