"""Codes of municipalities (全国地方公共団体コード): six figures, the last of them a check figure.

*Source:* 全国地方公共団体コード仕様 of the ministry of internal affairs (総務省): the first two
figures are the prefecture's, the sixth is 11 less the weighted sum of the others, modulo 11; the
weights are 6 to 2.
"""

from __future__ import annotations

import re
from typing import Final

#: In the order of their figures, 01 to 47.
PREFECTURES: Final = (
    *("北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県"),
    *("群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県"),
    *("山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府"),
    *("兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県"),
    *("香川県", "愛媛県", "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県"),
    *("鹿児島県", "沖縄県"),
)
_FIGURES: Final = 5
_WEIGHTS: Final = range(6, 1, -1)


def check_figure(figures: str) -> str:
    """Return the sixth figure that belongs to five."""
    total = sum(int(figure) * weight for figure, weight in zip(figures, _WEIGHTS, strict=True))
    return str((11 - total % 11) % 10)


def names_a_prefecture(code: str) -> bool:
    """Say whether the first two figures are a prefecture's."""
    return 1 <= int(code[:2]) <= len(PREFECTURES)


def is_code(text: str) -> bool:
    """Say whether a text is a code that can be: six figures, check figure and prefecture right."""
    return (
        re.fullmatch(r"\d{6}", text, re.ASCII) is not None
        and names_a_prefecture(text)
        and check_figure(text[:_FIGURES]) == text[_FIGURES]
    )


def with_zero_back(text: str) -> str | None:
    """Return the code that five figures were before a spreadsheet took the leading zero off."""
    return found if is_code(found := f"0{text}") else None


def with_check_figure(text: str) -> str | None:
    """Return the code of five figures without their check figure, as statistics write it."""
    if not re.fullmatch(r"\d{5}", text, re.ASCII):
        return None
    return found if is_code(found := text + check_figure(text)) else None


def prefecture_of(code: str) -> str | None:
    """Return the prefecture of a code, ``None`` for what is no code."""
    return PREFECTURES[int(code[:2]) - 1] if is_code(code) else None
