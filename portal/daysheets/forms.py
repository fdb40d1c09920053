"""When a facility wants its sheet."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, SelectField
from wtforms.fields import SelectChoice

from portal.daysheets.models import DaySheetSettings
from portal.documents.i18n import gettext as _
from portal.web.forms import PortalForm

#: From 4:00 to 12:00, in half hours.
_MINUTES = range(4 * 60, 12 * 60 + 1, 30)
_ON, _OFF = "on", "off"


def _whole(value: Any) -> int:
    return int(value)


class TimesForm(PortalForm):
    """Whether a sheet is made each morning, and when. Drawn once for each facility on one page."""

    is_on = RadioField(
        _("毎朝の名簿"),
        choices=[SelectChoice(_ON, _("作る")), SelectChoice(_OFF, _("作らない"))],
        default=_ON,
    )
    minute = SelectField(
        _("時刻"),
        coerce=_whole,
        choices=[SelectChoice(minute, f"{minute // 60}:{minute % 60:02d}") for minute in _MINUTES],
    )

    @property
    def wants_one(self) -> bool:
        """Whether sheets are wanted."""
        return bool(self.is_on.data == _ON)

    @classmethod
    def of(cls, kept: DaySheetSettings) -> TimesForm:
        """Return the form with what is kept; its ids are the facility's own."""
        form = cls(formdata=None, prefix=f"f{kept.facility_id.hex[:8]}-")
        form.is_on.data = _ON if kept.is_on else _OFF
        form.minute.data = kept.minute
        return form
