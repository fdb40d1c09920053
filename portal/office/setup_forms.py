"""The forms of setting a facility up. What a director knows, in her words."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.documents.i18n import gettext as _
from portal.facilities.claims import NewFacility
from portal.facilities.lists.values import web_address
from portal.facilities.models import Facility
from portal.facilities.own import FacilityWords
from portal.kernel.signs import on_one_line
from portal.kernel.spans import CELLS
from portal.office.places_forms import WEEKDAYS, CountField
from portal.organisations.models import Organisation
from portal.slots.hours import PlacesWish
from portal.slots.rules import DayHours, Hours, PatternChange, PlacesRefusal
from portal.web.fields import TimeCell
from portal.web.forms import PortalForm

_LONGEST_NAME, _LONGEST_PHONE, _LONGEST_ADDRESS, _LONGEST_TEXT = 100, 40, 200, 1000
#: Monday to Friday.
WORKDAYS = range(5)


def _line(label: str, most: int, *, needed: str | None = None, **drawn: str) -> StringField:
    first = [DataRequired(needed)] if needed else [Optional()]
    too_long = _("%(label)sは%(most)s文字までにしてください") % {"label": label, "most": most}
    return StringField(
        label,
        filters=[on_one_line],
        validators=[*first, Length(max=most, message=too_long)],
        render_kw={"autocomplete": "off", **drawn},
    )


class ChooseForm(PortalForm):
    """Which facility of a list is one's own."""

    facility = HiddenField(validators=[DataRequired("園をえらんでください")])
    instead_of = HiddenField()

    def facility_id(self) -> uuid.UUID | None:
        """Return the facility chosen, or ``None`` for what is no id."""
        return _id(self.facility.data)

    def earlier_id(self) -> uuid.UUID | None:
        """Return the own facility whose preparations go along."""
        return _id(self.instead_of.data)


def _id(written: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(written))
    except ValueError:
        return None


class _PlaceForm(PortalForm):
    name = _line("園の名前", _LONGEST_NAME, needed="園の名前を入れてください")
    name_kana = _line("よみ（カタカナ）", _LONGEST_NAME)
    address = _line("住所", _LONGEST_ADDRESS, needed="住所を入れてください")
    phone = _line("電話", _LONGEST_PHONE, needed="電話を入れてください", inputmode="tel")
    fax = _line("FAX", _LONGEST_PHONE, inputmode="tel")


class EnterForm(_PlaceForm):
    """A facility that stands on no list."""

    municipality = SelectField("市区町村", validators=[Optional()])

    def offer(self, cities: Sequence[Organisation]) -> None:
        """Offer the municipalities that use the portal."""
        none = SelectChoice("", _("この中にない（運用担当が確認します）"))
        self.municipality.choices = [*(SelectChoice(str(c.id), c.name) for c in cities), none]

    def facility(self) -> NewFacility:
        """Return what was typed."""
        return NewFacility(
            name=str(self.name.data),
            address=str(self.address.data),
            phone=str(self.phone.data),
            name_kana=str(self.name_kana.data or ""),
            fax=str(self.fax.data or ""),
            municipality_id=_id(self.municipality.data),
        )


class AboutForm(_PlaceForm):
    """How families find and reach the facility."""

    building = _line("建物の名前", _LONGEST_ADDRESS)
    url = _line("ホームページ", _LONGEST_ADDRESS, inputmode="url")
    access_note = TextAreaField(
        "行き方",
        validators=[
            Optional(),
            Length(max=_LONGEST_TEXT, message="行き方は1000文字までにしてください"),
        ],
    )

    def validate_url(self, field: StringField) -> None:
        """Take only what a browser opens as a page; any other scheme could run as a program.

        Raises:
            ValidationError: a sentence for the person who typed.
        """
        if field.data and web_address(field.data).value is None:
            raise ValidationError(
                _(
                    "ホームページのアドレスは、https:// から書いてください（例：https://hoikuen.example.jp/）"
                )
            )

    def take_out(self, names: frozenset[str]) -> None:
        """Ask only for what a list does not say."""
        for name in names:
            del self[name]

    def show(self, facility: Facility) -> None:
        """Fill in what is stored."""
        for field in self:
            if hasattr(facility, field.name):
                field.data = getattr(facility, field.name) or ""

    def words(self, facility: Facility) -> FacilityWords:
        """Return what was typed, and what a list says for the rest."""
        names = FacilityWords.__dataclass_fields__
        return FacilityWords(
            **{
                name: str(self[name].data or "").strip()
                if name in self
                else str(getattr(facility, name) or "")
                for name in names
            }
        )


class _HoursForm(PortalForm):
    same = BooleanField("火曜日から金曜日も、月曜日と同じにする")
    break_from = TimeCell("昼休みの始まり", [Optional()], first=18, last=32, blank="なし")
    break_to = TimeCell("昼休みの終わり", [Optional()], first=19, last=33, blank="なし")
    closed_on_holidays = BooleanField("国民の祝日はお休みにする")
    year_end = BooleanField("年末年始（12月29日〜1月3日）をお休みにする")

    @property
    def days(self) -> list[tuple[int, str, Any, Any]]:
        """The weekdays with their two fields, for the page."""
        return [
            (n, f"{name}曜日", self[f"from_{n}"], self[f"to_{n}"])
            for n, name in enumerate(WEEKDAYS)
        ]

    def show(self, hours: Mapping[int, DayHours], facility: Facility) -> None:
        """Fill in what is stored."""
        for day, one in hours.items():
            self[f"from_{day}"].data, self[f"to_{day}"].data = one.from_cell, one.to_cell
            if one.break_from is not None:
                self.break_from.data, self.break_to.data = one.break_from, one.break_to
        self.closed_on_holidays.data = facility.closed_on_holidays

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Refuse a day whose end is missing or not after its beginning, at that day's field."""
        is_valid = super().validate(extra_validators)
        for day, name, first, last in self.days:
            follows = self.same.data and day in WORKDAYS and day > 0
            if follows or first.errors or last.errors or (first.data is None and last.data is None):
                continue
            if first.data is None:
                first.errors = [_("%(day)sの始まりの時刻をえらんでください") % {"day": name}]
            elif last.data is None:
                last.errors = [_("%(day)sの終わりの時刻をえらんでください") % {"day": name}]
            elif last.data <= first.data:
                said = _("%(day)sの終わりの時刻を、始まりより後にしてください")
                last.errors = [said % {"day": name}]
            is_valid = is_valid and not (first.errors or last.errors)
        return is_valid

    def hours(self) -> dict[int, DayHours]:
        """Return the hours by weekday; a day without any is closed.

        A break belongs to the days that are open on both sides of it. Half a span is kept, so that
        the rule says what is wrong with it.
        """
        found = {}
        for day in range(len(WEEKDAYS)):
            source = 0 if self.same.data and day in WORKDAYS else day
            first, last = self[f"from_{source}"].data, self[f"to_{source}"].data
            if first is None and last is None:
                continue
            first, last = first if first is not None else CELLS, last if last is not None else 0
            away, back = self.break_from.data, self.break_to.data
            found[day] = DayHours(first, last, away, back)
        inside = [day for day, hours in found.items() if not hours.reasons()]
        # A short Saturday has no lunch break; a break that fits no day is a mistake.
        return {
            day: hours if day in inside or not inside else _without_outside_break(hours)
            for day, hours in found.items()
        }


def _without_outside_break(hours: DayHours) -> DayHours:
    if hours.reasons() != [PlacesRefusal.BREAK_OUTSIDE]:
        return hours
    return DayHours(hours.from_cell, hours.to_cell)


def _each_day() -> dict[str, TimeCell]:
    fields = {}
    for day, name in enumerate(WEEKDAYS):
        fields[f"from_{day}"] = TimeCell(
            f"{name}曜日の始まり", [Optional()], first=12, last=46, blank="お休み"
        )
        fields[f"to_{day}"] = TimeCell(
            f"{name}曜日の終わり", [Optional()], first=13, last=CELLS, blank="お休み"
        )
    return fields


#: Opening hours by weekday, the lunch break, holidays and the turn of the year.
HoursForm: type[_HoursForm] = type("HoursForm", (_HoursForm,), _each_day())


class PlacesForm(PortalForm):
    """How many children at once: in all, and of some classes at most."""

    #: Field -> the band it speaks of, both classes included.
    BANDS: ClassVar[Mapping[str, tuple[int, int]]] = {
        "class_0": (0, 0),
        "class_1": (1, 1),
        "class_2": (2, 2),
        "class_3": (3, 5),
    }
    total = CountField(
        "ぜんぶで",
        [InputRequired("ぜんぶで何人までかを入れてください")],
        render_kw={"inputmode": "numeric"},
    )
    class_0 = CountField("0歳児", [Optional()], render_kw={"inputmode": "numeric"})
    class_1 = CountField("1歳児", [Optional()], render_kw={"inputmode": "numeric"})
    class_2 = CountField("2歳児", [Optional()], render_kw={"inputmode": "numeric"})
    class_3 = CountField("3歳以上", [Optional()], render_kw={"inputmode": "numeric"})

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Refuse a class with more places than there are in all, naming both fields."""
        is_valid = super().validate(extra_validators)
        total = self.total.data
        if total is None:
            return is_valid
        for name in self.BANDS:
            field = self[name]
            if field.data is not None and field.data > total:
                words = {
                    "band": field.label.text,
                    "total": self.total.label.text,
                    "count": field.data,
                    "all": total,
                }
                said = _(
                    "「%(band)s」の%(count)s人が、「%(total)s」の%(all)s人より多くなっています"
                )
                field.errors = [*field.errors, said % words]
                is_valid = False
        return is_valid

    def show(self, total: int, bands: Mapping[tuple[int, int], int]) -> None:
        """Fill in what is stored."""
        self.total.data = total or None
        for name, band in self.BANDS.items():
            self[name].data = bands.get(band)

    def wish(self, others: Mapping[tuple[int, int], int]) -> PlacesWish:
        """Return what was filled in, with the bands that this form does not ask for."""
        asked = {
            band: self[name].data
            for name, band in self.BANDS.items()
            if self[name].data is not None
        }
        return PlacesWish(self.total.data or 0, {**others, **asked})


class DutyForm(PortalForm):
    """How many members of staff at which hours of which weekdays."""

    weekdays = SelectMultipleField(
        "曜日",
        coerce=int,
        choices=[SelectChoice(str(n), f"{name}曜日") for n, name in enumerate(WEEKDAYS)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired("曜日をえらんでください")],
    )
    from_time = TimeCell(
        "何時から", [InputRequired("始まりの時刻をえらんでください")], first=12, last=46
    )
    to_time = TimeCell(
        "何時まで", [InputRequired("終わりの時刻をえらんでください")], first=13, last=CELLS
    )
    number = CountField(
        "職員", [InputRequired("職員の人数を入れてください")], render_kw={"inputmode": "numeric"}
    )

    def change(self, today: Any) -> PatternChange:
        """Return what was filled in."""
        return PatternChange(
            weekdays=frozenset(self.weekdays.data or ()),
            hours=Hours(self.from_time.data or 0, self.to_time.data or 0),
            places={},
            in_force_from=today,
            on_duty=self.number.data,
        )
