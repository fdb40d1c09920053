"""Single cells: number, flag, phones, days of the week, coordinates, date, address of a page.

Each function answers with what it understood and, where it did not or not surely, a sentence.
Cells are brought to half-width for reading only; what was written is kept by the caller.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from portal.facilities.rules import names_only_a_city
from portal.kernel.municipalities import (
    is_code,
    names_a_prefecture,
    with_check_figure,
    with_zero_back,
)

T = TypeVar("T")

#: Ways in which lists say "not given"; no doubt, and no value either.
_NOT_GIVEN = frozenset({"", "-", "ー", "NA", "N/A", "不明", "未定"})
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


@dataclass(frozen=True, slots=True)
class Understood(Generic[T]):
    """What a cell means; ``doubt`` is a sentence for staff where that is not certain."""

    value: T | None = None
    doubt: str | None = None


def half_width(text: str) -> str:
    """Return the cell for reading: compatibility forms folded, outer spaces off."""
    return unicodedata.normalize("NFKC", text).strip()


_VOICED = str.maketrans({"゛": "\u3099", "ﾞ": "\u3099", "゜": "\u309a", "ﾟ": "\u309a"})


def full_width_kana(text: str) -> str:
    """Return a reading as the standard writes it: full-width kana, marks joined to their sign."""
    return unicodedata.normalize("NFKC", text.translate(_VOICED)).strip()


def is_not_given(text: str) -> bool:
    """Say whether the cell is empty or a mark for "not given"."""
    plain = half_width(text)
    return plain.translate(_DASHES).upper() in _NOT_GIVEN or plain in _NOT_GIVEN


def capacity(text: str) -> Understood[int]:
    """Return the number of children, from ``60``, ``60人`` or ``1,000``."""
    if is_not_given(text):
        return Understood()
    # Five digits at most: longer ones are a slip, and no database integer would hold them.
    if match := re.fullmatch(r"(\d{1,5}|\d{1,2},\d{3})\s*[人名]?", half_width(text), re.ASCII):
        return Understood(int(match[1].replace(",", "")))
    return Understood(doubt="定員の数が読み取れません。数だけを書いてください。")


def whole_address(raw: Mapping[str, str], fields: Mapping[str, str]) -> tuple[str, str]:
    """Return address and building (方書) of a row.

    Some lists have the address in parts, and some maps have the municipality alone in one column
    and all the rest, the building with it, in the next.
    """
    address, building = (raw.get(fields.get(name, ""), "") for name in ("address", "building"))
    if not address.strip():
        parts = (
            raw.get(fields.get(f"address_{part}", ""), "").strip()
            for part in ("prefecture", "city", "town", "rest")
        )
        return "".join(parts), building
    if "address_rest" not in fields and building.strip() and names_only_a_city(address):
        return address.strip() + building.strip(), ""
    return address, building


_FLAGS = {
    **dict.fromkeys(("Y", "YES", "TRUE", "有", "有り", "あり", "○", "◯", "可"), True),
    **dict.fromkeys(("N", "NO", "FALSE", "無", "無し", "なし", "×", "✕", "不可"), False),
}


def flag(text: str, yes_no: tuple[str, str] = ("有", "無")) -> Understood[bool]:
    """Return yes or no; ``None`` without doubt where nothing is given, with doubt for 1 to 4.

    Args:
        yes_no: The words of this kind of list, for the sentence that asks for one of them.
    """
    if is_not_given(text):
        return Understood()
    value = _FLAGS.get(half_width(text).upper())
    if value is None:
        plain = half_width(text)
        if re.fullmatch(r"\d{1,2}", plain, re.ASCII):
            # A grade of some city's own: whoever keeps the list cannot turn it into yes or no.
            return Understood(doubt=f"{plain} の意味が分かりません。書かれたとおりに残します。")
        yes, no = yes_no
        return Understood(doubt=f"有か無かが読み取れません。「{yes}」か「{no}」と書いてください。")
    return Understood(value)


def municipality_code(text: str) -> Understood[str]:
    """Return a code of six figures; of five, what is missing is put back and told.

    A code that cannot be right (a wrong check figure, no such prefecture) is returned as written,
    with a doubt.
    """
    if is_not_given(text):
        return Understood()
    plain = half_width(text)
    if is_code(plain):
        return Understood(plain)
    if code := with_zero_back(plain):
        return Understood(
            code, f"先頭の0が消えているようなので、{code} と読みました。確かめてください。"
        )
    if code := with_check_figure(plain):
        return Understood(
            code, f"5桁なので、検査数字をつけて {code} と読みました。確かめてください。"
        )
    return Understood(text.strip(), _doubt_about_code(plain))


def _doubt_about_code(plain: str) -> str:
    if not re.fullmatch(r"\d{6}", plain, re.ASCII):
        return "6桁の数字ではありません。先頭の0が消えていないか確かめてください。"
    if not names_a_prefecture(plain):
        return "はじめの2桁は都道府県で、01から47までです。コードを確かめてください。"
    return "6桁目の検査数字が合いません。コードを確かめてください。"


def phones(text: str) -> Understood[tuple[str, ...]]:
    """Return each number in half-width, grouped as written; several may stand in one cell.

    A number without its area code is left out: it reaches nobody from another town.
    """
    if is_not_given(text):
        return Understood(())
    numbers: list[str] = []
    doubts: list[str] = []
    for piece in _BETWEEN_NUMBERS.split(half_width(text).translate(_DASHES)):
        if not (number := piece.strip()):
            continue
        if _WITHOUT_ITS_ZERO.fullmatch(number):
            numbers.append(f"0{number}")
            doubts.append(
                f"先頭の0が消えているようなので、0{number} と読みました。確かめてください。"
            )
        elif doubt := _doubt_about_number(number):
            doubts.append(doubt)
        else:
            numbers.append(number)
    if len(numbers) > 1:
        others = "、".join(numbers[1:])
        doubts.append(
            f"番号が2つ以上あります。{numbers[0]} を使います。{others} は一覧の控えに残します。"
        )
    return Understood(tuple(numbers), " ".join(doubts) or None)


#: A number that went through a spreadsheet as a number: 249443601 for 024-944-3601.
_WITHOUT_ITS_ZERO = re.compile(r"[1-9]\d{8}|[789]0\d{8}", re.ASCII)


_BETWEEN_NUMBERS = re.compile(r"[,、;/・\n\r]+|または|\s{2,}|(?<=\d)\s+(?=[0(+])")


def _doubt_about_number(number: str) -> str | None:
    if not re.fullmatch(r"(\+81)?[\d()\- ]+", number, re.ASCII):
        return "電話番号として読めません。番号だけを書いてください。"
    digits = re.sub(r"\D", "", number)
    if number.startswith("+"):
        digits = "0" + digits.removeprefix("81").removeprefix("0")
    if not digits.startswith("0"):
        return "市外局番がありません。市外局番から書いてください。"
    if len(digits) not in {10, 11}:
        return "電話番号のけた数が合いません。番号を確かめてください。"
    return None


_DAYS = "月火水木金土日"


def weekdays(text: str) -> Understood[tuple[int, ...]]:
    """Return days of the week, Monday 0 to Sunday 6, from ``月火水木金`` or ``月〜金``."""
    if is_not_given(text):
        return Understood()
    plain = re.sub(r"曜日?|[・,、\s]", "", half_width(text))
    span = re.fullmatch(rf"([{_DAYS}])[~〜-]([{_DAYS}])([{_DAYS}]*)", plain)
    if span:
        first, last = _DAYS.index(span[1]), _DAYS.index(span[2])
        if first < last:
            plain = _DAYS[first : last + 1] + span[3]
    if plain and set(plain) <= set(_DAYS):
        return Understood(tuple(day for day, sign in enumerate(_DAYS) if sign in plain))
    return Understood(doubt="曜日が読み取れません。「月火水木金」のように書いてください。")


def coordinates(latitude: str, longitude: str) -> Understood[tuple[float, float]]:
    """Return latitude and longitude in degrees, only both together and only within Japan."""
    if is_not_given(latitude) and is_not_given(longitude):
        return Understood()
    north, east = _degrees(latitude), _degrees(longitude)
    if north is None or east is None:
        return Understood(doubt="緯度と経度の両方を、37.3906 のような数で書いてください。")
    if 20 <= north <= 46 and 122 <= east <= 154:  # noqa: PLR2004 - Okinotorishima to Minamitorishima
        return Understood((north, east))
    if 20 <= east <= 46 and 122 <= north <= 154:  # noqa: PLR2004 - the same, swapped
        return Understood(doubt="緯度と経度が逆のようです。入れかえてください。")
    return Understood(doubt="日本の外の場所になっています。緯度と経度を確かめてください。")


def _degrees(text: str) -> float | None:
    plain = half_width(text)
    return float(plain) if re.fullmatch(r"\d{1,3}(\.\d{1,20})?", plain, re.ASCII) else None


_ERAS = {
    **dict.fromkeys(("令和", "R"), 2018),
    **dict.fromkeys(("平成", "H"), 1988),
    **dict.fromkeys(("昭和", "S"), 1925),
    **dict.fromkeys(("大正", "T"), 1911),
    **dict.fromkeys(("明治", "M"), 1867),
}
_DAY_OF_ERA = re.compile(
    r"(?:令和|平成|昭和|大正|明治|[RHSTM])\s*(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?",
    re.ASCII | re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)


def day(text: str) -> Understood[date]:
    """Return a date from ``2017-02-10``, ``2017/2/10``, ``平成29年2月10日`` or ``H29.2.10``."""
    if is_not_given(text):
        return Understood()
    plain = half_width(text)
    base = 0
    if match := _DAY.fullmatch(plain):
        year, month, number = (part for part in match.groups() if part is not None)
    elif match := _DAY_OF_ERA.fullmatch(plain):
        year, month, number = match.groups()
        base = next(first for era, first in _ERAS.items() if plain.upper().startswith(era))
    else:
        doubt = "日付が読み取れません。「2017-02-10」のように書いてください。"
        if re.search(r"\d年\d{1,2}月|\d{1,2}/\d{1,2}", plain):
            doubt = "年月日がそろっていません。「2017-02-10」のように書いてください。"
        return Understood(doubt=doubt)
    try:
        return Understood(date(base + (1 if year == "元" else int(year)), int(month), int(number)))
    except ValueError:
        return Understood(doubt="ない日付です。日付を確かめてください。")


def web_address(text: str) -> Understood[str]:
    """Return a page's address, only http and https: any other scheme could run as a program."""
    if is_not_given(text):
        return Understood()
    plain = text.strip()
    if re.fullmatch(r"https?://[^\s<>\"']+", plain, re.IGNORECASE):
        return Understood(plain)
    return Understood(doubt="ホームページのアドレスとして読めません。https:// から書いてください。")
