"""``portal facilities``: take a city's list in or out, and hand a facility to who runs it."""

from __future__ import annotations

import argparse
import sys
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from portal.commands.surroundings import addresses, environment, load_secrets

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from portal.facilities.lists.exporting import ListTable
    from portal.facilities.lists.rows import ParsedList, Remark
    from portal.facilities.service import Plan
    from portal.kernel.errors import Refusal

#: Rows of each kind that are shown; the count always stands above them.
SHOWN = 40
#: What ``--columns`` may be, and the shape of list it means.
COLUMNS = {"v4": "national-4", "v2.1": "national-2.1", "map": "koriyama"}
#: The exit codes for a list that was refused, and for an answer of no; 1 is for a machine or a
#: database that is not ready (``portal.cli``).
REFUSED = 2
NOT_AGREED = 3
#: Stands under the help of each word.
WHERE = (
    "データベースは、環境変数 DATABASE_URL のものです。なければ、組み込みのサーバー"
    "（場所は PORTAL_STATE_DIR）を使います。どちらかは、はじめに画面に出ます。"
)


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``facilities`` and its own words."""
    parser = subparsers.add_parser(
        "facilities", help="施設の一覧: import, export, give", epilog=WHERE
    )
    words = parser.add_subparsers(title="すること", metavar="すること", required=True)
    taking = words.add_parser(
        "import",
        help="市区町村の施設の一覧を取り込みます",
        epilog=WHERE + "終了コード：0 終わりました、1 データベースなどの用意がまだです、"
        "2 ファイルを読めません、3 取り込まないと答えました。",
    )
    taking.add_argument("file", help="CSV、Excel（xlsx）、GeoJSONのファイル")
    taking.add_argument("--municipality", help="市区町村の名前。ふつうは住所から分かります")
    taking.add_argument(
        "--code", type=code_of, help="市区町村の6桁の自治体コード（郡山市は072036）"
    )
    taking.add_argument("--yes", action="store_true", help="きかずに取り込みます")
    taking.add_argument("--all", action="store_true", help="行を省かずに出します")
    taking.set_defaults(run=_import)
    out = words.add_parser("export", help="施設の一覧を書き出します", epilog=WHERE)
    out.add_argument("file", help="書き出す先。終わりが .csv、.xlsx、.geojson のどれか")
    out.add_argument("--municipality", help="市区町村の名前。1つしかないときは、いりません")
    out.add_argument(
        "--columns",
        choices=list(COLUMNS),
        default="v4",
        help="列の形。v4：国の標準の第4版（ふつうはこれ）、v2.1：国の標準の第2.1版、"
        "map：保育施設マップ（nurseryData.csv）",
    )
    out.add_argument(
        "--cp932", action="store_true", help="CSVをCP932（古い表計算ソフト用）で書きます"
    )
    out.add_argument(
        "--public", action="store_true", help="公開している園と、標準の列だけを書きます"
    )
    out.add_argument("--yes", action="store_true", help="同じ名前のファイルがあれば置きかえます")
    out.set_defaults(run=_export)
    giving = words.add_parser("give", help="施設を、運営する事業者につなぎます", epilog=WHERE)
    giving.add_argument("facility", help="一覧にある施設の名称")
    giving.add_argument("--to", required=True, help="事業者の名前。なければつくります")
    giving.add_argument("--address", default="", help="同じ名称があるとき、住所の一部")
    giving.set_defaults(run=_give)


def code_of(written: str) -> str:
    """Return a municipality's code as an argument; argparse shows what is wrong with it."""
    from portal.facilities.lists.values import municipality_code
    from portal.kernel.municipalities import is_code

    understood = municipality_code(written)
    if understood.value is None or not is_code(understood.value):
        raise argparse.ArgumentTypeError(understood.doubt or "6桁の自治体コードを書いてください。")
    return understood.value


def _open() -> None:
    """Use the database of the environment, after saying which one it is."""
    from portal.db.session import Database, make_engine, use

    where = addresses(environment())
    print(f"データベース: {where.shown}", file=sys.stderr)
    use(Database(make_engine(where.app), load_secrets(environment())))


def _import(args: argparse.Namespace) -> int:
    from portal.db.session import acting_as, transaction
    from portal.facilities import queries, service
    from portal.facilities.lists.parsing import read_list
    from portal.facilities.lists.reading import read_limited
    from portal.kernel import clock
    from portal.kernel.actor import Actor, Role
    from portal.kernel.errors import Refusal
    from portal.organisations.rules import OrganisationKind

    operator = Actor(role=Role.OPERATOR)
    try:
        data = read_limited(args.file)
        name = args.municipality or _municipality_in(read_list(data, args.file))
        if name is None:
            print("--municipality に、市区町村の名前を書いてください。", file=sys.stderr)
            return REFUSED
        _open()
        with acting_as(operator) as session:
            # A city that is not there yet has no facilities: any id gives the same plan.
            kind = OrganisationKind.MUNICIPALITY
            city = queries.organisation_named(session, kind, name) or uuid.uuid4()
            plan = service.plan_import(session, data, args.file, city)
        _show(plan, name, everything=args.all)
        if plan.is_of_another_city(name):
            print(f"注意: 住所がすべて、{name}ではありません。一覧を確かめてください。")
        if plan.preview.changes_nothing:
            if args.code is not None:
                with acting_as(operator), transaction() as session:
                    service.municipality_named(
                        session, name, actor=operator, now=clock.now(), code=args.code
                    )
                print(f"\n施設に変わるところはありません。自治体コードは {args.code} です。")
                return 0
            print("\n変わるところはありません。何も書きませんでした。")
            return 0
        if not args.yes and not _agreed():
            print("取り込みませんでした。")
            return NOT_AGREED
        now = clock.now()
        with acting_as(operator), transaction() as session:
            city = service.municipality_named(
                session, name, actor=operator, now=now, code=args.code
            )
            service.import_file(
                session,
                data,
                Path(args.file).name,
                city,
                actor=operator,
                now=now,
                seen=plan.fingerprint,
                tell=_progress,
            )
    except Refusal as refusal:
        return _say_why_not(refusal)
    counts = plan.counts
    print(f"取り込みました。新しい施設 {counts['new']}件、変わった施設 {counts['changed']}件。")
    with acting_as(operator) as session:
        if queries.municipality(session, city).municipality_code is None:
            print(
                f"{name}の自治体コードがまだありません。--code をつけると、書き出す一覧に入ります。"
            )
    return 0


def _export(args: argparse.Namespace) -> int:
    from portal.db.session import acting_as
    from portal.facilities import exports
    from portal.facilities.lists import exporting
    from portal.facilities.lists.columns import BY_CODE
    from portal.kernel.actor import Actor, Role

    path = Path(args.file)
    kind = path.suffix.lower()
    if kind not in {".csv", ".xlsx", ".geojson"} or (args.cp932 and kind != ".csv"):
        print("ファイル名の終わりは .csv、.xlsx、.geojson のどれかです。", file=sys.stderr)
        print("--cp932 は .csv のときだけ使えます。", file=sys.stderr)
        return REFUSED
    if path.exists() and not args.yes:
        print(f"{path} は、もうあります。--yes をつけると置きかえます。", file=sys.stderr)
        return REFUSED
    shape = BY_CODE[COLUMNS[args.columns]]
    _open()
    with acting_as(Actor(role=Role.OPERATOR)) as session:
        if args.public:
            table = exports.public_list(session, shape)
        else:
            city = _one_city(session, args.municipality)
            if city is None:
                return REFUSED
            table = exports.city_list(session, city, shape)
    if kind == ".csv":
        file = exporting.as_csv(table, "cp932" if args.cp932 else "utf-8-sig")
        path.write_bytes(file.data)
        lost = [(f"{one.row}", one.column, one.shown, "〓") for one in file.lost]
        _table("書けない文字", ("行", "列", "文字", "置きかえ"), lost, None)
    else:
        write = exporting.as_geojson if kind == ".geojson" else _as_book
        path.write_bytes(write(table))
    print(f"{path} に {len(table.rows)}件を書きました。{shape.label_ja}")
    return 0


def _as_book(table: ListTable) -> bytes:
    from portal.facilities.lists.exporting import as_xlsx

    return as_xlsx(table, "施設の一覧")


def _one_city(session: Session, name: str | None) -> uuid.UUID | None:
    """Return the municipality of that name, or the only one; else say which there are."""
    from portal.facilities import queries

    cities = queries.municipalities(session)
    found = [city for city in cities if name in {None, city.name}]
    if len(found) == 1:
        return found[0].id
    print("--municipality に、市区町村の名前を書いてください。", file=sys.stderr)
    print("  " + "、".join(city.name for city in cities), file=sys.stderr)
    return None


def _give(args: argparse.Namespace) -> int:
    from portal.db.session import acting_as, transaction
    from portal.facilities import queries, service
    from portal.kernel import clock
    from portal.kernel.actor import Actor, Role
    from portal.kernel.errors import Refusal

    operator = Actor(role=Role.OPERATOR)
    _open()
    try:
        with acting_as(operator), transaction() as session:
            found = queries.facilities_called(session, args.facility, args.address)
            if len(found) != 1:
                print(f"「{args.facility}」という施設は {len(found)}件あります。", file=sys.stderr)
                for one in found:
                    print(f"  {one.name}　{one.address}", file=sys.stderr)
                return REFUSED
            now = clock.now()
            provider = service.provider_named(session, args.to, actor=operator, now=now)
            service.claim_facility(session, found[0].id, provider, actor=operator, now=now)
    except Refusal as refusal:
        return _say_why_not(refusal)
    print(f"{found[0].name}（{found[0].address}）を {args.to} につなぎました。")
    return 0


def _municipality_in(parsed: ParsedList) -> str | None:
    """Return the municipality of the addresses, if all that name one name the same."""
    from portal.facilities.rules import city_of

    names = {city_of(row.address) for row in parsed.rows} - {None}
    return names.pop() if len(names) == 1 else None


def _agreed() -> bool:
    if not sys.stdin.isatty():
        print("きく相手がいないので、取り込みません。--yes をつけると取り込みます。")
        return False
    return input("取り込みますか [はい/いいえ] ").strip().lower() in {"はい", "y", "yes"}


def _progress(done: int, total: int) -> None:
    if sys.stdout.isatty():
        end = "\n" if done == total else ""
        print(f"\r{done} / {total} 件", end=end, flush=True)


def _say_why_not(refusal: Refusal) -> int:
    from portal.documents.wording.sentences import help_for, sentence

    for reason in refusal.reasons:
        print(sentence(reason), file=sys.stderr)
        if way_out := help_for(reason):
            print(way_out.text, file=sys.stderr)
    return REFUSED


def _show(plan: Plan, municipality: str, *, everything: bool) -> None:
    counts = plan.counts
    print(f"{municipality}　{plan.parsed.shape_ja}　{counts['rows']}行")
    print(
        f"新しい {counts['new']}件、変わる {counts['changed']}件、"
        f"変わらない {counts['unchanged']}件、取り込めない {counts['refused']}行、"
        f"確かめてほしい {counts['remarks']}か所、空の行 {counts['blank']}行"
    )
    if counts["hidden"]:
        print(f"一覧で「非公開」の {counts['hidden']}件は、取り込んでも公開しません。")
    if plan.other_shapes:
        print(
            f"注意: この一覧にない施設が、ほかの形の一覧から {plan.other_shapes}件あります。"
            "名称か住所がちがうと、同じ施設でも別の施設として増えます。"
        )
    shown = None if everything else SHOWN
    new = [(f"{row.row_number}", row.name, row.address) for row in plan.preview.new]
    _table("新しい施設", ("行", "名称", "住所"), new, shown)
    changed = [
        (f"{one.row.row_number}", one.row.name, change.column, _change(change.old, change.new))
        for one in plan.preview.changed
        for change in one.changes
    ]
    _table("変わる施設", ("行", "名称", "列", "前 → 新しい内容"), changed, shown)
    heads = ("行", "列", "書いてあること", "理由")
    _table("取り込めない行", heads, _remarks(plan.preview.refused), shown)
    _table("取り込むが、確かめてほしいところ", heads, _remarks(plan.preview.remarks), shown)
    missing = [(key.replace("\t", "　"),) for key in plan.preview.missing]
    _table("一覧にない施設（そのまま残します）", ("施設",), missing, shown)


def _change(old: str | None, new: str | None) -> str:
    words = ["（列なし）" if text is None else text or "（空）" for text in (old, new)]
    return " → ".join(words)


def _remarks(remarks: Iterable[Remark]) -> list[tuple[str, ...]]:
    return [
        (f"{remark.row}", remark.column or "（行）", remark.text, remark.reason_ja)
        for remark in remarks
    ]


def _table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], shown: int | None
) -> None:
    """Print rows in columns that line up in a terminal, where a kanji is two cells wide."""
    if not rows:
        return
    print(f"\n■ {title}（{len(rows)}）")
    lines = [(*map(_one_line, row[:-1]), row[-1]) for row in (heads, *rows[:shown])]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        cells = zip(line, widths, strict=True)
        print("  ".join(cell + " " * (width - _width(cell)) for cell, width in cells).rstrip())
    if shown is not None and len(rows) > shown:
        print(f"ほか {len(rows) - shown}。--all をつけると、すべて出ます。")


def _one_line(cell: str) -> str:
    words = " ".join(cell.split())
    return words if len(words) <= SHOWN else words[: SHOWN - 1] + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)
