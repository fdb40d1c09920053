"""Shapes of what is typed to cancel a booking, by families and by staff for a caller."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from wtforms import HiddenField, RadioField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from portal.bookings.forms import CallerPart, Checkboxes, SeenPart
from portal.bookings.rules import WAIVED_LABELS
from portal.bookings.words import with_san
from portal.documents.i18n import gettext as _
from portal.families.models import Child
from portal.policies.cancel import WaivedReason


class CancelForm(SeenPart):
    """Who does not come, and why, where that matters for the fee."""

    children = Checkboxes("取り消すお子さん", coerce=uuid.UUID, validate_choice=False, choices=[])
    because = RadioField(
        "取り消しの理由", [Optional()], choices=[], validate_choice=False, default=""
    )
    told_late = HiddenField()
    #: By the children that are cancelled, what the others were said to cost.
    rest = SelectMultipleField(validate_choice=False, choices=[])
    #: Whether several children are booked, so that some must be chosen.
    must_choose = False

    def validate_children(self, field: Checkboxes) -> None:
        """Ask who does not come, where there are several.

        Raises:
            ValidationError: with a sentence for the person who chose nobody.
        """
        if self.must_choose and not field.data:
            raise ValidationError(_("取り消すお子さんをえらんでください"))

    def offer(self, children: Iterable[Child], reasons: Iterable[WaivedReason]) -> None:
        """Offer the children still booked and the reasons that cost nothing."""
        self.children.choices = [SelectChoice(str(c.id), with_san(c.name)) for c in children]
        if not self.is_submitted():
            self.children.data = [uuid.UUID(str(choice.value)) for choice in self.children.choices]
        offered = frozenset(reasons)
        self.because.choices = [
            # In the order of the labels: what happens most, first.
            *(
                SelectChoice(reason.value, _(words))
                for reason, words in WAIVED_LABELS.items()
                if reason in offered
            ),
            SelectChoice("", _("そのほか")),
        ]

    def told_rest(self) -> int | None:
        """Return what the page said that those cost who still come, if it spoke of them."""
        going = ",".join(sorted(str(child_id) for child_id in self.children.data or ()))
        for told in self.rest.data or ():
            yen, _colon, ids = str(told).partition(":")
            if ids == going and yen.isascii() and yen.isdigit():
                return int(yen)
        return None

    def reason(self) -> WaivedReason | None:
        """Return the reason given, or None for any other."""
        known = {reason.value: reason for reason in WaivedReason}
        return known.get(self.because.data or "")


class CallerCancelForm(CancelForm, CallerPart):
    """A caller does not come."""
