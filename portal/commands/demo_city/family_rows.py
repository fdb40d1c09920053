"""Invented families as rows: accounts, guardians, children, records, what they applied for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from portal.commands.demo_city.people import Household, Kid
from portal.commands.demo_city.planning import Client, KnownChild
from portal.commands.demo_city.rows import Rows, ident
from portal.db.sealed import seal
from portal.families.rules import name_key, phone_digits
from portal.kernel.channel import Channel
from portal.kernel.clock import at as at_clock
from portal.kernel.clock import today
from portal.preregistration.rules import accepted_until

#: Nobody signs in to the demo with a password; the doors of the demo open the sessions.
NO_PASSWORD = "!"  # noqa: S105 - matches no password at all
LOCALITY = "郡山市"

_STEPS = ("tour", "interview", "trial_care")
#: What an application says of agreement, renewal and answers, where nothing was said.
UNSAID: Final[Mapping[str, Any]] = {
    "steps_ordered": [],
    "steps_waived": [],
    "application_id": None,
    "answer_by": None,
    "has_conditions": False,
    "family_agreed_at": None,
    "family_agreed_by": None,
    "family_agreed_channel": None,
    "family_agreed_rulebook_id": None,
    "facility_agreed_at": None,
    "facility_agreed_by": None,
    "word_waits_for": None,
    "renewal_asked_at": None,
    "renewal_asked_by": None,
    "renewal_channel": None,
    "renewal_told_for": None,
}


def pickup_id(seed: str, number: int) -> uuid.UUID:
    """Return the id of the pickup person of a household."""
    return ident(seed, "pickup", number)


@dataclass(frozen=True, slots=True)
class StoredFamily:
    """A family as written: its ids, and when it came."""

    household: Household
    family_id: uuid.UUID
    user_id: uuid.UUID | None
    child_ids: tuple[uuid.UUID, ...]
    registered_at: datetime


def add_family(
    rows: Rows, household: Household, registered_at: datetime, *, seed: str
) -> StoredFamily:
    """Add a family with its people and records; nobody but itself may see it yet."""
    family_id = ident(seed, "family", household.number)
    accounts = {}
    for position, mail in enumerate((household.mail, household.second_mail)):
        if mail is not None:
            accounts[position] = ident(seed, "user", household.number, position)
            name = household.adults[position].name
            add_account(rows, accounts[position], mail, name, registered_at)
    user_id = accounts.get(0)
    rows.add(
        "families",
        id=family_id,
        number=f"{(household.number * 7919 + 10_000_019) % 100_000_000:08d}",
        basis="self" if household.channel is Channel.WEB else household.channel.value,
        created_at=registered_at,
    )
    for position, adult in enumerate(household.adults):
        rows.add(
            "guardians",
            id=ident(seed, "guardian", household.number, position),
            family_id=family_id,
            user_id=accounts.get(position),
            name=adult.name,
            name_kana=adult.kana,
            search_key=name_key(adult.name, adult.kana),
            relation=adult.relation,
            phone=adult.phone,
            phone_digits=phone_digits(adult.phone),
            address=adult.address or f"{LOCALITY}{household.town}{household.number + 1}-1",
            is_primary=position == 0,
            created_at=registered_at + timedelta(minutes=position),
            updated_at=registered_at + timedelta(minutes=position),
        )
    children = tuple(
        _add_child(rows, kid, family_id, user_id, household.number, position, registered_at, seed)
        for position, kid in enumerate(household.kids)
    )
    if household.pickup is not None:
        rows.add(
            "pickup_persons",
            id=pickup_id(seed, household.number),
            family_id=family_id,
            name=household.pickup[0],
            relation=household.pickup[1],
            created_at=registered_at,
        )
    _audit(
        rows,
        "family.registered",
        registered_at,
        family_id,
        user_id,
        [],
        {"channel": household.channel.value, "received_at": registered_at.isoformat()},
    )
    return StoredFamily(household, family_id, user_id, children, registered_at)


def add_account(rows: Rows, user_id: uuid.UUID, mail: str, name: str, since: datetime) -> None:
    """Add an account without a password."""
    rows.add(
        "users",
        id=user_id,
        mail=mail,
        mail_key=mail.lower(),
        name=name,
        password_hash=NO_PASSWORD,
        password_changed_at=since,
        created_at=since,
    )


def _add_child(
    rows: Rows,
    kid: Kid,
    family_id: uuid.UUID,
    user_id: uuid.UUID | None,
    number: int,
    position: int,
    at: datetime,
    seed: str,
) -> uuid.UUID:
    child_id = ident(seed, "child", number, position)
    record_id = ident(seed, "record", number, position)
    rows.add(
        "children",
        id=child_id,
        family_id=family_id,
        name=kid.name,
        name_kana=kid.kana,
        search_key=name_key(kid.name, kid.kana),
        born_on=kid.born_on,
        due_on=kid.due_on,
        created_at=at,
        updated_at=at,
    )
    if kid.born_on is None:  # nobody is asked about the body of an unborn child
        _audit(rows, "child.added", at, family_id, user_id, [child_id], {})
        return child_id
    sealed = {
        f"{name}_sealed": seal(
            words, bound_to=("child_records", name, str(record_id), str(family_id))
        )
        for name, words in (
            ("allergies", kid.allergies),
            ("conditions", kid.conditions),
            ("habits", kid.habits),
            ("notes", ""),
        )
    }
    rows.add(
        "child_records",
        id=record_id,
        child_id=child_id,
        family_id=family_id,
        **sealed,
        confirmed_on=today(at),
        changed_at=None,
        updated_at=at,
    )
    for action in ("child.added", "child_record.saved"):
        _audit(rows, action, at, family_id, user_id, [child_id], {})
    return child_id


def add_acceptance(
    rows: Rows,
    family: StoredFamily,
    facility_id: uuid.UUID,
    organisation_id: uuid.UUID,
    applied_at: datetime,
    decided_at: datetime,
    staff_id: uuid.UUID | None,
    now: datetime,
    children: Sequence[int] | None = None,
) -> Client | None:
    """Add an accepted application for the family's born children; return it as a client.

    An acceptance of the last fiscal year has been renewed in April, or it would be of no use now.
    """
    household = family.household
    until = accepted_until(today(now))
    renewed_at = max(decided_at, at_clock(date(until.year - 1, 4, 1), time(9)))
    chosen = range(len(household.kids)) if children is None else children
    known = []
    for position in chosen:
        born_on = household.kids[position].born_on
        if born_on is None or born_on > today(applied_at):
            continue
        child_id = family.child_ids[position]
        add_application(
            rows,
            family,
            child_id,
            facility_id,
            organisation_id,
            "accepted",
            applied_at=applied_at,
            decided_at=renewed_at,
            decided_by=staff_id,
            until=until,
        )
        known.append(KnownChild(child_id, born_on, decided_at, until))
    if not known:
        return None
    return Client(
        family.family_id, family.user_id, household.channel, household.works_on, tuple(known)
    )


def add_application(
    rows: Rows,
    family: StoredFamily,
    child_id: uuid.UUID,
    facility_id: uuid.UUID,
    organisation_id: uuid.UUID,
    state: str,
    *,
    applied_at: datetime,
    decided_at: datetime | None = None,
    decided_by: uuid.UUID | None = None,
    until: date | None = None,
    said: Mapping[str, Any] | None = None,
) -> uuid.UUID:
    """Add one child's application in any state, with its traces; return its id."""
    row_id = ident("preregistration", child_id, facility_id)
    rows.add(
        "preregistrations",
        id=row_id,
        family_id=family.family_id,
        child_id=child_id,
        facility_id=facility_id,
        organisation_id=organisation_id,
        state=state,
        channel=family.household.channel.value,
        received_at=applied_at,
        applied_at=applied_at,
        decided_at=decided_at,
        decided_by=decided_by,
        accepted_until=until,
        # Who is accepted in the invented city has been through whatever comes before.
        steps_done=list(_STEPS) if state == "accepted" else [],
        created_by=family.user_id or decided_by,
        **{**UNSAID, **(said or {})},
    )
    _audit(
        rows,
        "preregistration.applied",
        applied_at,
        family.family_id,
        family.user_id,
        [row_id],
        {"channel": family.household.channel.value, "received_at": applied_at.isoformat()},
    )
    if state == "accepted" and decided_at is not None:
        for action, subject, at, detail in (
            # Who accepts has read the record first.
            (
                "read.child_record",
                child_id,
                decided_at - timedelta(minutes=4),
                {"facility_id": str(facility_id)},
            ),
            ("preregistration.accept", row_id, decided_at, {}),
        ):
            rows.add(
                "audit_log",
                id=ident("audit", action, row_id),
                at=at,
                user_id=decided_by,
                organisation_id=organisation_id,
                family_id=family.family_id,
                role="director",
                action=action,
                subjects=[subject],
                detail=detail,
            )
    return row_id


def open_to(rows: Rows, family: StoredFamily, organisation_id: uuid.UUID, since: datetime) -> None:
    """Let a provider see a family, since it applied there or called."""
    called = family.household.channel is not Channel.WEB
    rows.add(
        "family_access",
        id=ident("access", family.family_id, organisation_id),
        family_id=family.family_id,
        organisation_id=organisation_id,
        scope="care",
        basis=family.household.channel.value if called else "preregistration",
        granted_by=family.user_id,
        from_at=since,
    )


def _audit(
    rows: Rows,
    action: str,
    at: datetime,
    family_id: uuid.UUID,
    user_id: uuid.UUID | None,
    subjects: list[uuid.UUID],
    detail: dict[str, object],
) -> None:
    rows.add(
        "audit_log",
        id=ident("audit", action, family_id, *subjects),
        at=at,
        user_id=user_id,
        organisation_id=None,
        family_id=family_id,
        role="guardian" if user_id else "staff",
        action=action,
        subjects=subjects,
        detail=detail,
    )
