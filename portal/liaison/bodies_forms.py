"""A supporting body: what it is, to which municipality it belongs, how it is reached."""

from __future__ import annotations

from wtforms import RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from portal.documents.i18n import gettext as _
from portal.organisations.rules import SUPPORTING, OrganisationKind
from portal.organisations.service import Contact
from portal.web.forms import PortalForm

_NUMBER = Regexp(r"^[0-9０-９\-－ー() ]{6,20}$", message="数字とハイフンで入れてください")


def kind_words(kind: OrganisationKind) -> str:
    """Return what a supporting body is called in general."""
    return {
        OrganisationKind.FAMILY_CENTER: _("こども家庭センター"),
        OrganisationKind.CONSULTATION_OFFICE: _("地域子育て相談機関"),
        OrganisationKind.SUPPORT_CENTRE: _("地域子育て支援拠点"),
        OrganisationKind.HEALTH_CENTRE: _("保健センター"),
    }[kind]


class ContactForm(PortalForm):
    """How a body is reached, and to which municipality it belongs."""

    name = StringField(
        _("名前"),
        [
            InputRequired("名前を入れてください"),
            Length(max=100, message="100字までにしてください"),
        ],
    )
    municipality = SelectField(
        _("市区町村"), [InputRequired("市区町村をえらんでください")], choices=[]
    )
    phone = StringField(_("電話"), [Optional(), _NUMBER])
    fax = StringField(_("FAX"), [Optional(), _NUMBER])
    mail = StringField(
        _("メール"),
        [
            Optional(),
            Length(max=200, message="200字までにしてください"),
            Regexp(
                r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
                message="メールアドレスを、＠をふくめて入れてください",
            ),
        ],
    )

    def contact(self) -> Contact:
        """Return what was typed."""
        return Contact(
            self.name.data or "", self.phone.data or "", self.fax.data or "", self.mail.data or ""
        )


class BodyForm(ContactForm):
    """A new body: its kind stays."""

    kind = RadioField(
        _("種類"),
        [InputRequired("種類をえらんでください")],
        choices=[SelectChoice(each.value, kind_words(each)) for each in SUPPORTING],
    )
