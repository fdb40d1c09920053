"""Forms in which staff set places: the week, one day, closures, pools."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.documents.i18n import gettext as _
from portal.kernel.spans import CELLS
from portal.slots.classes import CLASSES
from portal.slots.models import Pool
from portal.slots.rules import (
    MOST_PLACES,
    ClosureWish,
    DayChange,
    Hours,
    PatternChange,
    PoolKind,
)
from portal.web.fields import DateParts, TimeCell
from portal.web.forms import PortalForm

WEEKDAYS = "月火水木金土日"
_LONGEST_REASON = 60
_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
#: More digits than this is no number of persons.
_DIGITS = 4


class CountField(IntegerField):
    """A number of persons; full-width digits count."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number.

        Raises:
            ValueError: a sentence for the person who typed.
        """
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        typed = valuelist[0].strip().translate(_FULL_WIDTH)
        number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _DIGITS else -1
        if not 0 <= number <= MOST_PLACES:
            raise ValueError(
                _("%(name)sの人数は、0から%(most)sまでの数字で入れてください")
                % {"name": self.label.text, "most": MOST_PLACES}
            )
        self.data = number


def _number(label: str) -> CountField:
    return CountField(label, [Optional()], render_kw={"inputmode": "numeric"})


def _whole(value: str) -> int:
    return int(value)


class _HoursForm(PortalForm):
    """Hours of a day, and a number for each pool."""

    from_time = TimeCell(
        _("何時から"),
        [InputRequired(_("始まりの時刻をえらんでください"))],
        first=12,
        last=46,
        blank="時刻をえらぶ",
    )
    to_time = TimeCell(
        _("何時まで"),
        [InputRequired(_("終わりの時刻をえらんでください"))],
        first=13,
        last=CELLS,
        blank="時刻をえらぶ",
    )
    on_duty = _number(_("職員"))

    #: Pool ids by the name of their field; set by ``with_pools``.
    pool_fields: Mapping[str, uuid.UUID] = {}

    @property
    def hours(self) -> Hours:
        """The hours chosen."""
        return Hours(self.from_time.data or 0, self.to_time.data or 0)

    @property
    def places(self) -> dict[uuid.UUID, int]:
        """The numbers filled in, by pool."""
        return {
            pool_id: self[name].data
            for name, pool_id in self.pool_fields.items()
            if self[name].data is not None
        }

    @property
    def numbers(self) -> list[Any]:
        """The fields of the pools, then of staff, in the order of the page."""
        return [*(self[name] for name in self.pool_fields), self.on_duty]


class PatternForm(_HoursForm):
    """The weekly pattern from a day on."""

    in_force_from = DateParts(_("いつから"), [InputRequired(_("いつからかを入れてください"))])
    weekdays = SelectMultipleField(
        _("曜日"),
        coerce=_whole,
        choices=[SelectChoice(str(n), f"{name}曜日") for n, name in enumerate(WEEKDAYS)],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    others = RadioField(
        _("ほかの時間"),
        choices=[
            SelectChoice("keep", _("いまのままにする")),
            SelectChoice("none", _("受け入れない")),
        ],
        default="keep",
    )

    def change(self) -> PatternChange:
        """Return what was filled in."""
        return PatternChange(
            weekdays=frozenset(self.weekdays.data or ()),
            hours=self.hours,
            places=self.places,
            in_force_from=self.in_force_from.data or date.min,
            keeps_other_hours=self.others.data == "keep",
            on_duty=self.on_duty.data,
        )


class DayForm(_HoursForm):
    """Places of one day alone."""

    kept = _number(_("優先するご家庭のために残す数"))

    reason = StringField(
        _("理由"),
        [
            InputRequired(_("理由を書いてください")),
            Length(max=_LONGEST_REASON, message=_("理由は60文字までで書いてください")),
        ],
    )

    def change_on(self, day: date) -> DayChange:
        """Return what was filled in."""
        reason = self.reason.data or ""
        return DayChange(
            day, self.hours, self.places, reason, self.on_duty.data, kept=self.kept.data
        )


class KeptForm(PortalForm):
    """How many places are kept for families that go first on each weekday, and until when."""

    until_days = IntegerField(
        _("何日前に、だれでも予約できるようにするか"),
        [
            InputRequired(_("日数を入れてください")),
            NumberRange(0, 60, message=_("日数は0から60までで入れてください")),
        ],
        render_kw={"inputmode": "numeric"},
    )
    until_cell = TimeCell(
        _("その日の何時から"), [Optional()], first=0, last=47, blank=None, default=0
    )

    @property
    def weekdays(self) -> list[Any]:
        """The numbers of the seven days."""
        return [self[f"day_{n}"] for n in range(len(WEEKDAYS))]

    def by_weekday(self) -> dict[int, int]:
        """Return what was filled in; blank is none."""
        return {n: each.data or 0 for n, each in enumerate(self.weekdays)}


for _n, _name in enumerate(WEEKDAYS):
    setattr(KeptForm, f"day_{_n}", _number(f"{_name}曜日"))


class ClosureForm(PortalForm):
    """Days, or hours of days, on which nobody is taken."""

    from_day = DateParts(_("いつから"), [InputRequired(_("始まりの日を入れてください"))])
    to_day = DateParts(_("いつまで"), [Optional()])
    from_time = TimeCell(_("何時から"), [Optional()], first=12, last=47, blank=_("1日ずっと"))
    to_time = TimeCell(_("何時まで"), [Optional()], first=13, last=CELLS, blank=_("1日ずっと"))
    reason = StringField(
        _("理由"),
        [
            InputRequired(_("理由を書いてください")),
            Length(max=_LONGEST_REASON, message=_("理由は60文字までで書いてください")),
        ],
    )

    def wish(self) -> ClosureWish:
        """Return what was filled in; one day and the whole of it where nothing else is said."""
        first = self.from_day.data or date.min
        return ClosureWish(
            from_day=first,
            to_day=self.to_day.data or first,
            reason=self.reason.data or "",
            hours=Hours(
                0 if self.from_time.data is None else self.from_time.data,
                CELLS if self.to_time.data is None else self.to_time.data,
            ),
        )


_CLASS_CHOICES = [SelectChoice(str(age), f"{age}歳児") for age in CLASSES]


class PoolForm(PortalForm):
    """A new limit for an age band, or the first total."""

    kind = RadioField(
        _("何の定員か"),
        choices=[
            SelectChoice(PoolKind.AGE_BAND.value, _("クラスごとの上限")),
            SelectChoice(PoolKind.TOTAL.value, _("全体の定員")),
        ],
        default=PoolKind.AGE_BAND.value,
    )
    label = StringField(
        _("名前"),
        [
            InputRequired(_("名前を書いてください")),
            Length(max=20, message=_("名前は20文字までで書いてください")),
        ],
    )
    youngest_class = SelectField(_("どのクラスから"), choices=_CLASS_CHOICES, coerce=_whole)
    oldest_class = SelectField(
        _("どのクラスまで"), choices=_CLASS_CHOICES, coerce=_whole, default=CLASSES[-1]
    )
    places = CountField(
        _("人数"),
        [InputRequired(_("人数を入れてください"))],
        render_kw={"inputmode": "numeric"},
    )


class RenameForm(PortalForm):
    """Another name for a pool."""

    label = StringField(
        _("新しい名前"),
        [
            InputRequired(_("名前を書いてください")),
            Length(max=20, message=_("名前は20文字までで書いてください")),
        ],
    )


def with_pools(form: type[_HoursForm], pools: Sequence[Pool]) -> type[Any]:
    """Return the form with a number for each pool."""
    names = {f"places_{n}": pool for n, pool in enumerate(pools)}
    fields: dict[str, Any] = {name: _number(pool.label) for name, pool in names.items()}
    fields["pool_fields"] = {name: pool.id for name, pool in names.items()}
    return type(form.__name__, (form,), fields)
