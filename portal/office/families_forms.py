"""What staff type for a caller: the fewest fields with which a family can be found again."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.accounts.forms import mail_field
from portal.documents.i18n import SOURCE_LANGUAGE, languages
from portal.families.forms import (
    BORN,
    EXPECTED,
    ChildForm,
    GuardianForm,
    PickupForm,
    ReceiptFields,
    Sound,
)
from portal.families.rules import ChildDetails, reasons_against_name
from portal.web.fields import DateParts
from portal.web.photos import PickupPhotoForm


class ToldGuardianForm(ReceiptFields, GuardianForm):
    """A guardian as told by phone or on paper; who has no account gets letters in her language."""

    language = SelectField("おたよりのことば", default=SOURCE_LANGUAGE)

    def __init__(self, *args: Any, **values: Any) -> None:
        """Offer every language that letters can be in."""
        super().__init__(*args, **values)
        self.language.choices = [SelectChoice(one.code, one.name) for one in languages()]


class ToldChildForm(ReceiptFields, ChildForm):
    """A child, born or expected, as told by phone or on paper."""


class ToldPickupForm(ReceiptFields, PickupForm):
    """Somebody who may pick the children up, as told by phone or on paper."""


class ToldPhotoForm(ReceiptFields, PickupPhotoForm):
    """A photo of somebody who picks up, as a family handed it in."""


class CallerForm(ToldGuardianForm):
    """A new family in some twenty seconds: who calls, from where, for which child."""

    mail = mail_field(needed=False)
    kind = RadioField(
        "お子さんは",
        [InputRequired("「生まれている」か「これから生まれる」をえらんでください")],
        choices=[SelectChoice(BORN, "生まれている"), SelectChoice(EXPECTED, "これから生まれる")],
        default=BORN,
    )
    child_name = StringField("お子さんのお名前", [Optional(), Sound(reasons_against_name)])
    child_kana = StringField("お子さんのふりがな", [Optional(), Sound(reasons_against_name)])
    born_on = DateParts(
        "生年月日か、出産の予定日", [InputRequired("生年月日か、出産の予定日を入れてください")]
    )
    is_another = BooleanField("電話番号は同じですが、別のご家庭として登録します")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape; a child that is born has a name."""
        right: bool = super().validate(extra_validators)
        if self.kind.data == BORN and not (self.child_name.data or "").strip():
            self.child_name.errors = ["お子さんのお名前を入れてください"]
            return False
        return right

    def child(self) -> ChildDetails:
        """Return the child as typed."""
        is_born = self.kind.data == BORN
        return ChildDetails(
            name=self.child_name.data or None,
            name_kana=self.child_kana.data or None,
            born_on=self.born_on.data if is_born else None,
            due_on=None if is_born else self.born_on.data,
        )
