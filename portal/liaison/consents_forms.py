"""The three records of an interview on one form, and what the person writes with her own hand."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from portal.consents.rules import ConsentSource, ContactTime, ToldChannel
from portal.consents.sharing import time_label, told_channel_label
from portal.documents import i18n
from portal.kernel.signs import on_one_line
from portal.referrals.labels import item_label
from portal.referrals.records_forms import REPORTED
from portal.referrals.rules import Item
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

#: What a supporting body passes on.
SHARED = tuple(item for item in Item if item not in {Item.NO_SHOW, Item.NURSERY_NOTES})


class RecordsForm(PortalForm):
    """What was agreed to, and in which form; filled by the interviewer with the family."""

    guardian = SelectField("だれが同意しますか", validators=[InputRequired("えらんでください")])
    receivers = SelectMultipleField("どこに伝えますか", validators=[Optional()])
    items = SelectMultipleField(
        "何を伝えますか",
        choices=[SelectChoice(item.value, item_label(item)) for item in SHARED],
        validators=[Optional()],
    )
    reports_to = SelectMultipleField("園から、どこに伝えてよいですか", validators=[Optional()])
    report_items = SelectMultipleField(
        "園から、何を伝えてよいですか",
        choices=[SelectChoice(item.value, item_label(item)) for item in REPORTED],
        validators=[Optional()],
    )
    until = DateParts("いつまで", validators=[Optional()])
    told_until = DateParts("いつまでに連絡がありますか", validators=[Optional()])
    person = StringField(
        "連絡する人の名前",
        filters=[on_one_line],
        validators=[Optional(), Length(max=60, message="名前は60文字までです")],
        render_kw={"autocomplete": "off"},
    )
    channels = SelectMultipleField(
        "連絡の方法",
        choices=[SelectChoice(each.value, told_channel_label(each)) for each in ToldChannel],
        validators=[Optional()],
    )
    times = SelectMultipleField(
        "都合のよい時間",
        choices=[SelectChoice(each.value, time_label(each)) for each in ContactTime],
        validators=[Optional()],
    )
    books = RadioField(
        "いま予約をしますか",
        choices=[
            SelectChoice("now", "いま予約する"),
            SelectChoice("later", "あとで決める"),
            SelectChoice("no", "予約しない"),
        ],
        default="later",
        validators=[InputRequired("えらんでください")],
    )
    source = RadioField(
        "同意のしかた",
        choices=[
            SelectChoice(ConsentSource.TABLET.value, "この画面をわたして、ご自分で確かめてもらう"),
            SelectChoice(ConsentSource.PAPER_FORM.value, "署名のある書類がある"),
        ],
        default=ConsentSource.TABLET.value,
        validators=[InputRequired("えらんでください")],
    )
    language = RadioField("わたす画面のことば", validators=[Optional()])
    source_on = DateParts("書類の日付", validators=[Optional()])
    reference = StringField(
        "書類の番号・しまった場所",
        filters=[on_one_line],
        validators=[Optional(), Length(max=100, message="100文字までです")],
        render_kw={"autocomplete": "off"},
    )

    #: The names of the ways that are not offered, because nobody could be reached by them.
    missing_ways: Sequence[str] = ()

    def offer_languages(self) -> None:
        """Let the page be handed over in any language that the portal speaks."""
        self.language.choices = [(each.code, each.name) for each in i18n.languages()]
        self.language.data = self.language.data or i18n.SOURCE_LANGUAGE


class HandForm(PortalForm):
    """What she ticks and writes herself; the ticks are drawn one for each record."""

    signed_name = StringField(
        "あなたのお名前",
        filters=[on_one_line],
        validators=[
            DataRequired("お名前を入れてください"),
            Length(max=60, message="お名前は60文字までです"),
        ],
        render_kw={"autocomplete": "off"},
    )
