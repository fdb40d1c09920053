"""Names in a file of cases that the rules never ask for: most are misspelt, and change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from portal.policies.document import RulesDocument
from portal.policies.regular import REGULAR
from portal.rulebooks.shapes import closest
from portal.rulebooks.trying.case_file import By, CaseFile, WrittenCase


def unknown_names(file: CaseFile, document: RulesDocument) -> list[str]:
    """Return a sentence for each name of a case that stands nowhere in the rules; empty for none.

    Of types of use, reasons and papers nothing is said: a wish with another one is refused.
    """
    known = {REGULAR, *_names(document.model_dump(mode="json"))}
    return [
        f"ケース「{case.name}」：{said}"
        for case in file.cases
        for said in dict.fromkeys((*_unknown(case, known), *_without_effect(case)))
    ]


def _unknown(case: WrittenCase, known: set[str]) -> Iterator[str]:
    for field, name in _written(case):
        if name in known:
            continue
        meant = closest(name, sorted(known))
        remedy = f"「{meant}」のことですか。" if meant else "つづりを確かめてください。"
        yield f"{field} の「{name}」は、きまりのどこにもありません。{remedy}"


def _written(case: WrittenCase) -> Iterator[tuple[str, str]]:
    """Every name that rules look for, with the field it stands in."""
    home = case.household
    for child in case.children:
        yield from (("marks", mark.code) for mark in child.marks)
        yield from (("gates", code) for code in child.gates or ())
    yield from (("marks", mark.code) for mark in home.marks)
    yield from (("circumstances", code) for code in home.circumstances)
    yield from (("statements", code) for code in home.statements or ())
    yield from (("coupons", coupon.code) for coupon in home.coupons)
    yield from (("coupons", code) for code in case.coupons)
    # How many stands behind the name: nappies:3.
    yield from (("options", option.partition(":")[0]) for option in case.options)


def _without_effect(case: WrittenCase) -> Iterator[str]:
    if case.overruled and case.by is By.FAMILY:
        yield (
            "overruled は、職員が認めた理由です。by を staff か head にしないと、何も変わりません。"
        )


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
