"""What staff fill in for sessions, for callers, and for what came of a visit."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.families.forms import ReceiptFields
from portal.kernel.clock import written_day
from portal.visits.forms import Boxes, PartyForm
from portal.visits.recurrence import Repeat, Unit
from portal.visits.rules import (
    LENGTHS,
    LONGEST_LINK,
    LONGEST_NOTE,
    SEATS,
    ChildrenCome,
    Outcome,
    Place,
    SessionWish,
    Until,
    VisitKind,
)
from portal.visits.sessions import PlannedDay
from portal.visits.staff_words import outcome_words, until_words
from portal.visits.words import kind_words
from portal.web.fields import DateParts, TimeCell
from portal.web.forms import PortalForm

#: What a change or a cancelling is for.
ONE, REST = "one", "rest"


def _labelled(words: Mapping[StrEnum, str]) -> list[SelectChoice]:
    return [SelectChoice(each.value, label) for each, label in words.items()]


def _untils() -> list[SelectChoice]:
    return _labelled({each: until_words(each) for each in Until})


class SessionForm(PortalForm):
    """A session, or a plan of several."""

    facility = SelectField(_("施設"), coerce=str, validate_choice=False, choices=[])
    kind = SelectField(
        _("何の日ですか"),
        choices=_labelled({kind: kind_words(kind) for kind in VisitKind}),
        default=VisitKind.TOUR.value,
    )
    first = DateParts(
        _("日（くり返すときは、はじめの日）"), [InputRequired(_("日を入れてください"))]
    )
    start = TimeCell(
        _("始まる時刻"),
        [InputRequired(_("始まる時刻をえらんでください"))],
        first=12,
        last=42,
        blank="えらぶ",
    )
    length = SelectField(
        _("長さ"),
        coerce=int,
        choices=[
            SelectChoice(minutes, _("%(count)s分") % {"count": minutes}) for minutes in LENGTHS
        ],
        default=30,
    )
    seats = SelectField(
        _("1回に受け付ける組の数"),
        coerce=int,
        choices=[
            SelectChoice(count, _("%(count)s組") % {"count": count} if count > 1 else _("1組ずつ"))
            for count in SEATS
        ],
        default=4,
    )
    place = RadioField(
        _("場所"),
        choices=_labelled(
            {
                Place.FACILITY: _("園"),
                Place.ELSEWHERE: _("園のほか"),
                Place.ONLINE: _("オンライン"),
            }
        ),
        default=Place.FACILITY.value,
    )
    place_words = StringField(_("部屋や建物の名前"), [Optional()])
    online_url = StringField(_("オンラインのリンク"), [Optional(), Length(max=LONGEST_LINK)])
    children_come = RadioField(
        _("お子さん"),
        choices=_labelled(
            {
                ChildrenCome.EITHER: _("いっしょでも、いっしょでなくてもよい"),
                ChildrenCome.TOGETHER: _("いっしょに来てもらう"),
                ChildrenCome.ADULTS: _("保護者だけ"),
            }
        ),
        default=ChildrenCome.EITHER.value,
    )
    takes_unregistered = BooleanField(_("事前登録の前の方も来られる"), default=True)
    takes_expecting = BooleanField(_("出産前の方も来られる"), default=True)
    is_public = BooleanField(
        _("園のページに出す（出さないと、電話で受けた方だけの回になります）"), default=True
    )
    bring = TextAreaField(_("持ちもの"), [Optional()], render_kw={"rows": 2})
    words = TextAreaField(_("来る方に伝えること"), [Optional()], render_kw={"rows": 3})
    book_by = SelectField(
        _("いつまで予約できますか"), choices=_untils(), default=Until.DAY_BEFORE.value
    )
    cancel_by = SelectField(
        _("いつまで自分で取り消せますか"), choices=_untils(), default=Until.START.value
    )
    unit = RadioField(
        _("くり返し"),
        choices=[
            SelectChoice(Unit.ONCE.value, _("1回だけ")),
            SelectChoice(Unit.WEEK.value, _("週ごと（同じ曜日）")),
            SelectChoice(Unit.MONTH.value, _("月ごと（第2火曜日など、同じ曜日）")),
            SelectChoice(Unit.DAY.value, _("日ごと")),
        ],
        default=Unit.ONCE.value,
    )
    every = IntegerField(
        _("いくつごと"),
        [Optional(), NumberRange(1, 12, _("くり返しの間は、1から12までの数で入れてください"))],
        default=1,
    )
    until = DateParts(_("くり返しの最後の日"), [Optional()])
    looked_at = HiddenField()
    days = Boxes(_("開く日"), coerce=str, validate_choice=False, choices=[])
    scope = RadioField(
        _("どの回を変えますか"),
        choices=[
            SelectChoice(ONE, _("この回だけ")),
            SelectChoice(REST, _("この回と、これからの同じくり返しの回すべて")),
        ],
        default=ONE,
    )

    def offer_facilities(self, facilities: Sequence[Facility]) -> None:
        """Let the form choose among the provider's facilities."""
        self.facility.choices = [SelectChoice(str(each.id), each.name) for each in facilities]
        if self.facility.data is None and facilities:
            self.facility.data = str(facilities[0].id)

    @property
    def facility_id(self) -> uuid.UUID:
        """The facility chosen; one that nobody runs where the choice is none."""
        try:
            return uuid.UUID(self.facility.data or "")
        except ValueError:
            return uuid.UUID(int=0)

    def show(self, wish: SessionWish) -> None:
        """Fill in a session as it is."""
        self.kind.data, self.start.data, self.length.data = wish.kind.value, wish.start, wish.length
        self.first.process_data(wish.first)
        self.seats.data, self.place.data = wish.seats, wish.place.value
        self.place_words.data, self.online_url.data = wish.place_words, wish.online_url
        self.children_come.data = wish.children_come.value
        self.takes_unregistered.data = wish.takes_unregistered
        self.takes_expecting.data, self.is_public.data = wish.takes_expecting, wish.is_public
        self.bring.data, self.words.data = wish.bring, wish.words
        self.book_by.data, self.cancel_by.data = wish.book_by.value, wish.cancel_by.value

    def wish(self) -> SessionWish:
        """Return what was filled in. Only after a successful validation.

        Raises:
            ValueError: the form has not been validated.
        """
        if self.first.data is None or self.start.data is None:
            raise ValueError("the form has not been validated")
        return SessionWish(
            kind=VisitKind(self.kind.data),
            first=self.first.data,
            start=self.start.data,
            length=self.length.data,
            seats=self.seats.data,
            place=Place(self.place.data),
            place_words=self.place_words.data or "",
            online_url=self.online_url.data or "",
            children_come=ChildrenCome(self.children_come.data),
            takes_unregistered=bool(self.takes_unregistered.data),
            takes_expecting=bool(self.takes_expecting.data),
            is_public=bool(self.is_public.data),
            bring=self.bring.data or "",
            words=self.words.data or "",
            book_by=Until(self.book_by.data),
            cancel_by=Until(self.cancel_by.data),
            repeat=Repeat(Unit(self.unit.data), self.every.data or 1, self.until.data),
        )

    @property
    def mark(self) -> str:
        """What is looked at before it is opened: where, what and when. Only when valid."""
        wish = self.wish()
        parts = (self.facility_id, wish.kind, wish.first, wish.start, wish.length, wish.place)
        return " ".join(map(str, parts))

    @property
    def was_looked_at(self) -> bool:
        """Whether the page on which it was confirmed showed what is filled in now."""
        return bool(self.looked_at.data == self.mark)

    def offer_days(self, planned: Sequence[PlannedDay], today: date) -> None:
        """Offer the days of a plan; at first all on which the facility is not closed."""
        self.looked_at.data = self.mark
        self.days.choices = [
            SelectChoice(each.day.isoformat(), jdate(each.day, today)) for each in planned
        ]
        offered = {each.day for each in planned}
        chosen = set(self.chosen_days()) & offered
        if not chosen:
            chosen = {each.day for each in planned if each.why_off is None}
        self.days.data = [day.isoformat() for day in sorted(chosen)]

    def chosen_days(self) -> list[date]:
        """Return the days that were ticked; what is no day is none."""
        found = []
        for text in self.days.data or []:
            try:
                found.append(written_day(text))
            except ValueError:
                continue
        return found

    @property
    def is_with_rest(self) -> bool:
        """Whether the later ones of the plan are meant too."""
        return bool(self.scope.data == REST)


class CancelSessionForm(PortalForm):
    """That a session does not take place, and what the families read."""

    words = TextAreaField(
        _("ご家庭に伝えること"), [Optional(), Length(max=300)], render_kw={"rows": 3}
    )
    scope = RadioField(
        _("どの回を中止しますか"),
        choices=[
            SelectChoice(ONE, _("この回だけ")),
            SelectChoice(REST, _("この回と、これからの同じくり返しの回すべて")),
        ],
        default=ONE,
    )

    @property
    def is_with_rest(self) -> bool:
        """Whether the later ones of the plan are meant too."""
        return bool(self.scope.data == REST)


class CallerVisitForm(ReceiptFields, PartyForm):
    """A caller's visit: how and when the wish came in, and who comes."""


class OutcomeForm(PortalForm):
    """What came of a visit."""

    outcome = RadioField(
        _("結果"),
        [InputRequired(_("結果をえらんでください"))],
        choices=[SelectChoice(each.value, outcome_words(each)) for each in Outcome],
    )
    outcome_note = TextAreaField(
        _("職員のメモ"), [Optional(), Length(max=LONGEST_NOTE)], render_kw={"rows": 4}
    )
