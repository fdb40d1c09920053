"""What the family would like, typed in the interview; and the word to book it."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import IntegerField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.bookings.rules import PURPOSE_LABELS, UsePurpose
from portal.kernel.spans import CELLS
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
    purpose = RadioField(
        "利用の理由",
        [InputRequired("理由をえらんでください")],
        choices=[SelectChoice(each.value, label) for each, label in PURPOSE_LABELS.items()],
    )

    def propose(self, wished: Wished) -> None:
        """Fill in what is usual."""
        self.from_on.process_data(wished.from_on)
        self.start.process_data(wished.first_cell)
        self.end.process_data(wished.first_cell + wished.cells)
        self.purpose.process_data(wished.purpose.value)

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
            UsePurpose(self.purpose.data),
        )


class SureForm(PortalForm):
    """The fee that was told, and the booking as it was looked at."""

    agreed_fee = IntegerField(validators=[Optional()])
    seen = IntegerField(validators=[Optional()])
