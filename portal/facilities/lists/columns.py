"""The shapes of list that are known, told apart by their header."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
    #: Other names under which a column is known.
    aliases: Mapping[str, str] = field(default_factory=dict)
    #: Words for yes and no.
    yes_no: tuple[str, str] = ("有", "無")
    #: What the name of a saved file says of it.
    in_file_names: str = ""
    #: What a column is about, where its name alone does not tell people.
    meanings: Mapping[str, str] = field(default_factory=dict)

    def shown(self, column: str) -> str:
        """Return a column for people: ``AgeS（受け入れ開始の年齢）``."""
        meaning = self.meanings.get(column)
        return f"{column}（{meaning}）" if meaning else column

    @property
    def is_national(self) -> bool:
        """Whether it is a standard for all municipalities, with its rules of writing."""
        return self.code.startswith("national-")


#: Recommended data set 13, 子育て施設一覧.
#: *Source:* definition book of the Cabinet's IT office, version 2.1 (2021-03-03).
NATIONAL_2_1 = Shape(
    code="national-2.1",
    label_ja="推奨データセット「子育て施設一覧」第2.1版",
    in_file_names="第2.1版",
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
        "prefecture": "都道府県名",
        "city": "市区町村名",
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
        "extension": "内線番号",
        "fax": "FAX番号",
        "owner_number": "法人番号",
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

#: Its successor, 自治体標準オープンデータセット「子育て施設一覧」.
#: *Source:* column names as published by cities from 2024 on, ``431001_preschool.csv``.
NATIONAL_4 = Shape(
    code="national-4",
    label_ja="自治体標準オープンデータセット「子育て施設一覧」（第4版）",
    in_file_names="第4版",
    columns=(
        *("自治体コード", "ID", "地方公共団体名", "名称", "名称_カナ", "名称_英字", "種別"),
        *("所在地_自治体コード", "町字ID", "所在地_連結標記", "所在地_都道府県"),
        *("所在地_市区町村", "所在地_町字", "所在地_番地以下", "建物名等", "緯度", "経度"),
        *("高度の種別", "高度の値", "アクセス方法", "駐車場情報", "電話番号", "内線番号"),
        *("FAX番号", "メールアドレス", "連絡先FormURL", "連絡先備考", "郵便番号", "法人番号"),
        *("団体名", "許可等年月日", "収容定員", "受入年齢", "利用可能曜日", "開始時間"),
        *("終了時間", "利用可能日時特記", "一時預かりの有無", "子供預かり料金種別"),
        *("子供預かり料金", "子供預かり料金備考", "子供預かり開所時間", "子供預かり閉所時間"),
        *("病児保育の有無", "授乳室", "おむつ替えコーナー", "飲食可否", "ベビーカー貸出"),
        *("ベビーカー利用", "URL", "画像", "画像ライセンス", "備考"),
    ),
    marks=("ID", "地方公共団体名", "名称", "所在地_連結標記", "受入年齢", "一時預かりの有無"),
    fields={
        "municipality_code": "自治体コード",
        "number": "ID",
        "body": "地方公共団体名",
        "address_code": "所在地_自治体コード",
        "name": "名称",
        "name_kana": "名称_カナ",
        "owner_name": "団体名",
        "owner_number": "法人番号",
        "kind": "種別",
        "address": "所在地_連結標記",
        "address_prefecture": "所在地_都道府県",
        "address_city": "所在地_市区町村",
        "address_town": "所在地_町字",
        "address_rest": "所在地_番地以下",
        "building": "建物名等",
        "latitude": "緯度",
        "longitude": "経度",
        "access": "アクセス方法",
        "parking": "駐車場情報",
        "phone": "電話番号",
        "extension": "内線番号",
        "fax": "FAX番号",
        "phone_note": "連絡先備考",
        "approved_on": "許可等年月日",
        "capacity": "収容定員",
        "age_from": "受入年齢",
        "age_until": "受入年齢",
        "weekdays": "利用可能曜日",
        "opens": "開始時間",
        "closes": "終了時間",
        "hours_note": "利用可能日時特記",
        "has_temporary_care": "一時預かりの有無",
        "url": "URL",
        "note": "備考",
    },
    aliases={
        "全国地方公共団体コード": "自治体コード",
        "都道府県コード又は市区町村コード": "自治体コード",
        "所在地_全国地方公共団体コード": "所在地_自治体コード",
        "所在地_連結表記": "所在地_連結標記",
        "認可等年月日": "許可等年月日",
        "利用可能日時特記事項": "利用可能日時特記",
    },
)

#: The working list of Koriyama; the same names are used by the nursery maps of other cities.
#: *Source:* Code for Sapporo, papamama, dataSpecification (meaning of the columns).
KORIYAMA = Shape(
    code="koriyama",
    label_ja="保育施設マップの一覧（nurseryData.csv、nurseryFacilities.geojson）",
    in_file_names="保育施設マップ",
    columns=(
        *("Name", "Label", "Owner", "Ownership", "Proof", "ShaNai", "Kodomo", "Type", "Add1"),
        *("Add2", "Y", "X", "url", "TEL", "FAX", "Full", "AgeS", "AgeE", "Open", "Close", "H24"),
        *("Memo", "Extra", "Temp", "Holiday", "Night", "Vacancy", "VacancyDate"),
    ),
    marks=("Name", "Type", "Add1", "TEL", "AgeS", "AgeE", "Open", "Close", "Temp"),
    fields={
        # Not a column of Koriyama's, but of the maps of other cities.
        "number": "HID",
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
    yes_no=("Y", "N"),
    meanings={
        "HID": "番号",
        "Name": "名称",
        "Label": "地図での名前",
        "Owner": "運営者",
        "Ownership": "公立か私立か",
        "Type": "種別",
        "Add1": "住所",
        "Add2": "建物名",
        "Y": "緯度",
        "X": "経度",
        "url": "ホームページ",
        "TEL": "電話番号",
        "FAX": "FAX番号",
        "Full": "定員",
        "AgeS": "受け入れ開始の年齢",
        "AgeE": "受け入れ終わりの年齢",
        "Open": "始まりの時刻",
        "Close": "終わりの時刻",
        "H24": "24時間保育",
        "Memo": "備考",
        "Extra": "延長保育",
        "Temp": "一時預かり",
        "Holiday": "休日保育",
        "Night": "夜間保育",
        "Vacancy": "空き",
        "VacancyDate": "空きの日付",
    },
)

SHAPES = (NATIONAL_2_1, NATIONAL_4, KORIYAMA)
BY_CODE: Mapping[str, Shape] = {shape.code: shape for shape in SHAPES}


def known_columns(header: Sequence[str]) -> int:
    """Return how many columns of a header are known; none if it is not one of a known list."""
    try:
        shape, names = recognise(header)
    except Refusal:
        return 0
    return len(set(shape.columns) & set(names))


def recognise(header: Sequence[str]) -> tuple[Shape, tuple[str, ...]]:
    """Return the shape and a unique name for each column of the header.

    A known column gets the name of its shape (a header in full-width letters still counts), any
    other the name it has in the file, a column without a name its position.

    Raises:
        Refusal: ``UNKNOWN_COLUMNS`` with what is missing for the nearest shape, or
            ``DUPLICATE_COLUMN``, since one of the two would be lost.
    """
    found = {comparable(name) for name in header}
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
    known = {
        comparable(alias): name
        for alias, name in shape.aliases.items()
        if comparable(name) not in found
    }
    known |= {comparable(name): name for name in (*shape.fields.values(), *shape.columns)}
    names = tuple(
        known.get(comparable(name), name.strip() or f"（{position}列目）")
        for position, name in enumerate(header, start=1)
    )
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise Refusal([Reason(ListRefusal.DUPLICATE_COLUMN, {"column": name})])
    return shape, names


def _missing(shape: Shape, found: set[str]) -> tuple[str, ...]:
    return tuple(
        name
        for name in shape.marks
        if comparable(name) not in found
        and not any(
            comparable(alias) in found for alias, meant in shape.aliases.items() if meant == name
        )
    )


def comparable(name: str) -> str:
    """Return the name of a column as it is compared: full-width and capital letters alike."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
