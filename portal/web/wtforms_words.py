"""WTForms' own sentences in plain Japanese, and from there in the language in use.

Most fields bring a sentence of their own; these are for what the library says by itself.
"""

from __future__ import annotations

from typing import Final

from portal.documents.i18n import gettext as _

#: WTForms' English, by which it asks, and what people read.
WORDS: Final = {
    "This field is required.": "入れてください",
    "Not a valid choice.": "一覧からえらんでください",
    "Not a valid choice": "一覧からえらんでください",
    "Invalid Choice: could not coerce.": "一覧からえらんでください",
    "Invalid choice(s): one or more data inputs could not be coerced.": "一覧からえらんでください",
    "Not a valid integer value.": "数字で入れてください",
    "Not a valid decimal value.": "数字で入れてください",
    "Not a valid float value.": "数字で入れてください",
    "Not a valid date value.": "日付を入れてください（例：2026年11月15日）",
    "Not a valid time value.": "時刻を入れてください（例：9:30）",
    "Not a valid datetime value.": "日付と時刻を入れてください",
    "Invalid input.": "書き方をたしかめてください",
    "Invalid email address.": "メールアドレスは name@example.jp のような形で入れてください",
    "Number must be at least %(min)s.": "%(min)s より小さい数は入れられません",
    "Number must be at most %(max)s.": "%(max)s より大きい数は入れられません",
    "Number must be between %(min)s and %(max)s.": "%(min)s から %(max)s までの数を入れてください",
    "'%(value)s' is not a valid choice for this field.": "一覧からえらんでください",
    "'%(value)s' are not valid choices for this field.": "一覧からえらんでください",
    "Field must be at least %(min)d character long.": "%(min)d文字より長く入れてください",
    "Field must be at least %(min)d characters long.": "%(min)d文字より長く入れてください",
    "Field cannot be longer than %(max)d character.": "%(max)d文字までです",
    "Field cannot be longer than %(max)d characters.": "%(max)d文字までです",
    "Field must be exactly %(max)d character long.": "%(max)d文字で入れてください",
    "Field must be exactly %(max)d characters long.": "%(max)d文字で入れてください",
    "Field must be between %(min)d and %(max)d characters long.": (
        "%(min)d文字から%(max)d文字までで入れてください"
    ),
    "CSRF token missing.": "画面を開き直してから、もう一度送ってください",
    "CSRF failed.": "画面を開き直してから、もう一度送ってください",
    "Invalid CSRF Token.": "画面を開き直してから、もう一度送ってください",
    "CSRF token expired.": "画面を開き直してから、もう一度送ってください",
}


class Words:
    """What WTForms asks for its sentences."""

    def gettext(self, text: str) -> str:
        """Return one sentence."""
        return _(WORDS.get(text, text))

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the sentence for a number."""
        return self.gettext(one if count == 1 else many)
