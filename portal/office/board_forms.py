"""What is typed beside the board: times put right, word from a caller. Shape only."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from wtforms import HiddenField, SelectField, StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from portal.attendance.rules import Step
from portal.documents.i18n import gettext as _
from portal.web.forms import PortalForm

_FULL_WIDTH = str.maketrans("０１２３４５６７８９：", "0123456789:")


class TapForm(PortalForm):
    """A button; ``step`` says what is taken back, for the button that does."""

    step = HiddenField()

    @property
    def undone_step(self) -> Step | None:
        """The step to take back, or ``None`` where the button was none of ours."""
        return Step(self.step.data) if self.step.data in set(Step) else None


class ClockField(StringField):
    """A time to the minute, typed as ``9:05``; full-width digits and ``0905`` count too."""

    moment: time | None = None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002, FBT001 - WTForms' signature
        """Read the time.

        Raises:
            ValidationError: a sentence for the person who typed.
        """
        typed = (self.data or "").strip().translate(_FULL_WIDTH)
        if not typed:
            return
        match = re.fullmatch(r"(\d{1,2}):?(\d{2})", typed, re.ASCII)
        try:
            self.moment = time(int(match[1]), int(match[2])) if match else None
        except ValueError:
            self.moment = None
        if self.moment is None:
            sentence = _("%(name)sは 9:05 のように入れてください")
            raise ValidationError(sentence % {"name": self.label.text})


class TimesForm(PortalForm):
    """When the child really came and went; empty where it did not."""

    arrived = ClockField(_("登園の時刻"), [Optional()])
    departed = ClockField(_("降園の時刻"), [Optional()])
    collected_by = SelectField(_("お迎えに来た人"), [Optional()], choices=[])

    def offer_collectors(self, names: list[str]) -> None:
        """Offer these people alone, and nobody in particular."""
        blank = SelectChoice("", _("えらばない"))
        self.collected_by.choices = [blank, *(SelectChoice(name, name) for name in names)]
