"""What staff choose for a plan of contacts, and say after a call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from portal.contacts.rules import ContactChannel
from portal.contacts.words import channel_words
from portal.documents.i18n import gettext as _
from portal.office.outreach_words import about_label, end_label, until_label
from portal.outreach.models import OutreachPlan
from portal.outreach.rules import About, CallResult, EndReason, Until
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

LONGEST_WORDS = 500
#: What staff may give as the reason; the others follow from what happens elsewhere.
_ENDS = (EndReason.NOT_WISHED, EndReason.REACHED, EndReason.REFERRAL_CLOSED)
_CHANNELS = (ContactChannel.PHONE, ContactChannel.MAIL, ContactChannel.LETTER)
_ANSWERS = (ContactChannel.PHONE, ContactChannel.MAIL, ContactChannel.LETTER, ContactChannel.VISIT)


class PlanForm(PortalForm):
    """When, how, about what, by whom, until when."""

    next_on = DateParts(_("次に連絡する日"), [InputRequired(_("次に連絡する日を入れてください"))])
    channel = RadioField(
        _("方法"),
        choices=[SelectChoice(each.value, channel_words(each)) for each in _CHANNELS],
        default=ContactChannel.PHONE.value,
    )
    about = RadioField(
        _("何のことで"),
        choices=[SelectChoice(each.value, about_label(each)) for each in About],
        default=About.TOUR.value,
    )
    until = RadioField(
        _("いつまで続けますか"),
        choices=[SelectChoice(each.value, until_label(each)) for each in Until],
        default=Until.USED.value,
    )
    by_user = SelectField(_("連絡する人"), coerce=str, choices=[])

    def offer(self, colleagues: Mapping[uuid.UUID, str]) -> None:
        """Offer who may be put down for the contact."""
        self.by_user.choices = [
            SelectChoice("", _("決めない")),
            *(SelectChoice(str(each), name) for each, name in colleagues.items()),
        ]

    def show(self, of: OutreachPlan) -> None:
        """Fill in a plan as it stands."""
        self.next_on.process_data(of.next_on)
        self.channel.data, self.about.data, self.until.data = of.channel, of.about, of.until
        self.by_user.data = str(of.by_user) if of.by_user else ""

    def values(self) -> dict[str, object]:
        """Return what ``outreach.service`` takes."""
        return {
            "next_on": self.next_on.data,
            "channel": ContactChannel(self.channel.data),
            "about": About(self.about.data),
            "until": Until(self.until.data),
            "by_user": uuid.UUID(self.by_user.data) if self.by_user.data else None,
        }


class ResultForm(PortalForm):
    """What came of a call: one tap; day and words where there is something to say."""

    result = HiddenField(
        validators=[
            AnyOf([each.value for each in CallResult], _("結果のボタンを、1つおしてください"))
        ]
    )
    next_on = DateParts(_("次に連絡する日（変えるときだけ）"), [Optional()])
    words = TextAreaField(
        _("メモ"),
        [Optional(), Length(max=LONGEST_WORDS, message=_("メモは500文字までにしてください"))],
    )


class AnswerForm(PortalForm):
    """The family called, wrote or came by itself."""

    way = RadioField(
        _("どのように"),
        choices=[SelectChoice(each.value, channel_words(each)) for each in _ANSWERS],
        default=ContactChannel.PHONE.value,
    )
    words = TextAreaField(
        _("メモ"),
        [Optional(), Length(max=LONGEST_WORDS, message=_("メモは500文字までにしてください"))],
    )


class EndForm(PortalForm):
    """Why a plan ends."""

    reason = RadioField(
        _("おわりにする理由"),
        [InputRequired(_("理由をえらんでください"))],
        choices=[SelectChoice(each.value, end_label(each)) for each in _ENDS],
    )
