"""What is sent, in shape: the fields of an interview, as the pages and the paper have them."""

from __future__ import annotations

import re
import uuid
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from portal.consents.rules import ConsentSource, ContactTime, ToldChannel
from portal.families.rules import (
    LONGEST_NAME,
    LONGEST_TEXT,
    ChildDetails,
    GuardianDetails,
    plain_phone,
)
from portal.kernel.clock import FIRST_YEAR, LAST_YEAR
from portal.referrals.rules import Item, Stage, Urgency
from portal.referrals.sheet import (
    LONGEST_NUMBER,
    MOST_CHILDREN,
    MOST_RECEIVERS,
    Record,
    ReferralSheet,
    SignedRecord,
    Wanted,
    several,
)


def _day(value: object) -> date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is not None and FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise PydanticCustomError("day", "not a day")


Day = Annotated[date, BeforeValidator(_day)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
OptionalName = Annotated[str | None, Field(max_length=LONGEST_NAME)]
Words = Annotated[str, Field(max_length=LONGEST_TEXT)]


class ItemToShare(StrEnum):
    """What may be passed on from outside."""

    NAME_AND_PHONE = Item.NAME_AND_PHONE
    ADDRESS = Item.ADDRESS
    CHILDREN = Item.CHILDREN
    FATIGUE = Item.FATIGUE
    LONELINESS = Item.LONELINESS
    WISHES = Item.WISHES
    HEALTH = Item.HEALTH
    SUPPORT_NEEDS = Item.SUPPORT_NEEDS


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InterviewIn(_Sent):
    """Which interview, and when the guide was ticked."""

    stage: Stage
    held_on: Day
    guide_ticked_on: Day


class GuardianIn(_Sent):
    """Who was met."""

    name: Name
    name_kana: OptionalName = None
    relation: Annotated[str, Field(min_length=1, max_length=20, examples=["母"])]
    phone: Annotated[str | None, Field(max_length=40)] = None
    mail: OptionalName = None
    address: OptionalName = None


class ChildIn(_Sent):
    """A child, born or expected; twins are two of one day."""

    born_on: Day | None = None
    due_on: Day | None = None
    name: OptionalName = None
    name_kana: OptionalName = None


class LearnedIn(_Sent):
    """What was learned, item by item."""

    fatigue: Words = ""
    loneliness: Words = ""
    wishes: Words = ""
    health: Words = ""
    support_needs: Words = ""


class ReceiverIn(_Sent):
    """To whom: a nursery or a supporting body."""

    facility_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> ReceiverIn:
        if (self.facility_id is None) == (self.organisation_id is None):
            raise PydanticCustomError("one_of_two", "one of two")
        return self


class _RecordIn(_Sent):
    agreed_on: Day
    wording_version: Annotated[str, Field(min_length=1, max_length=40)]
    #: A paper that can be found again; or a record that the portal's own screen has made: its
    #: number is the reference, and what is sent says the same as the record.
    source: Literal["paper_form", "tablet"]
    reference: Annotated[str, Field(min_length=1, max_length=100)]
    until_on: Day

    def signed(self) -> SignedRecord:
        """Return it as the service takes it."""
        return SignedRecord(
            self.agreed_on,
            self.wording_version,
            self.reference,
            self._items(),
            self.until_on,
            source=ConsentSource(self.source),
        )

    def _items(self) -> tuple[str, ...]:
        return ()


class SharingIn(_RecordIn):
    """The first record: passing on named items."""

    items: Annotated[list[ItemToShare], Field(min_length=1, max_length=len(ItemToShare))]

    def _items(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.value for item in self.items))


class ToldIn(_RecordIn):
    """The second record: told that contact will come."""

    channels: Annotated[list[ToldChannel], Field(min_length=1, max_length=len(ToldChannel))]
    times: Annotated[tuple[ContactTime, ...], Field(max_length=len(ContactTime))] = ()
    person: Annotated[str | None, Field(max_length=60)] = None

    def signed(self) -> SignedRecord:
        """Return it as the service takes it."""
        return SignedRecord(
            self.agreed_on,
            self.wording_version,
            self.reference,
            tuple(dict.fromkeys(each.value for each in (*self.times, *self.channels))),
            self.until_on,
            self.person or None,
            ConsentSource(self.source),
        )


class BookingIn(_RecordIn):
    """The third record: a booking on the spot."""


class ConsentsIn(_Sent):
    """The three records; without the first two nothing is sent."""

    sharing: SharingIn
    told: ToldIn
    booking: BookingIn | None = None


class ReferralIn(_Sent):
    """A referral, to one receiver or several."""

    number: Annotated[str | None, Field(min_length=1, max_length=LONGEST_NUMBER)] = None
    interview: InterviewIn
    guardian: GuardianIn
    children: Annotated[list[ChildIn], Field(min_length=1, max_length=MOST_CHILDREN)]
    learned: LearnedIn = LearnedIn()
    receivers: Annotated[list[ReceiverIn], Field(min_length=1, max_length=MOST_RECEIVERS)]
    urgency: Urgency = Urgency.NORMAL
    target_on: Day | None = None
    consents: ConsentsIn

    def sheet(self) -> ReferralSheet:
        """Return it as the service takes it."""
        told = self.learned.model_dump()
        signed: dict[Record, SignedRecord] = {
            Record.SHARING: self.consents.sharing.signed(),
            Record.TOLD: self.consents.told.signed(),
        }
        if self.consents.booking is not None:
            signed[Record.BOOKING] = self.consents.booking.signed()
        return ReferralSheet(
            self.interview.stage,
            self.interview.held_on,
            self.interview.guide_ticked_on,
            GuardianDetails(
                self.guardian.name,
                self.guardian.relation,
                self.guardian.name_kana or None,
                plain_phone(self.guardian.phone),
                self.guardian.mail or None,
                self.guardian.address or None,
            ),
            several(
                [
                    ChildDetails(
                        each.name or None, each.name_kana or None, each.born_on, each.due_on
                    )
                    for each in self.children
                ]
            ),
            tuple(Wanted(each.facility_id, each.organisation_id) for each in self.receivers),
            signed,
            {Item(name): words for name, words in told.items() if words.strip()},
            self.urgency,
            self.target_on,
            self.number,
        )
