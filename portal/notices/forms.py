"""What staff fill in to tell families, and to correct what they told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel.spans import CELLS
from portal.notices.rules import Audience, Cause, NoticeKind, NoticeWish
from portal.notices.words import cause_words
from portal.web.fields import DateParts, TimeCell
from portal.web.forms import PortalForm

CANCEL, KEEP = "cancel", "keep"


class WordsForm(PortalForm):
    """The words alone: for a correction, and for a notice that all is as planned."""

    title = StringField(_("見出し"), [InputRequired(_("見出しを書いてください"))])
    body = TextAreaField(_("文"), [InputRequired(_("文を書いてください"))], render_kw={"rows": 6})


class NoticeForm(PortalForm):
    """A notice; the words come last, proposed from what was chosen before."""

    facility = SelectField(_("施設"), coerce=str, validate_choice=False)
    kind = RadioField(
        _("何を知らせますか"),
        choices=[
            SelectChoice(NoticeKind.CLOSURE.value, _("臨時休園（予約を止めます）")),
            SelectChoice(NoticeKind.ANNOUNCEMENT.value, _("お知らせだけ（園は開いています）")),
        ],
        default=NoticeKind.CLOSURE.value,
    )
    cause = SelectField(
        _("理由"),
        choices=[SelectChoice(cause.value, cause_words(cause)) for cause in Cause],
        default=Cause.WEATHER.value,
    )
    from_day = DateParts(_("いつから"), [Optional()])
    to_day = DateParts(_("いつまで"), [Optional()])
    from_time = TimeCell(_("何時から"), [Optional()], first=12, last=47, blank=_("1日ずっと"))
    to_time = TimeCell(_("何時まで"), [Optional()], first=13, last=CELLS, blank=_("1日ずっと"))
    effect = RadioField(
        _("その時間の予約は、どうしますか"),
        choices=[
            SelectChoice(CANCEL, _("園が取り消す（料金はかかりません）")),
            SelectChoice(KEEP, _("残して、電話で相談する")),
        ],
        default=CANCEL,
    )
    audience = RadioField(
        _("だれに知らせますか"),
        choices=[
            SelectChoice(Audience.BOOKED.value, _("その日に予約があるご家庭")),
            SelectChoice(Audience.REGISTERED.value, _("事前登録しているご家庭すべて")),
        ],
        default=Audience.BOOKED.value,
    )
    title = StringField(_("見出し"))
    body = TextAreaField(_("文"), render_kw={"rows": 6})

    def offer_facilities(self, facilities: Sequence[Facility]) -> None:
        """Let the form choose among the provider's facilities."""
        self.facility.choices = [SelectChoice(str(each.id), each.name) for each in facilities]
        if self.facility.data is None and facilities:
            self.facility.data = str(facilities[0].id)

    @property
    def facility_id(self) -> UUID:
        """The facility chosen; one that nobody runs where the choice is none.

        Whose it is, is asked of the database.
        """
        try:
            return UUID(self.facility.data or "")
        except ValueError:
            return UUID(int=0)

    def wish(self) -> NoticeWish:
        """Return what was filled in; one day and the whole of it where nothing else is said."""
        kind = NoticeKind(self.kind.data)
        first: date | None = self.from_day.data or self.to_day.data
        return NoticeWish(
            kind=kind,
            cause=Cause(self.cause.data),
            audience=Audience(self.audience.data),
            title=self.title.data or "",
            body=self.body.data or "",
            from_day=first,
            to_day=self.to_day.data or first,
            from_cell=0 if self.from_time.data is None else self.from_time.data,
            to_cell=CELLS if self.to_time.data is None else self.to_time.data,
            cancels_bookings=kind is NoticeKind.CLOSURE and self.effect.data == CANCEL,
        )
