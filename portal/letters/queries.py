"""Reads of letters: what waits, what was passed on, who receives. Row-level security asks again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, text
from sqlalchemy.orm import Session, defer

from portal.accounts.models import User
from portal.documents.i18n import SOURCE_LANGUAGE
from portal.facilities.models import Facility
from portal.families.models import Family, Guardian
from portal.families.protections import protected_families
from portal.families.queries import visible
from portal.kernel.actor import Actor, Right, Role
from portal.letters.models import Letter
from portal.letters.rules import Way, is_for_paper, letter_id
from portal.messages.models import OutboxMessage

_RECEIVERS = text(
    "SELECT f.id AS family_id, r.* FROM unnest(CAST(:families AS uuid[])) AS f (id)"
    " CROSS JOIN LATERAL letter_receivers(f.id) AS r"
)


@dataclass(frozen=True, slots=True)
class PaperReceiver:
    """A guardian who may read the family's mails.

    ``address`` is ``None`` where it is not known, or protected: then it is never printed.
    """

    family_id: uuid.UUID
    guardian_id: uuid.UUID
    user_id: uuid.UUID | None
    name: str
    address: str | None
    withheld: frozenset[Right]
    is_protected: bool
    #: In which language her letters are: her account's, else as staff keep it of her.
    language: str = SOURCE_LANGUAGE

    @property
    def actor(self) -> Actor:
        """In whose name her letter is written: it says what she may see."""
        return Actor(
            role=Role.GUARDIAN,
            user_id=self.user_id,
            family_id=self.family_id,
            withheld=self.withheld,
        )


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A mail that reached nobody, for one guardian; ``made`` once it was printed."""

    message: OutboxMessage
    receiver: PaperReceiver
    made: Letter | None

    @property
    def id(self) -> uuid.UUID:
        """The id of its letter, made or not."""
        return letter_id(self.message.id, self.receiver.guardian_id)

    @property
    def since(self) -> datetime:
        """When the mail would have left."""
        return self.message.not_before


def receivers(
    session: Session, family_ids: Iterable[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, list[PaperReceiver]]:
    """Return who gets each family's letters: the first guardian, and who lives at another address.

    Of a family with a protected address the protected guardian alone, without any address. Nobody
    from whom mails or bookings are withheld now.
    """
    wanted = list(set(family_ids))
    held = protected_families(session, wanted, actor=actor)
    found: dict[uuid.UUID, list[PaperReceiver]] = {}
    for row in session.execute(_RECEIVERS, {"families": wanted}):
        is_protected = row.family_id in held
        others = found.setdefault(row.family_id, [])
        if others and (is_protected or not row.address or row.address in _homes(others)):
            continue
        others.append(
            PaperReceiver(
                family_id=row.family_id,
                guardian_id=row.guardian_id,
                user_id=row.user_id,
                name=row.name,
                address=None if is_protected else row.address,
                withheld=frozenset(map(Right, row.withheld)),
                is_protected=is_protected,
                language=row.language or SOURCE_LANGUAGE,
            )
        )
    return found


def _homes(those: Iterable[PaperReceiver]) -> set[str | None]:
    return {each.address for each in those}


def _unmailed(actor: Actor) -> ColumnElement[bool]:
    row = OutboxMessage
    return and_(
        row.organisation_id == actor.organisation_id,
        row.family_id.in_(select(Family.id).where(visible(Family.id, actor))),
        or_(
            and_(row.dropped_at.is_not(None), row.last_error == "nobody"),
            and_(row.failed_at.is_not(None), row.seen_at.is_(None)),
        ),
    )


def waiting(session: Session, *, actor: Actor) -> list[WaitingLetter]:
    """Return the letters that nobody has passed on yet, family by family, the oldest first."""
    messages = [
        message
        for message in session.scalars(
            select(OutboxMessage)
            .where(_unmailed(actor))
            .order_by(OutboxMessage.not_before, OutboxMessage.created_at, OutboxMessage.id)
        )
        if is_for_paper(message.kind)
    ]
    known = {
        letter.id: letter
        for letter in session.scalars(
            select(Letter)
            .where(
                Letter.organisation_id == actor.organisation_id,
                Letter.message_id.in_([message.id for message in messages]),
            )
            .options(defer(Letter.text_sealed))
        )
    }
    of = receivers(session, [m.family_id for m in messages if m.family_id], actor=actor)
    found: dict[uuid.UUID, list[WaitingLetter]] = {}
    for message in messages:
        for receiver in of.get(message.family_id or uuid.UUID(int=0), []):
            made = known.get(letter_id(message.id, receiver.guardian_id))
            if made is None or made.way is None:
                line = WaitingLetter(message, receiver, made)
                found.setdefault(receiver.guardian_id, []).append(line)
    return [line for lines in found.values() for line in lines]


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A letter that is done with; ``by``: the colleague who said so."""

    letter: Letter
    name: str
    by: str | None


def passed_on(session: Session, since: datetime, *, actor: Actor) -> list[PassedOn]:
    """Return the letters closed since a moment, the newest first."""
    rows = session.execute(
        select(Letter, Guardian.name, User.name)
        .join(Guardian, Guardian.id == Letter.guardian_id)
        .outerjoin(User, User.id == Letter.closed_by)
        .where(
            Letter.organisation_id == actor.organisation_id,
            visible(Letter.family_id, actor),
            Letter.closed_at >= since,
        )
        .options(defer(Letter.text_sealed))
        .order_by(Letter.closed_at.desc(), Letter.number.desc())
    )
    return [PassedOn(row[0], row[1], row[2]) for row in rows]


def count_waiting(session: Session, *, actor: Actor) -> int:
    """Return how many letters wait; for the home page of staff."""
    return len(waiting(session, actor=actor))


def letter(session: Session, wanted: uuid.UUID, *, actor: Actor, lock: bool = False) -> Letter:
    """Return a letter that was made.

    Raises:
        NoResultFound: none of the actor's body, or of a family it may see.
    """
    statement = select(Letter).where(
        Letter.id == wanted,
        Letter.organisation_id == actor.organisation_id,
        visible(Letter.family_id, actor),
    )
    return session.scalars(statement.with_for_update() if lock else statement).one()


def printable(session: Session, wanted: Sequence[uuid.UUID], *, actor: Actor) -> list[Letter]:
    """Return letters that were made, in the order asked for, as far as they are to be printed."""
    found = {
        each.id: each
        for each in session.scalars(
            select(Letter).where(
                Letter.id.in_(wanted),
                Letter.organisation_id == actor.organisation_id,
                visible(Letter.family_id, actor),
                or_(Letter.way.is_(None), Letter.way != Way.NOT_NEEDED),
            )
        )
    }
    return [found[each] for each in dict.fromkeys(wanted) if each in found]


def sender(session: Session, facility_id: uuid.UUID | None, *, actor: Actor) -> Facility | None:
    """Return in whose name a letter is: its facility, else the body's first."""
    own = select(Facility).where(Facility.organisation_id == actor.organisation_id)
    if facility_id is not None:
        own = own.where(Facility.id == facility_id)
    return session.scalars(own.order_by(Facility.created_at, Facility.id).limit(1)).first()
