"""A list of referrals searched by name: of people whom this side reads without opening anything."""

from __future__ import annotations

import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.families.models import Child, Guardian
from portal.families.queries import visible
from portal.families.search import Sought
from portal.kernel.actor import Actor
from portal.referrals import queries
from portal.referrals.models import Referral
from portal.referrals.rules import Side


def found_by(
    session: Session, rows: Sequence[Referral], words: str, *, actor: Actor
) -> list[Referral]:
    """Return those that these words mean, in their order; all of them where nothing was typed.

    By names and readings of guardians and children, however typed and in any order, by the end of
    a phone number, by the number of the referral. A receiver finds by name the families that it
    has in a record of its own: what a referral says is not searched, since to read it leaves a
    trace.
    """
    if not words.strip():
        return list(rows)
    number = _number(words)
    sought = Sought.of(words)
    own = {row.id: _own_record(row, actor) for row in rows}
    people = _people(session, {each for each in own.values() if each}, actor=actor)
    return [
        row
        for row in rows
        if row.number == number or _is_meant(sought, people.get(own[row.id] or row.id))
    ]


def _own_record(row: Referral, actor: Actor) -> uuid.UUID | None:
    is_sender = queries.side_of(row, actor) is Side.SENDER
    return row.family_id if is_sender else row.client_family_id


def _number(words: str) -> int | None:
    plain = unicodedata.normalize("NFKC", words).strip().removesuffix("番").strip()
    return int(plain) if plain.isdecimal() else None


class _People:
    """The people of one family."""

    def __init__(self) -> None:
        self.guardians: list[Guardian] = []
        self.children: list[Child] = []


def _is_meant(sought: Sought, people: _People | None) -> bool:
    if people is None or sought.is_nothing:
        return False
    return bool(sought.reasons(_NO_NUMBER, people.guardians, people.children))


class _NoNumber:
    """A family is not looked for by its own number here: numbers are those of referrals."""

    number = ""


_NO_NUMBER = _NoNumber()


def _people(
    session: Session, families: set[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, _People]:
    found: dict[uuid.UUID, _People] = defaultdict(_People)
    guardians = select(Guardian).where(
        Guardian.family_id.in_(families), visible(Guardian.family_id, actor)
    )
    for guardian in session.scalars(guardians):
        found[guardian.family_id].guardians.append(guardian)
    children = select(Child).where(
        Child.family_id.in_(families), Child.ended_at.is_(None), visible(Child.family_id, actor)
    )
    for child in session.scalars(children):
        found[child.family_id].children.append(child)
    return found
