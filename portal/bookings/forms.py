"""Shapes of what is typed about a booking, by families and by staff for a caller."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
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

from portal.bookings.rules import PURPOSE_LABELS, UsePurpose, Wish
from portal.bookings.words import Explained, with_san
from portal.documents.i18n import Later
from portal.documents.i18n import gettext as _
from portal.facilities.models import Programme
from portal.families.models import Child, PickupPerson
from portal.kernel.channel import BY_STAFF, Channel
from portal.kernel.clock import JST, at, written_day
from portal.kernel.spans import CELLS, Span, cell_time, span_on
from portal.policies.document import RulesDocument
from portal.policies.reasons import OVERRULABLE, BookingRefusal
from portal.web.fields import DateParts, TimeCell
from portal.web.forms import PortalForm

NOTE_LENGTH = 400
#: Sent along by the button that looks at the free hours of the typed day; nothing is changed yet.
LOOK = "look"
ALL, ANY = "all", "any"
_FIRST_CELL, _LAST_CELL = 14, 44
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


class DayForm(PortalForm):
    """A day to look at."""

    day = DateParts("日にち", [InputRequired("日にちを入れてください")])


class TimesForm(DayForm):
    """A day and its hours."""

    start = TimeCell("はじまり", [InputRequired("はじまりの時刻をえらんでください")])
    end = TimeCell("おわり", [InputRequired("おわりの時刻をえらんでください")])

    def validate_end(self, field: TimeCell) -> None:
        """Ask for an end after the start.

        Raises:
            ValidationError: with a sentence for the person who chose.
        """
        if field.data is not None and self.start.data is not None and field.data <= self.start.data:
            raise ValidationError(_("おわりは、はじまりより後の時刻をえらんでください"))

    def span(self) -> Span:
        """Return the stay. Only after a successful validation."""
        day, start, end = self.day.data, self.start.data, self.end.data
        if day is None or start is None or end is None:
            raise ValueError("the form has not been validated")
        return span_on(day, cell_time(start), cell_time(end))

    def show_span(self, span: Span) -> None:
        """Show a stay that is already known."""
        self.day.process_data(span.day)
        self.start.data, self.end.data = span.first_cell, span.end_cell

    def show_asked(self, span: Span, address: Mapping[str, str]) -> None:
        """Show a stay that is already known, or what the address says instead of it.

        A start alone waits for its end; a day alone keeps the hours.
        """
        self.show_span(span)
        asked = asked_in_address(*(address.get(name, "") for name in ("day", "start", "end")))
        if "day" in asked:
            self.day.process_data(asked["day"])
        if "start" in asked:
            self.start.data, self.end.data = asked["start"], asked.get("end")

    def offer_times(self, document: RulesDocument | None, open_cells: Collection[int] = ()) -> None:
        """Offer only the half hours that the rules know, of those with care where these are known.

        Args:
            open_cells: The half hours with care; empty where nobody knows.
        """
        units = document.units if document else None
        starts = list(range(_FIRST_CELL, _LAST_CELL))
        ends = list(range(_FIRST_CELL + 1, _LAST_CELL + 1))
        if units and units.blocks:
            starts = sorted({_cell(block.starts) for block in units.blocks})
            ends = sorted({_cell(block.ends) for block in units.blocks})
        elif units and units.start_cells:
            starts = sorted(units.start_cells)
        if open_cells:
            starts = [cell for cell in starts if cell in open_cells]
            ends = [cell for cell in ends if cell - 1 in open_cells]
        self.start.offer(sorted({*starts, *_chosen(self.start)}))
        self.end.offer(sorted({*ends, *_chosen(self.end)}))


def _cell(clock_time: str) -> int:
    return int(clock_time[:2]) * 2 + int(clock_time[3:]) // 30


def _chosen(field: TimeCell) -> set[int]:
    return {field.data} if field.data is not None and 0 <= field.data <= CELLS else set()


_TOO_LONG = Later("%(most)s文字までで書いてください", {"most": str(NOTE_LENGTH)})


class Checkboxes(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class BookingForm(TimesForm):
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
    purpose = RadioField(
        "利用の理由",
        [InputRequired("利用の理由をえらんでください")],
        choices=[SelectChoice(purpose.value, words) for purpose, words in PURPOSE_LABELS.items()],
    )
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
        return Wish(
            programme_id=self.programme.data,
            family_id=family_id,
            child_ids=tuple(self.children.data or ()),
            span=self.span(),
            purpose=UsePurpose.RESPITE if self.is_trial else UsePurpose(self.purpose.data),
            together=self.together.data != ANY,
            pickup_person_id=self.pickup.data,
            note=self.note.data or None,
            agreed_fee_yen=self.agreed_fee.data,
            trial_part=self.trial.data,
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
        if _clock(field.data) is None:
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

    def _because(self) -> str:
        return (self.overruled_because.data or "").strip()

    def received_at(self) -> datetime:
        """Return the time of receipt. Only after a successful validation."""
        day, clock_time = self.received_on.data, _clock(self.received_time.data)
        if day is None or clock_time is None:
            raise ValueError("the form has not been validated")
        return at(day, clock_time)

    def offer_overruling(self, reasons: Iterable[Explained]) -> None:
        """Offer to set aside what staff may, each with the sentence it was refused with.

        Nothing is offered where something else stands against the wish all the same.
        """
        sentences: dict[str, list[str]] = {}
        for reason in reasons:
            if not reason.may_be_overruled:
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


def _clock(written: str | None) -> time | None:
    match = re.fullmatch(r"(\d{1,2})[:：](\d{2})", (written or "").strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:  # noqa: PLR2004 - a clock
        return None
    return time(int(match[1]), int(match[2]))


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


def asked_in_address(day: str, start: str, end: str) -> dict[str, Any]:
    """Return what an address says of a stay; parts that say nothing sensible are left out."""
    found: dict[str, Any] = {}
    with contextlib.suppress(ValueError):
        found["day"] = written_day(day)
    for name, written in (("start", start), ("end", end)):
        clock_time = _clock(written)
        if clock_time is not None:
            found[name] = clock_time.hour * 2 + clock_time.minute // 30
    return found
