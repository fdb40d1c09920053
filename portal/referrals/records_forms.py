"""The three records of an interview as they are ticked: each on its own, none ticked before."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.consents.rules import ConsentSource, ContactTime, SharingPurpose, ToldChannel
from portal.consents.service import Given, take_down
from portal.consents.sharing import (
    Bodies,
    ask_booking,
    ask_report,
    ask_sharing,
    ask_told,
    time_label,
    told_channel_label,
)
from portal.consents.wordings import Asked
from portal.families.models import Guardian
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import today
from portal.organisations.models import Organisation
from portal.referrals.labels import item_label
from portal.referrals.rules import NEEDED_ITEMS, Item
from portal.web.fields import Boxes, DateParts
from portal.web.forms import PortalForm

#: For how long it may be passed on, from the interview on.
SHARED_FOR = {"90": "3か月", "180": "6か月", "365": "1年"}
USUAL_TERM = "180"
TOLD_WITHIN = timedelta(days=5)
#: What an interview can pass on; the rest comes later, from nurseries.
OFFERED = tuple(item for item in Item if item not in {Item.NO_SHOW, Item.NURSERY_NOTES})
#: What a nursery may tell the bodies that look after a family, who it is about first.
REPORTED = (Item.NAME_AND_PHONE, Item.NO_SHOW, Item.NURSERY_NOTES)


@dataclass(frozen=True, slots=True)
class Towards:
    """A receiver as the words name it."""

    organisation_id: uuid.UUID
    name: str


def ways_to_reach(guardians: Sequence[Guardian]) -> list[ToldChannel]:
    """Return the ways by which one of them at least can be reached; all if none is kept."""
    there = {
        ToldChannel.PHONE: any(each.phone for each in guardians),
        ToldChannel.MAIL: any(each.mail for each in guardians),
        ToldChannel.LETTER: any(each.address for each in guardians),
    }
    return [each for each in ToldChannel if there[each]] or list(ToldChannel)


def narrow_to(ways: Sequence[ToldChannel], channels: SelectMultipleField) -> list[str]:
    """Offer only these ways to choose from; return the names of the others."""
    channels.choices = [SelectChoice(each.value, told_channel_label(each.value)) for each in ways]
    return [told_channel_label(each.value) for each in ToldChannel if each not in ways]


class ConsentsForm(PortalForm):
    """What the family agrees to. Nothing is ticked in advance: a yes is hers."""

    items = Boxes(
        "何を伝えますか",
        coerce=str,
        choices=[SelectChoice(item.value, item_label(item)) for item in OFFERED],
        default=[item.value for item in OFFERED if item in NEEDED_ITEMS],
    )
    shared_for = SelectField(
        "いつまで",
        choices=[SelectChoice(value, label) for value, label in SHARED_FOR.items()],
        default=USUAL_TERM,
    )
    shares = BooleanField("伝えることに同意します")
    reports_to = Boxes("園から、どこに知らせてよいですか", coerce=str, choices=[])
    report_items = Boxes(
        "何を知らせてよいですか",
        coerce=str,
        choices=[SelectChoice(item.value, item_label(item)) for item in REPORTED],
        default=[Item.NAME_AND_PHONE.value, Item.NO_SHOW.value],
    )
    reports = BooleanField("園から知らせることに同意します")
    person = StringField("連絡する人（分かるとき）", [Optional(), Length(max=60)])
    told_until = DateParts(
        "いつまでに連絡が来ますか", [InputRequired("連絡が来る日を入れてください")]
    )
    times = Boxes(
        "都合のよい時間",
        coerce=str,
        choices=[SelectChoice(each.value, time_label(each.value)) for each in ContactTime],
    )
    channels = Boxes(
        "方法",
        coerce=str,
        choices=[SelectChoice(each.value, told_channel_label(each.value)) for each in ToldChannel],
        default=[ToldChannel.PHONE.value],
    )
    is_told = BooleanField("説明し、分かってもらいました")
    booking = RadioField(
        "いま予約しますか",
        choices=[
            SelectChoice("now", "いま予約する（同意します）"),
            SelectChoice("later", "あとで決める"),
            SelectChoice("none", "予約しない"),
        ],
        default="later",
    )
    source = RadioField(
        "どのように",
        choices=[
            SelectChoice(ConsentSource.TABLET.value, "この画面で、ご本人がお名前を書く"),
            SelectChoice(ConsentSource.PAPER_FORM.value, "署名のある紙"),
        ],
        default=ConsentSource.TABLET.value,
    )
    #: The button that only makes the words anew.
    make = StringField(validators=[Optional()])
    #: Which words stood on the page: what is kept are the very words that were read aloud.
    shown = HiddenField()
    signed_name = StringField("ご本人のお名前（ご本人が書きます）", [Optional(), Length(max=200)])
    paper_on = DateParts("紙の日付", [Optional()])
    #: Ways that are not offered, since she has no number, mail or address; in words.
    missing_ways: Sequence[str] = ()
    reference = StringField("紙の名前と番号", [Optional(), Length(max=100)])

    def propose(self, on: date) -> None:
        """Fill in by when contact comes."""
        self.told_until.process_data(on + TOLD_WITHIN)

    def offer_ways(self, guardian: Guardian | None) -> None:
        """Offer the ways by which she can be reached, the usual one chosen; all if none is kept."""
        if guardian is None:
            return
        ways = ways_to_reach([guardian])
        self.missing_ways = narrow_to(ways, self.channels)
        if not self.is_submitted():
            self.channels.data = [ways[0].value]
            if ways == [ToldChannel.LETTER]:
                self.items.data = [*(self.items.data or ()), Item.ADDRESS.value]

    def offer_reports(self, bodies: Sequence[Towards]) -> None:
        """Offer whom nurseries may tell later; without bodies it is not asked."""
        self.reports_to.choices = [
            SelectChoice(str(each.organisation_id), each.name) for each in bodies
        ]

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape; at least one of the records is answered with yes."""
        right: bool = super().validate(extra_validators)
        agreed = (self.shares.data, self.is_told.data, self.reports.data)
        if not (any(agreed) or self.booking.data == "now"):
            self.form_errors.append("3つのうち、どの同意もまだありません")
            return False
        if self.is_told.data and not self.channels.data:
            self.channels.errors = ["連絡の方法をえらんでください"]
            return False
        by_letter_alone = list(self.channels.data or ()) == [ToldChannel.LETTER.value]
        if self.shares.data and by_letter_alone and Item.ADDRESS.value not in self._items():
            self.items.errors = ["手紙で連絡が来るので、住所も伝える同意が要ります"]
            return False
        if self.reports.data and not self._reports_to():
            self.reports_to.errors = ["知らせてよいところをえらんでください"]
            return False
        return right

    def has_read(self, own: str, receivers: Sequence[Towards], on: date) -> bool:
        """Say whether the words on the page were those of what is filled in now.

        If not, the page shows the words anew, and nothing is ticked: a yes is to words. So it does
        where that was all that was asked for.
        """
        said = self._digest(own, receivers, on)
        if self.shown.data == said:
            return not self.make.data
        self.shown.data = said
        self.shares.data = self.is_told.data = self.reports.data = False
        if self.booking.data == "now":
            self.booking.data = "later"
        if not self.make.data:
            self.form_errors.append(
                "えらんだ内容で、ことばを作りました。読み上げてから、同意に印をつけてください"
            )
        return False

    @property
    def page_status(self) -> int:
        """The status of the page: words that were only asked for are no problem."""
        return 200 if self.make.data and not self.problem_count else self.status

    def note_words(self, own: str, receivers: Sequence[Towards], on: date) -> None:
        """Remember which words the page shows."""
        self.shown.data = self._digest(own, receivers, on)

    def _digest(self, own: str, receivers: Sequence[Towards], on: date) -> str:
        words = [asked.wording for each in receivers for asked in self.wordings(own, each, on)]
        words += [asked.wording for asked in self.report_wordings(own, on)]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()

    @property
    def is_paper(self) -> bool:
        """Whether she signed a paper."""
        return bool(self.source.data == ConsentSource.PAPER_FORM.value)

    def wordings(self, own: str, towards: Towards, on: date) -> tuple[Asked, Asked, Asked]:
        """Return the three records in the words that are read aloud, as they are filled in now."""
        bodies = Bodies(own, towards.name, self.person.data or None)
        until = self._shared_until(on)
        items = [item_label(item) for item in self._items()]
        told_until = self.told_until.data or on + TOLD_WITHIN
        return (
            ask_sharing(bodies, items, until, on),
            ask_told(bodies, self._times(), self._channels(), told_until, on),
            ask_booking(bodies, until, on),
        )

    def report_wordings(self, own: str, on: date) -> list[Asked]:
        """Return what is read aloud of reports, for each body chosen."""
        items, until = [item_label(item) for item in self._report_items()], self._shared_until(on)
        return [ask_report(Bodies(own, each.name), items, until, on) for each in self._reports_to()]

    def given(
        self, own_id: uuid.UUID, own: str, receivers: Iterable[Towards], on: date
    ) -> list[Given]:
        """Return what was agreed to, towards each receiver, after a successful validation."""
        until = self._shared_until(on)
        told = (*self._times(), *self._channels())
        found = []
        for towards in receivers:
            sharing, telling, booking = self.wordings(own, towards, on)
            agreed = (
                (bool(self.shares.data), sharing, SharingPurpose.SHARING, self._items(), until),
                (
                    bool(self.is_told.data),
                    telling,
                    SharingPurpose.TOLD,
                    told,
                    self.told_until.data,
                ),
                (self.booking.data == "now", booking, SharingPurpose.BOOKING, (), until),
            )
            found += [
                Given(
                    purpose.value,
                    asked.wording,
                    asked.version,
                    towards.organisation_id,
                    own_id,
                    tuple(items),
                    last_day,
                )
                for is_given, asked, purpose, items, last_day in agreed
                if is_given
            ]
        return [*found, *(self._reports_given(own_id, own, on) if self.reports.data else ())]

    def keep(
        self,
        session: Session,
        family_id: uuid.UUID,
        own: Organisation,
        receivers: Sequence[Towards],
        *,
        guardian_id: uuid.UUID | None = None,
        channel: Channel = Channel.COUNTER,
        actor: Actor,
        now: datetime,
    ) -> None:
        """Take down what was agreed to, after a successful validation: the one way from here.

        Raises:
            Refusal: the form of it is not enough, or another body holds the same record.
            NoResultFound: not a family this actor may see.
        """
        take_down(
            session,
            family_id,
            self.given(own.id, own.name, receivers, today(now)),
            source=ConsentSource(self.source.data),
            source_on=self.paper_on.data if self.is_paper else None,
            paper_reference=self.reference.data if self.is_paper else None,
            signed_name=None if self.is_paper else self.signed_name.data,
            channel=channel,
            guardian_id=guardian_id,
            actor=actor,
            now=now,
        )

    def _reports_given(self, own_id: uuid.UUID, own: str, on: date) -> Iterator[Given]:
        for body, asked in zip(self._reports_to(), self.report_wordings(own, on), strict=True):
            yield Given(
                SharingPurpose.SHARING.value,
                asked.wording,
                asked.version,
                body.organisation_id,
                own_id,
                tuple(self._report_items()),
                self._shared_until(on),
            )

    def _reports_to(self) -> list[Towards]:
        chosen = self.reports_to.data or ()
        return [
            Towards(uuid.UUID(str(each.value)), str(each.label))
            for each in self.reports_to.choices
            if each.value in chosen
        ]

    def _report_items(self) -> list[str]:
        return [item.value for item in REPORTED if item.value in (self.report_items.data or ())]

    def _items(self) -> list[str]:
        return [item.value for item in OFFERED if item.value in (self.items.data or ())]

    # The words are made before the form is checked: of what was sent, only what was offered counts.

    def _times(self) -> list[str]:
        return [each.value for each in ContactTime if each.value in (self.times.data or ())]

    def _channels(self) -> list[str]:
        return [each.value for each in ToldChannel if each.value in (self.channels.data or ())]

    def _shared_until(self, on: date) -> date:
        chosen = self.shared_for.data
        return on + timedelta(days=int(chosen if chosen in SHARED_FOR else USUAL_TERM))
