"""What a family chooses beside day and hours, as a form asks for it: by the rules of a facility."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import RadioField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from portal.bookings.choices import Choices
from portal.bookings.extras import Extra, code_of, number_of, options_offered, tickets_offered
from portal.bookings.rules import UsePurpose
from portal.bookings.tickets import read_choices, read_tickets
from portal.bookings.use_kinds import UseKind, offered, read_kind
from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.policies.facts import Coupon
from portal.web.forms import PortalForm


class ExtrasPart(PortalForm):
    """What the family chooses beside the stay, and the tickets to spend, as the rules name them."""

    #: Codes, or a code with a number: ``own_lunch``, ``nappies:3``.
    options = SelectMultipleField("えらべること", validate_choice=False, choices=[])
    #: A code with a number for each child: ``trial_ticket:1``.
    tickets = SelectMultipleField("利用券", validate_choice=False, choices=[])
    #: What the page shows; nothing before ``offer_extras``.
    extras: Sequence[Extra] = ()
    tickets_held: Sequence[Extra] = ()

    def offer_extras(
        self, document: RulesDocument | None, held: Iterable[Coupon], *, by_staff: bool = False
    ) -> None:
        """Offer the choices that these rules name, and the tickets that the home holds."""
        self.extras = options_offered(document, by_staff=by_staff)
        self.tickets_held = tickets_offered(document, held)

    def chosen(self, extra: Extra) -> int:
        """Return how many of a choice, or of a ticket, were chosen."""
        written = (self.tickets if extra in self.tickets_held else self.options).data or ()
        counts = [0, *(number_of(each) for each in written if code_of(each) == extra.code)]
        return max(counts)


def kind_field(*validators: Any) -> RadioField:
    """Return the field of a type of use, with its reason where the rules list reasons."""
    return RadioField(
        "利用の理由",
        list(validators),
        choices=[SelectChoice(kind.written, words) for kind, words in offered(None)],
        validate_choice=False,
    )


class ChoicesPart(ExtrasPart):
    """What a family chooses beside day and hours; forms with it have a ``kind_field``."""

    purpose: RadioField

    def validate_purpose(self, field: RadioField) -> None:
        """Ask for a kind of use; whether the rules have it is theirs to say.

        Raises:
            ValidationError: with a sentence for the person who chose.
        """
        if read_kind(field.data or "") is None:
            raise ValidationError(_("利用の理由をえらんでください"))

    def offer_kinds(self, document: RulesDocument | None) -> None:
        """Offer the types and reasons of use of these rules; none where they ask for none."""
        kinds = offered(document)
        self.purpose.choices = [SelectChoice(kind.written, words) for kind, words in kinds]
        written = [kind.written for kind, _words in kinds]
        if not kinds:
            self.purpose.data = UsePurpose.RESPITE.value
        elif self.purpose.data not in written:
            # What was chosen before these rules were known, where they say it in one way alone.
            said = read_kind(self.purpose.data or "") or UseKind()
            alike = [kind.written for kind, _words in kinds if kind.type == said.type]
            found = written if len(written) == 1 else alike
            self.purpose.data = found[0] if len(found) == 1 else None

    @property
    def kind(self) -> UseKind:
        """The type and reason of use that was chosen. Only after a successful validation."""
        return read_kind(self.purpose.data or "") or UseKind()

    @property
    def kind_words(self) -> str:
        """What was chosen, in words; empty where nobody asks."""
        said = self.purpose.data
        return next((str(each.label) for each in self.purpose.choices if each.value == said), "")

    @property
    def choices(self) -> Choices:
        """Everything that was chosen. Only after a successful validation."""
        options, tickets = self.options.data or (), self.tickets.data or ()
        return Choices(self.kind, read_choices(options), read_tickets(tickets))
