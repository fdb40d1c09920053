"""How staff heard that a family takes a consent back."""

from __future__ import annotations

from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from portal.kernel.channel import BY_STAFF, Channel
from portal.web.forms import PortalForm

_CHANNELS = {
    Channel.COUNTER: "窓口・面談で",
    Channel.PHONE: "電話で",
    Channel.POST: "郵便で",
    Channel.FAX: "FAXで",
}


class WithdrawForm(PortalForm):
    """How she said that she takes it back."""

    channel = SelectField(
        "どのように聞きましたか",
        choices=[SelectChoice(each.value, _CHANNELS[each]) for each in BY_STAFF],
        validators=[InputRequired("えらんでください")],
    )
    sure = BooleanField("ご本人の申し出です", validators=[DataRequired("ご本人に確かめてください")])
