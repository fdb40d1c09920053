"""What is typed of care outside the portal: days of a month, their length, the type of use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from wtforms import SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from portal.documents.dates import jdate, jduration
from portal.documents.i18n import gettext as _
from portal.families.forms import ReceiptFields
from portal.uses.rules import LONGEST_MINUTES
from portal.web.fields import Boxes
from portal.web.forms import PortalForm

#: By half hours up to a long day; whoever stayed longer stayed overnight.
_LENGTHS = (*range(30, 14 * 60 + 1, 30), LONGEST_MINUTES)


def _day(written: str | date) -> date:
    return written if isinstance(written, date) else date.fromisoformat(written)


class UseFields(PortalForm):
    """Days of one child, all of the same length."""

    days = Boxes(
        _("利用した日"),
        [InputRequired(_("利用した日を、1日以上えらんでください"))],
        coerce=_day,
        choices=[],
    )
    minutes = SelectField(
        _("1日の長さ"), [InputRequired(_("1日の長さをえらんでください"))], choices=[]
    )
    use_type = SelectField(_("どんな利用でしたか"), choices=[], validate_choice=True)

    def offer(self, days: Iterable[date], types: Sequence[tuple[str, str]]) -> None:
        """Offer days, lengths, and types of use by their codes; before anything is checked."""
        self.days.choices = [SelectChoice(day.isoformat(), jdate(day)) for day in days]
        lengths = [SelectChoice(str(minutes), jduration(minutes)) for minutes in _LENGTHS]
        self.minutes.choices = [SelectChoice("", _("えらんでください")), *lengths]
        kinds = [SelectChoice(code, label) for code, label in types]
        self.use_type.choices = [SelectChoice("", _("わからない・どれでもない")), *kinds]

    @property
    def length(self) -> int:
        """The minutes of each day; only after a successful validation."""
        return int(self.minutes.data)


class ToldUseFields(UseFields, ReceiptFields):
    """The same as staff enter it, with how it reached them."""
