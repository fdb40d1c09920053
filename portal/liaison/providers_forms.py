"""The forms around taking a provider in and confirming its facilities."""

from __future__ import annotations

from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.accounts.forms import mail_field
from portal.families.forms import Sound
from portal.families.rules import reasons_against_phone
from portal.kernel.signs import on_one_line
from portal.web.forms import PortalForm


def _director_name() -> StringField:
    return StringField(
        "園長のお名前",
        filters=[on_one_line],
        validators=[
            DataRequired("園長のお名前を入れてください"),
            Length(max=80, message="お名前は80文字までです"),
        ],
        render_kw={"autocomplete": "off"},
    )


class DirectorForm(PortalForm):
    """Who sets the provider up."""

    name = _director_name()
    mail = mail_field("園長のメールアドレス")


class ProviderForm(PortalForm):
    """A provider to take in, with its first director; problems read in the order of the page."""

    provider = StringField(
        "事業者の名前",
        filters=[on_one_line],
        validators=[
            DataRequired("事業者の名前を入れてください"),
            Length(max=100, message="事業者の名前は100文字までです"),
        ],
        render_kw={"autocomplete": "off"},
    )
    phone = StringField(
        "事業者の電話",
        filters=[on_one_line],
        validators=[
            Optional(),
            Length(max=30, message="電話は30文字までです"),
            Sound(reasons_against_phone),
        ],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    name = _director_name()
    mail = mail_field("園長のメールアドレス")


class DecideForm(PortalForm):
    """The answer to a provider that says a facility is its own."""

    is_own = RadioField(
        "返事",
        choices=[
            SelectChoice("yes", "この事業者の園にまちがいない"),
            SelectChoice("no", "確認できない"),
        ],
        validators=[InputRequired("返事をえらんでください")],
    )
    answer = TextAreaField(
        "確認できない理由",
        validators=[Optional(), Length(max=300, message="理由は300文字までにしてください")],
    )
