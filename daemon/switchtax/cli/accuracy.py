"""How the estimates that were shown came true: each is closed by the call that followed it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from switchtax.cli import accuracy_risk, common
from switchtax.errors import DaemonUnavailable, UsageError
from switchtax.estimates.latency_book import LatencyBook
from switchtax.ledger.accuracy import accuracy_document, accuracy_words
from switchtax.ledger.store import Ledger
from switchtax.service.places import Places, places
from switchtax.wording import WAITS_FORGOTTEN, waits_words
from switchtax.wording.aftermath import aftermath_lines, risks_words

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("-n", type=int, default=40, help="how many estimates (default 40)")
    parser.add_argument(
        "--forget-waits", action="store_true", help="forget what was learnt of waits until now"
    )
    parser.add_argument(
        "--risk", action="store_true", help="what followed switches, by the risk they had"
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="with --risk: only these sessions")
    common.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the statistics; the ledger is read here, whether the daemon runs or not."""
    if args.forget_waits:
        return _forget(places())
    if args.paths and not args.risk:
        raise UsageError("accuracy: a path is for --risk, which replays sessions.")
    document = _document(places(), max(1, args.n)) | {"risks": accuracy_risk.shown(places())}
    if args.risk:
        document |= {"risk": accuracy_risk.document(args.paths, places(), quiet=args.json)}
    if args.json:
        common.emit_json("accuracy", document)
        return 0
    if args.risk:
        print("\n".join(aftermath_lines(document["risk"])))
        return 0
    print(accuracy_words(document))
    for name in ("switches", "stays"):
        part = document[name]
        if part["estimates"] and part["estimates"] != document["estimates"]:
            print(
                f"  {name}: {part['estimates']}, median error "
                f"{part['median_error_percent']:g} %, {part['inside']} inside their range"
            )
    print(waits_words(document["waits"]))
    print(risks_words(document["risks"]))
    return 0


def _forget(where: Places) -> int:
    """A daemon that runs takes notice before it learns anything more."""
    if where.ledger.exists():
        ledger = Ledger(where.ledger)
        ledger.forget_waits(time.time())
        ledger.close()
        if ledger.trouble:
            raise DaemonUnavailable(f"{where.ledger}: {ledger.trouble}.")
    print(WAITS_FORGOTTEN)
    return 0


def _document(where: Places, most: int) -> dict[str, Any]:
    if not where.ledger.exists():
        return accuracy_document([])
    ledger = Ledger(where.ledger)
    outcomes = ledger.outcomes(most)
    waits, learnt = ledger.closed_waits(most), LatencyBook.of(ledger.learnt_waits())
    ledger.close()
    if ledger.trouble:
        raise DaemonUnavailable(f"{where.ledger}: {ledger.trouble}.")
    return accuracy_document(outcomes, waits, learnt.models())
