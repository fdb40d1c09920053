"""The columns of a file of referrals: what stands in each, read and written. Pure.

The same words as on the pages and on paper; codes of the API are read too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from portal.consents.rules import ContactTime, ToldChannel
from portal.consents.sharing import time_label, told_channel_label
from portal.kernel.clock import FIRST_YEAR, LAST_YEAR
from portal.kernel.wareki import western_year
from portal.referrals.labels import item_label
from portal.referrals.rules import Item, Stage, Urgency
from portal.referrals.sheet import OFFERED, Record
from portal.referrals.words import stage_words, urgency_words

PORTAL_NUMBER: Final = "受付番号"
NUMBER: Final = "管理番号"
RECEIVER: Final = "紹介先"
ON_PAPER: Final = "署名のある紙"
ON_SCREEN: Final = "面談の画面"

#: Field of a sheet -> the name of its column, in the order of the file.
COLUMNS: Final[Mapping[str, str]] = {
    "number": NUMBER,
    "interview.stage": "面談",
    "interview.held_on": "面談の日",
    "interview.guide_ticked_on": "印をつけた日",
    "guardian.name": "保護者の名前",
    "guardian.name_kana": "保護者のふりがな",
    "guardian.relation": "お子さんとの関係",
    "guardian.phone": "電話",
    "guardian.mail": "メール",
    "guardian.address": "住所",
    "learned.fatigue": "疲れていること",
    "learned.loneliness": "頼れる人のこと",
    "learned.wishes": "希望すること",
    "learned.health": "保護者の健康のこと",
    "learned.support_needs": "支援が必要なこと",
    "receivers.0": RECEIVER,
    "urgency": "急ぎ",
    "target_on": "いつまでに",
    "consents.sharing.agreed_on": "同意1の日",
    "consents.sharing.items": "同意1で伝えること",
    "consents.sharing.until_on": "同意1の期限",
    "consents.told.agreed_on": "同意2の日",
    "consents.told.channels": "同意2の方法",
    "consents.told.times": "同意2の時間",
    "consents.told.person": "同意2の連絡する人",
    "consents.told.until_on": "同意2の期限",
    "consents.booking.agreed_on": "同意3の日",
    "consents.booking.until_on": "同意3の期限",
    "wording_version": "文面の版",
    "source": "同意の形",
    "reference": "書類の番号",
}
#: Written and never read: how far it has come.
STATE_COLUMNS: Final = (
    "ようす",
    "送った日時",
    "受け取った日時",
    "連絡がついた日時",
    "見学した日時",
    "登録した日時",
    "利用した日時",
    "終わった日時",
    "結果",
)
_OF_CHILD: Final[Mapping[str, str]] = {
    "name": "お子さん{number}の名前",
    "name_kana": "お子さん{number}のふりがな",
    "born_on": "お子さん{number}の生年月日",
    "due_on": "お子さん{number}の出産予定日",
}
_CHILD: Final = re.compile(r"お子さん([0-9]{1,2})の(名前|ふりがな|生年月日|出産予定日)")
#: Without these columns it is no list of referrals.
NEEDED: Final = (NUMBER, "面談の日", "保護者の名前", RECEIVER, "同意1の日", "同意2の日")
LEAST_CHILDREN: Final = 3
_SPLIT: Final = re.compile(r"[、,，;；/／・\n]+")
#: Stand once for all three records.
_SHARED: Final = frozenset({"wording_version", "source", "reference"})


def header(children: int) -> list[str]:
    """Return the names of the columns for files in which a family has so many children."""
    names = list(COLUMNS.values())
    at = names.index("住所") + 1
    return [PORTAL_NUMBER, *names[:at], *child_columns(children), *names[at:]]


def child_columns(children: int) -> list[str]:
    """Return the columns of so many children."""
    return [
        name.format(number=number)
        for number in range(1, max(children, LEAST_CHILDREN) + 1)
        for name in _OF_CHILD.values()
    ]


def is_known(column: str) -> bool:
    """Say whether a column is one of a list of referrals."""
    known = {PORTAL_NUMBER, *COLUMNS.values(), *STATE_COLUMNS}
    return column in known or _CHILD.fullmatch(column) is not None


def children_in(columns: Iterable[str]) -> int:
    """Return how many children the columns have room for."""
    found = [_CHILD.fullmatch(column) for column in columns]
    return max((int(match[1]) for match in found if match), default=0)


def child_column(number: int, part: str) -> str:
    """Return the column of a part of a child, counted from 1."""
    return _OF_CHILD[part].format(number=number)


def column_of(field: str) -> str:
    """Return the column of a field of a sheet, for reasons; the nearest where there is none."""
    parts = field.split(".")
    if parts[0] == "children":
        if len(parts) == 1:
            return child_column(1, "born_on")
        part = parts[2] if len(parts) > 2 else "born_on"  # noqa: PLR2004 - children.0.name
        return child_column(int(parts[1]) + 1, part)
    if parts[-1] in _SHARED:
        return COLUMNS[parts[-1]]
    usual = {"consents.sharing": "agreed_on", "consents.told": "agreed_on"}
    if field in usual:
        return COLUMNS[f"{field}.{usual[field]}"]
    if parts[0] == "receivers":
        return RECEIVER
    return COLUMNS.get(field, COLUMNS["guardian.name"] if parts[0] == "guardian" else NUMBER)


def day_in(cell: str) -> date | None:
    """Return a day as people write it: 2026-11-22, 2026/11/22, 令和8年11月22日, R8.11.22.

    Raises:
        ValueError: it is none.
    """
    plain = "".join(unicodedata.normalize("NFKC", cell).split())
    if not plain:
        return None
    match = re.fullmatch(r"(.+?)[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", plain)
    if match is None:
        raise ValueError(cell)
    year = western_year(match[1]) or (int(match[1]) if re.fullmatch("[0-9]{4}", match[1]) else 0)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(cell)
    return date(year, int(match[2]), int(match[3]))


def one_of(cell: str, words: Mapping[str, str]) -> str | None:
    """Return the code of a word or a code; ``None`` for an empty cell.

    Raises:
        ValueError: it is none of them.
    """
    wanted = _plain(cell)
    if not wanted:
        return None
    for code, label in words.items():
        if wanted in {_plain(code), _plain(label)}:
            return code
    raise ValueError(cell)


def several_of(cell: str, words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the codes of several words, in the order of ``words``.

    A label that holds a separator itself counts as a whole.

    Raises:
        ValueError: one of them is none.
    """
    rest, found = _plain(cell), set()
    for code, label in sorted(words.items(), key=lambda each: -len(each[1])):
        if _plain(label) in rest:
            rest = rest.replace(_plain(label), "、")
            found.add(code)
    for part in _SPLIT.split(rest):
        if (single := one_of(part, words)) is not None:
            found.add(single)
    return tuple(code for code in words if code in found)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def stages() -> dict[str, str]:
    """Return the interviews by code."""
    return {each.value: stage_words(each) for each in Stage}


def urgencies() -> dict[str, str]:
    """Return how soon, by code."""
    return {each.value: urgency_words(each) for each in Urgency}


def items() -> dict[str, str]:
    """Return what may be passed on, by code."""
    return {item.value: item_label(item.value) for item in Item if item in OFFERED}


def channels() -> dict[str, str]:
    """Return the ways of contact, by code."""
    return {each.value: told_channel_label(each.value) for each in ToldChannel}


def times() -> dict[str, str]:
    """Return the times of contact, by code."""
    return {each.value: time_label(each.value) for each in ContactTime}


def sources() -> dict[str, str]:
    """Return the forms of a consent that can come from outside."""
    return {"paper_form": ON_PAPER, "tablet": ON_SCREEN}


def in_words(codes: Iterable[str], words: Callable[[], Mapping[str, str]]) -> str:
    """Return codes as a cell says them."""
    known = words()
    return "、".join(known[code] for code in known if code in set(codes))


#: The records as the file has them, each by the column that says when it was given.
RECORD_DAYS: Final[Mapping[Record, str]] = {
    record: COLUMNS[f"consents.{record}.agreed_on"] for record in Record
}
#: Choices to show beside the file, by column.
CHOICES: Final[Sequence[tuple[str, Callable[[], Mapping[str, str]]]]] = (
    ("面談", stages),
    ("急ぎ", urgencies),
    ("同意1で伝えること", items),
    ("同意2の方法", channels),
    ("同意2の時間", times),
    ("同意の形", sources),
)
