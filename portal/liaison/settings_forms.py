"""What a municipality decides about contacts and about cases, in numbers."""

from __future__ import annotations

from datetime import time, timedelta

from wtforms import IntegerField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from portal.contacts.rules import ContactPolicy
from portal.documents.dates import jtime
from portal.documents.i18n import gettext as _
from portal.organisations.limits import CaseLimits
from portal.web.forms import PortalForm

_HOUR = timedelta(hours=1)


def _count(label: str, least: int, most: int) -> IntegerField:
    said = _("%(least)sから%(most)sまでの数字を入れてください") % {"least": least, "most": most}
    return IntegerField(label, [InputRequired(said), NumberRange(least, most, said)])


def _hours(first: int, last: int) -> list[SelectChoice]:
    return [
        SelectChoice(time(hour, minute).isoformat("minutes"), jtime(time(hour, minute)))
        for hour in range(first, last + 1)
        for minute in (0, 30)
        if (hour, minute) <= (last, 0)
    ]


class SettingsForm(PortalForm):
    """How many contacts in which period, how far apart, when not; and the limits of cases."""

    most_in_window = _count(_("案内の連絡の回数"), 1, 20)
    window_days = _count(_("数える日数"), 1, 90)
    least_gap_hours = _count(_("連絡と連絡のあいだ"), 1, 336)
    quiet_from = SelectField(_("夜、連絡をやめる時刻"), choices=_hours(17, 22))
    quiet_until = SelectField(_("朝、連絡を始める時刻"), choices=_hours(7, 11))
    check_hours = _count(_("園がようすを確かめるまで"), 1, 24)
    answer_hours = _count(_("知らせを受けた窓口が返事をするまで"), 1, 120)
    answer_urgent_hours = _count(_("急ぐときに返事をするまで"), 1, 24)

    def show(self, policy: ContactPolicy, limits: CaseLimits) -> None:
        """Fill in what holds now."""
        self.most_in_window.data = policy.most_in_window
        self.window_days.data = policy.window.days
        self.least_gap_hours.data = int(policy.least_gap / _HOUR)
        self.quiet_from.data = policy.quiet_from.isoformat("minutes")
        self.quiet_until.data = policy.quiet_until.isoformat("minutes")
        self.check_hours.data = int(limits.check_within / _HOUR)
        self.answer_hours.data = int(limits.answer_within / _HOUR)
        self.answer_urgent_hours.data = int(limits.answer_urgent_within / _HOUR)

    def policy(self) -> ContactPolicy:
        """Return how often families may be contacted."""
        return ContactPolicy(
            most_in_window=self.most_in_window.data,
            window=timedelta(days=self.window_days.data),
            least_gap=timedelta(hours=self.least_gap_hours.data),
            quiet_from=time.fromisoformat(self.quiet_from.data),
            quiet_until=time.fromisoformat(self.quiet_until.data),
        )

    def limits(self) -> CaseLimits:
        """Return within what time who answers."""
        return CaseLimits(
            check_within=timedelta(hours=self.check_hours.data),
            answer_within=timedelta(hours=self.answer_hours.data),
            answer_urgent_within=timedelta(hours=self.answer_urgent_hours.data),
        )
