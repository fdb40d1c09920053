"""What is asked for a family's sheet: months, a place, a day. Nothing that names anybody."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from portal.documents import i18n
from portal.documents.dates import jmonth
from portal.documents.i18n import gettext as _
from portal.facilities.points import LONGEST_TYPED
from portal.slots.family_sheet import (
    MONTHS_AHEAD,
    MOST_CHILDREN,
    YEARS_BACK,
    months_before,
)
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

_BORN = tuple(f"born_{n}" for n in range(1, MOST_CHILDREN))
_DUE = ("due_1", "due_2")


def _month_field(label: str) -> SelectField:
    return SelectField(label, [Optional()], validate_choice=False)


class FamilySheetForm(PortalForm):
    """Months of the children, a place to measure from, and from when care is wanted."""

    born_1 = _month_field("お子さんの生まれた月")
    born_2 = _month_field("2人めの生まれた月")
    born_3 = _month_field("3人めの生まれた月")
    born_4 = _month_field("4人めの生まれた月")
    born_5 = _month_field("5人めの生まれた月")
    due_1 = _month_field("出産の予定の月")
    due_2 = _month_field("ふたごのときは、もう一度")
    near = StringField(
        "住所か町の名前",
        [Optional(), Length(max=LONGEST_TYPED, message="住所は100文字までにしてください")],
    )
    area = SelectField("町からえらぶ", [Optional()], validate_choice=False)
    on = DateParts("使いはじめたい日", [Optional()])
    words = RadioField("紙のことば", [Optional()], validate_choice=False)

    def offer(self, areas: list[str], *, today: date) -> None:
        """Put the months, towns and languages into their lists."""
        nothing = SelectChoice("", _("（なし）"))
        first = today.replace(day=1)
        back = [months_before(first, n) for n in range(YEARS_BACK * 12 + 1)]
        ahead = [months_before(first, -n) for n in range(MONTHS_AHEAD + 1)]
        for name in _BORN:
            self[name].choices = [nothing, *map(_choice, back)]
        for name in _DUE:
            self[name].choices = [nothing, *map(_choice, ahead)]
        self["area"].choices = [nothing, *(SelectChoice(area, area) for area in areas)]
        self["words"].choices = [SelectChoice(one.code, one.name) for one in i18n.languages()]
        if self["words"].data is None:
            self["words"].data = i18n.code()

    @property
    def born_fields(self) -> list[Any]:
        """The fields of the months of birth."""
        return [self[name] for name in _BORN]

    @property
    def due_fields(self) -> list[Any]:
        """The fields of the months in which a birth is expected."""
        return [self[name] for name in _DUE]

    def months(self) -> tuple[list[str], list[str]]:
        """Return the chosen months as written: born, and due."""
        born = [field.data for field in self.born_fields if field.data]
        return born, [field.data for field in self.due_fields if field.data]


def _choice(month: date) -> SelectChoice:
    return SelectChoice(f"{month:%Y-%m}", jmonth(month))
