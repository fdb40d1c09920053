"""Names in a file of cases that the rules never ask for: most are misspelt, and change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from portal.policies.coupons import CouponRule
from portal.policies.document import RulesDocument
from portal.policies.proofs import PAPER_WORDS
from portal.policies.purposes import PURPOSE_WORDS, PurposesRule
from portal.policies.reasons import BookingRefusal
from portal.policies.regular import REGULAR
from portal.rulebooks.reading.mistakes import Path, line_of
from portal.rulebooks.reading.written import read_written
from portal.rulebooks.shapes import closest
from portal.rulebooks.trying.case_file import By, CaseFile, WrittenCase
from portal.rulebooks.trying.read_cases import LONGEST_FILE, origin

#: A case that expects one of these means a name that the rules do not have.
_MEANT_SO = frozenset(
    {
        BookingRefusal.PURPOSE_NOT_OFFERED,
        BookingRefusal.REASON_NOT_OFFERED,
        BookingRefusal.PROOF_MISSING,
    }
)


class _Name(NamedTuple):
    """A name that a case has written, with the field it stands in and what is known there."""

    path: Path
    field: str
    name: str
    known: frozenset[str]


def unknown_names(file: CaseFile, document: RulesDocument, data: bytes | None = None) -> list[str]:
    """Return a sentence for each name of a case that stands nowhere in the rules; empty for none.

    Of types of use, reasons and papers nothing is said where the case expects to be refused for
    them.

    Args:
        data: The file as it was read; with it each sentence begins with its line.
    """
    written = read_written(data, longest=LONGEST_FILE) if data is not None else None
    found: dict[str, None] = {}
    for number, case in enumerate(file.cases):
        odd = (*_without_effect(case, document), *_unlikely(case))
        if case.name in {one.name for one in file.cases[:number]}:
            odd = (*odd, (("name",), "同じ名前のケースが、前にもあります。名前を変えてください。"))
        for path, said in (*_unknown(case, document), *odd):
            words = f"ケース「{case.name}」：{said}"
            if written is not None:
                where = origin(("cases", number, *path), written.content)
                words = f"{line_of(where, written.lines)}行目：{words}"
            found.setdefault(words)
    return list(found)


def _unknown(case: WrittenCase, document: RulesDocument) -> Iterator[tuple[Path, str]]:
    for path, field, name, known in _written(case, document):
        if name in known:
            continue
        meant = closest(name, sorted(known))
        remedy = f"「{meant}」のことですか。" if meant else "つづりを確かめてください。"
        yield path, f"{field} の「{name}」は、きまりのどこにもありません。{remedy}"


def _written(case: WrittenCase, document: RulesDocument) -> Iterator[_Name]:
    """Every name that rules look for, with the field it stands in."""
    known = frozenset({REGULAR, *_names(document.model_dump(mode="json"))})
    home = case.household
    for number, child in enumerate(case.children):
        at: Path = ("children", number)
        for nth, mark in enumerate(child.marks):
            yield _Name((*at, "marks", nth), "marks", mark.code, known)
        for code in child.gates or ():
            yield _Name((*at, "gates", code), "gates", code, known)
    listed: tuple[tuple[Path, Iterable[str]], ...] = (
        (("household", "marks"), [mark.code for mark in home.marks]),
        (("household", "circumstances"), home.circumstances),
        (("household", "statements"), home.statements or ()),
        (("household", "coupons"), [coupon.code for coupon in home.coupons]),
        (("coupons",), case.coupons),
        (("options",), _names_of(case.options)),
        *(
            (("history", number, "options"), _names_of(use.options or ()))
            for number, use in enumerate(case.history)
        ),
    )
    for at, names in listed:
        for nth, name in enumerate(names):
            yield _Name((*at, nth), str(at[-1]), name, known)
    if case.expect.reasons is None or not _MEANT_SO & set(case.expect.reasons):
        yield from _uses(case, document, known)


def _names_of(options: Iterable[str]) -> list[str]:
    # How many stands behind the name: nappies:3.
    return [option.partition(":")[0] for option in options]


def _uses(case: WrittenCase, document: RulesDocument, known: frozenset[str]) -> Iterator[_Name]:
    """Types of use, reasons and papers, where the rules list any of them."""
    rule = document.purposes or PurposesRule()
    reasons = frozenset(each.code for each in rule.reasons)
    types = frozenset(each.code for each in rule.types) or known | PURPOSE_WORDS.keys()
    papers = known | PAPER_WORDS.keys()
    asked: list[tuple[Path, str | None, str | None]] = [((), case.purpose, case.reason)]
    asked += [
        (("history", number), use.purpose, use.reason) for number, use in enumerate(case.history)
    ]
    for at, purpose, reason in asked:
        if purpose is not None and rule.ask:
            yield _Name((*at, "purpose"), "purpose", purpose, types)
        if reason is not None and reasons:
            yield _Name((*at, "reason"), "reason", reason, reasons)
    for nth, paper in enumerate(case.household.papers or ()):
        yield _Name(("household", "papers", nth), "papers", paper.kind, papers)


def _without_effect(case: WrittenCase, document: RulesDocument) -> Iterator[tuple[Path, str]]:
    if case.overruled and case.by is By.FAMILY:
        said = "by を staff か head にしないと、何も変わりません。"
        yield ("overruled",), f"overruled は、職員が認めた理由です。{said}"
    held = {coupon.code for coupon in case.household.coupons}
    for number, code in enumerate(case.coupons):
        if code not in held and code in {one.code for one in _coupons(document)}:
            said = "household の coupons に、持っている券として書いてください。"
            yield ("coupons", number), f"coupons の「{code}」は、ご家庭が持っていません。{said}"


def _coupons(document: RulesDocument) -> tuple[CouponRule, ...]:
    return document.fee.coupons if document.fee else ()


def _unlikely(case: WrittenCase) -> Iterator[tuple[Path, str]]:
    """Days in an order in which nobody asks, unless just that answer is expected."""
    expected = set(case.expect.reasons or ())
    if case.now.date() > case.date and BookingRefusal.CLOSED_FOR_BOOKING not in expected:
        yield ("now",), "now（申し込む時）が、利用日より後です。どちらかの日を見てください。"
    for number, child in enumerate(case.children):
        if child.born > case.date and BookingRefusal.TOO_YOUNG not in expected:
            said = "born（生まれた日）が、利用日より後です。どちらかの日を見てください。"
            yield ("children", number, "born"), said


def _names(written: object) -> Iterator[str]:
    """Every text that stands in the rules, those of variants too."""
    if isinstance(written, str):
        yield written
    elif isinstance(written, Mapping):
        for value in written.values():
            yield from _names(value)
    elif isinstance(written, list | tuple):
        for value in written:
            yield from _names(value)
