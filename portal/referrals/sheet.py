"""One referral as it comes from outside: the same fields by API, in a file and on paper. Pure.

Reasons name their field, so that each way can point at it: ``guardian.phone``, ``children.0.name``.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

from portal.consents.rules import (
    ConsentRefusal,
    ConsentSource,
    SharingPurpose,
    TakenDown,
    ToldChannel,
    reasons_against_form,
    reasons_against_record,
)
from portal.consents.sharing import told_channel_label
from portal.families.rules import (
    ChildDetails,
    FamilyRefusal,
    GuardianDetails,
    reasons_against_child,
    reasons_against_kana,
    reasons_against_name,
    reasons_against_phone,
    reasons_against_text,
)
from portal.kernel.errors import Reason, Refusal
from portal.referrals.rules import NEEDED_ITEMS, Item, ReferralRefusal, Stage, Urgency

#: What can be passed on from outside; the rest comes later, from nurseries.
OFFERED: Final = tuple(item for item in Item if item not in {Item.NO_SHOW, Item.NURSERY_NOTES})
#: Of these, what is learned in the interview; the others are facts about the family.
LEARNED: Final = (Item.FATIGUE, Item.LONELINESS, Item.WISHES, Item.HEALTH, Item.SUPPORT_NEEDS)
MOST_CHILDREN: Final = 12
MOST_RECEIVERS: Final = 10
LONGEST_NUMBER: Final = 60
_LONGEST_REFERENCE: Final = 100


class Record(StrEnum):
    """The three records, as the ways from outside call them."""

    SHARING = "sharing"
    TOLD = "told"
    BOOKING = "booking"


PURPOSE: Final[Mapping[Record, SharingPurpose]] = {
    Record.SHARING: SharingPurpose.SHARING,
    Record.TOLD: SharingPurpose.TOLD,
    Record.BOOKING: SharingPurpose.BOOKING,
}


@dataclass(frozen=True, slots=True)
class Located:
    """A reason, and at which field."""

    field: str
    reason: Reason


class NotTaken(Refusal):
    """A referral from outside was not taken; every reason names its field."""

    def __init__(self, located: tuple[Located, ...]) -> None:
        super().__init__([each.reason for each in located])
        self.located = located


@dataclass(frozen=True, slots=True)
class SignedRecord:
    """One of the three records: a signed paper that the sender keeps, or one kept in the portal."""

    agreed_on: date | None
    wording_version: str
    #: What the sender calls the paper, so that it can be found again; of records that were made on
    #: the portal's screen their numbers, one or several.
    reference: str
    #: Items, or times and channels; none for a booking.
    items: tuple[str, ...]
    until_on: date | None
    #: Who will call, where it is known.
    person: str | None = None
    source: ConsentSource = ConsentSource.PAPER_FORM

    @property
    def is_kept_here(self) -> bool:
        """Whether the portal has it already."""
        return self.source is ConsentSource.TABLET

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of the records named."""
        found = re.findall("[0-9]{1,18}", unicodedata.normalize("NFKC", self.reference))
        return frozenset(int(each) for each in found)


@dataclass(frozen=True, slots=True)
class Wanted:
    """To whom: a facility, or a supporting body; ``None`` in both where neither was found."""

    facility_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class ReferralSheet:
    """A family, what was learned, to whom, and what she agreed to."""

    stage: Stage
    held_on: date
    guide_ticked_on: date | None
    guardian: GuardianDetails
    children: tuple[ChildDetails, ...]
    receivers: tuple[Wanted, ...]
    records: Mapping[Record, SignedRecord]
    learned: Mapping[Item, str] = field(default_factory=dict)
    urgency: Urgency = Urgency.NORMAL
    target_on: date | None = None
    #: The sender's own, so that the same referral sent twice stays one.
    number: str | None = None


def several(children: Sequence[ChildDetails]) -> tuple[ChildDetails, ...]:
    """Return the children, those of one birth marked: they are no second entry of the same."""
    return tuple(
        replace(child, is_another=any(child.due_on == each.due_on for each in children[:at]))
        if child.born_on is None and child.due_on is not None
        else child
        for at, child in enumerate(children)
    )


def reasons_against_sheet(
    sheet: ReferralSheet, *, wording_version: str, today: date
) -> tuple[Located, ...]:
    """Return everything that is wrong with a sheet by itself, in the order of its fields.

    Args:
        wording_version: Of the words in force: nobody agreed to others.
    """
    return (
        *_about_interview(sheet, today),
        *_about_guardian(sheet.guardian),
        *_about_children(sheet, today),
        *_about_learned(sheet),
        *_about_receivers(sheet, today),
        *_about_records(sheet, wording_version, today),
        *_about_ways(sheet),
    )


def _about_interview(sheet: ReferralSheet, today: date) -> Iterator[Located]:
    if sheet.number is not None:
        yield from _located("number", reasons_against_name(sheet.number))
        if len(sheet.number) > LONGEST_NUMBER:
            yield Located("number", Reason(FamilyRefusal.TEXT_TOO_LONG, {"limit": LONGEST_NUMBER}))
    if sheet.held_on > today:
        yield Located("interview.held_on", Reason(ReferralRefusal.HELD_IN_FUTURE))
    ticked = sheet.guide_ticked_on
    if ticked is None:
        yield Located("interview.guide_ticked_on", Reason(ReferralRefusal.NO_GUIDE_TICK))
    elif ticked > today:
        yield Located("interview.guide_ticked_on", Reason(ReferralRefusal.TICKED_IN_FUTURE))


def _about_guardian(guardian: GuardianDetails) -> Iterator[Located]:
    yield from _located("guardian.name", reasons_against_name(guardian.name))
    yield from _located("guardian.relation", reasons_against_name(guardian.relation))
    if guardian.name_kana:
        yield from _located("guardian.name_kana", reasons_against_kana(guardian.name_kana))
    if guardian.phone:
        yield from _located("guardian.phone", reasons_against_phone(guardian.phone))
    for name in ("mail", "address"):
        if value := getattr(guardian, name):
            yield from _located(f"guardian.{name}", reasons_against_name(value))
    if guardian.mail and ("@" not in guardian.mail or " " in guardian.mail):
        yield Located("guardian.mail", Reason(ReferralRefusal.MAIL_UNREADABLE))
    if not guardian.phone and not guardian.mail and not guardian.address:
        yield Located("guardian.phone", Reason(ReferralRefusal.NOT_REACHABLE))


_AT_DUE = frozenset({FamilyRefusal.DUE_DATE_UNLIKELY})
_AT_NAME = frozenset(
    {
        FamilyRefusal.BORN_WITHOUT_NAME,
        FamilyRefusal.NAME_MISSING,
        FamilyRefusal.NAME_TOO_LONG,
        FamilyRefusal.CONTROL_CHARACTER,
    }
)


def _about_children(sheet: ReferralSheet, today: date) -> Iterator[Located]:
    if not sheet.children:
        yield Located("children", Reason(ReferralRefusal.NO_CHILD))
    for at, child in enumerate(sheet.children):
        for reason in reasons_against_child(child, today=today):
            part = "due_on" if reason.code in _AT_DUE else "born_on"
            part = "name" if reason.code in _AT_NAME else part
            yield Located(f"children.{at}.{part}", reason)
        if child.name_kana:
            yield from _located(f"children.{at}.name_kana", reasons_against_kana(child.name_kana))


def _about_learned(sheet: ReferralSheet) -> Iterator[Located]:
    for item, words in sheet.learned.items():
        yield from _located(f"learned.{item.value}", reasons_against_text(words))


def _about_receivers(sheet: ReferralSheet, today: date) -> Iterator[Located]:
    if not sheet.receivers:
        yield Located("receivers", Reason(ReferralRefusal.NO_RECEIVER))
    for at, each in enumerate(sheet.receivers):
        if each in sheet.receivers[:at]:
            yield Located(f"receivers.{at}", Reason(ReferralRefusal.RECEIVER_OF_TWO))
    if sheet.target_on is not None and sheet.target_on < today:
        yield Located("target_on", Reason(ReferralRefusal.TARGET_PAST))


def _about_records(sheet: ReferralSheet, wording_version: str, today: date) -> Iterator[Located]:
    for record, code in (
        (Record.SHARING, ReferralRefusal.NO_CONSENT),
        (Record.TOLD, ReferralRefusal.NOT_TOLD),
    ):
        if record not in sheet.records:
            yield Located(f"consents.{record}", Reason(code))
    for record, signed in sheet.records.items():
        at = f"consents.{record}"
        yield from _about_record(at, record, signed, today)
        if signed.wording_version != wording_version and not signed.is_kept_here:
            values = {"version": wording_version}
            reason = Reason(ReferralRefusal.WORDING_UNKNOWN, values)
            yield Located(f"{at}.wording_version", reason)
    sharing = sheet.records.get(Record.SHARING)
    if sharing is not None and not {item.value for item in NEEDED_ITEMS} <= set(sharing.items):
        yield Located("consents.sharing.items", Reason(ReferralRefusal.NEEDED_ITEM_MISSING))


def _about_ways(sheet: ReferralSheet) -> Iterator[Located]:
    """Say where none of the ways of contact that were told can reach her."""
    told = sheet.records.get(Record.TOLD)
    if told is None or told.is_kept_here:
        return
    there = {
        ToldChannel.PHONE: sheet.guardian.phone,
        ToldChannel.MAIL: sheet.guardian.mail,
        ToldChannel.LETTER: sheet.guardian.address,
    }
    ways = [way for way in ToldChannel if way.value in told.items]
    if ways and not any(there[way] for way in ways):
        values = {"ways": "・".join(told_channel_label(way) for way in ways)}
        yield Located("consents.told.channels", Reason(ReferralRefusal.WAY_UNREACHABLE, values))
    sharing = sheet.records.get(Record.SHARING)
    if ways == [ToldChannel.LETTER] and sharing and Item.ADDRESS.value not in sharing.items:
        yield Located("consents.sharing.items", Reason(ReferralRefusal.ADDRESS_NOT_SHARED))


_PART: Final = {
    "paper_date_missing": "agreed_on",
    "paper_in_future": "agreed_on",
    "reference_missing": "reference",
    "last_day_missing": "until_on",
    "last_day_over": "until_on",
}


def _about_record(at: str, record: Record, signed: SignedRecord, today: date) -> Iterator[Located]:
    form = TakenDown(ConsentSource.PAPER_FORM, signed.agreed_on, signed.reference, None)
    if signed.is_kept_here and signed.reference.strip() and not signed.numbers:
        yield Located(f"{at}.reference", Reason(ReferralRefusal.RECORD_UNKNOWN))
    said = (
        *reasons_against_form(form, today),
        *reasons_against_record(PURPOSE[record], signed.items, signed.until_on, today),
    )
    items = "channels" if record is Record.TOLD else "items"
    for reason in said:
        yield Located(f"{at}.{_PART.get(reason.code.value, items)}", reason)
    if signed.reference.strip():
        yield from _located(f"{at}.reference", reasons_against_name(signed.reference))
    if len(signed.reference) > _LONGEST_REFERENCE:
        reason = Reason(FamilyRefusal.TEXT_TOO_LONG, {"limit": _LONGEST_REFERENCE})
        yield Located(f"{at}.reference", reason)
    if signed.person:
        yield from _located(f"{at}.person", reasons_against_name(signed.person))
    if signed.until_on is None and record is Record.BOOKING:
        yield Located(f"{at}.until_on", Reason(ConsentRefusal.LAST_DAY_MISSING))


def _located(at: str, reasons: tuple[Reason, ...]) -> Iterator[Located]:
    for reason in reasons:
        yield Located(at, reason)
