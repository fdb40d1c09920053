"""Which rules are in force, read once for each version: a stored document never changes."""

from __future__ import annotations

import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from threading import Lock

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.facilities.models import Programme
from portal.policies.document import RulesDocument
from portal.policies.record import RecordRule, strictest
from portal.rulebooks.models import Rulebook, RulebookDraft

_KEPT = 500
_NEWEST = (Rulebook.in_force_from.desc(), Rulebook.version.desc())
_documents: OrderedDict[uuid.UUID, RulesDocument] = OrderedDict()
_lock = Lock()


def rules_in_force(
    session: Session, programme_id: uuid.UUID, on: date
) -> tuple[uuid.UUID, RulesDocument]:
    """Return the programme's rules in force on a local day, with the id of their version.

    Of two that begin on the same day the later version counts.

    Raises:
        sqlalchemy.exc.NoResultFound: the programme has no rules that day, or is not to be seen.
    """
    rulebook_id = session.execute(
        select(Rulebook.id)
        .where(
            Rulebook.programme_id == programme_id,
            Rulebook.in_force_from <= on,
            Rulebook.withdrawn_at.is_(None),
        )
        .order_by(*_NEWEST)
        .limit(1)
    ).scalar_one()
    return rulebook_id, document_of(session, rulebook_id)


def rules_of(
    session: Session, programme_ids: Sequence[uuid.UUID], on: date
) -> dict[uuid.UUID, RulesDocument]:
    """Return ``rules_in_force`` of several programmes; those without any that day are missing."""
    rows = session.execute(
        select(Rulebook.programme_id, Rulebook.id)
        .ext(distinct_on(Rulebook.programme_id))
        .where(
            Rulebook.programme_id.in_(programme_ids),
            Rulebook.in_force_from <= on,
            Rulebook.withdrawn_at.is_(None),
        )
        .order_by(Rulebook.programme_id, *_NEWEST)
    )
    return {programme_id: document_of(session, book_id) for programme_id, book_id in rows}


def rules_from(
    session: Session, programme_ids: Sequence[uuid.UUID], on: date
) -> dict[uuid.UUID, list[RulesDocument]]:
    """Return the rules in force on a local day and all that begin later, the earliest first.

    Whoever can be booked ahead is asked by those to come too.
    """
    rows = session.execute(
        select(Rulebook.programme_id, Rulebook.id, Rulebook.in_force_from)
        .ext(distinct_on(Rulebook.programme_id, Rulebook.in_force_from))
        .where(Rulebook.programme_id.in_(programme_ids), Rulebook.withdrawn_at.is_(None))
        .order_by(Rulebook.programme_id, *_NEWEST)
    )
    found: dict[uuid.UUID, list[RulesDocument]] = {}
    now: set[uuid.UUID] = set()
    for programme_id, book_id, in_force_from in rows:
        if programme_id in now:
            continue
        if in_force_from <= on:
            now.add(programme_id)
        found.setdefault(programme_id, []).insert(0, document_of(session, book_id))
    return found


def record_rules_of(
    session: Session, facility_ids: Collection[uuid.UUID], on: date
) -> dict[uuid.UUID, RecordRule]:
    """Return when each facility asks for a child's record again, by its rules of a local day.

    Of several programmes the strictest holds; a facility without any rules asks as usual.
    """
    programmes: defaultdict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    wanted = select(Programme.id, Programme.facility_id).where(
        Programme.facility_id.in_(facility_ids)
    )
    for programme_id, facility_id in session.execute(wanted):
        programmes[facility_id].append(programme_id)
    documents = rules_of(session, [each for some in programmes.values() for each in some], on)
    return {
        facility_id: strictest(
            documents[each].record for each in programmes[facility_id] if each in documents
        )
        for facility_id in facility_ids
    }


def document_of(session: Session, rulebook_id: uuid.UUID | None) -> RulesDocument:
    """Return one version of the rules.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none of that id, or it is not to be seen.
    """
    with _lock:
        known = _documents.get(rulebook_id) if rulebook_id else None
    if known is not None:
        return known
    stored = session.execute(
        select(Rulebook.document).where(Rulebook.id == rulebook_id)
    ).scalar_one()
    document = RulesDocument.model_validate(stored)
    if rulebook_id is not None:
        with _lock:
            _documents[rulebook_id] = document
            while len(_documents) > _KEPT:
                _documents.popitem(last=False)
    return document


def versions_of(session: Session, programme_id: uuid.UUID) -> Sequence[Rulebook]:
    """Return the versions of a programme's rules that may be seen, the newest first.

    Those that were withdrawn before they began are left out.
    """
    return session.scalars(
        select(Rulebook)
        .where(Rulebook.programme_id == programme_id, Rulebook.withdrawn_at.is_(None))
        .order_by(Rulebook.in_force_from.desc(), Rulebook.version.desc())
    ).all()


def withdrawn_of(session: Session, programme_id: uuid.UUID) -> Sequence[Rulebook]:
    """Return what was withdrawn before it began, for each day its newest, the latest day first."""
    return session.scalars(
        select(Rulebook)
        .ext(distinct_on(Rulebook.in_force_from))
        .where(Rulebook.programme_id == programme_id, Rulebook.withdrawn_at.is_not(None))
        .order_by(*_NEWEST)
    ).all()


def draft_of(session: Session, programme_id: uuid.UUID) -> RulebookDraft | None:
    """Return the rules being written for a programme; only those who run it see any."""
    return session.scalars(
        select(RulebookDraft)
        .where(RulebookDraft.programme_id == programme_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
