"""Shapes of what is typed about one's own data, by families and by staff."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from wtforms import BooleanField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from portal.datarequests.queries import Holder
from portal.datarequests.rules import (
    CORRECTABLE,
    RequestKind,
    RequestState,
    RequestTopic,
)
from portal.datarequests.words import kind_word, topic_word
from portal.documents.i18n import gettext as _
from portal.families.forms import ReceiptFields, Sound
from portal.families.rules import reasons_against_text
from portal.web.forms import PortalForm


def _topics() -> list[SelectChoice]:
    return [SelectChoice(topic.value, topic_word(topic)) for topic in CORRECTABLE]


class CorrectionForm(PortalForm):
    """What is wrong, and at which provider."""

    organisation_id = SelectField("どの園の記録ですか", coerce=uuid.UUID)
    topic = RadioField(
        "何についてですか",
        [InputRequired("何についてかをえらんでください")],
        choices=_topics,
    )
    words = TextAreaField(
        "どこが違い、どう直せばよいですか",
        [
            InputRequired("どこが違うか、どう直してほしいかを書いてください"),
            Sound(reasons_against_text),
        ],
    )

    def offer(self, holders: Iterable[Holder]) -> None:
        """Offer the providers that hold something, as families know them."""
        self.organisation_id.choices = [
            SelectChoice(str(each.organisation.id), each.body) for each in holders
        ]

    def chosen_topic(self) -> RequestTopic:
        """Return the topic."""
        return RequestTopic(self.topic.data)


class ErasureForm(PortalForm):
    """That all of it goes, for good."""

    words = TextAreaField("園に伝えたいこと", [Optional(), Sound(reasons_against_text)])
    is_confirmed = BooleanField("消したあとは、もとにもどせないことが分かりました")


class EnterRequestForm(ReceiptFields):
    """A request that staff enter for a caller."""

    kind = RadioField(
        "求めの内容",
        [InputRequired("求めの内容をえらんでください")],
        choices=lambda: [SelectChoice(kind.value, kind_word(kind)) for kind in RequestKind],
    )
    topic = RadioField(
        "何についてですか（直してほしいとき）",
        [Optional()],
        choices=_topics,
        default=RequestTopic.OTHER.value,
    )
    words = TextAreaField("聞き取ったこと", [Optional(), Sound(reasons_against_text)])

    def chosen_kind(self) -> RequestKind:
        """Return what is asked for."""
        return RequestKind(self.kind.data)

    def chosen_topic(self) -> RequestTopic:
        """Return the topic of a correction."""
        return RequestTopic(self.topic.data or RequestTopic.OTHER.value)


class RequestAnswerForm(PortalForm):
    """Done, or declined; and what the family reads."""

    state = RadioField(
        "返事",
        [InputRequired("返事をえらんでください")],
        choices=lambda: [
            SelectChoice(RequestState.DONE.value, _("応じました")),
            SelectChoice(RequestState.DECLINED.value, _("応じられません")),
        ],
    )
    words = TextAreaField("ご家庭への返事", [Sound(reasons_against_text)])
    #: What was asked for: an erasure that is done may be answered without words.
    kind = RequestKind.CORRECTION

    def validate_words(self, field: TextAreaField) -> None:
        """Ask for the answer together with the choice.

        Raises:
            ValidationError: with a sentence for the person who wrote nothing.
        """
        is_erased = self.kind is RequestKind.ERASURE
        if not (field.data or "").strip() and not (
            is_erased and self.state.data != RequestState.DECLINED.value
        ):
            raise ValidationError(_("ご家庭への返事を書いてください"))

    def chosen_state(self) -> RequestState:
        """Return the answer."""
        return RequestState(self.state.data)
