"""The forms of a director's settings."""

from __future__ import annotations

from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.facilities.models import Facility, Programme
from portal.facilities.own import ProgrammeWords
from portal.facilities.rules import ProgrammeKind
from portal.policies.document import template_names
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

KIND_WORDS = {
    ProgrammeKind.TEMPORARY_CARE: "一時預かり（一般型）",
    ProgrammeKind.SPARE_CAPACITY: "一時預かり（余裕活用型）",
    ProgrammeKind.UNIVERSAL_ACCESS_CARE: "こども誰でも通園",
}
_LONGEST_TEXT = 1000


class FacilityForm(PortalForm):
    """What the provider itself says about a facility."""

    access_note = TextAreaField(
        "行き方", validators=[Optional(), Length(max=500, message="500文字までにしてください")]
    )
    closed_on_holidays = BooleanField("国民の祝日はお休みにする")

    def show(self, facility: Facility) -> None:
        """Fill in what is stored."""
        self.access_note.data = facility.access_note
        self.closed_on_holidays.data = facility.closed_on_holidays


class ProgrammeForm(PortalForm):
    """A programme's name and texts, as families read them."""

    name = StringField(
        "名前",
        validators=[
            InputRequired("名前を入れてください"),
            Length(max=60, message="名前は60文字までにしてください"),
        ],
    )
    description = TextAreaField(
        "説明",
        validators=[
            Optional(),
            Length(max=_LONGEST_TEXT, message="説明は1000文字までにしてください"),
        ],
    )
    belongings = TextAreaField(
        "持ち物",
        validators=[
            Optional(),
            Length(max=_LONGEST_TEXT, message="持ち物は1000文字までにしてください"),
        ],
    )

    def words(self) -> ProgrammeWords:
        """Return what was typed."""
        return ProgrammeWords(
            name=(self.name.data or "").strip(),
            description=(self.description.data or "").strip(),
            belongings=(self.belongings.data or "").strip(),
        )

    def show(self, programme: Programme) -> None:
        """Fill in what is stored."""
        self.name.data = programme.name
        self.description.data = programme.description
        self.belongings.data = programme.belongings


class NewProgrammeForm(ProgrammeForm):
    """A programme to add; its kind stays."""

    kind = RadioField(
        "種類",
        choices=[SelectChoice(kind.value, words) for kind, words in KIND_WORDS.items()],
        default=ProgrammeKind.TEMPORARY_CARE.value,
        validators=[InputRequired("種類をえらんでください")],
    )


class RulesForm(PortalForm):
    """Rules to begin with, from those that come with the portal, and from when they hold."""

    template = RadioField("決まり", validators=[InputRequired("決まりをえらんでください")])
    in_force_from = DateParts("始める日", [InputRequired("始める日を入れてください")])

    def offer(self, titles: dict[str, str]) -> None:
        """Offer the templates by their titles."""
        self.template.choices = [SelectChoice(name, titles[name]) for name in template_names()]
