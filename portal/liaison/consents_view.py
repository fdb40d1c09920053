"""From the interviewer's form to the records in their very words."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.consents import sharing
from portal.consents.rules import ConsentRefusal, SharingPurpose, reasons_against_record
from portal.consents.service import Given
from portal.consents.sharing import Bodies
from portal.consents.wordings import Asked
from portal.documents.i18n import sentences
from portal.facilities.models import Facility
from portal.families import queries as families
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal
from portal.liaison.consents_forms import RecordsForm
from portal.organisations.models import Organisation
from portal.referrals.labels import item_label
from portal.referrals.receivers import other_bodies
from portal.referrals.records_forms import narrow_to, ways_to_reach
from portal.slots.published import Search, search_places

_MOST: Final = 200
#: For how long passing on is asked, unless the family says another day.
USUAL_TERM: Final = timedelta(days=365)
#: Within how many days contact comes.
USUAL_CONTACT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it is put to the person, and as it is kept if she ticks it."""

    asked: Asked
    given: Given

    @property
    def key(self) -> str:
        """What tells it from the others on the page."""
        return f"{self.given.purpose}:{self.given.receiver_id}"


def fill_choices(
    form: RecordsForm, session: Session, family_id: uuid.UUID, *, actor: Actor, on: date
) -> None:
    """Offer the family's guardians and the bodies that may receive something.

    Raises:
        NoResultFound: not a family this actor may see.
    """
    families.family(session, family_id, actor=actor)
    guardians = families.guardians(session, family_id, actor=actor)
    form.guardian.choices = [(str(each.id), f"{each.name}さん") for each in guardians]
    form.missing_ways = narrow_to(ways_to_reach(guardians), form.channels)
    others = {each.organisation_id: each.name for each in other_bodies(session, actor=actor)}
    own = session.get_one(Organisation, actor.organisation_id)
    towards = {**_providers(session, on), **others}
    form.receivers.choices = [(str(id_), name) for id_, name in towards.items()]
    back = {own.id: own.name, **others}
    form.reports_to.choices = [(str(id_), name) for id_, name in back.items()]
    form.offer_languages()


def _providers(session: Session, on: date) -> dict[uuid.UUID, str]:
    """Return the providers of published facilities, by the names of their facilities."""
    found, _total = search_places(session, Search(on, 0), limit=_MOST, offset=0)
    names: dict[uuid.UUID, list[str]] = defaultdict(list)
    for row in session.scalars(
        select(Facility)
        .where(Facility.id.in_([each.id for each in found]), Facility.organisation_id.is_not(None))
        .order_by(Facility.name, Facility.id)
    ):
        if row.organisation_id is not None:
            names[row.organisation_id].append(row.name)
    return {id_: "・".join(each) for id_, each in names.items()}


def records(form: RecordsForm, own: Organisation, *, today: date) -> tuple[Record, ...]:
    """Return the records of the form, in the language in use.

    Raises:
        Refusal: with everything that is missing; nothing rests on half a record.
    """
    made = tuple(_made(form, own, today))
    reasons = [] if made else [Reason(ConsentRefusal.NOT_ANSWERED)]
    for each in made:
        given = each.given
        found = reasons_against_record(given.purpose, given.items, given.until_on, today)
        reasons.extend(reason for reason in found if reason not in reasons)
    if reasons:
        raise Refusal(reasons)
    return made


def _made(form: RecordsForm, own: Organisation, today: date) -> Iterator[Record]:
    names = {**_chosen(form.receivers.choices), **_chosen(form.reports_to.choices)}
    until, told_until = form.until.data or today + USUAL_TERM, form.told_until.data
    towards, back = list(form.receivers.data or ()), list(form.reports_to.data or ())
    items, reported = tuple(form.items.data or ()), tuple(form.report_items.data or ())
    for receiver in dict.fromkeys([*towards, *back]):
        bodies = Bodies(own.name, names[receiver], form.person.data or None)
        asked = []
        if receiver in towards:
            asked.append(sharing.ask_sharing(bodies, [*map(item_label, items)], until, today))
        if receiver in back:
            asked.append(sharing.ask_report(bodies, [*map(item_label, reported)], until, today))
        agreed = (items if receiver in towards else ()) + (reported if receiver in back else ())
        allowed = tuple(dict.fromkeys(agreed))
        is_short = (receiver in towards and not items) or (receiver in back and not reported)
        yield _record(own, receiver, asked, () if is_short else allowed, until)
    for receiver in towards if form.channels.data or told_until else ():
        bodies = Bodies(own.name, names[receiver], form.person.data or None)
        times, ways = list(form.times.data or ()), list(form.channels.data or ())
        said = told_until or today + USUAL_CONTACT
        yield _record(
            own,
            receiver,
            [sharing.ask_told(bodies, times, ways, said, today)],
            (*ways, *times) if ways else (),
            said,
        )
    for receiver in towards if form.books.data == "now" else ():
        bodies = Bodies(own.name, names[receiver])
        yield _record(own, receiver, [sharing.ask_booking(bodies, today, today)], (), today)


def _chosen(choices: object) -> Mapping[str, str]:
    return dict(choices or ())  # type: ignore[call-overload, no-any-return]  # WTForms says Any


def _record(
    own: Organisation, receiver: str, asked: list[Asked], items: tuple[str, ...], until: date
) -> Record:
    first = asked[0]
    wording = sentences(*(each.wording for each in asked))
    return Record(
        Asked(
            purpose=first.purpose,
            title=first.title,
            wording=wording,
            receiver=first.receiver,
            until=first.until,
            if_refused=sentences(*(each.if_refused for each in asked)),
            version=first.version,
        ),
        Given(
            purpose=SharingPurpose(first.purpose).value,
            wording=wording,
            wording_version=first.version,
            receiver_id=uuid.UUID(receiver),
            organisation_id=own.id,
            items=items,
            until_on=until,
        ),
    )
