"""What a body that was told of a case writes down. Shape only."""

from __future__ import annotations

from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.documents.i18n import gettext as _
from portal.noshow.rules import NextStep
from portal.noshow.words import step_words
from portal.web.fields import DateParts
from portal.web.forms import PortalForm


class StepForm(PortalForm):
    """How the support goes on, who does it, and by when."""

    step = RadioField(
        _("次の支援"),
        [InputRequired("次の支援をえらんでください")],
        choices=[SelectChoice(each.value, step_words(each)) for each in NextStep],
    )
    by = StringField(
        _("だれが"),
        [
            InputRequired("だれがするかを書いてください"),
            Length(max=100, message="100字までにしてください"),
        ],
    )
    on = DateParts(_("いつまでに"), [InputRequired("いつまでにするかを入れてください")])
    words = TextAreaField(
        _("メモ"), [Optional(), Length(max=500, message="500字までにしてください")]
    )


class PassOnForm(PortalForm):
    """To which other body it goes."""

    receiver = RadioField(
        _("どこに回しますか"), [InputRequired("回すところをえらんでください")], choices=[]
    )
