"""What is typed in an interview: step by step, each step kept on its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.accounts.forms import mail_field
from portal.families.expected_rules import ExpectedRefusal
from portal.families.forms import BORN, EXPECTED, GuardianForm, Sound
from portal.families.models import Child
from portal.families.rules import (
    LONGEST_TEXT,
    ChildDetails,
    FamilyRefusal,
    reasons_against_kana,
    reasons_against_name,
    reasons_against_phone,
)
from portal.kernel.errors import Reason, Refusal
from portal.referrals.rules import Item, ReferralRefusal, Stage, Urgency
from portal.referrals.said import in_full
from portal.referrals.words import stage_words, urgency_words
from portal.web.fields import Boxes, DateParts
from portal.web.forms import PortalForm

#: The child looks like one that the family has; the worker may say that it is another.
_LOOKS_REGISTERED = frozenset({FamilyRefusal.CHILD_REGISTERED, ExpectedRefusal.EXPECTED_ALREADY})
#: What is most often marked in the guide; the mark stands before what is said besides.
MARKS = {
    Item.FATIGUE: "疲れが強い",
    Item.LONELINESS: "頼れる人が近くにいない",
}
_WORDS = Length(max=LONGEST_TEXT, message=f"{LONGEST_TEXT}文字までにしてください")


class StageFields(PortalForm):
    """Which interview it is, and the mark in the guide."""

    stage = RadioField(
        "どの面談ですか",
        [InputRequired("面談をえらんでください")],
        choices=[SelectChoice(each.value, stage_words(each)) for each in Stage],
    )
    held_on = DateParts("面談の日", [InputRequired("面談の日を入れてください")])
    is_ticked = BooleanField("「子育てガイド」の一時預かりに、ご本人が印をつけました")
    ticked_on = DateParts("印をつけた日", [Optional()])

    def propose(self, on: date) -> None:
        """Fill in today."""
        self.held_on.process_data(on)
        self.ticked_on.process_data(on)

    def stage_given(self) -> Stage:
        """Return the interview chosen."""
        return Stage(self.stage.data)

    def guide_ticked_on(self) -> date | None:
        """Return when it was ticked; the day of the interview where no other was typed."""
        if not self.is_ticked.data:
            return None
        return self.ticked_on.data or self.held_on.data


class MeetForm(StageFields, GuardianForm):
    """A family that is met for the first time."""

    # Who has none is not left out: she is reached by mail, by letter, or where she is met.
    phone = StringField("電話番号", [Optional(), Sound(reasons_against_phone)])
    mail = mail_field(needed=False)
    #: Asked only where the phone number is that of a family that was met before.
    is_another = BooleanField("電話番号は同じですが、べつのご家庭です")

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape; somehow she can be reached."""
        right: bool = super().validate(extra_validators)
        if not any((each.data or "").strip() for each in (self.phone, self.mail, self.address)):
            self.phone.errors = [in_full(Reason(ReferralRefusal.NOT_REACHABLE))]
            return False
        return right


class AgainForm(StageFields):
    """Another interview with a family that was met before."""


class ChildForm(PortalForm):
    """A child to refer, born or expected; expected ones may be several of one birth."""

    kind = RadioField(
        "お子さんは",
        [InputRequired("「生まれている」か「これから生まれる」をえらんでください")],
        choices=[SelectChoice(EXPECTED, "これから生まれる"), SelectChoice(BORN, "生まれている")],
        default=EXPECTED,
    )
    day = DateParts(
        "出産予定日か、生年月日", [InputRequired("出産予定日か、生年月日を入れてください")]
    )
    count = SelectField(
        "生まれる人数",
        choices=[
            SelectChoice("1", "1人"),
            SelectChoice("2", "2人（双子）"),
            SelectChoice("3", "3人（三つ子）"),
            SelectChoice("0", "まだ分からない"),
        ],
        default="1",
    )
    name = StringField("お名前", [Optional(), Sound(reasons_against_name)])
    name_kana = StringField("ふりがな", [Optional(), Sound(reasons_against_kana)])
    is_another = BooleanField("登録してあるお子さんとは、べつのお子さんです")
    #: Whether the tick is asked for: set once the child looks like one that is there.
    asks_another = False

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape; a child that is born has a name."""
        right: bool = super().validate(extra_validators)
        if self.kind.data == BORN and not (self.name.data or "").strip():
            self.name.errors = ["お子さんのお名前を入れてください"]
            return False
        return right

    def explain(self, refusal: Refusal, sentence: Callable[[Reason], str]) -> None:
        """Show the reasons above the form; a child that looks registered brings the tick."""
        self.asks_another |= any(reason.code in _LOOKS_REGISTERED for reason in refusal.reasons)
        super().explain(refusal, sentence)

    def show(self, child: Child) -> None:
        """Fill the form with what is kept."""
        self.kind.data = BORN if child.born_on else EXPECTED
        self.day.process_data(child.born_on or child.due_on)
        self.name.data, self.name_kana.data = child.name, child.name_kana

    def children(self) -> list[ChildDetails]:
        """Return the child, or as many as are expected at once; names come with the birth."""
        if self.kind.data == BORN:
            return [
                ChildDetails(
                    self.name.data,
                    self.name_kana.data or None,
                    born_on=self.day.data,
                    is_another=self.is_another.data,
                )
            ]
        several = max(1, int(self.count.data))
        return [
            ChildDetails(None, due_on=self.day.data, is_another=self.is_another.data or number > 0)
            for number in range(several)
        ]


class LearnedForm(PortalForm):
    """What was learned, item by item; the family agrees to each before it is passed on."""

    mark_fatigue = BooleanField(MARKS[Item.FATIGUE])
    fatigue = TextAreaField("疲れていること", [Optional(), _WORDS], render_kw={"rows": 2})
    mark_loneliness = BooleanField(MARKS[Item.LONELINESS])
    loneliness = TextAreaField("頼れる人のこと", [Optional(), _WORDS], render_kw={"rows": 2})
    wishes = TextAreaField("希望すること", [Optional(), _WORDS], render_kw={"rows": 2})
    health = TextAreaField("保護者の健康のこと", [Optional(), _WORDS], render_kw={"rows": 2})
    support_needs = TextAreaField("支援が必要なこと", [Optional(), _WORDS], render_kw={"rows": 2})

    def show(self, known: Mapping[Item, str]) -> None:
        """Fill the form with what is kept."""
        for item, field in self._fields_by_item().items():
            words = known.get(item, "")
            mark = MARKS.get(item)
            if mark and words.startswith(mark):
                self[f"mark_{item.value}"].data = True
                words = words.removeprefix(mark).lstrip("。 ")
            field.data = words

    def items(self) -> dict[Item, str]:
        """Return what was typed, by item; empty where nothing was."""
        found = {}
        for item, field in self._fields_by_item().items():
            is_marked = item in MARKS and self[f"mark_{item.value}"].data
            parts = (MARKS[item] if is_marked else "", (field.data or "").strip())
            found[item] = "。".join(filter(None, parts))
        return found

    def _fields_by_item(self) -> dict[Item, TextAreaField]:
        return {
            Item.FATIGUE: self.fatigue,
            Item.LONELINESS: self.loneliness,
            Item.WISHES: self.wishes,
            Item.HEALTH: self.health,
            Item.SUPPORT_NEEDS: self.support_needs,
        }


class ReceiversForm(PortalForm):
    """To whom, how soon, by when."""

    children = Boxes("紹介するお子さん", coerce=str, validate_choice=False, choices=[])
    receivers = Boxes("紹介先", coerce=str, validate_choice=False, choices=[])
    urgency = RadioField(
        "急ぎ",
        choices=[SelectChoice(each.value, urgency_words(each)) for each in Urgency],
        default=Urgency.NORMAL.value,
    )
    target_on = DateParts("いつまでに使えるようにしますか", [Optional()])

    def offer(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer these."""
        self.receivers.choices = [SelectChoice(value, label) for value, label in choices]

    def offer_children(self, children: Sequence[tuple[str, str]]) -> None:
        """Offer these; all of them are meant until somebody is left out."""
        self.children.choices = [SelectChoice(value, label) for value, label in children]
        if not self.is_submitted():
            self.children.data = [value for value, _label in children]

    def child_ids(self) -> list[uuid.UUID]:
        """Return the children of those offered that are meant."""
        offered = [str(choice.value) for choice in self.children.choices]
        return [uuid.UUID(value) for value in offered if value in (self.children.data or ())]

    def chosen(self) -> list[tuple[uuid.UUID, uuid.UUID | None]]:
        """Return body and facility of each that was offered and chosen."""
        offered = {str(choice.value) for choice in self.receivers.choices}
        found = []
        for value in self.receivers.data or ():
            if value in offered:
                body, _, facility = value.partition(".")
                found.append((uuid.UUID(body), uuid.UUID(facility) if facility else None))
        return found

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape; of one provider one facility, since it is one referral."""
        right: bool = super().validate(extra_validators)
        if not self.child_ids():
            self.children.errors = ["紹介するお子さんをえらんでください"]
            return False
        bodies = [body for body, _ in self.chosen()]
        if not bodies:
            self.receivers.errors = ["紹介先をえらんでください"]
            return False
        if len(set(bodies)) < len(bodies):
            self.receivers.errors = ["同じ事業者の園は、1つだけえらんでください"]
            return False
        return right
