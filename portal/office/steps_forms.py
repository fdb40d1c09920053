"""What staff do with one step of an application."""

from __future__ import annotations

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from portal.policies.standing import StepKind
from portal.web.forms import PortalForm

REASON_LENGTH = 200


class StepForm(PortalForm):
    """A step, by its code; the button says what is done with it."""

    kind = HiddenField(validators=[InputRequired("段階をえらびなおしてください")])

    def step(self) -> StepKind | None:
        """Return the step, None where the code is not one."""
        known = {each.value: each for each in StepKind}
        return known.get(self.kind.data or "")


class WaiveForm(StepForm):
    """Why a child goes on without a step."""

    reason = StringField(
        "省く理由",
        [
            InputRequired("省く理由を書いてください"),
            Length(max=REASON_LENGTH, message="200文字までで書いてください"),
        ],
    )
