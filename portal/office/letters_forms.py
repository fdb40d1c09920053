"""Which letters, and how they came to the family."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date

from wtforms import RadioField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from portal.documents.i18n import gettext as _
from portal.letters.rules import BY_STAFF, Way
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

WAYS: dict[Way, str] = {
    Way.HANDED: _("手わたした"),
    Way.POSTED: _("郵便で出した"),
    Way.FAXED: _("FAXで送った"),
    Way.TOLD: _("電話などで話した（紙はわたしていない）"),
}


def _known(value: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None


class ChosenForm(PortalForm):
    """The letters ticked in the list. Those that no longer wait are the service's to refuse."""

    letters = SelectMultipleField(
        _("おたより"),
        coerce=_known,
        validate_choice=False,
        choices=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, ids: Iterable[uuid.UUID]) -> None:
        """Offer the letters that wait."""
        self.letters.choices = [SelectChoice(each, str(each)) for each in ids]

    @property
    def chosen(self) -> list[uuid.UUID]:
        """The letters ticked; what is no letter's id is passed over."""
        return [each for each in self.letters.data or () if each is not None]


class PassOnForm(ChosenForm):
    """How and when the ticked letters came to the family."""

    way = RadioField(
        _("どうやってわたしましたか"),
        [InputRequired(_("どうやってわたしたかを えらんでください"))],
        choices=[SelectChoice(way.value, WAYS[way]) for way in BY_STAFF],
    )
    on = DateParts(_("わたした日"), [InputRequired(_("わたした日を入れてください"))])

    @property
    def day(self) -> date:
        """The day; only after a successful validation.

        Raises:
            ValueError: there is none yet.
        """
        if self.on.data is None:
            raise ValueError("validate the form first")
        return self.on.data

    def propose(self, today: date) -> None:
        """Propose today."""
        self.on.process_data(today)
