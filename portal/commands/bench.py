"""``portal bench``: how fast and exactly the portal answers, beside bare Flask and SQL."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.commands.measuring.instance import Instance

WORDS = {
    "rush": "受付開始の混雑",
    "burst": "全員が同じ瞬間に予約する",
    "steady": "空きがあるときの予約",
    "calendar": "1か月の空きのページ",
    "search": "施設をさがすページ",
    "office": "職員のボードと一覧",
    "rules": "きまりによる判断",
    "replay": "先月の予約を、書きかけのきまりで決めなおす",
    "start": "ウェブサーバーの起動",
    "memory": "ウェブサーバーのメモリー",
}


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``bench``."""
    parser = subparsers.add_parser("bench", help="速さを測ります: " + ", ".join(WORDS))
    words = parser.add_subparsers(title="測るもの", metavar="測るもの", required=True)
    for word, line in {**WORDS, "all": "すべて"}.items():
        one = words.add_parser(word, help=line)
        one.add_argument("--tries", type=int, default=500, help="予約の数（1世帯に1つ）")
        one.add_argument("--clients", type=int, default=50, help="同時につなぐ数（rush）")
        one.add_argument("--places", type=int, default=50, help="空きの数")
        one.add_argument(
            "--scale", choices=("city",), help="city: 施設100か所と数千世帯のなかで測ります"
        )
        one.add_argument("--years", type=int, default=0, help="この年数分の過去の予約を加えます")
        one.add_argument("--json", action="store_true", help="最後の行に JSON だけを書きます")
        one.add_argument("--out", type=Path, help="JSON をこのファイルにも書きます")
        one.set_defaults(run=run, word=word)


def run(args: argparse.Namespace) -> int:
    """Measure and print; 1 when places were given wrongly or anything but yes or no came."""
    if not 1 <= args.clients <= args.tries or args.places < 1:
        print("--clients は1以上で --tries 以下、--places は1以上にしてください。", file=sys.stderr)
        return 2
    if args.years and not args.scale:
        print("--years には --scale city も付けてください。", file=sys.stderr)
        return 2

    def tell(words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    found: dict[str, dict[str, object]] = {}
    about: dict[str, object] = {}
    words = list(WORDS) if args.word == "all" else [args.word]
    if "rules" in words:  # needs no database
        words.remove("rules")
        found["rules"] = _rules(tell)
    if words:
        about = _with_instance(words, args, found, tell)
    line: dict[str, object] = {**about, **(found if args.word == "all" else found[args.word])}
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(line, indent=1) + "\n", encoding="utf-8")
    if args.json:
        print(json.dumps(line))
    else:
        for word, figures in found.items():
            print(f"[{word}]")
            for name, value in figures.items():
                print(f"{name:<28}{value}")
    right = all(each["errors"] == 0 and each.get("is_exact", True) for each in found.values())
    return 0 if right else 1


def _rules(tell: Callable[[str], None]) -> dict[str, object]:
    from portal.commands.measuring import rules

    tell(f"— {WORDS['rules']}（rules）")
    return rules.decisions()


def _with_instance(
    words: Sequence[str],
    args: argparse.Namespace,
    found: dict[str, dict[str, object]],
    tell: Callable[[str], None],
) -> dict[str, object]:
    """Measure these words on a fresh portal, into ``found``; return what was measured on."""
    from portal.commands.measuring.instance import instance

    with instance(city=args.scale == "city", years=args.years, tell=tell) as inst:
        for word in words:
            tell(f"— {WORDS[word]}（{word}）")
            found[word] = _measures(args)[word](inst)
        sizes = {table: inst.count(table) for table in ("bookings", "audit_log", "families")}
    return {"measured_at": inst.now.isoformat(), "rows": sizes, "years": args.years}


def _measures(args: argparse.Namespace) -> dict[str, Callable[[Instance], dict[str, object]]]:
    from portal.commands.measuring import booking, pages, process, replay

    return {
        "rush": lambda inst: booking.rush(
            inst, tries=args.tries, at_once=args.clients, places=args.places
        ),
        "burst": lambda inst: booking.burst(inst, tries=args.tries, places=args.places),
        "steady": lambda inst: booking.steady(inst, at_once=32),
        **pages.PAGES,
        "replay": replay.replay,
        "start": process.start,
        "memory": process.memory,
    }
