"""How a referral ends, as it is typed on either side."""

from __future__ import annotations

from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.families.rules import LONGEST_TEXT
from portal.referrals.rules import CHOSEN_OUTCOMES
from portal.referrals.words import outcome_words
from portal.web.forms import PortalForm

_WORDS = Length(max=LONGEST_TEXT, message=f"{LONGEST_TEXT}文字までにしてください")


class OutcomeForm(PortalForm):
    """How a referral ends."""

    outcome = RadioField(
        "結果",
        [InputRequired("結果をえらんでください")],
        choices=[SelectChoice(each.value, outcome_words(each)) for each in CHOSEN_OUTCOMES],
    )
    words = TextAreaField("そのわけ", [Optional(), _WORDS], render_kw={"rows": 3})


class ReasonForm(PortalForm):
    """Why, in words."""

    words = TextAreaField(
        "わけ", [InputRequired("わけを入れてください"), _WORDS], render_kw={"rows": 3}
    )
