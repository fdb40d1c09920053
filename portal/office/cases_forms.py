"""What is typed about a case. Shape only."""

from __future__ import annotations

from datetime import datetime

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.contacts.rules import ContactChannel
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.noshow.rules import CheckResult
from portal.noshow.words import channel_words, result_words
from portal.office.board_forms import ClockField
from portal.web.forms import PortalForm

#: What staff write, so that a report stays one page that a FAX carries legibly.
_LONGEST = 500
#: How a family is tried from the page of a case.
CHANNELS = (
    ContactChannel.PHONE,
    ContactChannel.VISIT,
    ContactChannel.MAIL,
    ContactChannel.LETTER,
)


def _words(label: str) -> TextAreaField:
    return TextAreaField(
        label, [Optional(), Length(max=_LONGEST, message="500字までにしてください")]
    )


class AttemptForm(PortalForm):
    """An attempt: the button pressed says the result."""

    channel = RadioField(
        _("どうやって"),
        [InputRequired("どうやって連絡したかをえらんでください")],
        choices=[SelectChoice(one.value, channel_words(one)) for one in CHANNELS],
        default=ContactChannel.PHONE.value,
    )
    result = RadioField(
        _("結果"),
        [InputRequired("結果をえらんでください")],
        choices=[SelectChoice(one.value, result_words(one)) for one in CheckResult],
    )
    words = _words(_("ひとこと"))


class WordsForm(PortalForm):
    """Something in words."""

    words = _words(_("園が気づいたこと"))


class ReportForm(PortalForm):
    """Who is told, how soon, and when they were called. ``seen`` stands for what was previewed."""

    receivers = SelectMultipleField(
        _("知らせるところ"),
        [Optional()],
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    is_urgent = BooleanField(_("急ぎです（先に電話をしました）"))
    phoned = ClockField(_("電話をした時刻"), [Optional()])
    seen = HiddenField()

    def phoned_at(self) -> datetime | None:
        """Return the moment of the call, today."""
        if self.phoned.moment is None:
            return None
        return clock.at(clock.today(clock.now()), self.phoned.moment)


class WorryForm(PortalForm):
    """What staff noticed of care at home."""

    facility = SelectField(_("園"), [InputRequired("園をえらんでください")], choices=[])
    children = SelectMultipleField(
        _("どのお子さん"),
        [Optional()],
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    words = TextAreaField(
        _("見たこと・聞いたこと"),
        [
            InputRequired("見たこと・聞いたことを書いてください"),
            Length(max=_LONGEST, message="500字までにしてください"),
        ],
    )
    is_urgent = BooleanField(_("急ぎです（すぐに電話します）"))


class WaitForm(PortalForm):
    """How long a facility waits for a child without word."""

    minutes = IntegerField(
        _("来園なしにするまでの時間"),
        [
            InputRequired("10〜180の数字を入れてください"),
            NumberRange(10, 180, message="10〜180の数字を入れてください"),
        ],
    )
