"""Shapes of what staff type about an application."""

from __future__ import annotations

from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.families.forms import ReceiptFields, Sound
from portal.families.rules import reasons_against_text
from portal.preregistration.forms import SeenForm
from portal.web.forms import PortalForm


class AcceptForm(SeenForm):
    """An acceptance, with conditions where there are any."""

    conditions = TextAreaField("条件（あるとき）", [Optional(), Sound(reasons_against_text)])
    has_read = BooleanField("児童票と申し込みを読みました")
    is_decided = BooleanField(
        "この申し込みを承諾します",
        [InputRequired("承諾してよいかたしかめて、しるしを付けてください")],
    )


class WordForm(PortalForm):
    """The facility's word after the decision."""

    words = TextAreaField(
        "ご家庭へのことば",
        [InputRequired("ことばを書いてください"), Sound(reasons_against_text)],
    )


class ToldForm(ReceiptFields):
    """What a family without the portal said, and by which way."""

    said = RadioField(
        "ご家庭が言ったこと",
        [InputRequired("ご家庭が言ったことをえらんでください")],
        choices=[
            SelectChoice("agrees", "園の説明（と条件）を聞いて、このとおり利用する"),
            SelectChoice("renews", "期限のあとも続けて利用する。書いてあることは変わらない"),
        ],
    )
