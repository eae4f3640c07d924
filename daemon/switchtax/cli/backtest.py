"""Replays recorded sessions: each call is predicted from what stood before it, then compared.

PATH is a session file, a database, an agent's folder or a home; without one, all sessions on
this machine. --dump writes one JSON line per predicted call.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from switchtax import wording
from switchtax.backtest import replay_all
from switchtax.catalog.names import display_name
from switchtax.cli import common
from switchtax.documents import money_json, unknown_json
from switchtax.errors import UsageError
from switchtax.estimates.outlook import Moment
from switchtax.records import Unknown
from switchtax.score import MomentScore, Score, score

if TYPE_CHECKING:
    import argparse

    from switchtax.backtest import Prediction, Replay

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("path", nargs="*", help="session files, folders, homes or ids")
    common.add_agent(parser)
    parser.add_argument("--dump", metavar="FILE", help="write one JSON line per predicted call")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Replay and report; exit code 4 when nothing could be predicted."""
    book = common.price_book()
    sources = common.find_sources(args.path, args.agent)
    sources.sort(key=lambda source: (source.agent, source.mtime_ns if not args.path else 0))
    result = replay_all(
        sources, book, lambda items, what: common.progress(items, what, quiet=args.json)
    )
    if args.dump:
        _dump(Path(args.dump), result.predictions)
    scored = score(result)
    if args.json:
        common.emit_json("backtest", payload(result, scored))
    else:
        _text(result, scored)
    return 0 if result.predictions else 4


def _dump(path: Path, predictions: list[Prediction]) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            for prediction in predictions:
                _write(file, prediction)
    except OSError as error:
        raise UsageError(f"--dump {path}: {error.strerror}.") from None


def _write(file: IO[str], p: Prediction) -> None:
    for moment in Moment:
        seen = p.seen(moment)
        row = {
            "agent": p.agent,
            "session": p.session,
            "path": p.path,
            "line": p.line,
            "call": p.call,
            "at": p.at,
            "from_model": p.from_model,
            "model": p.model,
            "kind": p.kind,
            "moment": str(moment),
            "predicted_state": str(seen.outlook.state),
            "observed_state": str(p.observed_state),
            "warm_probability": seen.outlook.warm_probability,
            "predicted_read_tokens": round(seen.outlook.read_tokens.mid),
            "observed_read_tokens": p.usage.cache_read_tokens,
            "predicted_sent_tokens": round(seen.outlook.sent_tokens.mid),
            "observed_sent_tokens": p.usage.sent_tokens,
            "predicted_written_tokens": round(seen.outlook.written_tokens.mid),
            "observed_written_tokens": p.usage.cache_write_tokens,
            "previous_tokens": p.previous_tokens,
            "predicted_usd_micros": money_json(seen.cost),
            "observed_usd_micros": unknown_json(p.observed_cost)
            if isinstance(p.observed_cost, Unknown)
            else p.observed_cost,
            "gap_s": round(p.gap_s, 3),
            "evidence": seen.outlook.evidence,
        }
        file.write(json.dumps(row) + "\n")


def payload(result: Replay, scored: Score) -> dict[str, Any]:
    """The JSON of the command."""
    return {
        "calls": result.calls,
        "sessions": result.sessions,
        "predicted": len(result.predictions),
        "states": scored.states,
        "at_choice": _moment_json(scored.at_choice),
        "at_send": _moment_json(scored.at_send),
        "by_agent": {
            agent: {"at_choice": _moment_json(choice), "at_send": _moment_json(send)}
            for agent, (choice, send) in scored.by_agent.items()
        },
        "rebuilds": {
            "calls": scored.rebuilds,
            "written_error_median": scored.rebuild_median,
            "written_error_p90": scored.rebuild_p90,
        },
        "misses": scored.misses,
        "switches": [_switch(p) for p in result.predictions if p.kind == "switch"],
        "skipped_lines": [
            {"path": s.path, "line": s.line, "reason": s.reason, "count": s.count}
            for s in result.skipped
        ],
    }


def _moment_json(scored: MomentScore) -> dict[str, Any]:
    return {
        "calls": scored.calls,
        "error_median": scored.error_median,
        "error_p90": scored.error_p90,
        "coverage_80": scored.coverage,
        "width_80_mean": scored.width,
        "plain_rule": {
            "error_median": scored.plain_median,
            "error_p90": scored.plain_p90,
            "width_80_mean": scored.plain_width,
        },
    }


def _switch(p: Prediction) -> dict[str, Any]:
    return {
        "session": p.session,
        "path": p.path,
        "line": p.line,
        "call": p.call,
        "at": p.at,
        "from": p.from_model,
        "to": p.model,
        "gap_s": round(p.gap_s, 3),
        "previous_tokens": p.previous_tokens,
        "predicted_usd_micros": money_json(p.choice.cost),
        "predicted_at_send_usd_micros": money_json(p.send.cost),
        "observed_usd_micros": unknown_json(p.observed_cost)
        if isinstance(p.observed_cost, Unknown)
        else p.observed_cost,
        "observed_read_tokens": p.usage.cache_read_tokens,
        "observed_sent_tokens": p.usage.sent_tokens,
        "inside": inside(p),
        "reason": reason(p),
    }


def inside(p: Prediction) -> bool | None:
    """Whether the outcome lay in the 80 % interval given at choice; None without a price."""
    cost = p.choice.cost
    if isinstance(cost, Unknown) or isinstance(p.observed_cost, Unknown):
        return None
    return round(cost.low) <= p.observed_cost <= round(cost.high)


def reason(p: Prediction) -> str:
    """Why prediction and outcome differ, from the numbers alone."""
    sent, expected = p.usage.sent_tokens, p.choice.outlook.sent_tokens
    read, foretold = p.usage.cache_read_tokens, p.choice.outlook.read_tokens.mid
    if inside(p) is None:
        return "no price known for one of the models"
    if abs(read - foretold) > 0.1 * max(1, sent):
        return "read more from the cache than foretold" if read > foretold else "read less"
    if sent < 0.95 * expected.mid:
        return "the agent sent a shorter history"
    if sent > 1.05 * expected.mid:
        grown = p.send.outlook.sent_tokens.mid
        if abs(sent - grown) <= 0.1 * sent:
            return "more new content than usual came with the prompt"
        return "the agent sent more than the log shows"
    return "as foretold"


def _text(result: Replay, scored: Score) -> None:
    print(
        f"{wording.counted(result.calls, 'call')} in"
        f" {wording.counted(result.sessions, 'session')}; "
        f"{len(result.predictions):,} predicted from what stood before them."
    )
    skipped = sum(s.count for s in result.skipped)
    if skipped:
        first = result.skipped[0]
        lines = wording.counted(skipped, "unreadable line")
        print(f"{lines} skipped, the first: {first.path}:{first.line}")
        print(f"  ({first.reason})")
    if not result.predictions:
        print("Nothing to predict: a session needs two calls.")
        return
    _costs(scored)
    _states(scored)
    switches = [p for p in result.predictions if p.kind == "switch"]
    if switches:
        print(f"\n{wording.counted(len(switches), 'switch', 'switches')}")
        for p in switches:
            _switch_line(p)


def _costs(scored: Score) -> None:
    print(
        f"\n{'input cost of the next call':<30}{'calls':>7}{'error':>9}{'p90':>8}"
        f"{'in range':>9}{'width':>8}"
    )
    for name, moment in (
        ("before the prompt is known", scored.at_choice),
        ("with the prompt", scored.at_send),
    ):
        print(
            f"{name:<30}{moment.calls:>7}{_percent(moment.error_median):>9}"
            f"{_percent(moment.error_p90):>8}{_percent(moment.coverage):>9}{_percent(moment.width):>8}"
        )
    plain = scored.at_choice
    print(
        f"{'  (a plain rule: same again)':<30}{plain.calls:>7}{_percent(plain.plain_median):>9}"
        f"{_percent(plain.plain_p90):>8}{'':>9}{_percent(plain.plain_width):>8}"
    )
    print("error: how far off, at the median and (p90) for all but a tenth of the calls.")
    print("in range: how often the range meant to hold 80 % did; width: as a share of cost.")


def _states(scored: Score) -> None:
    print(f"\n{'state of the cache':<22}{'warm':>9}{'partial':>9}{'none':>9}   (seen, across)")
    for foretold in ("warm", "partial", "none", "unknown"):
        row = [scored.states.get(foretold, {}).get(seen, 0) for seen in ("warm", "partial", "none")]
        if any(row):
            print(f"  {'foretold ' + foretold:<20}{row[0]:>9}{row[1]:>9}{row[2]:>9}")
    if scored.rebuilds:
        print(
            f"\n{wording.counted(scored.rebuilds, 'cold call')}: tokens written again, error"
            f" {_percent(scored.rebuild_median)} (p90 {_percent(scored.rebuild_p90)})."
        )


def _switch_line(p: Prediction) -> None:
    cost = p.choice.cost
    said = "unknown" if isinstance(cost, Unknown) else f"{wording.money(cost.mid)}"
    span = (
        ""
        if isinstance(cost, Unknown)
        else f" ({wording.money(cost.low)}-{wording.money(cost.high)})"
    )
    seen = "unknown" if isinstance(p.observed_cost, Unknown) else wording.money(p.observed_cost)
    print(
        f"  {display_name(p.from_model)} → {display_name(p.model)}: said {said}{span}, was {seen}"
    )
    print(f"    {wording.short_id(p.session)} line {p.line}: {reason(p)}")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
