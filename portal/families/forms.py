"""Shapes of what is typed about a family, for families themselves and for staff alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from wtforms import BooleanField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from portal.documents.i18n import SOURCE_LANGUAGE
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families.expected_rules import ExpectedRefusal
from portal.families.models import Child, Guardian
from portal.families.rules import (
    ChildDetails,
    FamilyRefusal,
    GuardianDetails,
    PickupDetails,
    plain_phone,
    reasons_against_kana,
    reasons_against_name,
    reasons_against_phone,
    reasons_against_text,
)
from portal.kernel.channel import BY_STAFF, Channel, Told
from portal.kernel.clock import JST, at
from portal.kernel.errors import Reason, Refusal
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

#: Kept as said: a relation is shown to staff at the door, nothing is computed from it.
RELATIONS = ("母", "父", "祖母", "祖父", "そのほか")
CHANNEL_LABELS = {
    Channel.WEB: "インターネット",
    Channel.PHONE: "電話",
    Channel.FAX: "FAX",
    Channel.POST: "郵便",
    Channel.COUNTER: "窓口",
}
BORN, EXPECTED = "born", "expected"
_ABOUT_BIRTH = frozenset(
    {
        FamilyRefusal.BORN_IN_FUTURE,
        FamilyRefusal.BORN_TOO_LONG_AGO,
        ExpectedRefusal.FAR_FROM_DUE,
        ExpectedRefusal.TOO_LATE_TO_UNDO,
        ExpectedRefusal.STAYS_BOOKED,
    }
)
_ABOUT_DUE_DATE = frozenset({FamilyRefusal.DUE_DATE_UNLIKELY, ExpectedRefusal.EXPECTED_ALREADY})


class Sound:
    """Refuses a text by a rule of the feature, in the rule's own sentence."""

    def __init__(self, rule: Callable[[str], tuple[Reason, ...]]) -> None:
        self._rule = rule

    def __call__(self, form: Any, field: Any) -> None:
        """Check the text.

        Raises:
            ValidationError: with the sentence of the first reason.
        """
        del form
        for reason in self._rule(field.data) if field.data else ():
            raise ValidationError(sentence(reason))


def _relations() -> list[SelectChoice]:
    return [SelectChoice(word, word) for word in RELATIONS]


class ReceiptFields(PortalForm):
    """By which way and when a caller reached us: the place in the queue hangs on it."""

    channel = RadioField(
        "受け付けた方法",
        [InputRequired("電話・FAX・郵便・窓口のどれかをえらんでください")],
        choices=[SelectChoice(channel.value, CHANNEL_LABELS[channel]) for channel in BY_STAFF],
        default=Channel.PHONE.value,
    )
    received_on = DateParts("受け付けた日", [InputRequired("受け付けた日を入れてください")])
    received_time = StringField(
        "受け付けた時刻", [InputRequired("受け付けた時刻を入れてください（例：9:05）")]
    )

    def validate_received_time(self, field: StringField) -> None:
        """Read the time.

        Raises:
            ValidationError: it is none.
        """
        if _clock_time(field.data) is None:
            raise ValidationError("時刻は 9:05 のように入れてください")

    def propose(self, now: datetime) -> None:
        """Fill in this minute: most callers are entered while they speak."""
        local = now.astimezone(JST)
        self.received_on.process_data(local.date())
        self.received_time.data = f"{local.hour}:{local.minute:02d}"

    def received_at(self) -> datetime:
        """Return the moment of receipt, aware."""
        day, clock_time = self.received_on.data, _clock_time(self.received_time.data)
        if day is None or clock_time is None:
            raise ValueError("only for a form that has been validated")
        return at(day, clock_time)

    def by_channel(self) -> Channel:
        """Return the chosen way."""
        return Channel(self.channel.data)

    def told(self) -> Told:
        """Return how and when it reached us."""
        return Told(self.by_channel(), self.received_at())

    def came_by(self, now: datetime) -> bool:
        """Say whether it can have come at the time given; if not, that field is marked.

        Only after a successful validation.
        """
        if self.received_at() <= now:
            return True
        words = _("まだ来ていない時刻です。受け付けた日と時刻をたしかめてください")
        is_today = self.received_on.data == now.astimezone(JST).date()
        (self.received_time if is_today else self.received_on).errors = [words]
        return False


def _clock_time(text: str | None) -> time | None:
    plain = unicodedata.normalize("NFKC", text or "").strip()
    match = re.fullmatch(r"(\d{1,2}):?(\d{2})", plain) or re.fullmatch(
        r"(\d{1,2})時(\d{1,2})分?", plain
    )
    if match is None:
        return None
    try:
        return time(int(match[1]), int(match[2]))
    except ValueError:
        return None


class GuardianForm(PortalForm):
    """A guardian: name, relation, phone."""

    name = StringField(
        "お名前", [InputRequired("お名前を入れてください"), Sound(reasons_against_name)]
    )
    name_kana = StringField("ふりがな", [Optional(), Sound(reasons_against_kana)])
    relation = RadioField(
        "お子さんとの関係",
        [InputRequired("お子さんとの関係をえらんでください")],
        choices=_relations(),
    )
    phone = StringField(
        "電話番号", [InputRequired("電話番号を入れてください"), Sound(reasons_against_phone)]
    )
    address = StringField("住所", [Optional(), Sound(reasons_against_text)])

    def show(self, guardian: Guardian) -> None:
        """Fill the form with what is stored."""
        self.process(
            data={
                "name": guardian.name,
                "name_kana": guardian.name_kana,
                "relation": guardian.relation,
                "phone": guardian.phone,
                "address": guardian.address,
                "language": guardian.language or SOURCE_LANGUAGE,
            }
        )

    def details(self, mail: str | None = None) -> GuardianDetails:
        """Return what was typed."""
        return GuardianDetails(
            name=self.name.data,
            name_kana=self.name_kana.data or None,
            relation=self.relation.data,
            phone=plain_phone(self.phone.data),
            mail=mail,
            address=self.address.data or None,
            language=self["language"].data if "language" in self else None,
        )


class ChildForm(PortalForm):
    """A child, born or expected."""

    kind = RadioField(
        "お子さんは",
        [InputRequired("「生まれている」か「これから生まれる」をえらんでください")],
        choices=[SelectChoice(BORN, "生まれている"), SelectChoice(EXPECTED, "これから生まれる")],
        default=BORN,
    )
    name = StringField("お名前", [Optional(), Sound(reasons_against_name)])
    name_kana = StringField("ふりがな", [Optional(), Sound(reasons_against_kana)])
    born_on = DateParts("生年月日", [Optional()])
    due_on = DateParts("出産の予定日", [Optional()])
    is_another = BooleanField("登録してあるお子さんとは、べつのお子さんです")
    #: Whether the page asks if it is another: only after a pregnancy was entered twice.
    asks_another = False

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape, and that the date asked for by the choice is there."""
        right: bool = super().validate(extra_validators)
        asked, words = (
            (self.due_on, _("出産の予定日を入れてください"))
            if self.kind.data == EXPECTED
            else (self.born_on, _("生年月日を入れてください"))
        )
        if asked.data is None and not asked.errors:
            asked.errors = [*asked.errors, words]
            right = False
        if self.kind.data == BORN and not (self.name.data or "").strip() and not self.name.errors:
            self.name.errors = [_("お子さんのお名前を入れてください")]
            right = False
        return right

    def explain(self, refusal: Refusal, sentence: Callable[[Reason], str]) -> None:
        """Show what is said against a date beside that date; the rest above the form."""
        above = []
        for reason in refusal.reasons:
            if reason.code in _ABOUT_BIRTH:
                self.born_on.errors = [*self.born_on.errors, sentence(reason)]
            elif reason.code in _ABOUT_DUE_DATE:
                self.due_on.errors = [*self.due_on.errors, sentence(reason)]
                self.asks_another |= reason.code is ExpectedRefusal.EXPECTED_ALREADY
            else:
                above.append(sentence(reason))
                self.asks_another |= reason.code is FamilyRefusal.CHILD_REGISTERED
        self.form_errors.extend(above)

    def show(self, child: Child) -> None:
        """Fill the form with what is stored."""
        self.process(
            data={
                "kind": EXPECTED if child.born_on is None else BORN,
                "name": child.name,
                "name_kana": child.name_kana,
                "born_on": child.born_on,
                "due_on": child.due_on,
            }
        )

    def details(self) -> ChildDetails:
        """Return what was typed; the date of the other choice is left out."""
        is_born = self.kind.data == BORN
        return ChildDetails(
            name=self.name.data or None,
            name_kana=self.name_kana.data or None,
            born_on=self.born_on.data if is_born else None,
            due_on=None if is_born else self.due_on.data,
            is_another=self.is_another.data,
        )


class PickupForm(PortalForm):
    """Somebody who may pick the children up."""

    name = StringField(
        "お迎えの人のお名前", [InputRequired("お名前を入れてください"), Sound(reasons_against_name)]
    )
    relation = StringField(
        "お子さんとの関係",
        [InputRequired("お子さんとの関係を入れてください"), Sound(reasons_against_name)],
    )
    phone = StringField("電話番号", [Optional(), Sound(reasons_against_phone)])

    def details(self) -> PickupDetails:
        """Return what was typed."""
        return PickupDetails(self.name.data, self.relation.data, plain_phone(self.phone.data))
