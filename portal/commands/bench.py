"""``portal bench rush``: how fast and how exactly a booking rush is answered."""

from __future__ import annotations

import argparse
import json
import sys


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``bench``."""
    parser = subparsers.add_parser("bench", help="予約の混雑時の速さを測ります: rush")
    words = parser.add_subparsers(title="測るもの", metavar="測るもの", required=True)
    rush = words.add_parser("rush", help="受付開始の混雑")
    rush.add_argument("--tries", type=int, default=500, help="予約の数（1世帯に1つ）")
    rush.add_argument("--clients", type=int, default=50, help="同時につなぐ数")
    rush.add_argument("--places", type=int, default=50, help="空きの数")
    rush.add_argument("--json", action="store_true", help="最後の行に JSON だけを書きます")
    rush.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure, print, and fail when places were given wrongly or anything but yes or no came."""
    from portal.commands.rush.run import run as measure

    if not 1 <= args.clients <= args.tries or args.places < 1:
        print("--clients は1以上で --tries 以下、--places は1以上にしてください。", file=sys.stderr)
        return 2
    figures = measure(
        tries=args.tries,
        clients_at_once=args.clients,
        places=args.places,
        tell=lambda words: print(words, file=sys.stderr, flush=True),
    )
    if args.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<26}{value}")
    exact = figures["accepted"] == min(args.places, args.tries) and figures["errors"] == 0
    return 0 if exact else 1
