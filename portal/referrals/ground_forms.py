"""The forms around passing on without consent."""

from __future__ import annotations

import re
from datetime import datetime, time

from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.kernel.clock import at, today
from portal.referrals.ground_words import ground_label
from portal.referrals.labels import item_label
from portal.referrals.rules import Item, LegalGround
from portal.web.forms import PortalForm

_FULL_WIDTH = str.maketrans("０１２３４５６７８９：", "0123456789:")


class DecisionForm(PortalForm):
    """To whom, on what ground, what and why; in urgency, when the receiver was called."""

    receiver = SelectField("どこに伝えますか", validators=[InputRequired("えらんでください")])
    ground = RadioField(
        "根拠",
        choices=[SelectChoice(each.value, ground_label(each)) for each in LegalGround],
        validators=[InputRequired("根拠をえらんでください")],
    )
    items = SelectMultipleField(
        "何を伝えますか",
        choices=[SelectChoice(item.value, item_label(item)) for item in Item],
        validators=[InputRequired("伝えることを1つ以上えらんでください")],
    )
    reason = TextAreaField(
        "理由",
        validators=[
            InputRequired("理由を書いてください"),
            Length(max=2000, message="理由は2000文字までにしてください"),
        ],
    )
    is_urgent = BooleanField("急いでいます（先に電話しました）")
    phoned = StringField(
        "今日、電話した時刻",
        validators=[Optional()],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )

    def validate_phoned(self, field: StringField) -> None:
        """Read the time.

        Raises:
            ValidationError: a sentence for the person who typed.
        """
        if field.data and _time(field.data) is None:
            raise ValidationError("電話した時刻は 9:05 のように入れてください")

    def phoned_at(self, now: datetime) -> datetime | None:
        """Return the moment of the call; ``None`` where none was typed."""
        clock_time = _time(self.phoned.data or "")
        return None if clock_time is None else at(today(now), clock_time)


class ReviewForm(PortalForm):
    """What the second person says of an urgent one."""

    answer = RadioField(
        "確認",
        choices=[
            SelectChoice("yes", "よい"),
            SelectChoice("no", "よくない（相手に見えなくします）"),
        ],
        validators=[InputRequired("えらんでください")],
    )


def _time(typed: str) -> time | None:
    match = re.fullmatch(r"(\d{1,2}):?(\d{2})", typed.strip().translate(_FULL_WIDTH), re.ASCII)
    try:
        return time(int(match[1]), int(match[2])) if match else None
    except ValueError:
        return None
