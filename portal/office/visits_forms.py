"""What is asked of a caller who wants to come and see: a name and a phone number."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.documents.i18n import gettext as _
from portal.families.forms import RELATIONS, Sound
from portal.families.rules import (
    ChildDetails,
    GuardianDetails,
    reasons_against_kana,
    reasons_against_name,
    reasons_against_phone,
)
from portal.web.fields import DateParts
from portal.web.forms import PortalForm


class NewcomerForm(PortalForm):
    """A caller who is not known yet; with a due date where a child is expected."""

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
    due_on = DateParts(_("出産の予定日"), [Optional()])

    def guardian(self) -> GuardianDetails:
        """Return the guardian as typed."""
        return GuardianDetails(
            name=self.name.data,
            name_kana=self.name_kana.data or None,
            relation=self.relation.data,
            phone=self.phone.data or None,
        )

    def expected(self) -> tuple[ChildDetails, ...]:
        """Return the child that is expected, if one was told of."""
        if self.due_on.data is None:
            return ()
        return (ChildDetails(name=None, name_kana=None, born_on=None, due_on=self.due_on.data),)
