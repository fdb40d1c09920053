"""Shapes of what is typed about rights, protections and codes, for families and for staff."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from wtforms import RadioField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional

from portal.documents.i18n import gettext as _
from portal.families.forms import Sound
from portal.families.models import Guardian, Protection
from portal.families.protections import ProtectionDetails, Shown
from portal.families.rights import Withheld
from portal.families.rules import FamilyRefusal, reasons_against_text, with_what_follows
from portal.kernel.actor import Right
from portal.kernel.errors import Reason, Refusal
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

RIGHT_LABELS = {
    Right.BOOKINGS: "予約・申し込み・園からのお知らせを見る",
    Right.BOOK: "申し込む・予約する・変える・取り消す",
    Right.CHILDREN: "お子さんの登録と、体のことを見て直す",
    Right.CONTACTS: "ほかの保護者とお迎えの人の連絡先を見て直す",
    Right.MAILS: "お知らせのメールを受け取る",
    Right.PICKUP: "お迎えに来る",
}
SHOWN_LABELS = {
    Shown.NOTICE: "市区町村の「支援措置」の通知を見た",
    Shown.COURT: "裁判所の命令の書類を見た",
    Shown.CONSULTATION: "警察・相談機関の書類を見た",
    Shown.SPOKEN: "書類はまだで、本人から聞いた",
}
_ABOUT_SHOWN = frozenset({FamilyRefusal.SHOWN_IN_FUTURE})
_ABOUT_UNTIL = frozenset({FamilyRefusal.PROTECTION_ENDED, FamilyRefusal.PROTECTION_TOO_LONG})


def _bare(text: str | None) -> str | None:
    return text.strip() if text else text


class RightsForm(PortalForm):
    """What a guardian may do: ticked is allowed."""

    rights = SelectMultipleField(
        "この方ができること",
        coerce=Right,
        choices=[SelectChoice(right.value, words) for right, words in RIGHT_LABELS.items()],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape, and that nothing is ticked that would silently not be given."""
        is_right: bool = super().validate(extra_validators)
        ticked = frozenset(self.rights.data or ())
        lost = (with_what_follows(frozenset(Right) - ticked) & ticked) if is_right else ()
        if not lost:
            return is_right
        self.rights.errors = [
            _("「%(needed)s」をえらばないと、「%(lost)s」はできません。どちらかを直してください")
            % {
                "needed": _(RIGHT_LABELS[Right.BOOKINGS]),
                "lost": "」「".join(_(RIGHT_LABELS[each]) for each in Right if each in lost),
            }
        ]
        return False

    def show(self, withheld: Withheld) -> None:
        """Tick what is allowed now."""
        self.rights.process_data([right for right in Right if right not in withheld])

    def withheld(self) -> Withheld:
        """Return what was not ticked."""
        return frozenset(Right) - frozenset(self.rights.data or ())


class InviteForm(RightsForm):
    """What a guardian may do once she has come with her code: something, or none is needed."""

    rights = SelectMultipleField(
        "この方ができること",
        [InputRequired("できることを1つ以上えらんでください")],
        coerce=Right,
        choices=[SelectChoice(right.value, words) for right, words in RIGHT_LABELS.items()],
    )


class ReasonForm(PortalForm):
    """Why staff do something that is asked about later."""

    reason = StringField(
        "理由", [DataRequired("理由を入れてください"), Sound(reasons_against_text)], filters=[_bare]
    )


class NeededForm(PortalForm):
    """What a protected address is needed for."""

    needed_for = StringField(
        "何のために見ますか",
        [DataRequired("何のために見るかを入れてください"), Sound(reasons_against_text)],
        filters=[_bare],
    )


class StaffRightsForm(RightsForm, ReasonForm):
    """Staff say what a guardian may do, and why."""


class ProtectionForm(PortalForm):
    """What was shown to staff, until when it holds, and from whom nothing is hidden."""

    shown = RadioField(
        "何を見ましたか",
        [InputRequired("何を見たかをえらんでください")],
        choices=[SelectChoice(shown.value, words) for shown, words in SHOWN_LABELS.items()],
    )
    shown_on = DateParts("見た日・聞いた日", [InputRequired("見た日か、聞いた日を入れてください")])
    until_on = DateParts("いつまで", [InputRequired("いつまでかを入れてください")])
    except_for = SelectMultipleField("これまでどおり見てよい方", [Optional()], coerce=uuid.UUID)

    def offer(self, others: Iterable[Guardian]) -> None:
        """Offer the family's other guardians as those from whom nothing is hidden."""
        self.except_for.choices = [
            SelectChoice(str(other.id), f"{other.name}（{other.relation}）") for other in others
        ]

    def propose(self, held: Protection | None, *, today: date) -> None:
        """Fill in what holds, or a year from today."""
        if held is None:
            self.shown_on.process_data(today)
            self.until_on.process_data(_a_year_after(today))
        else:
            self.shown.data = held.shown
            self.shown_on.process_data(held.shown_on)
            self.until_on.process_data(held.until_on)
            self.except_for.process_data([str(each) for each in held.except_for])

    def details(self) -> ProtectionDetails:
        """Return what was typed."""
        shown_on, until_on = self.shown_on.data, self.until_on.data
        if shown_on is None or until_on is None:
            raise ValueError("only for a form that has been validated")
        return ProtectionDetails(
            Shown(self.shown.data), shown_on, until_on, tuple(self.except_for.data or ())
        )

    def explain(self, refusal: Refusal, sentence: Any) -> None:
        """Show what is said against a day beside it; the rest above the form."""
        above: list[Reason] = []
        for reason in refusal.reasons:
            if reason.code in _ABOUT_SHOWN:
                self.shown_on.errors = [*self.shown_on.errors, sentence(reason)]
            elif reason.code in _ABOUT_UNTIL:
                self.until_on.errors = [*self.until_on.errors, sentence(reason)]
            else:
                above.append(reason)
        self.form_errors.extend(sentence(reason) for reason in above)


def _a_year_after(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28) if is_leap_day else day.replace(year=day.year + 1)


class ClaimForm(PortalForm):
    """A code from the family or the facility, with a child's day."""

    code = StringField(
        "登録コード", [InputRequired("登録コードを入れてください（例：7KQ2-M9DX-4WTB）")]
    )
    day = DateParts(
        "お子さんの生年月日か、出産の予定日",
        [InputRequired("お子さんの生年月日か、出産の予定日を入れてください")],
    )


def allowed(withheld: Withheld) -> Sequence[str]:
    """Return the words for what a guardian may do, in the order of the form."""
    return [_(words) for right, words in RIGHT_LABELS.items() if right not in withheld]
