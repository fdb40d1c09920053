"""The two shapes of list that are known, told apart by their header."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.facilities.rules import ListRefusal
from portal.kernel.errors import Reason, Refusal


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of list: its columns, and which of them says what.

    Columns may come in any order and others may stand among them.
    """

    code: str
    label_ja: str
    columns: tuple[str, ...]
    #: Without these in the header it is another list (they tell it from its sister lists too).
    marks: tuple[str, ...]
    #: Our field -> the list's column. A field that is absent here is not in this shape.
    fields: Mapping[str, str]


#: Recommended data set 13, 子育て施設一覧.
#: *Source:* definition book of the Cabinet's IT office, version 2.1 (2021-03-03).
NATIONAL_2_1 = Shape(
    code="national-2.1",
    label_ja="推奨データセット「子育て施設一覧」第2.1版",
    columns=(
        *("都道府県コード又は市区町村コード", "NO", "都道府県名", "市区町村名", "名称"),
        *("名称_カナ", "種別", "住所", "方書", "緯度", "経度", "アクセス方法", "駐車場情報"),
        *("電話番号", "内線番号", "FAX番号", "法人番号", "団体名", "認可等年月日", "収容定員"),
        *("受入年齢", "利用可能曜日", "開始時間", "終了時間", "利用可能日時特記事項"),
        *("一時預かりの有無", "URL", "備考"),
    ),
    marks=(
        *("都道府県コード又は市区町村コード", "NO", "名称", "名称_カナ", "住所"),
        *("受入年齢", "一時預かりの有無"),
    ),
    fields={
        "municipality_code": "都道府県コード又は市区町村コード",
        "number": "NO",
        "name": "名称",
        "name_kana": "名称_カナ",
        "owner_name": "団体名",
        "kind": "種別",
        "address": "住所",
        "building": "方書",
        "latitude": "緯度",
        "longitude": "経度",
        "access": "アクセス方法",
        "parking": "駐車場情報",
        "phone": "電話番号",
        "fax": "FAX番号",
        "approved_on": "認可等年月日",
        "capacity": "収容定員",
        "age_from": "受入年齢",
        "age_until": "受入年齢",
        "weekdays": "利用可能曜日",
        "opens": "開始時間",
        "closes": "終了時間",
        "hours_note": "利用可能日時特記事項",
        "has_temporary_care": "一時預かりの有無",
        "url": "URL",
        "note": "備考",
    },
)

#: The working list of Koriyama; the same names are used by the nursery maps of other cities.
#: *Source:* Code for Sapporo, papamama, dataSpecification (meaning of the columns).
KORIYAMA = Shape(
    code="koriyama",
    label_ja="郡山市の保育施設一覧（nurseryData.csv）",
    columns=(
        *("Name", "Label", "Owner", "Ownership", "Proof", "ShaNai", "Kodomo", "Type", "Add1"),
        *("Add2", "Y", "X", "url", "TEL", "FAX", "Full", "AgeS", "AgeE", "Open", "Close", "H24"),
        *("Memo", "Extra", "Temp", "Holiday", "Night", "Vacancy", "VacancyDate"),
    ),
    marks=("Name", "Type", "Add1", "TEL", "AgeS", "AgeE", "Open", "Close", "Temp"),
    fields={
        "name": "Name",
        "label": "Label",
        "owner_name": "Owner",
        "ownership": "Ownership",
        "kind": "Type",
        "address": "Add1",
        "building": "Add2",
        "latitude": "Y",
        "longitude": "X",
        "phone": "TEL",
        "fax": "FAX",
        "capacity": "Full",
        "age_from": "AgeS",
        "age_until": "AgeE",
        "opens": "Open",
        "closes": "Close",
        "has_temporary_care": "Temp",
        "has_extended_care": "Extra",
        "url": "url",
        "note": "Memo",
    },
)

SHAPES = (NATIONAL_2_1, KORIYAMA)


def recognise(header: Sequence[str]) -> tuple[Shape, tuple[str, ...]]:
    """Return the shape and a unique name for each column of the header.

    A known column gets the name of its shape (a header in full-width letters still counts), any
    other the name it has in the file, a column without a name its position.

    Raises:
        Refusal: ``UNKNOWN_COLUMNS`` with what is missing for the nearest shape, or
            ``DUPLICATE_COLUMN``, since one of the two would be lost.
    """
    found = {_comparable(name) for name in header}
    shape = min(SHAPES, key=lambda each: len(_missing(each, found)))
    if missing := _missing(shape, found):
        raise Refusal(
            [
                Reason(
                    ListRefusal.UNKNOWN_COLUMNS,
                    {
                        "expected": "か、".join(each.label_ja for each in SHAPES),
                        "nearest": shape.label_ja,
                        "missing": "".join(f"「{name}」" for name in missing),
                    },
                )
            ]
        )
    known = {_comparable(name): name for name in shape.columns}
    names = tuple(
        known.get(_comparable(name), name.strip() or f"（{position}列目）")
        for position, name in enumerate(header, start=1)
    )
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise Refusal([Reason(ListRefusal.DUPLICATE_COLUMN, {"column": name})])
    return shape, names


def _missing(shape: Shape, found: set[str]) -> tuple[str, ...]:
    return tuple(name for name in shape.marks if _comparable(name) not in found)


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()
