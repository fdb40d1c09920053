"""What a list would do, as tables of a page's length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.documents.i18n import gettext as _
from portal.facilities.lists.columns import BY_CODE
from portal.facilities.lists.compare import WHOLE_FILE
from portal.facilities.lists.rows import FacilityRow, Remark
from portal.facilities.lists.table import Counted
from portal.facilities.service import Plan

#: The list of problems as a file: for whoever keeps the city's list.
PROBLEM_HEADER = ("行", "列", "書いてあること", "理由", "取り込み")


def problems_of(plan: Plan) -> list[tuple[str, str, str, str, str]]:
    """Return what is not taken and what is taken with a doubt, in the order of the file."""
    told = [
        *((remark, "取り込まない") for remark in plan.preview.refused),
        *((remark, "取り込む") for remark in plan.preview.remarks),
    ]
    return [
        (
            str(remark.row) if remark.row != WHOLE_FILE else "全体",
            remark.column or "（行）",
            remark.text,
            remark.reason_ja,
            taken,
        )
        for remark, taken in sorted(told, key=lambda each: each[0].row)
    ]


#: Rows on one page.
LENGTH = 50
#: Of rows of which the same is said, how many are named.
SHOWN_OF_MANY = 3


class Kind(StrEnum):
    """The tables, in the order in which somebody who decides reads them."""

    REFUSED = "refused"
    REMARKS = "remarks"
    CHANGED = "changed"
    NEW = "new"
    MISSING = "missing"
    UNCHANGED = "unchanged"


def _titles() -> dict[Kind, str]:
    return {
        Kind.REFUSED: _("取り込めない行"),
        Kind.REMARKS: _("取り込むが、確かめてほしいところ"),
        Kind.CHANGED: _("変わるところ"),
        Kind.NEW: _("新しい施設"),
        Kind.MISSING: _("一覧にない施設"),
        Kind.UNCHANGED: _("変わらない施設"),
    }


def _short_titles() -> dict[Kind, str]:
    return {
        Kind.REFUSED: _("取り込めない"),
        Kind.REMARKS: _("確かめて"),
        Kind.CHANGED: _("変わる"),
        Kind.NEW: _("新しい"),
        Kind.MISSING: _("一覧にない"),
        Kind.UNCHANGED: _("同じ"),
    }


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """One page of one table, and how many rows each table has."""

    kind: Kind
    title: str
    tabs: Mapping[Kind, str]
    sizes: Mapping[Kind, int]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    number: int
    pages: int

    @staticmethod
    def of(
        plan: Plan, names: Mapping[str, tuple[str, bool]], *, kind: Kind | None, number: int
    ) -> PreviewPage:
        """Return a page; without ``kind`` the first table with rows, a page too far the last."""
        tables = {each: _rows(each, plan, names) for each in Kind}
        chosen = kind or next((each for each in Kind if tables[each]), Kind.NEW)
        rows = tables[chosen]
        pages = max(1, -(-len(rows) // LENGTH))
        current = min(max(number, 1), pages)
        return PreviewPage(
            kind=chosen,
            title=_titles()[chosen],
            tabs=_short_titles(),
            sizes={each: _size(each, plan, found) for each, found in tables.items()},
            heads=_heads(chosen),
            rows=rows[(current - 1) * LENGTH : current * LENGTH],
            number=current,
            pages=pages,
        )

    @property
    def numbers(self) -> list[int]:
        """The pages to offer: the first, the last, and those around this one."""
        around = range(self.number - 2, self.number + 3)
        return sorted({1, self.pages, *(n for n in around if 1 <= n <= self.pages)})


def _heads(kind: Kind) -> Sequence[str]:
    if kind in {Kind.REFUSED, Kind.REMARKS}:
        return (_("行"), _("列"), _("書いてあること"), _("理由"))
    if kind is Kind.CHANGED:
        return (_("行"), _("施設"), _("列"), _("いま"), _("新しい内容"))
    if kind is Kind.MISSING:
        return (_("施設"), _("一覧での見分け"), _("いまの公開"))
    return (_("行"), _("施設"), _("種別"), _("住所"), _("公開"))


def _rows(kind: Kind, plan: Plan, names: Mapping[str, tuple[str, bool]]) -> list[Sequence[str]]:
    preview, counted = plan.preview, plan.parsed.counted
    if kind is Kind.REFUSED:
        return [_remark(remark, plan) for remark in preview.refused]
    if kind is Kind.REMARKS:
        return _gathered(plan)
    if kind is Kind.CHANGED:
        return [
            (
                _row_number(changed.row.row_number, counted),
                changed.row.name,
                _column(change.column, plan),
                _cell(change.old),
                _cell(change.new),
            )
            for changed in preview.changed
            for change in changed.changes
        ]
    if kind is Kind.MISSING:
        return [_missing(key, *names.get(key, ("", False))) for key in preview.missing]
    rows = preview.new if kind is Kind.NEW else preview.unchanged
    return [_facility(row, counted) for row in rows]


def _size(kind: Kind, plan: Plan, rows: Sequence[Sequence[str]]) -> int:
    return len(plan.preview.remarks) if kind is Kind.REMARKS else len(rows)


def _gathered(plan: Plan) -> list[Sequence[str]]:
    """Put what is said of many rows into one line; the list to keep names every row."""
    groups: dict[tuple[str | None, str, str], list[Remark]] = {}
    for remark in plan.preview.remarks:
        groups.setdefault((remark.column, remark.text, remark.reason_ja), []).append(remark)
    lines: list[Sequence[str]] = []
    counted = plan.parsed.counted
    others = (
        _("%(rows)s、ほか%(count)s件")
        if counted is Counted.FEATURES
        else _("%(rows)s、ほか%(count)s行")
    )
    for same in groups.values():
        what = _remark(same[0], plan)[1:]
        numbers = [_row_number(remark.row, counted) for remark in same[:SHOWN_OF_MANY]]
        rows = "、".join(numbers)
        if count := len(same) - len(numbers):
            rows = others % {"rows": rows, "count": count}
        lines.append((rows, *what))
    return lines


def _missing(key: str, name: str, is_public: bool) -> Sequence[str]:  # noqa: FBT001 - a row's value
    shown = _("公開中") if is_public else _("公開していません")
    return (name, key.strip().replace("\t", "　"), shown)


def _row_number(number: int, counted: Counted) -> str:
    if number == WHOLE_FILE:
        return _("ファイル全体")
    if counted is Counted.FEATURES:
        return _("%(number)s件目") % {"number": number}
    return _("%(number)s行目") % {"number": number}


def _cell(written: str | None) -> str:
    return _("（列なし）") if written is None else written or _("（空）")


def _column(column: str | None, plan: Plan) -> str:
    return _("（行）") if column is None else BY_CODE[plan.parsed.shape].shown(column)


def _remark(remark: Remark, plan: Plan) -> Sequence[str]:
    is_absent = remark.row == WHOLE_FILE and remark.column not in plan.parsed.columns
    return (
        _row_number(remark.row, plan.parsed.counted),
        _column(remark.column, plan),
        _cell(None if is_absent else remark.text),
        remark.reason_ja,
    )


def _facility(row: FacilityRow, counted: Counted) -> Sequence[str]:
    return (
        _row_number(row.row_number, counted),
        row.name,
        row.kind or _("（空）"),
        row.address,
        _("公開しません（非公開）") if row.is_hidden else _("園が決めます"),
    )
