"""Shapes of what is typed about a pre-registration, for families and for staff."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.facilities.models import Facility
from portal.families.forms import ReceiptFields, Sound
from portal.families.models import Child
from portal.families.rules import reasons_against_text
from portal.web.forms import PortalForm


class ApplyForm(PortalForm):
    """Which children apply, and a word to the facility."""

    child_ids = SelectMultipleField(
        "お子さん",
        [InputRequired("申し込むお子さんをえらんでください")],
        coerce=uuid.UUID,
    )
    note = TextAreaField("園に伝えたいこと", [Optional(), Sound(reasons_against_text)])

    def offer(self, children: Iterable[tuple[Child, str]]) -> None:
        """Offer these children, each with how it is spoken of."""
        self.child_ids.choices = [SelectChoice(str(child.id), name) for child, name in children]


class EnterForm(ReceiptFields, ApplyForm):
    """An application that staff enter for a caller."""

    facility_id = SelectField("園", coerce=uuid.UUID)
    accept_now = BooleanField("続けて承諾する（電話で内容を確かめました）")

    def offer_facilities(self, facilities: Iterable[Facility]) -> None:
        """Offer the provider's own facilities."""
        self.facility_id.choices = [
            SelectChoice(str(facility.id), facility.name) for facility in facilities
        ]


class AnswerForm(PortalForm):
    """The family's answer to a question, or a word of hers after the decision."""

    words = TextAreaField(
        "園への答え",
        [InputRequired("答えを書いてください"), Sound(reasons_against_text)],
    )


class SayForm(AnswerForm):
    """A word of hers that nobody asked for."""

    words = TextAreaField(
        "園に伝えたいこと",
        [InputRequired("伝えたいことを書いてください"), Sound(reasons_against_text)],
    )


class AgreeForm(PortalForm):
    """The family has read what the facility wants it to know."""

    has_read = BooleanField(
        "園の説明を読みました。このとおり利用します",
        [InputRequired("説明を読んで、しるしを付けてください")],
    )


class SeenForm(PortalForm):
    """A decision, with what the page knew when it was shown: another may have been quicker."""

    seen = HiddenField()

    def mark(self) -> str | None:
        """Return what the page knew; ``None`` from a page that says nothing of it."""
        return self.seen.data or None


class QuestionForm(SeenForm):
    """The facility's question."""

    question = TextAreaField(
        "ご家庭への質問",
        [InputRequired("質問を書いてください"), Sound(reasons_against_text)],
    )


class DeclineForm(SeenForm):
    """Why the facility cannot accept, as the family will read it."""

    reason = TextAreaField(
        "お受けできない理由（ご家庭が読みます）",
        [InputRequired("理由を書いてください"), Sound(reasons_against_text)],
    )
    is_sure = BooleanField(
        "この申し込みをお断りします",
        [InputRequired("お断りしてよいかたしかめて、しるしを付けてください")],
    )


class PlainForm(SeenForm):
    """A button alone."""
