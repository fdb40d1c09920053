"""Shape of what is told of an expected child: a birth of one or several, and yes or no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar, Final

from wtforms import StringField
from wtforms.validators import InputRequired, Optional

from portal.families.expected_rules import MOST_AT_ONCE, ExpectedRefusal, Newborn
from portal.families.forms import ReceiptFields, Sound
from portal.families.rules import FamilyRefusal, reasons_against_kana, reasons_against_name
from portal.kernel.errors import Reason, Refusal
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

#: Sent by the buttons that ask for more or fewer children; what was typed stays.
BECOME: Final = "become"

_ABOUT_DAY = frozenset(
    {
        FamilyRefusal.BORN_IN_FUTURE,
        FamilyRefusal.BORN_TOO_LONG_AGO,
        ExpectedRefusal.FAR_FROM_DUE,
        ExpectedRefusal.DAYS_APART,
    }
)


class BirthForm(PortalForm):
    """A birth. Each child has its own fields; the others' day is the first one's where left out."""

    #: How many children the form asks for.
    count: ClassVar[int] = 1

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Name, reading and birthday of each child, as fields."""
        return [
            (self[f"name_{n}"], self[f"kana_{n}"], self[f"born_{n}"])
            for n in range(1, self.count + 1)
        ]

    def newborns(self) -> list[Newborn]:
        """Return what was typed, after a successful validation."""
        first: date = self["born_1"].data
        return [
            Newborn(name.data, born.data or first, kana.data or None)
            for name, kana, born in self.rows
        ]

    def explain(self, refusal: Refusal, sentence: Callable[[Reason], str]) -> None:
        """Show what is said against a day beside the day; the rest above the form."""
        for reason in refusal.reasons:
            if reason.code in _ABOUT_DAY:
                born = self["born_1"]
                born.errors = [*born.errors, sentence(reason)]
            else:
                self.form_errors.append(sentence(reason))


class ToldBirthForm(ReceiptFields, BirthForm):
    """A birth that staff enter for a caller."""


def birth_form(count: int, kind: type[BirthForm] = BirthForm) -> Any:
    """Return the form of a birth of so many children, one to ``MOST_AT_ONCE``."""
    fields: dict[str, Any] = {"count": max(1, min(count, MOST_AT_ONCE))}
    for n in range(1, fields["count"] + 1):
        fields[f"name_{n}"] = StringField(
            "お名前",
            [
                InputRequired("お子さんのお名前を入れてください"),
                Sound(reasons_against_name),
            ],
        )
        fields[f"kana_{n}"] = StringField("ふりがな", [Optional(), Sound(reasons_against_kana)])
        is_needed = InputRequired("生年月日を入れてください") if n == 1 else Optional()
        fields[f"born_{n}"] = DateParts("生年月日", [is_needed])
    return type("BirthFormOf", (kind,), fields)()
