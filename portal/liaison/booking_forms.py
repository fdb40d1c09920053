"""What the family would like, typed in the interview; and the word to book it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.bookings.choice_forms import ChoicesPart, kind_field
from portal.bookings.use_kinds import UseKind, read_kind
from portal.kernel.spans import CELLS
from portal.policies.document import RulesDocument
from portal.referrals.offers import Wished
from portal.web.fields import DateParts, TimeCell
from portal.web.forms import PortalForm


class LookForm(PortalForm):
    """From which day, at which hours, and why."""

    from_on = DateParts("いつから探しますか", [InputRequired("探しはじめる日を入れてください")])
    start = TimeCell(
        "何時から", [InputRequired("始まりの時刻をえらんでください")], first=12, last=46
    )
    end = TimeCell(
        "何時まで", [InputRequired("終わりの時刻をえらんでください")], first=13, last=CELLS
    )
    #: A type of use by its code; what is below it is asked on the page of one time.
    purpose = RadioField("利用の理由", [InputRequired("理由をえらんでください")], choices=[])

    def offer_types(self, types: Iterable[tuple[str, str]]) -> None:
        """Offer the types of use that the facilities' rules name, by code, with their words."""
        self.purpose.choices = [SelectChoice(code, words) for code, words in types]

    def propose(self, wished: Wished) -> None:
        """Fill in what is usual, or what was wished for before."""
        self.from_on.process_data(wished.from_on)
        self.start.process_data(wished.first_cell)
        self.end.process_data(wished.first_cell + wished.cells)
        first = next((each.value for each in self.purpose.choices or ()), None)
        self.purpose.process_data(wished.use or first)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape, and that the end comes after the start."""
        is_right = bool(super().validate(extra_validators=extra_validators))
        if is_right and (self.end.data or 0) <= (self.start.data or 0):
            self.end.errors = [*self.end.errors, "終わりは、始まりより後の時刻にしてください"]
            return False
        return is_right

    def wished(self) -> Wished:
        """Return what was filled in."""
        start, end = self.start.data or 0, self.end.data or 0
        return Wished(
            self.from_on.data or date.min,
            start,
            end - start,
            self.purpose.data,
        )


class SureForm(PortalForm):
    """The fee that was told, and the booking as it was looked at."""

    agreed_fee = IntegerField(validators=[Optional()])
    seen = IntegerField(validators=[Optional()])


class SpotForm(SureForm, ChoicesPart):
    """The same for one time at a facility, with what its rules let a family choose.

    Without a fee it asks what the stay costs; nothing is booked.
    """

    purpose = kind_field()
    #: Sent by the button that goes back to what was chosen.
    again = BooleanField()

    def offer_at(self, document: RulesDocument, kind: UseKind) -> None:
        """Offer what these rules name; ``kind`` is what was said where the form says nothing.

        Of tickets nothing is known at an interview.
        """
        self.offer_extras(document, ())
        if self.purpose.data is None:
            self.purpose.process_data(kind.written)
        self.offer_kinds(document)

    @property
    def asks(self) -> bool:
        """Whether there is anything to choose beside the type of use."""
        type_of_use = self.kind.type
        kinds = [read_kind(each.value) for each in self.purpose.choices]
        alike = [kind for kind in kinds if kind and kind.type == type_of_use]
        return bool(self.extras) or (bool(kinds) and len(alike) != 1)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """Return what was chosen, as names and values for hidden fields."""
        chosen = [("options", each) for each in self.options.data or ()]
        return [("purpose", self.purpose.data), *chosen] if self.purpose.data else chosen
