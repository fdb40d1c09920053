"""What is asked of a caller who is not known yet: enough to book, in the time of a phone call."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.documents.i18n import gettext as _
from portal.families.forms import RELATIONS, Sound
from portal.families.rules import (
    ChildDetails,
    GuardianDetails,
    RecordDetails,
    plain_phone,
    reasons_against_kana,
    reasons_against_name,
    reasons_against_phone,
    reasons_against_text,
)
from portal.families.search import Sought
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

NONE, SOME, UNASKED = "none", "some", "unasked"


class CallingForm(PortalForm):
    """Who is on the line."""

    name = StringField(
        _("保護者のお名前"), [InputRequired("お名前を入れてください"), Sound(reasons_against_name)]
    )
    name_kana = StringField(_("保護者のふりがな"), [Optional(), Sound(reasons_against_kana)])
    phone = StringField(
        _("電話番号"), [InputRequired("電話番号を入れてください"), Sound(reasons_against_phone)]
    )
    relation = SelectField(
        _("お子さんとの関係"), choices=[SelectChoice(word, word) for word in RELATIONS]
    )

    is_another = BooleanField(_("電話番号は同じですが、別のご家庭として登録します"))

    def guardian(self) -> GuardianDetails:
        """Return the guardian as typed."""
        return GuardianDetails(
            name=self.name.data,
            name_kana=self.name_kana.data or None,
            relation=self.relation.data,
            phone=plain_phone(self.phone.data),
        )


class CallerNowForm(CallingForm):
    """Somebody on the line: who, which child, allergies; by phone and at this minute."""

    child_name = StringField(
        _("お子さんのお名前"),
        [InputRequired("お子さんのお名前を入れてください"), Sound(reasons_against_name)],
    )
    child_kana = StringField(_("お子さんのふりがな"), [Optional(), Sound(reasons_against_kana)])
    born_on = DateParts(_("お子さんの生年月日"), [InputRequired("生年月日を入れてください")])
    allergies = RadioField(
        _("アレルギー"),
        [InputRequired("アレルギーをたずねて、えらんでください")],
        choices=[
            SelectChoice(NONE, _("ない")),
            SelectChoice(SOME, _("ある")),
            SelectChoice(UNASKED, _("まだ聞いていない")),
        ],
    )
    allergies_text = StringField(
        _("何のアレルギーですか"), [Optional(), Sound(reasons_against_text)]
    )
    facility = SelectField(_("申し込む園"), coerce=str, validate_choice=False, choices=[])
    is_accepted = BooleanField(_("電話で聞いたので、事前登録をいま受け入れます"), default=True)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape; an allergy has its name."""
        right: bool = super().validate(extra_validators)
        if self.allergies.data == SOME and not (self.allergies_text.data or "").strip():
            self.allergies_text.errors = [_("何のアレルギーかを入れてください")]
            return False
        return right

    def start_with(self, words: str) -> None:
        """Fill in what was looked for in vain: a number, or a name as it was typed."""
        sought = Sought.of(words)
        if sought.digits:
            self.phone.data = words.strip()
        elif sought.keys and not sought.is_few_digits:
            is_kana = not any(reasons_against_kana(words.strip()))
            (self.name_kana if is_kana else self.name).data = words.strip()

    def child(self) -> ChildDetails:
        """Return the child as typed."""
        return ChildDetails(
            name=self.child_name.data,
            name_kana=self.child_kana.data or None,
            born_on=self.born_on.data,
            due_on=None,
        )

    @property
    def is_unasked(self) -> bool:
        """Whether nobody asked about allergies, so that nothing can be applied for."""
        return bool(self.allergies.data == UNASKED)

    def record(self) -> RecordDetails | None:
        """Return the record, or ``None`` where nobody asked: then nothing is known, not nothing."""
        if self.is_unasked:
            return None
        return RecordDetails(
            allergies=self.allergies_text.data.strip() if self.allergies.data == SOME else ""
        )
