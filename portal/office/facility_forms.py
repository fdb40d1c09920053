"""The forms of a director's settings."""

from __future__ import annotations

from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.facilities.models import Programme
from portal.facilities.own import ProgrammeWords
from portal.facilities.rules import ProgrammeKind
from portal.web.forms import PortalForm

KIND_WORDS = {
    ProgrammeKind.TEMPORARY_CARE: "一時預かり（一般型）",
    ProgrammeKind.SPARE_CAPACITY: "一時預かり（余裕活用型）",
    ProgrammeKind.UNIVERSAL_ACCESS_CARE: "こども誰でも通園",
}
_LONGEST_TEXT = 1000


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
