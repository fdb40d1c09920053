"""What a family says when it comes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.documents.i18n import gettext as _
from portal.families.models import Child
from portal.visits.models import Visit, VisitSession
from portal.visits.rules import LONGEST_NOTE, Party
from portal.web.forms import PortalForm


class Boxes(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PartyForm(PortalForm):
    """Who comes."""

    children = Boxes(_("いっしょに来るお子さん"), coerce=str, validate_choice=False, choices=[])
    adults = SelectField(
        _("おとなの人数"),
        coerce=int,
        choices=[
            SelectChoice(1, _("1人")),
            SelectChoice(2, _("2人")),
            SelectChoice(3, _("3人")),
            SelectChoice(4, _("4人")),
        ],
        default=1,
    )
    note = TextAreaField(
        _("園に伝えておきたいこと"), [Optional(), Length(max=LONGEST_NOTE)], render_kw={"rows": 3}
    )

    def offer_children(self, children: Sequence[Child]) -> None:
        """Let the form choose among the family's children, each with its name."""
        self.children.choices = [SelectChoice(str(each.id), each.name or "") for each in children]

    def show(self, visit: Visit) -> None:
        """Fill in a visit as it is."""
        self.children.data = [str(each) for each in visit.child_ids]
        self.adults.data, self.note.data = visit.adults, visit.note

    def party(self) -> Party:
        """Return who comes; only children that were offered count."""
        offered = {choice.value: uuid.UUID(str(choice.value)) for choice in self.children.choices}
        chosen = tuple(offered[key] for key in self.children.data or () if key in offered)
        return Party(chosen, self.adults.data, self.note.data or "")


class MoveForm(PortalForm):
    """To which session a visit is changed."""

    to = RadioField(
        _("どの回に変えますか"),
        [InputRequired(_("変える先の回をえらんでください"))],
        coerce=str,
        validate_choice=False,
        choices=[],
    )

    def offer(self, sessions: Sequence[VisitSession], labels: Sequence[str]) -> None:
        """Let the form choose among sessions, each with its words."""
        self.to.choices = [
            SelectChoice(str(each.id), label) for each, label in zip(sessions, labels, strict=True)
        ]

    @property
    def session_id(self) -> uuid.UUID:
        """The session chosen; none where what was sent is no id."""
        try:
            return uuid.UUID(self.to.data or "")
        except ValueError:
            return uuid.UUID(int=0)
