"""``portal rules``: try, check and explain rules documents. Without a database.

The exit code is 0 where all is well, 1 where a case comes out otherwise than expected or a document
has mistakes (with ``check --strict`` also where somebody could never book), 2 where a file cannot
be read for ``try`` or the words of the command are wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from portal.kernel.clock import now, today, written_day
from portal.policies.document import RulesDocument
from portal.rulebooks.checking import warnings_of, with_lines
from portal.rulebooks.files import read_document
from portal.rulebooks.reading.mistakes import FileProblem, WrongFile
from portal.rulebooks.reference.page import reference
from portal.rulebooks.schema import cases_schema, rules_schema
from portal.rulebooks.trying.build import NoSuchBlock
from portal.rulebooks.trying.read_cases import line_of_case, read_cases
from portal.rulebooks.trying.results import try_all
from portal.rulebooks.trying.unknown_names import unknown_names
from portal.rulebooks.trying.words import lines_of, summary_of

FINE, DIFFERENT, UNREADABLE = 0, 1, 2
_RULES = "きまりのファイル（TOML か JSON）"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the words of the command in Japanese."""

    def error(self, message: str) -> NoReturn:
        """Tell how the command is written, and end with 2."""
        del message  # English, and no more than the usage says
        print(f"書き方が違います。{self.format_usage()}", file=sys.stderr, end="")
        print(f"くわしくは「{self.prog} --help」", file=sys.stderr)
        raise SystemExit(UNREADABLE)


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``rules`` and its own words."""
    parser = subparsers.add_parser("rules", help="きまり: try, check, explain, reference, schema")
    words = parser.add_subparsers(
        title="すること", metavar="すること", required=True, parser_class=_Parser
    )
    trying = words.add_parser("try", help="ケースのファイルで、きまりを試します")
    trying.add_argument("rules", type=Path, metavar="きまり", help=_RULES)
    trying.add_argument("cases", type=Path, metavar="ケース", help="ケースのファイル")
    _with_json(trying).set_defaults(run=_with_reader(_try))
    check = words.add_parser("check", help="きまりのまちがいを、行ごとに知らせます")
    check.add_argument("rules", type=Path, metavar="きまり", help=_RULES)
    check.add_argument(
        "--on", type=written_day, metavar="日", help="この日からの1年で調べます（例：2027-04-01）"
    )
    check.add_argument(
        "--strict",
        action="store_true",
        help="だれも予約できないところがあれば、1で終わります",
    )
    _with_json(check).set_defaults(run=_with_reader(_check))
    explain = words.add_parser("explain", help="きまりを、ふつうの日本語で表示します")
    explain.add_argument("rules", type=Path, metavar="きまり", help=_RULES)
    _with_json(explain).set_defaults(run=_with_reader(_explain))
    page = words.add_parser("reference", help="書き方の説明のページを表示します")
    page.set_defaults(run=_with_reader(_reference))
    schema = words.add_parser("schema", help="JSON Schema を表示します")
    schema.add_argument("--cases", action="store_true", help="ケースのファイルのもの")
    schema.set_defaults(run=_with_reader(_schema))


def _with_json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--json", action="store_true", help="プログラムが読む形で表示します")
    return parser


def _try(args: argparse.Namespace) -> int:
    try:
        document, data = _rules(args.rules), _data(args.cases)
        file = read_cases(data)
    except _NotTaken as wrong:
        return _refused(wrong.path, wrong.problems, as_json=args.json, code=UNREADABLE)
    except WrongFile as wrong:
        return _refused(args.cases, wrong.problems, as_json=args.json, code=UNREADABLE)
    try:
        results = try_all(file, document)
    except NoSuchBlock as wrong:
        line, where = line_of_case(data, wrong.case, "unit", wrong.label)
        problem = FileProblem(line, where, _no_block_words(wrong))
        return _refused(args.cases, [problem], as_json=args.json, code=UNREADABLE)
    for said in unknown_names(file, document, data):
        print(f"注意：{args.cases} {said}", file=sys.stderr)
    if args.json:
        _print(
            [
                {"name": one.written.name, **one.answer, "as_expected": one.as_expected}
                for one in results
            ]
        )
    else:
        for one in results:
            print("\n".join(lines_of(one)))
        print(summary_of(results))
    return DIFFERENT if any(one.as_expected is False for one in results) else FINE


def _check(args: argparse.Namespace) -> int:
    try:
        document, data = _rules(args.rules), _data(args.rules)
    except _NotTaken as wrong:
        return _refused(wrong.path, wrong.problems, as_json=args.json, code=DIFFERENT)
    cautions = warnings_of(document, today=args.on or today(now()))
    found = with_lines(cautions, data)
    shut = [one for one in cautions if one.nobody]
    code = DIFFERENT if shut and args.strict else FINE
    if args.json:
        told = [
            {**_told(args.rules, one), "nobody": caution.nobody}
            for one, caution in zip(found, cautions, strict=True)
        ]
        _print({"ok": True, "problems": [], "warnings": told})
        return code
    for one in found:
        print(f"注意：{_line(args.rules, one)}")
    print(_summary(len(cautions), len(shut)))
    return code


def _summary(count: int, shut: int) -> str:
    if shut:
        return (
            f"書き方はきまりの形に合っていますが、だれも予約できないところが{shut}か所あります"
            f"（注意は、あわせて{count}件）。直してから公開してください。"
        )
    fine = "書き方に、まちがいはありません。"
    return fine + (f"注意が{count}件あります。" if count else "")


def _explain(args: argparse.Namespace) -> int:
    from portal.rulebooks.explain import explained

    try:
        document = _rules(args.rules)
    except _NotTaken as wrong:
        return _refused(wrong.path, wrong.problems, as_json=args.json, code=DIFFERENT)
    facts = explained(document)
    if args.json:
        _print([{"term": fact.term, "text": fact.text} for fact in facts])
    else:
        print("\n".join(f"{fact.term}：{fact.text}" for fact in facts))
    return FINE


def _reference(args: argparse.Namespace) -> int:
    del args
    print(reference(), end="")
    return FINE


def _schema(args: argparse.Namespace) -> int:
    _print(cases_schema() if args.cases else rules_schema())
    return FINE


class _NotTaken(Exception):  # noqa: N818 - an answer, not an error
    """The file of rules has mistakes."""

    def __init__(self, path: Path, problems: list[FileProblem]) -> None:
        super().__init__(str(path))
        self.path, self.problems = path, problems


def _rules(path: Path) -> RulesDocument:
    try:
        return read_document(_data(path))
    except WrongFile as wrong:
        raise _NotTaken(path, wrong.problems) from None


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        said = "ファイルがありません。名前と場所をたしかめてください。"
    except IsADirectoryError:
        said = "ファイルではなく、フォルダーです。"
    except OSError:
        said = "ファイルを読めません。読む許可があるかをたしかめてください。"
    raise _NotTaken(path, [FileProblem(1, "", said)])


def _refused(path: Path, problems: list[FileProblem], *, as_json: bool, code: int) -> int:
    if as_json:
        _print(
            {
                "ok": False,
                "problems": [_told(path, one) for one in problems],
                "warnings": [],
            }
        )
        return code
    for one in problems:
        print(_line(path, one), file=sys.stderr)
    return code


def _told(path: Path, one: FileProblem) -> dict[str, object]:
    return {"file": str(path), "line": one.line, "where": one.where, "words": one.words}


def _line(path: Path, one: FileProblem) -> str:
    where = f" {one.where}：" if one.where else " "
    return f"{path}:{one.line}:{where}{one.words}"


def _no_block_words(wrong: NoSuchBlock) -> str:
    there = "、".join(f"「{label}」" for label in wrong.labels) or "ありません"
    what = f"ケース「{wrong.case}」：「{wrong.label}」という枠は、きまりの units.blocks に"
    return f"{what}ありません。ある枠：{there}"


def _print(content: Any) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=2))


def _with_reader(work: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Whoever reads the answer may stop in the middle (``| head``); that is no mistake."""

    def run(args: argparse.Namespace) -> int:
        try:
            code = work(args)
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FINE
        return code

    return run
