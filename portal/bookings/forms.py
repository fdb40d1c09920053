"""Shapes of what is typed about a booking, by families and by staff for a caller."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from portal.bookings.choice_forms import ChoicesPart, kind_field
from portal.bookings.choices import Choices
from portal.bookings.rules import Wish
from portal.bookings.times_forms import TimesForm, clock_time
from portal.bookings.words import Explained, with_san
from portal.documents.i18n import Later
from portal.documents.i18n import gettext as _
from portal.facilities.models import Programme
from portal.families.models import Child, PickupPerson
from portal.kernel.channel import BY_STAFF, Channel
from portal.kernel.clock import JST, at
from portal.policies.reasons import OVERRULABLE, BookingRefusal
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

NOTE_LENGTH = 400
#: Sent along by the button that looks at the free hours of the typed day; nothing is changed yet.
LOOK = "look"
ALL, ANY = "all", "any"
#: No letter lies longer; a receipt before that is a slip of the pen.
_LONGEST_AGO = timedelta(days=183)
CHANNEL_LABELS = {
    Channel.WEB: "インターネット",
    Channel.PHONE: "電話",
    Channel.FAX: "FAX",
    Channel.POST: "郵便",
    Channel.COUNTER: "窓口",
}


def _id(value: object) -> uuid.UUID | None:
    """Read an id.

    Raises:
        ValueError: it is none.
    """
    return uuid.UUID(str(value)) if value else None


_TOO_LONG = Later("%(most)s文字までで書いてください", {"most": str(NOTE_LENGTH)})


class Checkboxes(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class BookingForm(TimesForm, ChoicesPart):
    """A wish for one child or several. Whose children they may be is the service's to know."""

    programme = HiddenField(filters=[_id], validators=[InputRequired("園をえらびなおしてください")])
    children = Checkboxes("お子さん", coerce=uuid.UUID, validate_choice=False, choices=[])
    together = RadioField(
        "どちらか1人だけ空いているとき",
        choices=[
            SelectChoice(ALL, "いっしょのときだけ予約する"),
            SelectChoice(ANY, "1人だけでも予約する"),
        ],
        default=ALL,
    )
    purpose = kind_field(InputRequired("利用の理由をえらんでください"))
    pickup = SelectField("お迎えに来る人", coerce=_id, validate_choice=False, choices=[])
    note = TextAreaField(
        "園に伝えたいこと",
        [Optional(), Length(max=NOTE_LENGTH, message=_TOO_LONG)],
    )
    agreed_fee = IntegerField(widget=HiddenInput(), validators=[Optional()])
    #: The part of trial care; nothing for every other stay.
    trial = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def validate_children(self, field: Checkboxes) -> None:
        """Ask for at least one child, each once.

        Raises:
            ValidationError: with a sentence for the person who chose.
        """
        if not field.data:
            raise ValidationError(_("お子さんを1人以上えらんでください"))
        field.data = list(dict.fromkeys(field.data))
        if self.trial.data is not None and len(field.data) > 1:
            raise ValidationError(_("ならし預かりは、お子さん1人ずつ予約します"))

    def offer_people(
        self,
        children: Iterable[Child],
        pickups: Iterable[PickupPerson],
        *,
        chosen: Collection[str] = (),
    ) -> None:
        """Offer the family's born children and who may fetch them.

        Args:
            chosen: Ids of children that are ticked from the start.
        """
        born = [child for child in children if child.born_on is not None]
        self.children.flags.required = True
        self.children.choices = [
            SelectChoice(str(child.id), with_san(child.name)) for child in born
        ]
        if not self.is_submitted():
            self.children.data = [c.id for c in born if len(born) == 1 or str(c.id) in chosen]
        self.pickup.choices = [
            SelectChoice("", _("保護者（登録した人）")),
            *(
                SelectChoice(
                    str(person.id),
                    _("%(name)sさん（%(relation)s）")
                    % {"name": person.name, "relation": _(person.relation)},
                )
                for person in pickups
            ),
        ]

    @property
    def is_trial(self) -> bool:
        """Whether a part of trial care is asked for; it counts as respite."""
        return self.trial.data is not None

    def wish(self, family_id: uuid.UUID) -> Wish:
        """Return what is wished for. Only after a successful validation."""
        said = Choices() if self.is_trial else self.choices
        return Wish(
            programme_id=self.programme.data,
            family_id=family_id,
            child_ids=tuple(self.children.data or ()),
            span=self.span(),
            purpose=said.kind.purpose,
            use_type=said.kind.use_type,
            use_reason=said.kind.reason,
            together=self.together.data != ANY,
            pickup_person_id=self.pickup.data,
            note=self.note.data or None,
            agreed_fee_yen=self.agreed_fee.data,
            trial_part=self.trial.data,
            options=said.options,
            coupons=said.tickets,
        )


class CallerPart(PortalForm):
    """How and when a caller's wish came in, and what staff set aside for it."""

    channel = RadioField(
        "受け付けた方法",
        [InputRequired("受け付けた方法をえらんでください")],
        choices=[SelectChoice(channel.value, CHANNEL_LABELS[channel]) for channel in BY_STAFF],
        default=Channel.PHONE.value,
    )
    received_on = DateParts("受け付けた日", [InputRequired("受け付けた日を入れてください")])
    received_time = StringField(
        "受け付けた時刻", [InputRequired("受け付けた時刻を 9:05 のように入れてください")]
    )
    overruled = Checkboxes("認めること", validate_choice=False, choices=[])
    overruled_because = StringField("受け付ける理由", [Length(max=200)])

    def show_now(self, now: datetime) -> None:
        """Propose this moment as the time of receipt."""
        local = now.astimezone(JST)
        self.received_on.process_data(local.date())
        self.received_time.data = f"{local.hour}:{local.minute:02d}"

    def validate_received_time(self, field: StringField) -> None:
        """Ask for a clock time.

        Raises:
            ValidationError: with a sentence for the person who typed.
        """
        if clock_time(field.data) is None:
            raise ValidationError(_("受け付けた時刻を 9:05 のように入れてください"))

    def came_by(self, now: datetime) -> bool:
        """Say whether the wish can have come in at the time given; if not, that field is marked.

        Only after a successful validation.
        """
        received_at = self.received_at()
        if now - _LONGEST_AGO <= received_at <= now:
            return True
        words = _("受け付けた日が、半年より前です。年をたしかめてください")
        if received_at > now:
            words = _("まだ来ていない時刻です。受け付けた日と時刻をたしかめてください")
        is_today = self.received_on.data == now.astimezone(JST).date()
        (self.received_time if is_today else self.received_on).errors = [words]
        return False

    @property
    def overrules_silently(self) -> bool:
        """Whether a reason is to be set aside without saying why; then it is not set aside."""
        return bool(self.overruled_codes()) and not self._because()

    def must_say_why(self) -> None:
        """Mark the field in which staff say why they set a reason aside."""
        self.overruled_because.errors = [_("受け付ける理由を書いてください")]

    def must_tick(self) -> bool:
        """Mark what is offered to set aside and was not ticked, once a why is written.

        Returns:
            Whether there is such a thing.
        """
        ticked = self.overruled_codes()
        if not self._because() or all(choice.value in ticked for choice in self.overruled.choices):
            return False
        self.overruled.errors = [_("認めることに、印をつけてください")]
        return True

    def _because(self) -> str:
        return (self.overruled_because.data or "").strip()

    def received_at(self) -> datetime:
        """Return the time of receipt. Only after a successful validation."""
        day, typed = self.received_on.data, clock_time(self.received_time.data)
        if day is None or typed is None:
            raise ValueError("the form has not been validated")
        return at(day, typed)

    def offer_overruling(
        self, reasons: Iterable[Explained], *, may: Collection[BookingRefusal] = OVERRULABLE
    ) -> None:
        """Offer to set aside what staff may, each with the sentence it was refused with.

        Nothing is offered where something else stands against the wish all the same.

        Args:
            may: What the rules let the one at the form set aside.
        """
        sentences: dict[str, list[str]] = {}
        for reason in reasons:
            if not reason.may_be_overruled or reason.code not in may:
                self.overruled.choices = []
                return
            sentences.setdefault(reason.code, []).append(reason.sentence)
        self.overruled.choices = [
            SelectChoice(code, "、".join(dict.fromkeys(said))) for code, said in sentences.items()
        ]

    def overruling(self) -> dict[str, Any]:
        """Return what staff set aside and why, as a wish takes it: nothing without a why."""
        if not self._because():
            return {"overruled": frozenset(), "overruled_because": ""}
        return {"overruled": self.overruled_codes(), "overruled_because": self._because()}

    def overruled_codes(self) -> frozenset[BookingRefusal]:
        """Return what staff ticked, of what may be set aside."""
        known = {code.value: code for code in OVERRULABLE}
        return frozenset(known[code] for code in self.overruled.data or () if code in known)


class SeenPart(PortalForm):
    """The booking's ``sequence`` as the page showed it: a later change is not overwritten."""

    seen = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def show_seen(self, sequence: int) -> None:
        """Say that the page shows the booking as it is now."""
        self.seen.data, self.seen.raw_data = sequence, None


class MoveForm(TimesForm, SeenPart):
    """Another time for a booking."""


class CallerTimesForm(MoveForm, CallerPart):
    """Another time for a caller's booking."""


class CallerBookingForm(BookingForm, CallerPart):
    """A caller's wish, entered by staff on one page."""

    programme = SelectField(
        "受け付ける園",
        [InputRequired("園をえらんでください")],
        coerce=_id,
        validate_choice=False,
        choices=[],
        # One is chosen from the start, so the browser has nothing to ask for.
        render_kw={"required": False},
    )

    def offer_programmes(self, programmes: Iterable[Programme]) -> None:
        """Offer the provider's own programmes."""
        self.programme.choices = [
            SelectChoice(str(each.id), f"{each.facility.name} {each.name}") for each in programmes
        ]

    def wish(self, family_id: uuid.UUID) -> Wish:
        """Return what is wished for. Only after a successful validation."""
        return replace(
            super().wish(family_id),
            channel=Channel(self.channel.data),
            received_at=self.received_at(),
            **self.overruling(),
        )
